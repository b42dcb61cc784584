"""Where conditions stand in a document, and what they consist of."""

from collections.abc import Iterator
from dataclasses import dataclass

from accord.rooms.agreement.document.conditions import (
    All,
    AnyOf,
    Condition,
    Count,
    InSegment,
    Not,
    OfField,
    Ready,
    Touches,
)
from accord.rooms.agreement.document.model import Document, Share
from accord.rooms.agreement.document.problems import Steps

Names = dict[tuple[str, str], Condition]
# Made of all, any, not, segment, readiness and field alone; the others may ask everything.
FIELDS_ALONE = ("segments", "readiness", "scope", "scoring")


@dataclass(frozen=True)
class Placed:
    """A condition, the way to it, and the conditions that must hold beside it."""

    steps: Steps
    condition: Condition
    beside: tuple[Condition, ...] = ()

    @property
    def fields_alone(self) -> bool:
        return self.steps[0] in FIELDS_ALONE


def roots(document: Document) -> Iterator[Placed]:
    """Every condition that a part of the document consists of, in its order."""
    if not isinstance(document.scope, Share):
        yield Placed(("scope",), document.scope)
    for name, condition in document.segments.items():
        yield Placed(("segments", name), condition)
    if document.icp is not None:
        yield Placed(("icp",), document.icp)
    for place, indicator in enumerate(document.readiness):
        yield Placed(("readiness", place, "when"), indicator.when)
    for place, stage in enumerate(document.stages or ()):
        if stage.enter is not None and not isinstance(stage.enter, str):
            yield Placed(("stages", place, "enter"), stage.enter)
    for place, rule in enumerate(document.scoring.fit):
        yield Placed(("scoring", "fit", place, "when"), rule.when)
    yield Placed(("qualified",), document.qualified)
    for place, route in enumerate(document.routing):
        yield Placed(("routing", place, "when"), route.when)
    for place, tier in enumerate(document.coverage):
        yield Placed(("coverage", place, "when"), tier.when)


def within(root: Placed) -> Iterator[Placed]:
    """The condition and every condition in it."""
    yield root
    condition, steps = root.condition, root.steps
    if isinstance(condition, All):
        for place, one in enumerate(condition.all):
            yield from within(Placed((*steps, "all", place), one, (*root.beside, *condition.all)))
    elif isinstance(condition, AnyOf):
        for place, one in enumerate(condition.any):
            yield from within(Placed((*steps, "any", place), one, root.beside))
    elif isinstance(condition, Not):
        yield from within(Placed((*steps, "not"), condition.not_, root.beside))


def every(document: Document) -> Iterator[Placed]:
    for root in roots(document):
        yield from within(root)


def patterns(document: Document) -> Iterator[tuple[Steps, Touches]]:
    """Every pattern of touches."""
    yield ("leads", "open_on"), document.leads.open_on
    for place, rule in enumerate(document.scoring.engagement):
        yield ("scoring", "engagement", place, "when"), rule.when
    for placed in every(document):
        if isinstance(placed.condition, Count):
            yield (*placed.steps, "count"), placed.condition.count


def named(document: Document) -> Names:
    """What can be named by a condition: segments, and readiness indicators by their id."""
    segments = {("segment", name): condition for name, condition in document.segments.items()}
    return segments | {("readiness", one.id): one.when for one in document.readiness}


def reference(condition: Condition) -> tuple[str, str] | None:
    """The segment or the readiness indicator that the condition names."""
    if isinstance(condition, InSegment):
        return "segment", condition.segment
    return ("readiness", condition.readiness) if isinstance(condition, Ready) else None


def references(condition: Condition) -> list[tuple[str, str]]:
    found = (reference(placed.condition) for placed in within(Placed((), condition)))
    return [one for one in found if one]


def fields(condition: Condition, names: Names) -> set[str]:
    """Every field that the condition asks, through whatever it names."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [condition]
    while waiting:
        for placed in within(Placed((), waiting.pop())):
            name = reference(placed.condition)
            if isinstance(placed.condition, OfField):
                found.add(placed.condition.field)
            elif name in names and name not in seen:
                seen.add(name)
                waiting.append(names[name])
    return found


def weight(condition: Condition, names: Names, known: dict[tuple[str, str], int] | None = None) -> int:
    """How many conditions it is with everything written out that it names. Something that names itself weighs one."""
    known = {} if known is None else known
    total = 0
    for placed in within(Placed((), condition)):
        name = reference(placed.condition)
        if name in names and name not in known:
            known[name] = 1
            known[name] = weight(names[name], names, known)
        total += known.get(name, 1) if name else 1
    return total


def always(condition: Condition, names: Names, known: dict[tuple[str, str], bool] | None = None) -> bool:
    """Whether it holds for everybody, whatever is known of them. Something that names itself does not."""
    known = {} if known is None else known
    if isinstance(condition, All):
        return all(always(one, names, known) for one in condition.all)
    if isinstance(condition, AnyOf):
        return any(always(one, names, known) for one in condition.any)
    name = reference(condition)
    if name not in names:
        return False
    if name not in known:
        known[name] = False
        known[name] = always(names[name], names, known)
    return known[name]


def takes_everybody(document: Document) -> bool:
    if isinstance(document.scope, Share):
        return document.scope.share >= 1
    return always(document.scope, named(document))
