"""Qualifications that would not have happened by what is known since.

A touch proves machine-made, somebody else's or never right; the qualification is judged again at its own instant,
without the touches that no longer count. It is only marked: nothing is undone by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from accord.kernel import ledger
from accord.kernel.instants import to_micros
from accord.kernel.warehouse.tables import RETRACTIONS
from accord.rooms.agreement.queries import Term
from accord.rooms.capture.tables import TOUCHES, VERDICTS
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.models import Qualification
from accord.rooms.people.tables import LINKS
from accord.rooms.scoring import live
from accord.rooms.scoring.live import Batch

MACHINE, ELSEWHERE, RETRACTED = "machine", "elsewhere", "retracted"
OPEN_STAGES = (rules.MQL, rules.SAL, rules.SQL, rules.OPPORTUNITY)


@dataclass
class Doubts:
    """Why each qualification is doubtful, by its id; empty where it no longer is."""

    reasons: dict[int, str] = field(default_factory=dict)


def doubts(
    terms: Sequence[Term], contacts: Iterable[int], moves: Sequence[Mapping], gathered: Mapping[str, pa.Table], k: int
) -> Doubts:
    """Look again at the qualifications of these contacts that stand."""
    standing = Qualification.objects.filter(
        contact_id__in=list(contacts), lead__ended_at=None, lead__trashed_at=None, lead__stage__in=OPEN_STAGES
    ).order_by("at")
    latest = {row.lead_id: row for row in standing}
    found = Doubts()
    for term in terms:
        if its := [row for row in latest.values() if row.version_id == term.version.pk]:
            _look_again(found, term, its, moves, gathered, k)
    return found


def mark(found: Doubts, at: datetime) -> None:
    for row in Qualification.objects.filter(pk__in=found.reasons).select_related("lead"):
        reason = found.reasons[row.pk]
        if row.doubtful == reason:
            continue
        with ledger.write(at) as writing:
            Qualification.objects.filter(pk=row.pk).update(doubtful=reason)
            named = {"lead": row.lead_id, "contact": row.contact_id}
            writing.record(facts.QualificationDoubted(**named, reason=reason) if reason else facts.DoubtLifted(**named))


def _look_again(
    found: Doubts,
    term: Term,
    rows: Sequence[Qualification],
    moves: Sequence[Mapping],
    gathered: Mapping[str, pa.Table],
    k: int,
) -> None:
    if not _changed(gathered) and not any(row.doubtful for row in rows):
        return
    still = {touch for touch, _contact in live.counted(term.version.text, gathered, k)}
    gone = _gone(gathered, still)
    doubtful = [row for row in rows if gone.get(row.contact_id) or row.doubtful]
    if not doubtful:
        return
    touches = gathered[TOUCHES.name]
    without = touches.filter(pa.array([touch in still for touch in touches["id"].to_pylist()], pa.bool_()))
    since = {row.contact_id: to_micros(row.at) for row in doubtful}
    batch = Batch(since, moves, k, [{"contact_id": contact, "at": at} for contact, at in since.items()])
    again = live.moments(term, batch, {**gathered, TOUCHES.name: without})
    holding = {(one.contact_id, one.t) for one in again if one.holds and one.scope}
    for row in doubtful:
        stands = (row.contact_id, to_micros(row.at)) in holding
        found.reasons[row.pk] = "" if stands else gone.get(row.contact_id, ELSEWHERE)


def _changed(gathered: Mapping[str, pa.Table]) -> bool:
    """Whether a touch may count for nobody here any longer, but for what it came with: a verdict, a change of hands or
    a retraction says so. Where there is none, which is nearly always, nothing has to be evaluated."""
    links = gathered[LINKS.name]
    passed = links["contact_id"].null_count or len(links["identity_id"].unique()) < links.num_rows
    return bool(passed or gathered[VERDICTS.name].num_rows or gathered[RETRACTIONS.name].num_rows)


def _gone(gathered: Mapping[str, pa.Table], still: set[int]) -> dict[int, str]:
    """Contacts who had touches that count for nobody here any longer, and what became of these."""
    judged = {row["touch_id"]: row["machine"] for row in gathered[VERDICTS.name].to_pylist()}
    retracted = _retracted(gathered)
    owners: dict[int, set[int]] = {}
    for row in gathered[LINKS.name].to_pylist():
        if row["contact_id"]:
            owners.setdefault(row["identity_id"], set()).add(row["contact_id"])
    found: dict[int, str] = {}
    for row in gathered[TOUCHES.name].to_pylist():
        if row["id"] not in still and not (row["machine"] and row["id"] not in judged):
            reason = RETRACTED if row["id"] in retracted or row["fact_id"] in retracted else ELSEWHERE
            reason = MACHINE if judged.get(row["id"]) else reason
            for contact in owners.get(row["identity_id"], ()):
                found[contact] = reason
    return found


def _retracted(gathered: Mapping[str, pa.Table]) -> set[int]:
    rows = gathered[RETRACTIONS.name].to_pylist()
    whole = {row["retracted_fact_id"] for row in rows if row["retracted_fact_id"]}
    return whole | {row["row_id"] for row in rows if row["row_id"] and row["table"] == TOUCHES.source}
