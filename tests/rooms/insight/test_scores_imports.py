"""What the files of the outside contract mean for scores, where an import could read them otherwise."""

from datetime import UTC, datetime

import pytest

from accord.kernel import clock
from accord.kernel.imports import reading, run
from accord.kernel.instants import BEGINNING
from accord.kernel.traits import Trait
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.people.models import Company, Contact

TODAY = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def bring(house, tmp_path):
    def take(kind, text, *, history=True):
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="utf-8")
        with clock.moved_to(TODAY):
            chosen = run.plain_map(kind, reading.inspect(file).header, history=history)
            made = run.run(run.prepare(file, chosen, by=None, at=TODAY))
        assert made.rejected == 0
        return made

    return take


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_value_of_contact_company_names_the_company_and_an_empty_one_is_none(bring):
    bring(
        "traits",
        "contact,field,value,occurred_at,recorded_at\n"
        "K1,contact.company,Z,2026-01-01,2026-01-03\n"
        "K1,contact.company,,2026-02-01,\n",
    )
    company = Company.objects.get(external_id="Z")
    said = Trait.objects.filter(kind="contact", field="company").order_by("id")
    assert [(row.number, row.occurred_at, row.recorded_at) for row in said] == [
        (company.pk, day("2026-01-01"), day("2026-01-03")),
        (None, day("2026-02-01"), day("2026-02-01")),
    ]
    assert Contact.objects.get(external_id="K1").company is None


def test_what_history_calls_a_company_is_no_news_of_the_day_of_the_import(bring):
    bring("traits", "contact,field,value,occurred_at,company\nK1,company.industry,Steel,2026-01-01,Z\n")
    named = Trait.objects.get(kind="company", field="name")
    assert (named.text, named.recorded_at) == ("Z", BEGINNING)


def test_without_history_a_company_is_named_on_the_day_of_the_import(bring):
    bring("traits", "contact,field,value,occurred_at,company\nK1,company.industry,Steel,2026-01-01,Z\n", history=False)
    assert Trait.objects.get(kind="company", field="name").recorded_at >= TODAY


def test_moves_take_effect_in_the_order_of_time_whatever_the_order_of_rows(bring):
    bring(
        "transitions",
        "contact,move,occurred_at\n"
        "K1,entered,2026-03-01\n"
        "K1,lost,2026-02-01\n"
        "K1,entered,2026-01-01\n",
    )  # fmt: skip
    leads = Lead.objects.order_by("opened_at")
    assert [(lead.opened_at, lead.stage) for lead in leads] == [
        (day("2026-01-01"), "lost"),
        (day("2026-03-01"), "inquiry"),
    ]


def test_an_entry_while_open_is_kept_for_what_a_later_file_may_say(bring):
    bring("transitions", "contact,move,occurred_at\nK1,entered,2026-01-01\nK1,entered,2026-03-01\n")
    assert Lead.objects.count() == 1
    entered = Transition.objects.filter(move="entered").order_by("id")
    assert [(row.lead_id is not None, row.entry, row.occurred_at) for row in entered] == [
        (True, "import", day("2026-01-01")),
        (False, "import", day("2026-03-01")),
    ]
