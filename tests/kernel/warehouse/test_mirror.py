"""The mirror: complete generations only, nothing twice, nothing missed, in proportion to what is new."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
import time_machine
from django.db import transaction

from accord.kernel import clock, ledger
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import Trait
from accord.kernel.warehouse import manifest, mirror
from accord.kernel.warehouse.generation import generation
from accord.kernel.warehouse.models import LEASE, Held
from accord.kernel.warehouse.tables import FACTS, RETRACTIONS, TRAITS
from accord.rooms.people.facts import ContactCreated
from accord.rooms.people.models import Contact
from accord.rooms.people.tables import LINKS
from accord.rooms.team.models import Member
from accord.rooms.team.tables import MEMBERS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path / "mirror"


def contact(name, at):
    return Contact.create({"name": name, "budget": "0.1"}, by=None, at=at)


def names(read):
    traits = read.table(TRAITS)
    return sorted(traits.filter(traits.field == "name").text.to_pyarrow().to_pylist())


def rows_of(table):
    """Every row by the model, in the order of the mirror's columns."""
    names = [model_name(table.model, name) for name in table.names]
    return [tuple(map(plain, row)) for row in table.model.objects.order_by("id").values_list(*names)]


def plain(value):
    return (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value


def model_name(model, column):
    return next(f.attname for f in model._meta.concrete_fields if f.column == column)


def mirrored(read, table):
    return [tuple(row.values()) for row in read.table(table).order_by("id").to_pyarrow().to_pylist()]


@committed
def test_every_row_is_in_it_once_after_any_number_of_refreshes(home, still):
    for number in range(10):
        contact(f"C{number}", still)
        with generation() as read:
            assert len(names(read)) == number + 1
    with generation() as read:
        assert names(read) == sorted(f"C{number}" for number in range(10))
        kept = mirrored(read, TRAITS)
    assert kept == rows_of(TRAITS)


@committed
def test_values_come_over_as_they_are(home, still):
    contact("思远", still)
    with generation() as read:
        name, budget = (dict(zip(TRAITS.names, row, strict=True)) for row in mirrored(read, TRAITS))
        assert mirrored(read, LINKS) == rows_of(LINKS)
    assert (name["text"], name["norm"], name["number"]) == ("思远", "思远", None)
    assert (budget["number"], budget["asserted"]) == (0.1, False)
    assert budget["occurred_at"] == 1772442000000000  # 2026-03-02 09:00 UTC


@committed
def test_facts_carry_their_payload_as_json(home, still):
    contact("A", still)
    with generation() as read:
        facts = read.table(FACTS)
        payloads = facts.filter(facts.kind == "values_set").payload.to_pyarrow().to_pylist()
    assert [json.loads(payload)["fields"] for payload in payloads] == [["name", "budget"]]


@committed
def test_a_refresh_writes_only_what_is_new(home, still):
    contact("A", still)
    before = mirror.refresh()
    contact("B", still)
    after = mirror.refresh()
    assert after.number == before.number + 1
    assert set(before.tables["traits"].files) < set(after.tables["traits"].files)
    [fresh] = set(after.tables["traits"].files) - set(before.tables["traits"].files)
    highest = before.tables["traits"].high
    assert (fresh.rows, fresh.low, fresh.high) == (2, highest, highest + 2)
    assert after.tables["members"] == before.tables["members"]


@committed
def test_without_news_there_is_no_new_generation(home, still):
    contact("A", still)
    first = mirror.refresh()
    assert mirror.refresh() == first
    assert len(manifest.numbers(home)) == 1


@committed
def test_a_reader_keeps_its_generation_while_the_mirror_goes_on(home, still):
    contact("A", still)
    with generation() as read:
        contact("B", still)
        mirror.refresh()
        assert names(read) == ["A"]
    with generation(read.number) as again:
        assert names(again) == ["A"]
    with generation() as fresh:
        assert names(fresh) == ["A", "B"]


@committed
def test_empty_tables_have_their_columns(home, still):
    with generation() as read:
        assert mirrored(read, RETRACTIONS) == []
        assert tuple(read.table(RETRACTIONS).columns) == RETRACTIONS.names
        assert read.known_at is None


@committed
def test_labels_follow_a_change_that_no_fact_tells(home, still):
    member = Member.join(email="a@house.example", name="Before", role="admin", by=None, at=still)
    mirror.refresh()
    Member.objects.filter(pk=member.pk).update(name="After")
    with generation() as read:
        assert [row[1] for row in mirrored(read, MEMBERS)] == ["After"]


@committed
def test_small_files_are_joined_and_nothing_is_lost(home, still):
    for number in range(70):
        with ledger.write(still) as writing:
            writing.record(ContactCreated(contact=number), [Retraction(table="trait", row_id=number, reason="wrong")])
        last = mirror.refresh()
    kept = last.tables["retractions"]
    # 70 = 1 file of 64 rows and 6 of one row.
    assert [file.rows for file in kept.files] == [64, 1, 1, 1, 1, 1, 1]
    with generation() as read:
        assert [row[RETRACTIONS.names.index("row_id")] for row in mirrored(read, RETRACTIONS)] == list(range(70))


@committed
def test_a_generation_without_one_of_its_files_is_none(home, still):
    contact("A", still)
    whole = mirror.refresh()
    contact("B", still)
    broken = mirror.refresh()
    [fresh] = {f.name for f in broken.tables["traits"].files} - whole.names
    (home / fresh).unlink()
    assert manifest.current(home) == whole
    with generation() as read:
        assert names(read) == ["A", "B"]


@committed
def test_a_writer_that_died_before_its_manifest_leaves_nothing_to_read(home, still):
    contact("A", still)
    mirror.refresh()
    contact("B", still)
    dying = mirror.Writing(home, manifest.current(home), alive=bool)
    dying.next()
    assert len(manifest.numbers(home)) == 1
    with generation() as read:
        assert names(read) == ["A", "B"]


@committed
def test_another_database_under_the_same_folder_is_noticed(home, still):
    contact("A", still)
    contact("B", still)
    mirror.refresh()
    Trait.objects.all().delete()
    Fact.objects.all().delete()
    with generation() as read:
        assert names(read) == []


@committed
def test_a_restored_database_that_went_on_differently_is_noticed(home, still):
    contact("A", still)
    last = Fact.objects.order_by("id").last()
    mirror.refresh()
    # The backup knew nothing of the last fact; its id was given again, at another instant.
    Fact.objects.filter(pk=last.pk).update(stored_at=last.stored_at + timedelta(seconds=1), kind="another")
    with generation() as read:
        facts = read.table(FACTS)
        assert facts.filter(facts.id == last.pk).kind.to_pyarrow().to_pylist() == ["another"]


@pytest.fixture
def computed(home):
    """The names, computed of the traits, and how: all of them anew, or only what was added."""
    how = []

    def asked():
        with generation() as read:
            traits = read.table(TRAITS)

            def build():
                how.append("anew")
                return names(read)

            def extend(before, extent):
                since = traits.filter(traits.id > extent.high[TRAITS.name], traits.field == "name")
                how.append(since.count().to_pyarrow().as_py())
                return sorted(before + since.text.to_pyarrow().to_pylist())

            return read.lasting("names", (TRAITS,), build, extend)

    asked.how = how
    return asked


@committed
def test_what_was_computed_goes_on_with_the_rows_that_were_added(computed, still):
    for number in range(9):  # so many that their files are joined on the way
        contact(f"C{number}", still)
        assert computed() == [f"C{one}" for one in range(number + 1)]
    assert computed() == computed()
    assert computed.how == ["anew", *[1] * 8]


@committed
def test_of_another_database_everything_is_computed_anew(computed, still):
    contact("A", still)
    assert computed() == ["A"]
    Trait.objects.all().delete()
    Fact.objects.all().delete()
    for name in ("B", "C", "D"):
        contact(name, still)
    assert computed() == ["B", "C", "D"]
    assert computed.how == ["anew", "anew"]


@committed
def test_one_writer_at_a_time_and_a_dead_one_loses_the_lease(home, still):
    held = Held.take()
    assert Held.take() is None
    assert held.beat()
    with time_machine.travel(clock.machine() + LEASE + timedelta(seconds=1)):
        other = Held.take()
        assert other
        assert not held.beat()
        held.give_back()
        assert Held.take() is None
        other.give_back()
    assert Held.take()


@committed
def test_a_writer_that_lost_its_lease_publishes_nothing(home, still):
    contact("A", still)
    slow = mirror.Writing(mirror.folder(), manifest.Manifest(), alive=bool).next()
    published = mirror.refresh()
    assert not manifest.publish(home, slow)
    assert manifest.current(home) == published


@committed
def test_old_generations_go_when_no_reader_can_hold_them(home, still):
    for number in range(12):
        contact(f"C{number}", still)
        mirror.refresh()
    orphan = home / "traits-1-dead.parquet"
    pq.write_table(TRAITS.arrow([]), orphan)
    manifest.sweep(home)
    assert len(manifest.numbers(home)) == 12
    assert orphan.exists()
    with time_machine.travel(clock.machine() + manifest.HELD + timedelta(seconds=1)):
        manifest.sweep(home)
    assert manifest.numbers(home) == [12, 11, 10, 9, 8]
    assert not orphan.exists()
    with generation() as read:
        assert len(names(read)) == 12


@committed
def test_a_number_whose_generation_is_gone_is_answered_from_a_fresh_one(home, still):
    contact("A", still)
    with generation(4711) as read:
        assert names(read) == ["A"]


@committed
def test_what_is_not_committed_stays_out_of_the_files_of_all(home, still):
    contact("A", still)
    mirror.refresh()
    with transaction.atomic():
        contact("B", still)
        with generation() as read:
            assert names(read) == ["A", "B"]
        transaction.set_rollback(True)
    with generation() as read:
        assert names(read) == ["A"]


@committed
def test_a_rolled_back_transaction_leaves_no_gap(home, still):
    contact("A", still)
    mirror.refresh()
    with transaction.atomic():
        contact("never", still)
        transaction.set_rollback(True)
    contact("B", still)
    with generation() as read:
        assert names(read) == ["A", "B"]
