from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from django.db import connection, models

from accord.kernel import bulk, ledger
from accord.kernel.instants import InstantField, stored, to_micros
from accord.kernel.ledger import Writing
from accord.rooms.agreement.models import Version
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.promises import facts, rules
from accord.rooms.promises.rules import Outcome, Plan
from accord.rooms.team.models import Member, Team


class NeedsReason(Exception):
    """Nothing is excused without a reason."""


class NotBroken(Exception):
    """Only what was broken is excused, and only once; the argument is how the clock stands."""


class ClockQuerySet(models.QuerySet["Clock"]):
    def visible_to(self, member: Member) -> "ClockQuerySet":
        if member.scope == "all":
            return self
        return self.filter(owner=member) if member.scope == "own" else self.none()

    def here(self) -> "ClockQuerySet":
        return self.filter(lead__trashed_at=None)

    def going(self) -> "ClockQuerySet":
        """Of which something is still owed, in time or late."""
        return self.filter(ended_at=None)

    def whole(self) -> "ClockQuerySet":
        return self.select_related("handoff", "lead", "version")


class Clock(models.Model):
    """One running promise: of a hand-off, or of the return that came of it.

    `owner` is whose it is, or whose it was when it was broken or ended; `team` is whose calendar it runs by.
    `next_at`: when something is to be done about it, None where nothing is left. `stopped_at`: when what was owed was
    done. `ended_at`: from when on nothing was owed. `spent`: seconds from the start to the stop or end, in the time of
    the promise. `take_back_at` moves on with every taking back. `changes` counts them: of two who change it, one is
    first.
    """

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="+")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Member, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    promise = models.CharField(max_length=120)
    measure = models.CharField(max_length=40)
    side = models.CharField(max_length=10)
    mode = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=rules.RUNNING)
    cause = models.CharField(max_length=40, blank=True, default="")
    received_at = InstantField()
    due_at = InstantField()
    remind_at = InstantField(null=True)
    escalate_at = InstantField(null=True)
    take_back_at = InstantField(null=True)
    next_at = InstantField(null=True)
    stopped_at = InstantField(null=True)
    ended_at = InstantField(null=True)
    reminded_at = InstantField(null=True)
    escalated_at = InstantField(null=True)
    taken_back_at = InstantField(null=True)
    spent = models.BigIntegerField(null=True)
    excuse = models.CharField(max_length=500, blank=True, default="")
    excused_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    excused_at = InstantField(null=True)
    changes = models.PositiveIntegerField(default=0)

    objects = ClockQuerySet.as_manager()

    class Meta:
        db_table = "clock"
        constraints = [
            models.UniqueConstraint(fields=["handoff", "side", "promise"], name="clock_once"),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="clock_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["promise", "received_at"], name="clock_promise"),
        ]

    def __str__(self) -> str:
        return f"{self.promise} {self.lead}"

    @property
    def plan(self) -> Plan:
        """What is still to be done."""
        return Plan(
            self.due_at,
            None if self.reminded_at else self.remind_at,
            None if self.escalated_at else self.escalate_at,
            self.take_back_at,
        )

    @property
    def standing(self) -> Outcome:
        return Outcome(self.state, self.stopped_at, self.ended_at, self.cause)

    @classmethod
    def start(cls, rows: Sequence[Self], *, at: datetime) -> list[int]:
        """Those of these clocks that did not run yet, by id."""
        with ledger.write(at) as writing:
            for pk, row in zip(bulk.reserve(cls, len(rows)), rows, strict=True):
                row.pk, row.next_at = pk, rules.next_at(row.plan, row.standing)
            cls.objects.bulk_create(rows, ignore_conflicts=True)
            there = set(cls.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
            for row in rows:
                if row.pk in there:
                    writing.record(row._started)
        return sorted(there)

    def advance(self, standing: Outcome, spent: int | None, *, at: datetime) -> bool:
        """How it stands by now, and whatever fell due until then, each once. False where somebody else was first."""
        before, done = self.standing, self._done(standing, at)
        with ledger.write(at) as writing:
            marks = {_MARKS[step]: when for step, when in done.items()}
            if not self._change(
                state=standing.state, stopped_at=standing.stopped_at, ended_at=standing.ended_at,
                cause=standing.cause, spent=spent, **marks,
            ):  # fmt: skip
                return False
            self._tell(writing, before, standing, done)
        return True

    def passed_to(self, owner: int, *, at: datetime) -> None:
        """Somebody else answers for it. It runs on as it did."""
        with ledger.write(at) as writing:
            if Clock.objects.filter(pk=self.pk, state=rules.RUNNING).update(owner=owner):
                writing.record(facts.ClockPassed(**self._named, owner=owner))

    def took_back(self, again: datetime | None, *, at: datetime) -> bool:
        """Its hand-off goes to somebody else now, and `again` at that time. False where somebody else was first."""
        return self._change(take_back_at=again, taken_back_at=at)

    def leave(self) -> bool:
        """It is not taken back: it was answered, or nobody else is there."""
        return self._change(take_back_at=None)

    def excuse_with(self, reason: str, *, by: Member, at: datetime, was: str = "") -> None:
        """Say why it was broken, or correct what `was` said. It stays broken, and is counted as such. Raises
        NeedsReason, or NotBroken where it is not, or where something else has been said meanwhile.
        """
        if not (said := reason.strip()[:500]):
            raise NeedsReason
        with ledger.write(at, by.pk) as writing:
            broken = Clock.objects.filter(pk=self.pk, state=rules.BROKEN, excuse=was)
            if not broken.update(excuse=said, excused_by=by, excused_at=at):
                self.refresh_from_db()
                raise NotBroken(self.state)
            writing.record(facts.BreachExcused(**self._named))
        self.refresh_from_db()

    def _change(self, **given: Any) -> bool:
        """The conditional update, with what is to be done next. Written out, since a sweep changes a thousand."""
        for name, value in given.items():
            setattr(self, name, value)
        given["next_at"] = self.next_at = rules.next_at(self.plan, self.standing)
        sets = ", ".join(f"{name} = %s" for name in given)
        kept = [stored(one, connection.vendor) if isinstance(one, datetime) else one for one in given.values()]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE clock SET {sets}, changes = changes + 1 WHERE id = %s AND changes = %s",
                [*kept, self.pk, self.changes],
            )
            changed = cursor.rowcount == 1
        self.changes += changed
        return changed

    def _done(self, standing: Outcome, at: datetime) -> dict[str, datetime]:
        """Reminders and escalations that fell due, with when. Nobody is reminded of what is past."""
        due = {step: when for when, step in rules.left(self.plan, standing) if when <= at}
        return {step: due[step] for step in _MARKS if step in due}

    def _tell(self, writing: Writing, before: Outcome, after: Outcome, done: dict[str, datetime]) -> None:
        mine = {**self._named, "owner": self.owner_id}
        if rules.REMIND in done:
            writing.record(facts.ClockReminded(**mine), occurred_at=done[rules.REMIND])
        if before.state in (rules.VOID, rules.KEPT) and after.state != before.state:
            writing.record(facts.ClockResumed(**self._named))
        if after.state != before.state:
            self._tell_state(writing, after, mine)
        if after.state == rules.BROKEN or after.state == before.state:
            self._tell_end(writing, before, after)
        if rules.ESCALATE in done:
            writing.record(facts.ClockEscalated(**mine), occurred_at=done[rules.ESCALATE])

    def _tell_state(self, writing: Writing, after: Outcome, mine: dict[str, Any]) -> None:
        if after.state == rules.KEPT:
            writing.record(facts.PromiseKept(**self._named), occurred_at=after.stopped_at)
        if after.state == rules.BROKEN:
            writing.record(facts.PromiseBroken(**mine), occurred_at=self.due_at)
        if after.state == rules.VOID:
            writing.record(facts.ClockVoided(**self._named, cause=after.cause), occurred_at=after.ended_at)

    def _tell_end(self, writing: Writing, before: Outcome, after: Outcome) -> None:
        """What the state does not say: since when nothing is owed, or that something is owed again."""
        if after.stopped_at and after.stopped_at != before.stopped_at:
            writing.record(facts.ClockStopped(**self._named), occurred_at=after.stopped_at)
        elif after.state != rules.BROKEN:
            return
        elif after.ended_at and not after.stopped_at and after.ended_at != before.ended_at:
            writing.record(facts.ClockEnded(**self._named), occurred_at=after.ended_at)
        elif before.state == rules.BROKEN and before.ended_at and not after.ended_at:
            writing.record(facts.ClockResumed(**self._named))

    @property
    def _started(self) -> facts.ClockStarted:
        return facts.ClockStarted(
            **self._named, handoff=self.handoff_id, version=self.version_id, side=self.side, mode=self.mode,
            owner=self.owner_id, team=self.team_id, received_at=to_micros(self.received_at),
            due_at=to_micros(self.due_at),
        )  # fmt: skip

    @property
    def _named(self) -> dict[str, Any]:
        return {"clock": self.pk, "lead": self.lead_id, "contact": self.lead.contact_id, "promise": self.promise}


_MARKS = {rules.REMIND: "reminded_at", rules.ESCALATE: "escalated_at"}


def publish(handoffs: Iterable[int]) -> None:
    """Onto each hand-off, the earliest time at which something is owed of it; none where nothing is."""
    owed = models.Min("due_at")
    going = Clock.objects.going().filter(handoff=models.OuterRef("pk")).order_by().values("handoff")
    Handoff.objects.filter(pk__in=set(handoffs)).update(
        due_at=models.Subquery(going.annotate(first=owed).values("first"))
    )
