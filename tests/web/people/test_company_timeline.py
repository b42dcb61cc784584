"""The timeline of a company: what happened to it, and with everybody who works there, each by name."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.kernel.imports import reading, run
from accord.kernel.ledger import write
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact, Identity, Merge, Note
from tests.web.page import main, more

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
DAY = timedelta(days=1)


@pytest.fixture
def volga(cast, at) -> Company:
    with clock.moved_to(at - 20 * DAY):
        return Company.create({"name": "Волга"}, by=cast.mara.pk, at=clock.now())


def works_at(company: Company, name: str, at, **values) -> Contact:
    with clock.moved_to(at):
        given = {"name": name, "email": f"{name.lower()}@volga.example", "company": company.pk, **values}
        return Contact.create(given, by=None, at=at)


def touch(contacts: list[Contact], at, kind: str = "download") -> None:
    """All of them at the same instant."""
    columns = ["identity_id", "kind", "machine", "asset", "campaign", "channel", "properties", "occurred_at"]
    met = [Identity.of("email", contact.email).pk for contact in contacts]
    rows = [(pk, kind, False, None, None, None, {}, at) for pk in met]
    with clock.moved_to(at), write(at) as writing:
        writing.record(TouchLogged(contact=contacts[0].pk, kind=kind), [Touch.rows(columns, rows)])


def lines(answer) -> list[str]:
    """What each line says of what and of whom, top first; when it was is left out."""
    body = answer.content.decode().split('id="lines"')[1].split("</section>")[0]
    parts = [part.split('<span class="t-time">')[0] for part in body.split('<div class="t-body">')[1:]]
    return [" ".join(unescape(" ".join(piece.split(">")[-1] for piece in part.split("<"))).split()) for part in parts]


def page(browser, company: Company, params: str = ""):
    return browser.get(f"/companies/{company.pk}/{params}")


def test_what_passed_with_its_people_is_told_with_their_names(volga, cast, as_, at):
    anna, boris = works_at(volga, "Anna", at - 9 * DAY), works_at(volga, "Boris", at - 8 * DAY)
    touch([anna], at - 7 * DAY)
    with clock.moved_to(at - 6 * DAY):
        lead = Lead.open(boris, entry="referral", owner=cast.ines, by=cast.ines.pk, at=clock.now())
    with clock.moved_to(at - 5 * DAY):
        deal = Deal.open(lead=lead, values={"name": "Six pumps"}, by=cast.felix.pk, at=clock.now())
    with clock.moved_to(at - 4 * DAY):
        Note.write(anna, "They build a second line.", by=cast.felix, at=clock.now())
    answer = page(as_(cast.mara), volga)
    assert lines(answer) == [
        "Note · Anna Felix Roth They build a second line.",
        "Moved to Opportunity · Boris Felix Roth",
        f"Deal opened: {deal} · Boris Felix Roth",
        "Lead opened · Boris Ines Ito By Referral",
        "Downloaded · Anna",
        "Contact created · Boris",
        "Contact created · Anna",
        "Company created Mara Meier",
    ]
    assert f'<a class="rec" href="/contacts/{anna.pk}/">Anna</a>' in answer.content.decode()
    assert lines(page(as_(cast.mara), volga, "?side=marketing")) == ["Downloaded · Anna"]


def test_of_others_and_of_what_is_in_the_trash_nothing_is_told(volga, cast, as_, at):
    other = Company.create({"name": "Лена"}, by=None, at=at - 20 * DAY)
    gone, else_where = works_at(volga, "Gone", at - 9 * DAY), works_at(other, "Elsewhere", at - 9 * DAY)
    touch([gone, else_where], at - 8 * DAY)
    gone.trash(by=None, at=at - 7 * DAY)
    assert lines(page(as_(cast.mara), volga)) == ["Company created Mara Meier"]


def test_a_partner_is_told_of_their_own_people_alone(volga, cast, as_, at):
    own = works_at(volga, "Own", at - 9 * DAY, owner=cast.paula.pk)
    foreign = works_at(volga, "Foreign", at - 9 * DAY)
    touch([own, foreign], at - 8 * DAY)
    Note.write(foreign, "Not for partners.", by=cast.felix, at=at - 7 * DAY)
    lead = Lead.open(own, entry="partner", owner=cast.paula, by=None, at=at - 6 * DAY)
    Deal.open(lead=lead, values={"name": "Not theirs", "owner": cast.felix.pk}, by=None, at=at - 5 * DAY)
    assert lines(page(as_(cast.paula), volga)) == [
        "Moved to Opportunity · Own",
        "Lead opened · Own By Partner",
        "Downloaded · Own",
        "Contact created · Own",
        "Company created Mara Meier",
    ]


def test_a_task_of_a_deal_without_a_contact_is_told(volga, cast, as_, at):
    deal = Deal.open(lead=None, company=volga, values={"name": "Frame contract"}, by=None, at=at - 2 * DAY)
    Task.plan(deal=deal, kind="call", owner=cast.felix, due_at=at + DAY, by=cast.felix, at=at - DAY)
    assert lines(page(as_(cast.mara), volga))[0].startswith("Next step planned: Call Felix Roth")


def test_who_was_merged_away_is_told_under_both_names_and_met_under_one(volga, cast, as_, at):
    anna, twin = works_at(volga, "Anna", at - 9 * DAY), works_at(volga, "Anya", at - 9 * DAY)
    touch([twin], at - 8 * DAY)
    Merge.of(anna, twin, reason="two cards", by=cast.mara.pk, at=at - 7 * DAY)
    told = lines(page(as_(cast.mara), volga))
    assert "Downloaded · Anna" in told
    assert "Downloaded · Anya" not in told
    assert "Contact created · Anya" in told


def test_pages_hold_each_of_many_at_one_instant_once(volga, cast, as_, at):
    """A letter to ninety people goes out at one instant: the edge of a page falls between them, twice."""
    many = [works_at(volga, f"P{i:02}", at - 9 * DAY) for i in range(90)]
    touch(many, at - 8 * DAY, "email_out")
    touch(many[::-1], at - 7 * DAY, "email_open")
    browser, found, params = as_(cast.mara), [], ""
    while params is not None:
        answer = page(browser, volga, params)
        found += lines(answer)
        params = more(answer)
    assert len(found) == len(set(found)) == 3 * 90 + 1
    assert [line for line in found if line.startswith("Opened")] == [f"Opened an e-mail · P{i:02}" for i in range(90)]


def test_its_cost_does_not_grow_with_its_people(volga, cast, as_, at):
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            page(browser, volga)
        return len(caught)

    def more_of_them(count: int) -> None:
        many = [works_at(volga, f"P{at.microsecond}{count}{i:02}", at - 9 * DAY) for i in range(count)]
        touch(many, at - 8 * DAY)
        for one in many:
            lead = Lead.open(one, entry="referral", by=None, at=at - 7 * DAY)
            Deal.open(lead=lead, values={"name": "Pumps"}, by=None, at=at - 6 * DAY)

    browser = as_(cast.mara)
    more_of_them(2)
    page(browser, volga)
    few = cost()
    more_of_them(12)
    assert cost() <= few


def test_what_came_with_a_file_says_so(cast, as_, at, tmp_path):
    path = tmp_path / "fair.csv"
    path.write_text("external_id,name,company\nk1,Klara,Nordlicht\n")
    with clock.moved_to(at):
        made = run.prepare(path, run.plain_map("contacts", reading.inspect(path).header), by=cast.mara.pk, at=at)
        run.run(made)
    klara = Contact.objects.get(external_id="k1")
    for address in (f"/contacts/{klara.pk}/", f"/companies/{klara.company_id}/"):
        answer = as_(cast.mara).get(address)
        assert lines(answer) == ["Imported from fair.csv Mara Meier"]
        assert f'href="/imports/{made.pk}/"' in answer.content.decode().split('id="lines"')[1]
        assert f'href="/imports/{made.pk}/"' not in as_(cast.felix).get(address).content.decode()
    assert "Nothing has happened" not in main(answer)
