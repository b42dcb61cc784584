from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.kernel import ledger
from accord.rooms.agreement import facts, rules
from accord.rooms.agreement.models.refusals import Refusal
from accord.rooms.team.models import Member
from accord.rooms.team.rules import ALL

if TYPE_CHECKING:
    from accord.rooms.agreement.models.version import Version


class RankFixed(Refusal):
    """Whom an agreement judges must not change by moving it once somebody has signed it."""

    said = _("An agreement that was signed keeps its place. Sign a version with another scope instead.")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, member: Member) -> "AgreementQuerySet":
        """Whoever sees the whole house sees what its teams agreed; a partner does not."""
        return self if member.scope == ALL else self.none()

    def ranked(self) -> "AgreementQuerySet":
        return self.order_by("rank", "id")


class Agreement(models.Model):
    """What both teams agree under one name, in versions. `rank`: the lower one is asked first whether it judges."""

    name = models.CharField(max_length=200, unique=True)
    rank = models.IntegerField()

    objects = AgreementQuerySet.as_manager()

    class Meta:
        db_table = "agreement"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, name: str, *, takes_everybody: bool) -> "Agreement":
        """The agreement of that name; a new one stands above all others, or below them if it takes everybody."""
        if known := cls.objects.filter(name=name).first():
            return known
        ranks = cls.objects.aggregate(first=models.Min("rank", default=1), last=models.Max("rank", default=-1))
        rank = ranks["last"] + 1 if takes_everybody else ranks["first"] - 1
        return cls.objects.get_or_create(name=name, defaults={"rank": rank})[0]

    def move(self, *, above: bool, by: int | None, at: datetime) -> None:
        """Change places with its neighbour. Raises RankFixed where one of the two was signed by somebody."""
        with ledger.write(at, by) as writing:
            rows = list(Agreement.objects.select_for_update().ranked())
            place = rows.index(self)
            other = rows[place - 1] if above and place else rows[place + 1] if not above and rows[place + 1 :] else None
            if other is None:
                return
            if self.is_bound or other.is_bound:
                raise RankFixed
            for one, rank in ((self, other.rank), (other, self.rank)):
                Agreement.objects.filter(pk=one.pk).update(rank=rank)
                writing.record(facts.AgreementRanked(agreement=one.pk, rank=rank))
        self.refresh_from_db()

    @property
    def is_bound(self) -> bool:
        """Somebody has signed a version of it."""
        return self.versions.filter(models.Q(status__in=rules.BINDING) | models.Q(signatures__isnull=False)).exists()

    def open_version(self) -> "Version | None":
        """Its draft or proposal."""
        return self.versions.filter(status__in=rules.OPEN).first()
