from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.team import facts


class Backwards(Exception):
    """An absence would end before it begins."""


class AlreadyAway(Exception):
    """They are away for some of that time; the argument is the absence that says so."""


class Absence(models.Model):
    """A member is away and gets nothing new. It stops no clock: what they hold still has to be answered."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences")
    since = InstantField()
    until = InstantField()
    planned_at = InstantField()
    called_off_at = InstantField(null=True)

    class Meta:
        db_table = "absence"
        ordering = ["since", "id"]
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("since")), name="absence_forwards")]
        indexes = [models.Index(fields=["member", "until"], name="absence_member")]

    def call_off(self, *, by: int | None, at: datetime) -> None:
        """They are there after all, or are back early. What is over cannot be called off."""
        with ledger.write(at, by) as writing:
            standing = Absence.objects.filter(pk=self.pk, called_off_at=None, until__gt=at)
            if standing.update(called_off_at=at):
                writing.record(facts.AbsenceCalledOff(absence=self.pk, member=self.member_id))
        self.refresh_from_db()
