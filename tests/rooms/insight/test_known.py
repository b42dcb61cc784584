"""What is known of each contact at any two instants: the mirror's expressions against a plain reading of the tables."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accord.kernel import clock, fields, ledger, traits
from accord.kernel.instants import BEGINNING, to_micros
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import Given, Trait
from accord.kernel.warehouse import known as warehouse
from accord.kernel.warehouse.generation import generation
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.insight import known
from accord.rooms.people.models import CannotMerge, Contact, Identity, Link, Merge

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS, PEOPLE, DEVICES = 6, 2, 2
WRITTEN = TouchLogged(contact=1, kind="page")  # any fact will do: it is the rows that count
ALL = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


days = st.integers(0, DAYS)
learnt = st.none() | days  # None: as it is written; else history that says when it was known
people, devices = st.integers(0, PEOPLE - 1), st.integers(0, DEVICES - 1)
acts = st.one_of(
    st.tuples(st.just("touch"), devices, days, learnt, st.booleans()),
    st.tuples(st.just("identify"), devices, st.none() | people, learnt),
    st.tuples(st.just("value"), people, st.just("title"), st.sampled_from(["7", "8", ""]), days, learnt),
    st.tuples(st.just("judge"), st.integers(0, 20), st.booleans(), learnt),
    st.tuples(st.just("merge"), people, people),
    st.tuples(st.just("unmerge"), st.integers(0, 3)),
    st.tuples(st.just("revert"), st.integers(0, 30), st.booleans()),
    st.tuples(st.just("retract"), st.sampled_from(["touch", "link", "verdict", "trait"]), st.integers(0, 30)),
)
histories = st.lists(acts, min_size=15, max_size=40)
moments = st.lists(st.tuples(days, days), min_size=3, max_size=4, unique=True)


# Told in another order than it happened: what is learnt last is not what is true last, nor the other way round.
OUT_OF_ORDER = [
    ("touch", 0, 1, 2, False), ("touch", 0, 2, 1, True), ("touch", 1, 3, 3, False),
    ("identify", 0, 0, 4), ("identify", 0, 1, 2), ("identify", 1, 1, 5), ("identify", 1, None, 3),
    ("judge", 0, True, 5), ("judge", 0, False, 3), ("judge", 1, False, 4),
    ("value", 0, "title", "7", 3, 3), ("value", 0, "title", "8", 1, 5), ("value", 0, "title", "", 4, 5),
    ("value", 1, "title", "7", 2, 4), ("value", 1, "title", "8", 2, 2), ("value", 1, "title", "7", 2, 4),
    ("merge", 0, 1), ("touch", 1, 4, 4, False), ("unmerge", 0), ("retract", "link", 3),
    ("revert", 9, True), ("revert", 6, False),
]  # fmt: skip
EVERY = [(t, k) for t in (1, 2, 3, 5) for k in range(1, 7)]


class World:
    """Acts a history out, one act half a day after the other."""

    def __init__(self) -> None:
        self.at = START
        self.people = [Contact.create({"name": f"P{i}"}, by=None, at=START, external_id=f"p{i}") for i in range(PEOPLE)]
        self.devices = [Identity.of("anonymous", f"d{i}") for i in range(DEVICES)]

    def act(self, what: str, *how) -> None:
        self.at += timedelta(hours=12)
        with clock.moved_to(self.at):
            getattr(self, what)(*how)

    def record(self, fact, rows) -> None:
        with ledger.write(self.at) as writing:
            writing.record(fact, rows)

    def touch(self, device, occurred, recorded, machine) -> None:
        identity = self.devices[device].pk
        row = Touch(
            identity_id=identity,
            kind="page",
            machine=machine,
            occurred_at=day(occurred),
            recorded_at=known_at(recorded),
        )
        self.record(WRITTEN, [row])

    def identify(self, device, person, recorded) -> None:
        contact = None if person is None else self.people[person].pk
        identity = self.devices[device].pk
        row = Link(identity_id=identity, contact_id=contact, recorded_at=known_at(recorded))
        self.record(WRITTEN, [row])

    def value(self, person, slug, value, occurred, recorded) -> None:
        field = fields.of("contact")[slug]
        kept = fields.value(field, value)
        given = [Given(self.people[person].pk, field, kept, day(occurred), known_at(recorded))]
        self.record(WRITTEN, [traits.rows(given)])

    def judge(self, number, machine, recorded) -> None:
        if touches := list(Touch.objects.order_by("id")):
            touch = touches[number % len(touches)].pk
            self.record(WRITTEN, [Verdict(touch_id=touch, machine=machine, recorded_at=known_at(recorded))])

    def merge(self, survivor, loser) -> None:
        kept, gone = (Contact.objects.get(pk=self.people[i].pk) for i in (survivor, loser))
        try:
            with transaction.atomic():
                Merge.of(kept, gone, reason="same", by=None, at=self.at)
        except CannotMerge:
            pass

    def unmerge(self, number) -> None:
        if merges := list(Merge.objects.filter(undone_at=None).order_by("id")):
            merges[number % len(merges)].undo(by=None, at=self.at)

    def revert(self, number, history) -> None:
        facts = list(Fact.objects.order_by("id").values_list("id", flat=True))
        row = Retraction(
            retracted_fact_id=facts[number % len(facts)], reason="revert", recorded_at=BEGINNING if history else None
        )
        self.record(WRITTEN, [row])

    def retract(self, table, number) -> None:
        model = {"touch": Touch, "link": Link, "verdict": Verdict, "trait": Trait}[table]
        if rows := list(model.objects.order_by("id").values_list("id", flat=True)):
            self.record(
                WRITTEN,
                [Retraction(table=table, row_id=rows[number % len(rows)], reason="wrong")],
            )


def known_at(number):
    return None if number is None else day(number)


def plain_touches(t, k):
    """Straight from the agreement's text, row by row."""
    counting = {}
    for touch in stands(Touch, k):
        if touch.occurred_at > t:
            continue
        links = [link for link in stands(Link, k) if link.identity_id == touch.identity_id]
        verdicts = [verdict for verdict in stands(Verdict, k) if verdict.touch_id == touch.pk]
        machine = newest(verdicts).machine if verdicts else touch.machine
        owner = newest(links).contact_id if links else None
        if owner is not None and not machine:
            counting[touch.pk] = owner
    return counting


def plain_values(t, k):
    found = {}
    for trait in stands(Trait, k):
        key = (trait.kind, trait.record, trait.field)
        if trait.occurred_at <= t:
            found.setdefault(key, []).append(trait)
    latest = {key: max(rows, key=lambda r: (r.occurred_at, r.recorded_at, r.pk)) for key, rows in found.items()}
    return {key: (row.text, row.number) for key, row in latest.items() if row.text is not None}


def stands(model, k):
    taken = [r for r in Retraction.objects.all() if r.recorded_at <= k]
    facts = {r.retracted_fact_id for r in taken if r.retracted_fact_id}
    rows = {r.row_id for r in taken if r.table == model._meta.db_table}
    return [r for r in model.objects.all() if r.recorded_at <= k and r.fact_id not in facts and r.pk not in rows]


def newest(rows):
    return max(rows, key=lambda row: (row.recorded_at, row.pk))


def mirrored_touches(read, t, k):
    rows = known.counting(read, t, k).select("id", "contact_id").to_pyarrow().to_pylist()
    return {row["id"]: row["contact_id"] for row in rows}


def mirrored_values(read, t, k):
    rows = warehouse.values(warehouse.standing(read, TRAITS, k), t).select("kind", "record", "field", "text", "number")
    cells = (tuple(row.values()) for row in rows.to_pyarrow().to_pylist())
    return {(kind, record, field): (text, number) for kind, record, field, text, number in cells}


def agrees(history, instants) -> None:
    with transaction.atomic():
        with clock.moved_to(START):
            world = World()
        for act in history:
            world.act(*act)
        with generation() as read:
            for as_of, known_on in [*instants, (DAYS * 2, DAYS * 2)]:
                t, k = day(as_of), day(known_on) + timedelta(hours=1)
                assert mirrored_touches(read, to_micros(t), to_micros(k)) == plain_touches(t, k)
                assert mirrored_values(read, to_micros(t), to_micros(k)) == plain_values(t, k)
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=ALL)
@example(history=OUT_OF_ORDER, instants=EVERY)
@given(history=histories, instants=moments)
def test_any_history_reads_the_same_from_the_mirror(db, history, instants):
    agrees(history, instants)


@pytest.mark.prove
def test_any_history_reads_the_same_on_spark(db, settings):
    settings.WAREHOUSE = "pyspark://local[2]"

    @prove
    @given(history=histories, instants=moments)
    def reads_the_same(history, instants):
        agrees(history, instants)

    reads_the_same()


prove = settings(max_examples=10, deadline=None, suppress_health_check=ALL)


def test_a_visitor_who_is_identified_later_is_known_from_then_on(db, still):
    with transaction.atomic():
        with clock.moved_to(START):
            world = World()
        for occurred in (1, 2, 3):
            world.act("touch", 0, occurred, occurred, False)
        world.act("identify", 0, 1, 9)
        with generation() as read:
            before, after = (mirrored_touches(read, to_micros(day(4)), to_micros(day(k))) for k in (8, 9))
        assert before == {}
        assert list(after.values()) == [world.people[1].pk] * 3
