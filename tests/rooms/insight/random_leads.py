"""Leads with random pasts, as plain rows: what happened, when it was known, what was taken back, who may see it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from accord.kernel import fields, ledger, traits
from accord.kernel.ledger import Retraction
from accord.kernel.traits import Given
from accord.rooms.funnel.facts import LeadMoved, LeadOpened
from accord.rooms.funnel.models import Transition

PLACES = ("inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won")
EXITS = ("lost", "recycled", "disqualified", "joined")
START = datetime(2026, 1, 1, tzinfo=UTC)
ORIGINS = ("fair", "mail", "")
OWNERS = ("mine", "theirs", "")


@dataclass(frozen=True)
class Step:
    lead: int
    move: str
    stage: str
    at: datetime
    known: datetime
    retracted: datetime | None = None


@dataclass(frozen=True)
class World:
    """`origins`, `owners` and `trash` by lead; the last as (when, whether) in the order in which it was told."""

    steps: list[Step]
    origins: dict[int, str]
    owners: dict[int, str]
    entries: dict[int, str]
    trash: dict[int, list[tuple[datetime, bool]]] = field(default_factory=dict)


@st.composite
def worlds(draw, leads=6, steps=7):
    """Steps on few instants, so that many are equal; some learnt late, some retracted, a lead in the trash."""
    made = []
    count = draw(st.integers(1, leads))
    for lead in range(1, count + 1):
        for place in range(draw(st.integers(1, steps))):
            move = "entered" if place == 0 or draw(st.integers(0, 12)) == 0 else "moved"
            stage = draw(st.sampled_from((*PLACES, *PLACES, *EXITS))) if place else draw(st.sampled_from(PLACES[:3]))
            at = START + timedelta(hours=6 * draw(st.integers(0, 100)))
            known = at + timedelta(hours=draw(st.sampled_from((0, 0, 0, 1, 200))))
            retracted = draw(st.sampled_from((None, None, None, None, None, None, known + timedelta(hours=100))))
            made.append(Step(lead, move, stage, at, known, retracted))
    every = range(1, count + 1)
    trash = draw(st.sampled_from(({}, {1: [(START + timedelta(days=14), True)]}, {1: [
        (START + timedelta(days=5), True), (START + timedelta(days=12), False)]})))  # fmt: skip
    return World(
        made,
        {lead: draw(st.sampled_from(ORIGINS)) for lead in every},
        {lead: draw(st.sampled_from(OWNERS)) for lead in every},
        {lead: draw(st.sampled_from(("marketing", "partner"))) for lead in every},
        trash,
    )


def write(world, at, owners):
    """As an import of history writes it; `owners` are the members behind the names."""
    rows = [
        Transition(
            lead_id=step.lead, contact_id=step.lead, move=step.move, to_stage=step.stage, occurred_at=step.at,
            entry=world.entries[step.lead] if step.move == "entered" else None, recorded_at=step.known,
        )
        for step in world.steps
    ]  # fmt: skip
    with ledger.write(at) as writing:
        writing.record(
            LeadOpened(lead=1, contact=1, entry="import"), [*rows, traits.rows(list(_values(world, owners)))]
        )
    pks = Transition.objects.filter(lead_id__isnull=False).order_by("id").values_list("pk", flat=True)
    written = dict(zip(pks, world.steps, strict=True))
    taken = [
        Retraction(table="transition", row_id=pk, reason="wrong", recorded_at=step.retracted)
        for pk, step in written.items()
        if step.retracted
    ]
    if taken:
        with ledger.write(at) as writing:
            writing.record(LeadMoved(1, 1, "reverted", ""), taken)


def _values(world, owners):
    of = fields.of("lead")
    for lead, origin in world.origins.items():
        if origin:
            yield Given(lead, of["origin"], fields.value(of["origin"], origin), START, START)
    for lead, name in world.owners.items():
        if name:
            yield Given(lead, of["owner"], fields.value(of["owner"], owners[name].pk), START, START)
    for lead, told in world.trash.items():
        for when, gone in told:
            yield Given(lead, of["trashed"], fields.value(of["trashed"], gone), when, when)


def known_paths(world, moment, *, origin=None, owner=None):
    """Lead by lead, as known at a moment: the entry, and (since, stage) in the order in which it happened."""
    by_lead = defaultdict(list)
    for order, step in enumerate(world.steps):
        taken_back = step.retracted is not None and step.retracted <= moment
        if step.known <= moment and step.at <= moment and not taken_back:
            by_lead[step.lead].append((step.at, order, step.move, step.stage))
    for lead, rows in sorted(by_lead.items()):
        entries = sorted(row for row in rows if row[2] == "entered")
        gone = [gone for when, gone in world.trash.get(lead, ()) if when <= moment]
        if not entries or (gone and gone[-1]):
            continue
        if (origin is not None and world.origins[lead] != origin) or (owner and world.owners[lead] != owner):
            continue
        entered, _first, _move, stage = entries[0]
        later = sorted((at, order, stage) for at, order, move, stage in rows if move != "entered")
        yield lead, [(entered, stage), *((max(at, entered), stage) for at, _order, stage in later)]


def curve(spans, causes):
    """Aalen-Johansen in fractions for the first cause: (time, share) at each of its ends."""
    still, share, found = Fraction(1), Fraction(0), []
    for time in sorted({span for span, how in spans if how in causes}):
        risk = sum(1 for span, _how in spans if span >= time)
        here = [how for span, how in spans if span == time]
        share += still * Fraction(here.count(causes[0]), risk)
        still *= 1 - Fraction(sum(here.count(cause) for cause in causes), risk)
        found.append((time, share))
    return found


def by_share(found, wanted):
    return next((time for time, share in found if share >= wanted), None)
