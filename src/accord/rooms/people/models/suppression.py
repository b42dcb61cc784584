from datetime import datetime

from django.db import models
from django.db.models import Q

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.kernel.text import EMAIL_MAX, email_key
from accord.rooms.people import facts, rules
from accord.rooms.people.fields import SUPPRESSED_NAMES
from accord.rooms.team.models import Member


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def here(self) -> "SuppressionQuerySet":
        return self.filter(lifted_at=None)


class Suppression(models.Model):
    """An address that must not be written to, as it is compared: it bounced for good, complained or unsubscribed."""

    address = models.CharField(max_length=EMAIL_MAX)
    reason = models.CharField(max_length=20, choices=list(SUPPRESSED_NAMES.items()))
    since = InstantField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    lifted_at = InstantField(null=True)
    lifted_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        db_table = "suppression"
        constraints = [
            models.UniqueConstraint(fields=["address", "reason"], condition=Q(lifted_at=None), name="suppression_once")
        ]

    @classmethod
    def add(cls, address: str, reason: str, *, by: Member | None, at: datetime) -> "Suppression":
        """Added twice it is there once. Raises ValueError for what is no address, or a reason that there is not."""
        key = email_key(address)
        if key is None or reason not in rules.OF_ADDRESS:
            raise ValueError(address if key is None else reason)
        with ledger.write(at, by.pk if by else None) as writing:
            there, made = cls.objects.get_or_create(
                address=key, reason=reason, lifted_at=None, defaults={"since": at, "by": by}
            )
            if made:
                writing.record(facts.AddressSuppressed(suppression=there.pk))
        return there

    def lift(self, *, by: Member, at: datetime) -> bool:
        """It may be written to after all; whether it stood."""
        with ledger.write(at, by.pk) as writing:
            lifted = Suppression.objects.here().filter(pk=self.pk).update(lifted_at=at, lifted_by=by)
            if lifted:
                writing.record(facts.AddressReleased(suppression=self.pk))
        self.refresh_from_db()
        return bool(lifted)
