from datetime import datetime
from typing import Optional

from django.db import models

from accord.kernel.instants import InstantField
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead
from accord.rooms.team.models import Member
from accord.rooms.trail import rules

ONLY = 1  # a house has one trail or none


class Trail(models.Model):
    """The way around a simulated house. It follows one lead; `after` is the last fact before its visitor asked."""

    begun_at = InstantField()
    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, related_name="+")
    asked_at = InstantField(null=True)
    after = models.BigIntegerField(default=0)
    promises_at = InstantField(null=True)
    funnel_at = InstantField(null=True)

    class Meta:
        db_table = "trail"

    @classmethod
    def begin(cls, at: datetime) -> None:
        """From now on this house counts as simulated."""
        cls.objects.get_or_create(pk=ONLY, defaults={"begun_at": at})

    @classmethod
    def of_house(cls) -> Optional["Trail"]:
        """None in a real house."""
        return cls.objects.filter(pk=ONLY).select_related("lead__contact__company").first()

    @classmethod
    def seen_by(cls, member: Member) -> Optional["Trail"]:
        """None in a real house, and for whoever has dismissed it."""
        gone = Dismissal.objects.filter(member=member)
        return cls.objects.filter(~models.Exists(gone), pk=ONLY).select_related("lead__contact__company").first()

    def follow(self, lead: Lead, *, at: datetime) -> bool:
        """Begin anew with this lead; False where somebody else has begun with another one meanwhile."""
        last = Fact.objects.order_by("-id").values_list("id", flat=True).first() or 0
        seen = Trail.objects.filter(pk=self.pk, lead=self.lead_id, asked_at=self.asked_at)
        return bool(seen.update(lead=lead, asked_at=at, after=last))

    def opened(self, step: str, *, at: datetime) -> None:
        """Somebody went to one of its places; the first time counts."""
        column = {rules.PROMISES: "promises_at", rules.FUNNEL: "funnel_at"}[step]
        Trail.objects.filter(pk=self.pk, **{column: None}).update(**{column: at})


class Dismissal(models.Model):
    """A member who does not want to see the trail."""

    member = models.OneToOneField(Member, models.CASCADE, related_name="+")
    at = InstantField()

    class Meta:
        db_table = "trail_dismissal"

    @classmethod
    def say(cls, member: Member, *, at: datetime) -> None:
        cls.objects.get_or_create(member=member, defaults={"at": at})

    @classmethod
    def take_back(cls, member: Member) -> None:
        cls.objects.filter(member=member).delete()
