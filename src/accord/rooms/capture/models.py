from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.kernel.ledger import DatedRow, LedgerRow, Rows
from accord.rooms.capture import facts
from accord.rooms.capture.norm import norm_of
from accord.rooms.content.named import key_of
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
    norm = models.TextField(default="")  # what conditions compare; `Touch.rows` writes it

    class Meta:
        db_table = "touch"
        indexes = [models.Index(fields=["identity", "occurred_at"], name="touch_identity")]

    @classmethod
    def rows(cls, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> Rows:
        """Touches in bulk, with what conditions compare. `columns` hold asset, campaign and properties."""
        asset, campaign, said = (columns.index(name) for name in ("asset", "campaign", "properties"))
        kept = [(*row, norm_of(row[said], key_of(row[asset] or ""), key_of(row[campaign] or ""))) for row in values]
        return Rows(cls, [*columns, "norm"], kept)

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


class InboxMark(models.Model):
    """Up to which row an inbox was taken. Moves in the transaction that writes the touches."""

    epoch = models.CharField(max_length=32, unique=True)
    taken = models.BigIntegerField(default=0)

    class Meta:
        db_table = "inbox_mark"

    @classmethod
    def taken_of(cls, epoch: str) -> int:
        return cls.objects.filter(epoch=epoch).values_list("taken", flat=True).first() or 0

    @classmethod
    def move(cls, epoch: str, before: int, after: int) -> bool:
        """False where somebody else has taken meanwhile."""
        cls.objects.get_or_create(epoch=epoch)
        return bool(cls.objects.filter(epoch=epoch, taken=before).update(taken=after))


class Captured(models.Model):
    """An event that was taken, by its hash: an inbox that was restored brings it again, and it counts once."""

    pk = models.CompositePrimaryKey("day", "hash")
    day = models.IntegerField()  # on which it was received, since 1970
    hash = models.BinaryField(max_length=16)

    class Meta:
        db_table = "captured"


class CaptureDay(models.Model):
    """How many events that were received on a day were taken, and what became of them."""

    day = models.IntegerField(primary_key=True)
    events = models.BigIntegerField(default=0)
    touches = models.BigIntegerField(default=0)
    dropped = models.BigIntegerField(default=0)

    class Meta:
        db_table = "capture_day"


class CaptureStep(models.Model):
    """How long a step of taking events in took, ever."""

    step = models.CharField(max_length=20, primary_key=True)
    microseconds = models.BigIntegerField(default=0)

    class Meta:
        db_table = "capture_step"


class DroppedEvent(models.Model):
    """An event that became nothing, as it came, with the reason."""

    api_key = models.BigIntegerField()
    received_at = InstantField()
    dropped_at = InstantField()
    reason = models.CharField(max_length=40)
    said = models.TextField(blank=True)
    raw = models.TextField()

    class Meta:
        db_table = "dropped_event"


class KindAlias(models.Model):
    """The name of an event, in snake case, and the kind of touch that it means."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=60)

    class Meta:
        db_table = "kind_alias"
        ordering = ["name"]
