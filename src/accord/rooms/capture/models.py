from django.db import models

from accord.kernel.ledger import DatedRow, LedgerRow
from accord.rooms.people.models import Identity


class Touch(DatedRow):
    """One interaction, in or out. Never edited: links, verdicts and retractions say what it means."""

    identity = models.ForeignKey(Identity, models.PROTECT, related_name="touches", db_index=False)
    kind = models.CharField(max_length=60)
    machine = models.BooleanField(default=False)
    asset = models.CharField(max_length=255, null=True)
    campaign = models.CharField(max_length=255, null=True)
    channel = models.CharField(max_length=60, null=True)
    properties = models.JSONField(default=dict)

    class Meta:
        db_table = "touch"
        indexes = [models.Index(fields=["identity", "occurred_at"], name="touch_identity")]


class Verdict(LedgerRow):
    """From `recorded_at` on, the touch counts as made by a machine, or by a human."""

    touch = models.ForeignKey(Touch, models.CASCADE, related_name="verdicts")
    machine = models.BooleanField()

    class Meta:
        db_table = "verdict"
