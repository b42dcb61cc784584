"""The page of a contact: what passed, what is known, and what was known."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock, fields, journal, traits
from accord.kernel.ledger import write
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact, Identity, Merge, Note
from tests.web.page import main, more

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def anna(cast, at) -> Contact:
    with clock.moved_to(at - 10 * DAY):
        company = Company.create({"name": "Волга"}, by=cast.mara.pk, at=clock.now())
        values = {"name": "Анна Белова", "email": "anna@volga.example", "title": "Инженер", "company": company.pk}
        return Contact.create(values, by=cast.mara.pk, at=clock.now())


def touch(contact: Contact, at, count: int = 1, **values) -> None:
    """Touches of the contact, the newest at `at`, one an hour."""
    identity = Identity.of("email", contact.email)
    rows = [
        (
            identity.pk,
            values.get("kind", "page"),
            values.get("machine", False),
            None,
            None,
            None,
            {"path": f"/{i}"},
            at - i * HOUR,
        )
        for i in range(count)
    ]
    columns = ["identity_id", "kind", "machine", "asset", "campaign", "channel", "properties", "occurred_at"]
    with clock.moved_to(at), write(at) as writing:
        writing.record(TouchLogged(contact=contact.pk, kind="page"), [Touch.rows(columns, rows)])


def at_page(browser, contact: Contact, **params):
    answer = browser.get(f"/contacts/{contact.pk}/", params)
    assert answer.status_code == 200
    return answer


def lines(answer) -> list[str]:
    """The titles on the timeline, top first."""
    body = answer.content.decode().split('id="lines"')[1].split("</section>")[0]
    return [part.split(">")[-1] for part in body.split("</b>")[:-1]] if "rec" not in body else _linked(body)


def _linked(body: str) -> list[str]:
    bolds = [part.split('<b class="med">')[-1] for part in body.split("</b>")[:-1]]
    return [bold.replace("</a>", "").split(">")[-1] for bold in bolds]


def test_the_head_says_who_it_is(anna, cast, as_):
    answer = at_page(as_(cast.mara), anna)
    assert "Анна Белова Инженер · Волга" in main(answer)


def test_touches_and_facts_are_one_timeline_newest_first(anna, cast, as_, at):
    touch(anna, at - 5 * DAY, kind="download")
    with clock.moved_to(at - 4 * DAY):
        Lead.open(anna, entry="referral", owner=cast.ines, by=cast.ines.pk, at=clock.now())
    touch(anna, at - 3 * DAY, kind="call_out")
    with clock.moved_to(at - 2 * DAY):
        Note.write(anna, "Two pumps leak.", by=cast.felix, at=clock.now())
    with clock.moved_to(at):
        answer = at_page(as_(cast.mara), anna)
    assert lines(answer) == ["Note", "Was called", "Lead opened", "Downloaded", "Contact created"]
    assert "Two pumps leak." in main(answer)


def told(contact: Contact, at, **properties) -> None:
    """A call of which a system outside tells, with whatever it says of it."""
    identity = Identity.of("email", contact.email)
    columns = ["identity_id", "kind", "machine", "asset", "campaign", "channel", "properties", "occurred_at"]
    rows = Touch.rows(columns, [(identity.pk, "call_out", False, None, None, None, properties, at)])
    with clock.moved_to(at):
        Touch.take(rows, source="x", at=at)


@pytest.mark.parametrize("said", [{"member": 10**30}, {"member": [1]}, {"outcome": ["reached"]}, {"mail": {"id": 1}}])
def test_what_comes_from_outside_says_nothing_of_who_of_us_has_called(anna, cast, as_, at, said):
    told(anna, at - DAY, **{"member": cast.saul.pk, "outcome": "reached", **said})
    answer = at_page(as_(cast.mara), anna)
    assert lines(answer) == ["Was called", "Contact created"]
    assert cast.saul.name not in main(answer).split("Timeline")[1]


def test_a_side_is_chosen(anna, cast, as_, at):
    touch(anna, at - 5 * DAY, kind="download")
    touch(anna, at - 4 * DAY, kind="call_out")
    with clock.moved_to(at - 3 * DAY):
        Note.write(anna, "From marketing", by=cast.mara, at=clock.now())
    assert lines(at_page(as_(cast.mara), anna, side="sales")) == ["Was called"]
    assert lines(at_page(as_(cast.mara), anna, side="marketing")) == ["Note", "Downloaded"]


def test_machines_can_be_hidden_and_a_verdict_decides_who_is_one(anna, cast, as_, at):
    touch(anna, at - 5 * DAY, kind="email_click", machine=True)
    touch(anna, at - 4 * DAY, kind="email_open")
    touch(anna, at - 3 * DAY, kind="form")
    click, opened, _form = Touch.objects.order_by("id")
    with clock.moved_to(at - 2 * DAY), write(clock.now()) as writing:
        verdicts = [Verdict(touch_id=click.pk, machine=False), Verdict(touch_id=opened.pk, machine=True)]
        writing.record(TouchLogged(contact=anna.pk, kind="verdict"), verdicts)
    everything = lines(at_page(as_(cast.mara), anna))
    people = lines(at_page(as_(cast.mara), anna, machines="off"))
    assert everything == ["Filled in a form", "Opened an e-mail", "Followed a link in an e-mail", "Contact created"]
    assert people == ["Filled in a form", "Followed a link in an e-mail", "Contact created"]


def test_earlier_pages_hold_every_line_once(anna, cast, as_, at):
    touch(anna, at - DAY, count=60)
    for i in range(30):
        # Facts and touches at the same instants, so that the edge of a page falls between them.
        with clock.moved_to(at - DAY - i * HOUR):
            Note.write(anna, f"note {i}", by=cast.mara, at=clock.now())
    browser, found, params = as_(cast.mara), [], ""
    while params is not None:
        answer = browser.get(f"/contacts/{anna.pk}/{params}")
        found += [line for line in main(answer).split() if line.startswith("/")]
        found += [f"note {part.split()[0]}" for part in main(answer).split("note ")[1:] if part.split()[0].isdigit()]
        params = more(answer)
    assert sorted(found) == sorted([f"/{i}" for i in range(60)] + [f"note {i}" for i in range(30)])


@pytest.mark.parametrize(
    "before", ["x", "1.2", "a.b.c", "99999999999999999999.1.1", "..", "-5.1.1", "--1.0.0", "1.7.1"]
)
def test_a_place_on_the_timeline_that_is_none_does_no_harm(anna, cast, as_, before):
    assert at_page(as_(cast.mara), anna, before=before).status_code == 200


def test_an_edit_names_the_fields_and_a_creation_says_it_once(anna, cast, as_, at):
    with clock.moved_to(at):
        anna.edit({"title": "Director", "budget": "900"}, seen=0, by=cast.felix.pk, at=at)
        answer = at_page(as_(cast.mara), anna)
    assert lines(answer) == ["Changed: Job title, Budget", "Contact created"]


def test_what_was_known_on_a_day_is_shown(anna, cast, as_, at):
    """Known on Monday, it is about the days before; what changes on Wednesday is not known on Tuesday."""
    browser, monday, tuesday, thursday = as_(cast.mara), at, at + DAY, at + 3 * DAY
    with clock.moved_to(at + 2 * DAY):
        anna.edit({"title": "Director"}, seen=0, by=cast.mara.pk, at=clock.now())

    def known(as_of, known_at=None) -> str:
        params = {"as_of": as_of.date().isoformat()} | ({"known_at": known_at.date().isoformat()} if known_at else {})
        return main(at_page(browser, anna, **params)).split("What did we know on that day?")[1]

    assert "Job title Инженер" in known(tuesday)
    assert "Job title Director" in known(thursday)
    assert "Job title Инженер" in known(thursday, known_at=tuesday)
    assert "Nothing was known of this record then." in known(thursday, known_at=monday - DAY)


def test_a_value_that_a_file_asserted_afterwards_says_so(anna, cast, as_, at):
    title = fields.of("contact")["title"]
    given = traits.Given(anna.pk, title, fields.value(title, "Chief"), at - 20 * DAY, at - DAY, asserted=True)
    with clock.moved_to(at), write(at, cast.mara.pk) as writing:
        writing.record(TouchLogged(contact=anna.pk, kind="x"), [traits.rows([given], cast.mara.pk)])
    answer = at_page(as_(cast.mara), anna, as_of=(at - 15 * DAY).date().isoformat(), known_at=at.date().isoformat())
    then = main(answer).split("What did we know on that day?")[1]
    assert "Chief asserted by a file afterwards learnt Mar 1, 2026" in then


def test_a_day_that_is_none_is_told_by_the_field(anna, cast, as_):
    for day in ("yesterday", "9999-12-31", "0001-01-01"):
        answer = at_page(as_(cast.mara), anna, as_of=day)
        assert 'id="id_as_of_error"' in answer.content.decode()


def test_the_history_of_a_field_names_both_times_and_who(anna, cast, as_, at):
    with clock.moved_to(at):
        anna.edit({"title": "Director"}, seen=0, by=cast.felix.pk, at=at)
        answer = as_(cast.mara).get(f"/contacts/{anna.pk}/fields/title/")
    text = main(answer)
    assert text.index("Director") < text.index("Инженер")
    assert "Felix Roth" in text
    assert "Mara Meier" in text
    assert as_(cast.mara).get(f"/contacts/{anna.pk}/fields/salary/").status_code == 404


def test_leads_and_deals_stand_at_the_side(anna, cast, as_, at, still):
    lead = Lead.open(anna, entry="referral", owner=cast.ines, by=None, at=at)
    Deal.open(lead=lead, values={"name": "Six pumps", "amount": 118_000_00, "currency": "EUR"}, by=None, at=at)
    text = main(at_page(as_(cast.mara), anna))
    assert "Six pumps €118,000.00 Open" in text
    assert "Opportunity" in text


def test_who_takes_a_lead_over_and_to_whom_it_is_given_are_told_apart(anna, cast, as_, at, still):
    lead = Lead.open(anna, entry="referral", owner=cast.ines, by=None, at=at - 3 * DAY)
    lead.assign(cast.felix, by=cast.felix.pk, at=at - 2 * DAY)
    lead.assign(cast.ines, by=cast.felix.pk, at=at - DAY)
    text = main(at_page(as_(cast.mara), anna)).split("Timeline")[1]
    assert "Given to Ines Ito Felix Roth" in text
    assert "Taken over Felix Roth" in text


def test_a_partner_sees_only_contacts_of_their_own(anna, cast, as_, at, still):
    browser = as_(cast.paula)
    assert browser.get(f"/contacts/{anna.pk}/").status_code == 404
    assert browser.get(f"/contacts/{anna.pk}/fields/title/").status_code == 404
    Lead.open(anna, entry="partner", owner=cast.paula, by=None, at=at)
    assert browser.get(f"/contacts/{anna.pk}/").status_code == 200


def test_the_page_costs_as_many_queries_for_a_long_story_as_for_a_short_one(anna, cast, as_, at):
    browser = as_(cast.mara)

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            at_page(browser, anna)
        return len(caught)

    with clock.moved_to(at - DAY):
        lead = Lead.open(anna, entry="referral", owner=cast.ines, by=cast.ines.pk, at=clock.now())
        lead.move("to_mql", by=cast.ines.pk, at=clock.now())
        Note.write(anna, "first", by=cast.mara, at=clock.now())
    touch(anna, at - DAY)
    at_page(browser, anna)
    few = cost()
    with clock.moved_to(at):
        for i in range(15):
            Note.write(anna, f"note {i}", by=(cast.felix, cast.ines, cast.saul)[i % 3], at=at)
        lead.move("returned", reason="no need", by=cast.mara.pk, at=at)
        lead.move("to_mql", by=cast.mara.pk, at=at)
        lead.assign(cast.felix, by=cast.saul.pk, at=at)
        for i in range(5):
            Identity.of("anonymous", f"device {i}").link(anna.pk, by=None, at=at)
    touch(anna, at, count=80)
    assert cost() == few
    assert few <= 32


def test_a_merged_contact_shows_where_it_went_and_comes_back(anna, cast, as_, at, still):
    twin = Contact.create({"name": "A. Belova", "title": "Engineer"}, by=None, at=at)
    Note.write(twin, "written before", by=cast.mara, at=at)
    merge = Merge.of(anna, twin, reason="two cards", by=cast.mara.pk, at=at)
    journal.drain()
    browser = as_(cast.mara)
    assert "Merged into Анна Белова two cards" in main(at_page(browser, twin))
    assert "written before" in main(at_page(browser, anna))
    assert browser.post(f"/merges/{merge.pk}/undoing/")["Location"] == f"/contacts/{twin.pk}/"
    assert "Merged into" not in main(at_page(browser, twin))
    assert "written before" not in main(at_page(browser, anna))


def test_the_trash_is_left_again(anna, cast, as_, still):
    lead_of_marketing, marketer = as_(cast.mila), as_(cast.mara)
    assert marketer.post(f"/contacts/{anna.pk}/trashing/").status_code == 403
    assert Contact.objects.here().filter(pk=anna.pk).exists()
    lead_of_marketing.post(f"/contacts/{anna.pk}/trashing/")
    assert "In the trash" in main(at_page(marketer, anna))
    assert marketer.get(f"/contacts/{anna.pk}/edit/").status_code == 404
    lead_of_marketing.post(f"/contacts/{anna.pk}/restoring/")
    assert "In the trash" not in main(at_page(marketer, anna))


def test_a_note_is_written_and_an_empty_one_is_not(anna, cast, as_, still):
    browser = as_(cast.sven)
    browser.post(f"/contacts/{anna.pk}/notes/", {"text": "她在春节后回来。"})
    assert "她在春节后回来。" in main(at_page(browser, anna))
    answer = browser.post(f"/contacts/{anna.pk}/notes/", {"text": "  "})
    assert answer.status_code == 422
    assert Note.objects.count() == 1
    assert as_(cast.eva).post(f"/contacts/{anna.pk}/notes/", {"text": "x"}).status_code == 403
    assert Note.objects.count() == 1


def test_an_executive_sees_and_changes_nothing(anna, cast, as_):
    body = at_page(as_(cast.eva), anna).content.decode()
    assert f"/contacts/{anna.pk}/edit/" not in body
    assert f"/contacts/{anna.pk}/notes/" not in body
    assert "/lead_new" not in body
    assert "/leads/new/?contact" not in body
