"""Leads that people place in a stage before the rule holds: only with a reason, and counted."""

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead, NeedsReason, Transition
from accord.rooms.people.models import Contact
from tests.remembered import remembered
from tests.web.insight.test_funnel_page import tables
from tests.web.page import main, rows
from tests.web.scoring.conftest import on, touched


def moved(browser, lead, name, **said):
    with clock.moved_to(on("01-05")):
        return browser.post(f"/leads/{lead.pk}/moves/", {"name": name, "stage": lead.stage, **said})


@pytest.mark.parametrize("name", ["to_mql", "to_sal", "to_sql", "to_opportunity", "won"])
def test_an_override_is_asked_for_its_reason(opened, cast, as_, name):
    answer = moved(as_(cast.felix), opened.lead, name)
    page = main(answer)
    assert answer.status_code == 422
    assert "The agreement does not qualify this lead yet" in page
    assert "Missing: 2 of 5 × download" in page
    assert "Say why in a few words" in page
    opened.lead.refresh_from_db()
    assert opened.lead.stage == "engaged"


def test_with_a_reason_it_is_made_and_the_reason_stays_with_it(opened, cast, as_, signed):
    assert moved(as_(cast.felix), opened.lead, "to_sal", reason="Met at the fair").status_code == 302
    step = Transition.objects.filter(lead_id=opened.lead.pk).latest("id")
    assert (step.to_stage, step.reason, step.by_id, step.version_id) == (
        "sal", "Met at the fair", cast.felix.pk, signed.pk,
    )  # fmt: skip


def test_the_lead_page_leads_to_the_question(opened, cast, as_):
    with clock.moved_to(on("01-05")):
        body = as_(cast.felix).get(f"/leads/{opened.lead.pk}/").content.decode()
    assert f'href="/leads/{opened.lead.pk}/moves/?name=to_mql"' in body


def test_a_qualified_lead_goes_on_without_a_reason(opened, cast, as_):
    for day in ("01-03", "01-04", "01-05"):
        touched(opened.contact, "download", day)
    opened.lead.refresh_from_db()
    assert opened.lead.stage == "mql"
    assert moved(as_(cast.felix), opened.lead, "to_sal").status_code == 302


def test_a_returned_lead_needs_one_again(opened, cast, as_):
    for day in ("01-03", "01-04", "01-05"):
        touched(opened.contact, "download", day)
    opened.lead.refresh_from_db()
    moved(as_(cast.felix), opened.lead, "returned", reason="no need")
    opened.lead.refresh_from_db()
    assert moved(as_(cast.felix), opened.lead, "to_mql").status_code == 422


def test_what_no_rule_judges_needs_none(signed, k1, k_free, cast, at):
    with clock.moved_to(on("01-05")):
        lead = Lead.open(k1, entry="own_prospecting", by=cast.felix.pk, at=on("01-05"))
        lead.move("to_sal", by=cast.felix.pk, at=on("01-05"))
    assert lead.stage == "sal"


def test_before_any_agreement_there_is_nothing_to_override(k_free, cast, at):
    lead = Lead.open(k_free, entry="marketing", by=cast.felix.pk, at=at)
    lead.move("to_mql", by=cast.felix.pk, at=at)
    assert lead.stage == "mql"


def test_the_verb_itself_refuses(opened, cast):
    with pytest.raises(NeedsReason):
        opened.lead.move("to_mql", by=cast.felix.pk, at=on("01-05"), reason="  ")


@pytest.fixture
@remembered
def four(signed, cast):
    """Overridden leads with four ends: one each won, lost, returned and open; three by Felix, one by Saul."""
    with clock.moved_to(on("01-05")):
        leads = {}
        for name in ("won", "lost", "returned", "open"):
            contact = Contact.create({"name": f"Called {name}"}, by=None, at=on("01-05"))
            lead = leads[name] = Lead.open(contact, entry="marketing", by=None, at=on("01-05"), owner=cast.felix)
            by = cast.saul if name == "open" else cast.felix
            lead.move("to_sal", by=by.pk, at=on("01-05"), reason="Fair" if name != "lost" else "Old friend")
            if name != "open":
                lead.move(name, by=cast.felix.pk, at=on("01-05"), reason="so it is")
    return leads


def test_overrides_are_counted_by_person_reason_and_outcome(four, cast, as_):
    page = as_(cast.saul).get("/overrides/")
    both, people, reasons, latest = tables(page)
    assert [row[:6] for row in both] == [
        ["Placed by people", "4", "1", "1", "1", "1"], ["Qualified by the rule", "0", "0", "0", "0", "0"],
    ]  # fmt: skip
    assert [row[:6] for row in people] == [
        ["Felix Roth", "3", "1", "1", "1", "0"],
        ["Saul Stein", "1", "0", "0", "0", "1"],
    ]
    assert [row[:6] for row in reasons] == [["Fair", "3", "1", "0", "1", "1"], ["Old friend", "1", "0", "1", "0", "0"]]
    assert sorted((row[0], row[1], row[3], row[4], row[5]) for row in latest)[0] == (
        "Called lost", "SAL", "FR Felix Roth", "Old friend", "Left",
    )  # fmt: skip
    assert "It is too early to compare the two." in main(page)


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("measure=won", ["Called won"]),
        ("measure=placed&stage=reason:Old+friend", ["Called lost"]),
        ("measure=returned&stage=reason:Fair", ["Called returned"]),
        ("measure=placed&stage=person:nonsense", []),
        ("measure=placed&stage=rule", []),
    ],
)
def test_every_number_leads_to_its_leads(four, cast, as_, asked, there):
    page = as_(cast.mila).get(f"/insight/leads/?report=overrides&{asked}")
    assert [row[0] for row in rows(page)] == there if there else "No lead is behind this number" in main(page)


def test_who_may_not_see_them_gets_no_file_and_no_list_either(four, cast, as_):
    addresses = ("/insight/overrides/figures.csv", "/insight/leads/?report=overrides&measure=won")
    assert [as_(cast.felix).get(address).status_code for address in addresses] == [403, 403]
    lines = as_(cast.eva).get(addresses[0]).content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("all,,4,1,1,1,1,0.25,")


def test_without_overrides_the_page_says_what_will_be_there(signed, cast, as_):
    assert "Nobody has overridden the agreement" in main(as_(cast.eva).get("/overrides/"))


def test_a_time_without_overrides_is_told_from_a_house_without_any(four, cast, as_):
    page = main(as_(cast.mila).get("/overrides/", {"to": "2020-01-01"}))
    assert "Nobody overrode the agreement in this time" in page
    assert "Nobody has overridden the agreement" not in page


@pytest.mark.parametrize(
    ("who", "status"), [("mila", 200), ("saul", 200), ("eva", 200), ("ada", 200), ("felix", 403), ("paula", 403)]
)
def test_leads_and_executives_see_them(signed, cast, as_, who, status):
    assert as_(getattr(cast, who)).get("/overrides/").status_code == status
