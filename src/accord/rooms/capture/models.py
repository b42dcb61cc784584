from collections.abc import Iterable
from datetime import datetime

from django.db import models

from accord.kernel import ledger
from accord.kernel.ledger import DatedRow, LedgerRow, Rows
from accord.rooms.capture import facts
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

    @classmethod
    def take(cls, touches: Rows, *, source: str, at: datetime) -> None:
        """Touches that a source sent, in bulk: one fact for all."""
        with ledger.write(at) as writing:
            writing.record(facts.TouchesRecorded(source=source, count=len(touches.values)), [touches])

    @classmethod
    def log(cls, contact: int, kind: str, touches: Rows, *, by: int | None, at: datetime) -> None:
        """Somebody logs what they did with a contact, or the contact with them."""
        with ledger.write(at, by) as writing:
            writing.record(facts.TouchLogged(contact=contact, kind=kind), [touches])


class Verdict(LedgerRow):
    """From `recorded_at` on, the touch counts as made by a machine, or by a human."""

    touch = models.ForeignKey(Touch, models.CASCADE, related_name="verdicts")
    machine = models.BooleanField()

    class Meta:
        db_table = "verdict"

    @classmethod
    def give(cls, touches: Iterable[int], *, machine: bool, source: str, at: datetime) -> None:
        """From now on these touches count as made by a machine, or by a human."""
        rows = [cls(touch_id=pk, machine=machine) for pk in touches]
        with ledger.write(at) as writing:
            writing.record(facts.VerdictsGiven(source=source, count=len(rows)), rows)
