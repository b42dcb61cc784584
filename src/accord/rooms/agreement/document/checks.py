"""What a condition must not say, and what is doubtful about one."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.fields import NUMBER, TEXT
from accord.rooms.agreement.document import walking
from accord.rooms.agreement.document.conditions import (
    Compared,
    Count,
    InSegment,
    Not,
    OfField,
    Ready,
    Score,
    Verified,
)
from accord.rooms.agreement.document.model import Document
from accord.rooms.agreement.document.problems import Problem, Steps, path_of
from accord.rooms.agreement.document.walking import Placed

# Kinds of touch that ship, as the reference of capture lists them.
SHIPPED = frozenset(
    {
        "page", "screen", "form", "download", "email_open", "email_click", "reply", "call_in", "call_out", "chat",
        "event_signup", "event_attended", "meeting", "survey", "unsubscribe", "bounce", "verified",
    }
)  # fmt: skip

TOUCHES_HERE = _(
    "Segments, readiness indicators, fit rules and the scope are made of all, any, not, segment, readiness and field "
    "alone. Ask for touches, checks and scores under qualified."
)
NOT_OF = _("“not” holds a field, a segment or a readiness indicator. Say the rest without it.")
NO_SEGMENT = _("There is no segment “{name}” in this document. Define it under segments, or correct the name.")
NO_READINESS = _("There is no readiness indicator “{name}” in this document. Define it, or correct the name.")
CIRCLE = _("This asks for itself: {way}. Say one of them without the others.")
TOO_HEAVY = _("With all that it names written out this is more than {most} conditions. Say it with fewer.")
NO_FIELD = _("The house has no field {name}. Correct the name, or add the field in the settings.")
NOT_ASKED = _("{name} changes with the work on a lead and says nothing of it. Ask another field.")
OPEN_BY_COMPANY = _("A lead opens by what its own contact does. Take “of: company” out.")

UNKNOWN_IS_TRUE = _(
    "True also where the field is unknown. If that is not meant, put {{field: {name}, known: true}} beside."
)
NEVER_SEEN = _("No touch of the kind “{kind}” was ever seen. Check the spelling.")
NEVER_TRUE = _("The field holds {type}, so this is never true. Compare it otherwise.")
HEAVIEST = 2_000  # an expression is as long as what it says, with every segment written out
TYPES = {NUMBER: _("numbers"), TEXT: _("texts")}


@dataclass(frozen=True)
class House:
    """What the house knows, by which documents are read: fields with their types, and whether it ever saw a touch.

    `unasked`: fields that there are and that no document may ask.
    `strict`: a field that is not known is refused; otherwise it is a warning.
    """

    fields: Mapping[str, str] | None = None
    unasked: Collection[str] = ()
    seen: Callable[[str], bool] | None = None
    strict: bool = True


@dataclass
class Found:
    """Problems and warnings, as they are found."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def wrong(self, steps: Steps, message: Promise, **told: object) -> None:
        self.problems.append(_problem(steps, message, told))

    def doubtful(self, steps: Steps, message: Promise, **told: object) -> None:
        self.warnings.append(_problem(steps, message, told))


def _problem(steps: Steps, message: Promise, told: Mapping[str, object]) -> Problem:
    return Problem(path_of(steps), format_lazy(message, **told) if told else message)  # type: ignore[arg-type]


def check(document: Document, house: House, found: Found) -> None:
    names = walking.named(document)
    for placed in walking.every(document):
        _place(placed, found)
        _reference(placed, names, found)
        if isinstance(placed.condition, OfField):
            _field(placed.steps, placed.condition, house, found)
        elif isinstance(placed.condition, Not):
            _unknown(placed, placed.condition, names, found)
    _circles(document, names, found)
    _weigh(document, names, found)
    _touches(document, house, found)


def _place(placed: Placed, found: Found) -> None:
    condition = placed.condition
    if placed.fields_alone and isinstance(condition, Score | Count | Verified):
        found.wrong(placed.steps, TOUCHES_HERE)
    if isinstance(condition, Not) and not isinstance(condition.not_, OfField | InSegment | Ready):
        found.wrong((*placed.steps, "not"), NOT_OF)


def _reference(placed: Placed, names: walking.Names, found: Found) -> None:
    name = walking.reference(placed.condition)
    if name and name not in names:
        kind, called = name
        found.wrong((*placed.steps, kind), NO_SEGMENT if kind == "segment" else NO_READINESS, name=called)


def _field(steps: Steps, condition: OfField, house: House, found: Found) -> None:
    if house.fields is None:
        return
    if condition.field not in house.fields:
        tell = found.wrong if house.strict else found.doubtful
        tell((*steps, "field"), NOT_ASKED if condition.field in house.unasked else NO_FIELD, name=condition.field)
        return
    kind = house.fields[condition.field]
    if kind in TYPES and not _possible(condition, kind):
        found.doubtful((*steps, condition.operator), NEVER_TRUE, type=TYPES[kind])


def _possible(condition: Compared, kind: str) -> bool:
    """Numbers equal only numbers, and texts only texts; only numbers are more or less."""
    if condition.operator == "known":
        return True
    values = condition.value if condition.operator == "in" else [condition.value]
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in values]
    if kind == NUMBER:
        return any(numbers) and condition.operator not in ("contains", "starts_with")
    return not all(numbers) and condition.operator not in ("at_least", "at_most")


def _unknown(placed: Placed, condition: Not, names: walking.Names, found: Found) -> None:
    """An unknown field makes a condition false, and the “not” of it true."""
    inner = condition.not_
    if isinstance(inner, OfField) and inner.operator == "known":
        return
    known = {
        beside.field
        for beside in placed.beside
        if isinstance(beside, OfField) and beside.operator == "known" and beside.value
    }
    for name in sorted(walking.fields(inner, names) - known):
        found.doubtful((*placed.steps, "not"), UNKNOWN_IS_TRUE, name=name)


def _weigh(document: Document, names: walking.Names, found: Found) -> None:
    known: dict[tuple[str, str], int] = {}
    for root in walking.roots(document):
        if walking.weight(root.condition, names, known) > HEAVIEST:
            found.wrong(root.steps, TOO_HEAVY, most=HEAVIEST)


def _circles(document: Document, names: walking.Names, found: Found) -> None:
    """One problem for each name that is reached from itself, at the first one of the circle."""
    done: set[tuple[str, str]] = set()
    for start in names:
        way = _way_back(start, names) if start not in done else []
        if way:
            done.update(way)
            said = " → ".join(name for _kind, name in (*way, start))
            found.wrong(_steps_of(document, start), CIRCLE, way=said)


def _way_back(start: tuple[str, str], names: walking.Names) -> list[tuple[str, str]]:
    """The names from `start` back to itself; none where it does not come back."""
    before: dict[tuple[str, str], tuple[str, str]] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there in walking.references(names[here]):
            if there == start:
                return _back(here, start, before)
            if there in names and there not in before:
                before[there] = here
                waiting.append(there)
    return []


def _back(
    here: tuple[str, str], start: tuple[str, str], before: Mapping[tuple[str, str], tuple[str, str]]
) -> list[tuple[str, str]]:
    way = [here]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _steps_of(document: Document, name: tuple[str, str]) -> Steps:
    kind, called = name
    if kind == "segment":
        return "segments", called
    return "readiness", [one.id for one in document.readiness].index(called), "when"


def _touches(document: Document, house: House, found: Found) -> None:
    if document.leads.open_on.of:
        found.wrong(("leads", "open_on", "of"), OPEN_BY_COMPANY)
    for steps, kind in _unseen(document, house):
        found.doubtful(steps, NEVER_SEEN, kind=kind)


def _unseen(document: Document, house: House) -> Iterator[tuple[Steps, str]]:
    if house.seen is None:
        return
    for steps, pattern in walking.patterns(document):
        for place, kind in enumerate(pattern.kinds):
            if kind not in SHIPPED and not house.seen(kind):
                at = (*steps, "touch") if isinstance(pattern.touch, str) else (*steps, "touch", place)
                yield at, kind
