"""What the other parts of a document must not say: scoring, stages, hand-offs, promises, routing, dates."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from accord.kernel.worktime import NO_TERM, TERM
from accord.rooms.agreement.document import walking
from accord.rooms.agreement.document.checks import NO_SEGMENT, Found
from accord.rooms.agreement.document.model import Document, Promise, Scoring, ToOwner
from accord.rooms.agreement.document.problems import Steps

SHORTEST_HALF_LIFE = 1
FIRST_YEAR, LAST_YEAR = 1970, 2399

HALF_LIFE = _("A half-life is one day or more. Write a longer one, or none.")
CAP = _("A cap is more than zero. Write a larger one, or none.")
TWICE = _("“{name}” stands in this list twice. Give one of them another name.")
ORDER = _("Thresholds fall from the best grade to the worst. Put them in order.")
REMINDERS = _("First the reminder, then the escalation, then the taking back. Put them in order.")
NOT_LISTED = _("The stage “{stage}” is not among the stages. List it, or hand over at one that is.")
NO_WAY = _("Nobody can reach this stage. Say what leads to it ({way}), or take it out.")
NO_LAST = _("The last rule must match everything: when: {all: []}. Add one, so that no lead is left without an owner.")
NO_OWNER = _("The last rule names nobody who owns what is left. Write an owner, or an overflow_owner.")
NEVER_REACHED = _("A rule above matches everything, so this one is never asked. Move it up, or take it out.")
NO_HANDOFF = _("There is no hand-off “{name}” in this document. Define it under handoffs, or correct the name.")
NO_ZONE = _("There is no time zone of this name. Write one such as Europe/Berlin.")
NO_DAY = _("There is no such day. Write one as 2026-01-31, from 1970 on.")
REVIEW = _("The review is due before the agreement is in force. Choose a later day.")
NO_REVISION = _("Write 1: this is the one version of the format.")

# How a stage is reached, apart from what `enter` says: always, or by a hand-off that gives one of these answers.
REACHED_BY = {"engaged": ("return", "reject"), "sal": ("accept",)}
OF_THEMSELVES = ("inquiry", "sql", "opportunity", "won")
WAYS = {
    "engaged": _("enter, or a hand-off that may be returned"),
    "mql": _("enter: qualified"),
    "sal": _("a hand-off that may be accepted"),
}


def check(document: Document, found: Found) -> None:
    _names(document, found)
    _scoring(document.scoring, found)
    _stages(document, found)
    _promises(document, found)
    _routing(document, found)
    _dates(document, found)


def _names(document: Document, found: Found) -> None:
    lists: Iterable[tuple[Steps, Sequence[object], str]] = (
        (("readiness",), document.readiness, "id"),
        (("stages",), document.stages or (), "kind"),
        (("scoring", "fit"), document.scoring.fit, "id"),
        (("scoring", "engagement"), document.scoring.engagement, "id"),
        (("handoffs",), document.handoffs, "id"),
        (("promises", "marketing"), document.promises.marketing, "id"),
        (("promises", "sales"), document.promises.sales, "id"),
        (("routing",), document.routing, "id"),
        (("coverage",), document.coverage, "tier"),
        (("recycling",), document.recycling, "reason"),
    )
    for steps, rows, key in lists:
        seen: Counter[str] = Counter()
        for place, row in enumerate(rows):
            name = getattr(row, key)
            seen[name] += 1
            if seen[name] > 1:
                found.wrong((*steps, place, key), TWICE, name=name)


def _scoring(scoring: Scoring, found: Found) -> None:
    steps: Steps = ("scoring",)
    for place, rule in enumerate(scoring.engagement):
        here = (*steps, "engagement", place)
        if rule.half_life_days is not None and rule.half_life_days < SHORTEST_HALF_LIFE:
            found.wrong((*here, "half_life_days"), HALF_LIFE)
        _cap((*here, "cap"), rule.cap, found)
    for name, group in scoring.groups.items():
        _cap((*steps, "groups", name, "cap"), group.cap, found)
    _cap((*steps, "engagement_cap"), scoring.engagement_cap, found)
    for axis, letters in (("fit", "ABC"), ("engagement", "123")):
        table: dict[str, float] = dict(getattr(scoring.grades, axis))
        given = [(letter, table[letter]) for letter in letters if letter in table]
        for (_better, above), (letter, below) in pairwise(given):
            if below > above:
                found.wrong((*steps, "grades", axis, letter), ORDER)


def _cap(steps: Steps, cap: float | None, found: Found) -> None:
    if cap is not None and cap <= 0:
        found.wrong(steps, CAP)


def _stages(document: Document, found: Found) -> None:
    """Only where the document lists stages of its own."""
    if document.stages is None:
        return
    kinds = [stage.kind for stage in document.stages]
    for place, handoff in enumerate(document.handoffs):
        if handoff.at not in kinds:
            found.wrong(("handoffs", place, "at"), NOT_LISTED, stage=handoff.at)
    answers = {answer for handoff in document.handoffs for answer in handoff.answers}
    for place, stage in enumerate(document.stages):
        led = stage.enter is not None or stage.kind in OF_THEMSELVES
        if not led and not answers & set(REACHED_BY.get(stage.kind, ())):
            found.wrong(("stages", place), NO_WAY, way=WAYS[stage.kind])


def _promises(document: Document, found: Found) -> None:
    for side in ("marketing", "sales"):
        for place, promise in enumerate(getattr(document.promises, side)):
            _promise(("promises", side, place), promise, document, found)


def _promise(steps: Steps, promise: Promise, document: Document, found: Found) -> None:
    if promise.of is not None and promise.of not in {handoff.id for handoff in document.handoffs}:
        found.wrong((*steps, "of"), NO_HANDOFF, name=promise.of)
    if promise.segment is not None and promise.segment not in document.segments:
        found.wrong((*steps, "segment"), NO_SEGMENT, name=promise.segment)
    if promise.within is not None and not TERM.fullmatch(promise.within):
        found.wrong((*steps, "within"), NO_TERM)
    marks = [(name, getattr(promise, name)) for name in ("remind_at", "escalate_at", "take_back_at")]
    given = [(name, value) for name, value in marks if value is not None]
    for (_earlier, before), (name, after) in pairwise(given):
        if after < before:
            found.wrong((*steps, name), REMINDERS)


def _routing(document: Document, found: Found) -> None:
    if not document.routing:
        return
    names = walking.named(document)
    for place, route in enumerate(document.routing[:-1]):
        if walking.always(route.when, names):
            found.doubtful(("routing", place + 1), NEVER_REACHED)
            break
    last, steps = document.routing[-1], ("routing", len(document.routing) - 1)
    if not walking.always(last.when, names):
        found.wrong((*steps, "when"), NO_LAST)
    owner = last.to.owner if isinstance(last.to, ToOwner) else last.to.overflow_owner
    if owner in (None, "company"):
        found.wrong((*steps, "to"), NO_OWNER)


def _dates(document: Document, found: Found) -> None:
    if document.zone not in _zones():
        found.wrong(("zone",), NO_ZONE)
    wrong = [name for name in ("effective", "review_by") if not _is_day(getattr(document, name))]
    for name in wrong:
        found.wrong((name,), NO_DAY)
    if not wrong and document.review_by < document.effective:
        found.doubtful(("review_by",), REVIEW)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_day(text: str) -> bool:
    try:
        return FIRST_YEAR <= date.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False
