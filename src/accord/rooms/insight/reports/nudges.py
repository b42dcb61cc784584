"""Nudges: what either side proposed, what the owners answered, and how many of those leads moved on soon after.

Counted in the operational database at the moment of asking, like the totals; the period is when it was proposed.
Accepted and declined ones are told beside each other, and not compared: owners accept where they see a chance, so the
two differ before anything is done.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import from_micros
from accord.kernel.intervals import FEW, Rate, wilson
from accord.kernel.warehouse.generation import Generation
from accord.rooms.desk import rules
from accord.rooms.desk.models import Nudge
from accord.rooms.funnel.models import Transition
from accord.rooms.funnel.rules import PLACE
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports.frame import Cell, Report, Told

WITHIN = timedelta(days=30)
SIDES = ("marketing", "sales", "none")
ANSWERS = (rules.ACCEPTED, rules.DECLINED)
MOVED, WATCHED, YOUNG = "moved", "watched", "young"


@dataclass(frozen=True)
class After:
    """Of those so answered: `watched` were 30 days ago or more, of which `moved` had come to a further stage by then.

    The `young` are not counted yet. No rate under 30.
    """

    moved: int
    watched: int
    young: int
    rate: Rate | None


@dataclass(frozen=True)
class Part:
    """Those of a kind and a side; of all of them, both are ""."""

    kind: str
    side: str
    proposed: int
    waiting: int
    accepted: int
    declined: int
    withdrawn: int
    ended: int
    reasons: Mapping[str, int]
    after_accepted: After
    after_declined: After


@dataclass(frozen=True)
class Nudges:
    parts: list[Part]
    all: Part
    told: Told


@dataclass(frozen=True)
class One:
    """A nudge; `fate` says of an answered one whether its lead moved on, did not, or is too young to say."""

    lead: int
    kind: str
    side: str
    stage: str
    state: str
    reason: str
    answered_at: datetime | None
    fate: str = ""


def answer(generation: Generation, question: Question) -> Nudges:
    """Two queries, however many there are."""
    ones = _ones(generation, question)
    by_part: dict[tuple[str, str], list[One]] = defaultdict(list)
    for one in ones:
        by_part[one.kind, one.side].append(one)
    ordered = sorted(by_part, key=lambda named: (rules.NUDGES.index(named[0]), SIDES.index(named[1])))
    parts = [_part(kind, side, by_part[kind, side]) for kind, side in ordered]
    return Nudges(parts, _part("", "", ones), Told.by(generation, question))


def lines(found: Nudges) -> list[dict[str, Any]]:
    return [_line(part) for part in [*found.parts, found.all]]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The leads behind a number, one for each nudge. The kind is the cell's stage, the side its group, the reason its
    cohort. Measures: proposed, waiting, accepted, declined, withdrawn, ended; moved, watched, young after accepted_ or
    declined_."""
    state, _sep, fate = cell.measure.partition("_")
    states = {"proposed": None, "waiting": rules.PROPOSED, "withdrawn": rules.WITHDRAWN, "ended": rules.ENDED}
    wanted = (states | {one: one for one in ANSWERS}).get(state, state)
    known = state in states or state in ANSWERS
    if not known or (fate and (state not in ANSWERS or fate not in (MOVED, WATCHED, YOUNG))):
        raise CannotAsk(_("The nudges have no such number."))
    return [one.lead for one in _ones(generation, question) if _is(one, wanted, fate, cell)]


def _is(one: One, state: str | None, fate: str, cell: Cell) -> bool:
    fates = {"": ("", "stayed", MOVED, YOUNG), WATCHED: ("stayed", MOVED)}.get(fate, (fate,))
    of = all(asked in (None, "", value) for asked, value in ((cell.stage, one.kind), (cell.group, one.side)))
    return of and state in (None, one.state) and one.fate in fates and cell.cohort in (None, "", one.reason)


def _ones(generation: Generation, question: Question) -> list[One]:
    seen = Nudge.objects.visible_to(question.viewer) if question.viewer else Nudge.objects.all()
    moment = from_micros(question.moment(generation))
    rows = seen.here().filter(proposed_at__lte=moment)
    rows = rows.filter(proposed_at__gte=question.start) if question.start else rows
    rows = rows.filter(proposed_at__lt=question.end) if question.end else rows
    columns = ("lead_id", "kind", "side", "stage", "state", "reason", "answered_at")
    ones = [_as_of(One(*row), moment) for row in rows.order_by("id").values_list(*columns)]
    steps = _steps(rows.filter(state__in=ANSWERS).values("lead_id"), moment)
    return [replace(one, fate=_fate(one, steps[one.lead], moment)) for one in ones]


def _as_of(one: One, moment: datetime) -> One:
    """What was answered later waited then."""
    if one.answered_at is None or one.answered_at <= moment:
        return one
    return replace(one, state=rules.PROPOSED, reason="", answered_at=None)


def _steps(leads: Any, moment: datetime) -> Mapping[int, Sequence[tuple[str, datetime]]]:
    """By lead: each stage it came to, and when."""
    made: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    known = Transition.standing().filter(Q(lead_id__in=leads), occurred_at__lte=moment, recorded_at__lte=moment)
    for lead, stage, at in known.values_list("lead_id", "to_stage", "occurred_at"):
        made[lead or 0].append((stage, at))
    return made


def _fate(one: One, steps: Iterable[tuple[str, datetime]], at: datetime) -> str:
    if one.state not in ANSWERS or one.answered_at is None:
        return ""
    until = one.answered_at + WITHIN
    if at < until:
        return YOUNG
    further = (stage for stage, when in steps if one.answered_at < when <= until and stage in PLACE)
    return MOVED if any(PLACE[stage] > PLACE[one.stage] for stage in further) else "stayed"


def _part(kind: str, side: str, ones: Sequence[One]) -> Part:
    states = Counter(one.state for one in ones)
    reasons = Counter(one.reason for one in ones if one.state == rules.DECLINED)
    return Part(
        kind=kind, side=side, proposed=len(ones), waiting=states[rules.PROPOSED], accepted=states[rules.ACCEPTED],
        declined=states[rules.DECLINED], withdrawn=states[rules.WITHDRAWN], ended=states[rules.ENDED],
        reasons=dict(sorted(reasons.items(), key=lambda told: (-told[1], told[0]))),
        after_accepted=_after(ones, rules.ACCEPTED), after_declined=_after(ones, rules.DECLINED),
    )  # fmt: skip


def _after(ones: Sequence[One], state: str) -> After:
    fates = Counter(one.fate for one in ones if one.state == state)
    watched = fates[MOVED] + fates["stayed"]
    return After(fates[MOVED], watched, fates[YOUNG], wilson(fates[MOVED], watched) if watched >= FEW else None)


def _line(part: Part) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: getattr(part, name)
        for name in ("kind", "side", "proposed", "waiting", "accepted", "declined", "withdrawn", "ended")
    }
    for name, after in (("accepted", part.after_accepted), ("declined", part.after_declined)):
        rate = after.rate
        told |= {f"{name}_{count}": getattr(after, count) for count in (MOVED, WATCHED, YOUNG)}
        told |= {f"{name}_{bound}": rate and getattr(rate, bound) for bound in ("rate", "low", "high")}
    return told


NUDGES = Report("nudges", _("Nudges"), ("from", "to", "as-of"), answer, lines, records)
