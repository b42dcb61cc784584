"""The audit names exactly the record that somebody changed behind the verbs, and the invariant that is broken."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import F
from typer.testing import CliRunner

from accord.cli.app import app
from accord.kernel.audit import invariants
from accord.kernel.imports.models import FlaggedRow, Import, ImportedRecord, ImportKey, RejectedRow
from accord.kernel.instants import MICROSECOND
from accord.kernel.journal import Parked, Pending
from accord.kernel.ledger import Fact, LedgerInstant, Retraction
from accord.kernel.search import SearchEntry
from accord.kernel.traits import FieldNow, Trait
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Deal
from accord.rooms.people.models import Contact
from accord.rooms.team.models import House, Member
from tests import audited
from tests.audited import house_once, told, violations

__all__ = ["house_once"]

pytestmark = [pytest.mark.both]
NOBODY = 10**9


@pytest.fixture
def world(house_once, db):
    return deepcopy(house_once)


def last(model):
    return model.objects.order_by("-id").first()


def test_a_house_that_was_told_everything_by_verbs_and_files_has_no_violation(world):
    found = invariants.run()
    assert found.violations == []
    # Every lead is looked at by one_stage, by both halves of conservation, by origin and by trash, to begin with.
    assert found.checked > 500


def test_every_invariant_has_a_name_that_stays():
    assert set(invariants.names()) == {
        "ledger_order", "ledger_fact", "ledger_instant", "retractions", "values", "search", "search_index",
        "import_counts", "import_keys", "import_records", "import_reverted", "pending", "mirror",
        "administrator", "active", "absences", "links", "own_identity", "addresses", "merges", "origin", "trash",
        "touch_owner",
        "signed_text", "both_signed", "one_in_force",
        "one_stage", "conservation", "one_open_passage", "transitions", "deals",
        "accountable", "handoffs", "clocks", "kept_promises", "due_clocks",
    }  # fmt: skip


def test_a_row_recorded_after_it_was_stored(world):
    row = last(Touch)
    Touch.objects.filter(pk=row.pk).update(recorded_at=row.stored_at + MICROSECOND)
    assert violations() == {("ledger_order", f"touch:{row.pk}")}


def test_a_row_that_happened_after_it_was_recorded(world):
    row = last(Touch)
    Touch.objects.filter(pk=row.pk).update(occurred_at=row.recorded_at + MICROSECOND)
    assert violations() == {("ledger_order", f"touch:{row.pk}")}


def test_a_row_stored_before_the_one_ahead_of_it_and_apart_from_its_fact(world):
    row = last(Touch)
    Touch.objects.filter(pk=row.pk).update(stored_at=row.stored_at - MICROSECOND)
    assert violations() == {("ledger_order", f"touch:{row.pk}"), ("ledger_fact", f"touch:{row.pk}")}


def test_the_order_is_looked_at_across_stretches(world):
    whole = invariants.run()
    assert invariants.run(stretch=1) == replace(whole, stretch=1)
    row = last(Touch)
    Touch.objects.filter(pk=row.pk).update(stored_at=row.stored_at - MICROSECOND)
    broken = [(one.invariant, one.record) for one in invariants.run(stretch=1).violations]
    assert broken == [("ledger_order", f"touch:{row.pk}"), ("ledger_fact", f"touch:{row.pk}")]


def test_a_row_whose_fact_does_not_exist(world):
    row = last(Touch)
    Touch.objects.filter(pk=row.pk).update(fact_id=NOBODY)
    assert violations() == {("ledger_fact", f"touch:{row.pk}")}


def test_a_fact_later_than_the_last_instant_of_the_ledger(world):
    LedgerInstant.objects.update(last=last(Fact).stored_at - MICROSECOND)
    assert violations() == {("ledger_instant", f"fact:{last(Fact).pk}")}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"table": "touch", "row_id": NOBODY}, f"takes back touch:{NOBODY}, which does not exist"),
        ({"retracted_fact_id": NOBODY}, f"takes back fact {NOBODY}, which does not exist"),
        ({"table": "contact", "row_id": 1}, "takes back neither one row of the ledger nor one fact"),
        ({}, "takes back neither one row of the ledger nor one fact"),
    ],
)
def test_a_retraction_of_nothing(world, wrong, what):
    fact = last(Fact)
    row = audited.take_back(fact, **wrong)
    assert violations() == {("retractions", f"retraction:{row.pk}")}
    assert told(f"retraction:{row.pk}") == [what]


def test_a_value_that_no_trait_says(world):
    row = FieldNow.objects.get(kind="contact", record=world.kim.pk, field="title")
    FieldNow.objects.filter(pk=row.pk).update(text="Janitor")
    assert told(f"contact:{world.kim.pk}") == ["title: field_now is not what its newest trait says"]
    FieldNow.objects.filter(pk=row.pk).update(text=row.text, norm=None)
    assert violations() == {("values", f"contact:{world.kim.pk}")}
    FieldNow.objects.filter(pk=row.pk).update(norm=row.norm, occurred_at=row.occurred_at + MICROSECOND)
    assert violations() == {("values", f"contact:{world.kim.pk}")}


def test_a_number_that_no_trait_says(world):
    FieldNow.objects.filter(kind="company", record=world.company.pk, field="employees").update(number=121)
    assert violations() == {("values", f"company:{world.company.pk}")}


def test_a_value_that_is_lost(world):
    FieldNow.objects.filter(kind="lead", record=world.lead.pk, field="origin").delete()
    assert violations() == {("values", f"lead:{world.lead.pk}")}
    assert told(f"lead:{world.lead.pk}") == ["origin: known by a trait, and not in field_now"]


def test_a_value_out_of_nowhere(world, at):
    FieldNow.objects.create(
        kind="deal", record=world.deal.pk, field="closer", text="x", norm="x", occurred_at=at, recorded_at=at
    )
    assert violations() == {("values", f"deal:{world.deal.pk}")}
    assert told(f"deal:{world.deal.pk}") == ["closer: in field_now, and no standing trait says so"]


COLUMNS = [
    ("contact", "kim", "phone", "'0'"),
    ("contact", "other", "company_id", "(SELECT max(id) FROM company)"),
    ("company", "company", "domain", "'x.example'"),
    ("deal", "deal", "amount_minor", "amount_minor + 1"),
    ("lead", "open_lead", "owner_id", "NULL"),
    ("member", "saul", "role", "'executive'"),
    ("team", "team", "side", "'none'"),
    ("house", "house", "zone", "'Asia/Shanghai'"),
]


def test_a_column_that_is_not_what_its_newest_trait_says(world):
    expected = set()
    for table, which, column, value in COLUMNS:
        record = getattr(world, which).pk
        with connection.cursor() as cursor:
            cursor.execute(f'UPDATE "{table}" SET {column} = {value} WHERE id = {record}')
        expected.add((f"{table}:{record}", {"amount_minor": "amount"}.get(column, column.removesuffix("_id"))))
    found = {(one.record, one.what) for one in invariants.run().violations if one.invariant == "values"}
    assert found == {(record, f"{slug}: the record is not what its newest trait says") for record, slug in expected}


def test_a_column_that_has_lost_or_never_had_what_its_traits_say(world):
    """The house settled its currency and the fiscal year, never its calendar."""
    House.objects.update(currency="EUR", fiscal_year_start=1, calendar="FR")
    Member.objects.filter(pk=world.saul.pk).update(team=None)
    Deal.objects.filter(pk=world.deal.pk).update(name="")
    assert violations() == {
        ("values", "house:1"),
        ("values", f"member:{world.saul.pk}"),
        ("values", f"deal:{world.deal.pk}"),
        ("search", f"deal:{world.deal.pk}"),
    }
    assert told("house:1") == [
        f"{slug}: the record is not what its newest trait says"
        for slug in ("currency", "fiscal_year_start", "calendar")
    ]


def test_the_newest_trait_is_the_later_recorded_one_then_the_later_written_one(world):
    """Of two values for the same instant; the cache says the one that is not the newest."""
    newest = Trait.objects.filter(kind="contact", record=world.kim.pk, field="title").order_by("-occurred_at").first()
    fact = last(Fact)
    newest.pk, newest.fact_id, newest.stored_at = None, fact.pk, fact.stored_at
    newest.text = newest.norm = "founder"
    newest.save()
    assert violations() == {("values", f"contact:{world.kim.pk}")}
    Trait.objects.filter(pk=newest.pk).update(recorded_at=newest.recorded_at - MICROSECOND)
    assert violations() == set()


def test_a_key_to_sort_by_that_the_name_does_not_make(world):
    Contact.objects.filter(pk=world.other.pk).update(sort_key="chen")
    assert violations() == {("values", f"contact:{world.other.pk}")}
    assert told(f"contact:{world.other.pk}") == ["sort_key is not what name makes of it"]


def test_a_value_of_a_record_that_does_not_exist(world):
    row = last(Trait)
    Trait.objects.filter(pk=row.pk).update(record=NOBODY)
    assert ("values", f"{row.kind}:{NOBODY}") in violations()


def test_words_that_search_has_wrong_or_lacks(world):
    kim = SearchEntry.objects.filter(kind="contact", record=world.kim.pk)
    other = SearchEntry.objects.filter(kind="contact", record=world.other.pk)
    words = kim.get().words
    kim.update(words=words.replace("kim", "kym"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("UPDATE search_entry SET pairs = '{}' WHERE id = %s", [other.get().pk])
        else:
            cursor.execute("DELETE FROM search_index_docsize WHERE id = %s", [other.get().pk])
    of_kim, of_other = f"contact:{world.kim.pk}", f"contact:{world.other.pk}"
    wrong_tokens = {("search_index", of_kim)} if connection.vendor == "postgresql" else set()
    assert violations() - wrong_tokens == {("search", of_kim), ("search_index", of_other)}
    kim.update(words=words)
    other.delete()
    assert violations() - wrong_tokens == {("search", of_other)}


def test_search_finds_what_is_in_the_trash_or_nowhere(world, at):
    Contact.objects.filter(pk=world.other.pk).update(trashed_at=at)
    SearchEntry.objects.filter(kind="company", record=world.company.pk).update(record=NOBODY)
    assert {record for name, record in violations() if name == "search"} == {
        f"contact:{world.other.pk}", f"company:{world.company.pk}", f"company:{NOBODY}",
    }  # fmt: skip


def test_counts_of_an_import_that_do_not_add_up(world):
    made = Import.objects.filter(pk=world.files["contacts"].pk)
    for column in ("rows", "created", "updated", "unchanged", "rejected", "flagged"):
        made.update(**{column: F(column) + 1})
        assert violations() == {("import_counts", f"import:{made.get().pk}")}
        made.update(**{column: F(column) - 1})
    made.update(created=F("created") - 1, updated=F("updated") + 1)  # the sum is right, and the facts say otherwise
    assert violations() == {("import_counts", f"import:{made.get().pk}")}


def test_rows_that_an_import_kept_and_did_not_count(world):
    contacts, leads = world.files["contacts"].pk, world.files["leads"].pk
    RejectedRow.objects.create(file_id=contacts, line=2, reason="test", cells=[])
    FlaggedRow.objects.create(file_id=leads, line=2, reason="test")
    assert violations() == {("import_counts", f"import:{contacts}"), ("import_counts", f"import:{leads}")}


def test_an_import_still_running_is_not_counted(world):
    Import.objects.filter(pk=world.files["contacts"].pk).update(finished_at=None, rows=F("rows") + 1)
    assert violations() == set()


def test_a_key_that_stands_for_nothing(world):
    keys = [ImportKey.objects.filter(kind=kind).first().pk for kind in audited.FILES]
    ImportKey.objects.filter(pk__in=keys).update(record=NOBODY)
    assert violations() == {("import_keys", f"import_key:{key}") for key in keys}
    assert len(keys) == 7


def test_a_record_of_an_import_that_does_not_exist(world):
    fact = last(ImportedRecord)
    ImportedRecord.objects.filter(pk=fact.pk).update(record=NOBODY, created=False, kind="company")
    assert ("import_records", f"company:{NOBODY}") in violations()


def test_a_reverted_import_of_which_something_is_left(world):
    taken_back = f"import:{world.reverted.pk}"
    key = ImportKey.objects.filter(made_by=world.files["touches"].pk).first()
    ImportKey.objects.filter(pk=key.pk).update(made_by=world.reverted.pk)
    assert violations() == {("import_reverted", taken_back)}
    ImportKey.objects.filter(pk=key.pk).update(made_by=world.files["touches"].pk)
    Retraction.objects.filter(reason="revert").delete()
    assert violations() == {("import_reverted", taken_back)}


@pytest.mark.parametrize("model", [Pending, Parked])
def test_what_waits_for_nothing(world, at, model):
    more = {"error": "test", "parked_at": at} if model is Parked else {}
    table = model._meta.db_table
    fact = last(Fact).pk
    good = model.objects.create(fact_id=fact, reaction="funnel.join_passages", **more)
    assert violations() == set()
    model.objects.filter(pk=good.pk).update(fact_id=NOBODY)
    assert told(f"{table}:{good.pk}") == [f"names fact {NOBODY}, which does not exist"]
    model.objects.filter(pk=good.pk).update(fact_id=fact, reaction="funnel.gone")
    assert violations() == {("pending", f"{table}:{good.pk}")}
    assert told(f"{table}:{good.pk}") == ["waits for funnel.gone, which is no reaction"]


def test_the_command_tells_json_and_ends_well_where_nothing_is_wrong(world):
    result = CliRunner().invoke(app, ["audit", "--json"])
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["violations"] == []
    assert answer["checked"] > 500


def test_the_command_names_what_is_wrong_and_ends_with_status_1(world):
    FieldNow.objects.filter(kind="contact", record=world.kim.pk, field="title").update(text="Janitor")
    result = CliRunner().invoke(app, ["audit", "--json"])
    assert result.exit_code == 1
    what = "title: field_now is not what its newest trait says"
    assert json.loads(result.stdout)["violations"] == [
        {"invariant": "values", "record": f"contact:{world.kim.pk}", "what": what}
    ]
    shown = CliRunner().invoke(app, ["audit"])
    assert shown.exit_code == 1
    assert f"contact:{world.kim.pk}" in shown.stdout
    assert "1 violations" in shown.stdout
