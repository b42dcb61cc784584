from datetime import datetime

from django.db import IntegrityError, models

from accord.kernel import ledger, traits
from accord.kernel.fields import slug_of
from accord.kernel.worktime import Hours
from accord.rooms.team import facts
from accord.rooms.team.fields import SIDES


class NameTaken(Exception):
    """A team of that name, or of one that reads like it, exists."""


class Team(models.Model):
    """People who share leads. `side` says whose turn it is when they hold one. Blank zone or hours are the house's."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    side = models.CharField(max_length=10, choices=list(SIDES.items()), default="none")
    zone = models.CharField(max_length=60, blank=True, default="")
    hours = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "team"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def form(cls, *, name: str, side: str, by: int | None, at: datetime) -> "Team":
        """A team comes into being. Its slug, by which agreements name it, never changes. Raises NameTaken."""
        with ledger.write(at, by) as writing:
            try:
                team = cls.objects.create(slug=slug_of(name)[:50], name=name)
            except IntegrityError:
                raise NameTaken(name)
            writing.record(facts.TeamFormed(team=team.pk))
            traits.put(writing, "team", team.pk, {"side": side}, at)
        team.refresh_from_db()
        return team

    def edit(self, *, name: str, side: str, by: int | None, at: datetime, **times: str) -> None:
        """Name and side, and zone and hours where they are given, at once. Raises ValueError as `work` does."""
        changed = {slug: text for slug, text in times.items() if text != getattr(self, slug)}
        with ledger.write(at, by):
            self.rename(name, by=by, at=at)
            if side != self.side:
                self.take_side(side, by=by, at=at)
            if changed:
                self.work(**changed, by=by, at=at)
        self.refresh_from_db()

    def rename(self, name: str, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if Team.objects.filter(pk=self.pk).exclude(name=name).update(name=name):
                writing.record(facts.TeamRenamed(team=self.pk))
        self.refresh_from_db()

    def take_side(self, side: str, *, by: int | None, at: datetime) -> None:
        """Set the side, dated: reports count a day's work for the side it had that day."""
        with ledger.write(at, by) as writing:
            traits.put(writing, "team", self.pk, {"side": side}, at)
        self.refresh_from_db()

    def work(self, *, by: int | None, at: datetime, **times: str) -> None:
        """Set zone or hours, dated; blank: the house's. Raises ValueError, in words, for hours that say none."""
        if times.get("hours"):
            Hours.read(times["hours"])
        with ledger.write(at, by) as writing:
            traits.put(writing, "team", self.pk, times, at)
        self.refresh_from_db()
