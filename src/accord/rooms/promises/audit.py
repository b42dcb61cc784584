"""What always holds of clocks: where they stand, and that whatever is left to do will be done."""

from django.db.models import F

from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import each, told, wherever, within
from accord.rooms.promises.models import Clock


def _strays(findings: Findings) -> None:
    """Running for another lead than their hand-off."""
    for stretch in each(Clock, findings):
        rows = Clock.objects.filter(pk__gt=stretch.low, pk__lte=stretch.high).exclude(lead=F("handoff__lead"))
        for record, lead, other in rows.values_list("id", "lead_id", "handoff__lead_id"):
            findings.wrong("clock", record, f"runs for lead:{lead}, and its hand-off is of lead:{other}")


def _wrong() -> str:
    """Kept after it was due, or broken though what was owed was done in time."""
    return (
        f"SELECT c.id, c.state, c.due_at, c.stopped_at FROM clock c WHERE {within('c')} AND ("
        "(c.state = 'kept' AND (c.stopped_at IS NULL OR c.stopped_at > c.due_at)) "
        "OR (c.state = 'broken' AND c.stopped_at <= c.due_at) "
        "OR (c.state IN ('running', 'void') AND c.stopped_at IS NOT NULL))"
    )


def _say_wrong(state: str, due_at: object, stopped_at: object) -> str:
    return f"is {state}, was due at {told(due_at)}, and what was owed was done at {told(stopped_at)}"


def _idle() -> str:
    """Something is to be done and nobody will look, or the other way round."""
    to_do = (
        "(c.state = 'running' OR (c.state = 'broken' AND c.escalate_at IS NOT NULL AND c.escalated_at IS NULL "
        "AND (c.ended_at IS NULL OR c.escalate_at <= c.ended_at)) "
        "OR (c.state = 'broken' AND c.ended_at IS NULL AND c.take_back_at IS NOT NULL))"
    )
    return (
        f"SELECT c.id, c.state, c.next_at FROM clock c WHERE {within('c')} "
        f"AND ((c.next_at IS NULL AND {to_do}) OR (c.next_at IS NOT NULL AND NOT {to_do}))"
    )


def _say_idle(state: str, next_at: object) -> str:
    if next_at is None:
        return f"is {state}, something is still to be done about it, and nobody will look"
    return f"is {state}, nothing is left to do about it, and it is looked at again at {told(next_at)}"


INVARIANTS = [
    Invariant("clocks", _strays),
    Invariant("kept_promises", wherever(Clock, "clock", _wrong, _say_wrong)),
    Invariant("due_clocks", wherever(Clock, "clock", _idle, _say_idle)),
]
