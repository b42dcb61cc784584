from datetime import date, datetime
from typing import Any

from django.db import models

from accord.kernel import fields, ledger, traits
from accord.kernel.fields import CustomField, Field
from accord.kernel.worktime import Hours
from accord.rooms.team import facts
from accord.rooms.team.models.day_off import DayOff


class FieldTaken(Exception):
    """The kind of record has a field of that slug; the argument is the slug."""


class House(models.Model):
    """The company that runs this Accord: one row. What reports depend on is a trait of it."""

    name = models.CharField(max_length=120, default="Accord")
    zone = models.CharField(max_length=60, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    fiscal_year_start = models.PositiveSmallIntegerField(default=1)
    calendar = models.CharField(max_length=10, default="DE")
    hours = models.CharField(max_length=200, default="mon-fri 09:00-17:00")
    inside_sales_side = models.CharField(max_length=10, default="sales")

    class Meta:
        db_table = "house"

    @classmethod
    def get(cls) -> "House":
        return cls.objects.get_or_create(pk=1)[0]

    def rename(self, name: str) -> None:
        House.objects.filter(pk=self.pk).update(name=name)

    def settle(self, values: dict[str, Any], *, by: int | None, at: datetime) -> None:
        """Set zone, currency, fiscal_year_start, calendar, hours or inside_sales_side, dated.

        Raises ValueError, in words, for hours that say none.
        """
        if "hours" in values:
            Hours.read(values["hours"])
        with ledger.write(at, by) as writing:
            traits.put(writing, "house", self.pk, values, at)

    def edit(self, *, name: str, values: dict[str, Any], by: int | None, at: datetime) -> None:
        """The name, and what is settled anew, at once."""
        with ledger.write(at, by):
            self.rename(name)
            if values:
                self.settle(values, by=by, at=at)

    def set_day(self, day: date, works: bool, label: str = "", *, by: int | None, at: datetime) -> None:
        """Say of a day that it is worked, or not; above what its country and its weekday say."""
        said = {"works": works, "label": label}
        with ledger.write(at, by) as writing:
            if not DayOff.objects.filter(date=day, **said).exists():
                DayOff.objects.update_or_create(date=day, defaults=said)
                writing.record(facts.DaySet(house=self.pk, day=day.isoformat(), works=works))

    def unset_day(self, day: date, *, by: int | None, at: datetime) -> None:
        """The country and the weekday decide about the day again."""
        with ledger.write(at, by) as writing:
            if DayOff.objects.filter(date=day).delete()[0]:
                writing.record(facts.DayUnset(house=self.pk, day=day.isoformat()))

    def define_field(self, kind: str, slug: str, *, by: int | None, at: datetime, **described: Any) -> Field:
        """Add a field of the house's own: label, type, definition, owner, personal. Raises FieldTaken."""
        with ledger.write(at, by) as writing:
            if slug in fields.of(kind):
                raise FieldTaken(slug)
            field = fields.add(kind, slug, at, **described)
            writing.record(facts.FieldDefined(house=self.pk, of=kind, field=slug))
        return field

    def describe_field(self, kind: str, slug: str, *, by: int | None, at: datetime, **described: Any) -> None:
        """Change what is said about a field of the house's own. Its slug and its type never change."""
        with ledger.write(at, by) as writing:
            if CustomField.objects.filter(kind=kind, slug=slug).update(**described):
                writing.record(facts.FieldDescribed(house=self.pk, of=kind, field=slug))
