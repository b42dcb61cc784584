"""Content and campaigns: their lists, pages and forms, and the links to them from people's timelines."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.kernel.ledger import write
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch
from accord.rooms.content.models import Asset
from accord.rooms.people.models import Contact, Identity
from tests.web.page import fill, main, names, rows, whole, words

pytestmark = pytest.mark.usefixtures("still")
HOUR = timedelta(hours=1)
COLUMNS = ["identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties"]


@pytest.fixture
def guide(cast, at) -> Asset:
    values = {
        "name": "Calibration guide",
        "format": "checklist",
        "stage": "engaged",
        "language": "de",
        "owner": cast.mara.pk,
    }
    return Asset.create(values, by=cast.mara.pk, at=at)


@pytest.fixture
def fair(cast, at) -> Campaign:
    return Campaign.create({"name": "Spring fair", "channel": "event", "budget": "12500"}, by=cast.mila.pk, at=at)


def test_the_list_of_content(guide, cast, as_, at):
    Asset.create({"name": "案例：一年不停机"}, by=cast.mila.pk, at=at)
    browser = as_(cast.mara)
    assert rows(browser.get("/assets/"))[1][:6] == [
        "Calibration guide",
        "checklist",
        "Engaged",
        "",
        "de",
        "MM Mara Meier",
    ]
    assert names(browser.get("/assets/", {"q": "不停"})) == ["案例：一年不停机"]
    assert names(browser.get("/assets/", {"f": "format:is:Checklist"})) == ["Calibration guide"]
    assert names(browser.get("/assets/", {"f": "owner:is:me"})) == ["Calibration guide"]
    assert "Calibration guide" in b"".join(browser.get("/assets/export/").streaming_content).decode()


def test_a_long_list_is_paged_in_constant_queries(cast, as_, at):
    browser = as_(cast.mara)
    browser.get("/campaigns/")
    asked = []
    for begin in (0, 120):
        for i in range(begin, begin + 60 + begin):
            Campaign.create({"name": f"Campaign {i:03}", "channel": "mail"}, by=None, at=at)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/campaigns/")
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert len(whole(browser, "/campaigns/?sort=name")) == 60 + 180


def test_the_page_of_an_asset(guide, cast, as_, at):
    browser = as_(cast.mara)
    guide.edit({"format": "webinar"}, seen=0, by=cast.mila.pk, at=at)
    text = main(browser.get(f"/assets/{guide.pk}/"))
    for part in (
        "Calibration guide webinar · Engaged · de · named by touches as “calibration guide”",
        "Content created Mara Meier", "Changed: Format Mila Berg", "Not known: Address, Persona",
    ):  # fmt: skip
        assert part in text
    assert "Put in the trash" not in text
    history = main(browser.get(f"/assets/{guide.pk}/fields/format/"))
    assert "webinar" in history
    assert "checklist" in history


def test_the_stage_is_named_and_chosen_in_the_readers_language(guide, cast, as_):
    browser = as_(cast.mara)
    browser.post("/language/", {"language": "zh-hans"})
    page, edit = (browser.get(f"/assets/{guide.pk}/{place}") for place in ("", "edit/"))
    assert "checklist · 已互动 · de" in main(page)
    assert "engaged" not in main(page)
    assert '<option value="engaged" selected>已互动</option>' in edit.content.decode()
    assert rows(browser.get("/assets/", {"f": "stage:is:engaged"}))[0][2] == "已互动"


def test_the_form_changes_only_what_was_changed(guide, cast, as_):
    browser = as_(cast.mara)
    form = fill(browser.get(f"/assets/{guide.pk}/edit/"), persona="engineer", owner="")
    assert browser.post(f"/assets/{guide.pk}/edit/", form).status_code == 302
    guide.refresh_from_db()
    assert (guide.owner, guide.name, guide.version) == (None, "Calibration guide", 1)
    assert "engineer" in main(browser.get(f"/assets/{guide.pk}/"))


def test_a_new_campaign(cast, as_):
    browser = as_(cast.mara)
    typed = {"name": "Autumn mailing", "budget": "2000", "starts_on": "2026-09-01", "ends_on": "2026-09-01"}
    answer = browser.post("/campaigns/new/", fill(browser.get("/campaigns/new/"), **typed))
    made = Campaign.objects.get()
    assert answer.headers["Location"] == f"/campaigns/{made.pk}/"
    assert (made.key, made.name) == ("autumn mailing", "Autumn mailing")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("2.500,50", "2,500.5"), ("2500,5", "2,500.5"), ("1 200", "1,200"), ("12.50", "12.5"), ("1e5", "100,000")],
)
def test_a_number_is_read_as_people_write_it_and_shown_as_the_reader_does(fair, cast, as_, typed, shown):
    browser = as_(cast.mila)
    form = fill(browser.get(f"/campaigns/{fair.pk}/edit/"), budget=typed)
    assert f"Budget {shown} " in main(browser.post(f"/campaigns/{fair.pk}/edit/", form, follow=True)) + " "
    assert shown in rows(browser.get("/campaigns/?c=name,budget"))[0]


def test_the_list_of_campaigns_leads_to_what_came_of_each(fair, cast, as_):
    address = "/insight/sources/?by=lead.campaign"
    browser = as_(cast.mara)
    assert f'href="{address}"' in browser.get("/campaigns/").content.decode()
    assert browser.get(address).status_code == 200
    assert address not in browser.get("/assets/").content.decode()


def test_a_form_offers_what_is_in_use_and_whoever_begins_it_as_owner(guide, fair, cast, as_):
    browser = as_(cast.mara)
    browser.post("/campaigns/new/", fill(browser.get("/campaigns/new/"), name="First", channel="Webinar"))
    assert Campaign.objects.get(name="First").owner == cast.mara
    page = browser.get("/campaigns/new/").content.decode()
    assert 'list="known-channel"' in page
    assert '<datalist id="known-channel"><option value="Webinar">' in page
    page = browser.get("/assets/new/").content.decode()
    assert '<option value="checklist">' in page
    assert '<option value="won">' in page
    assert '<option value="lost">' not in page
    assert "Where it can be read" in page


WRONG = [
    ({"name": " "}, "Write a name."),
    ({"name": "SPRING  fair"}, "This is known already: Spring fair"),
    ({"name": "New", "budget": "much"}, "“much” is not a number"),
    (
        {"name": "New", "starts_on": "2026-05-02", "ends_on": "2026-05-01"},
        "A campaign ends on the day it begins, or later.",
    ),
]


@pytest.mark.parametrize(("typed", "complaint"), WRONG)
def test_what_is_wrong_is_told_and_nothing_is_made(fair, cast, as_, typed, complaint):
    browser = as_(cast.mara)
    answer = browser.post("/campaigns/new/", fill(browser.get("/campaigns/new/"), **typed))
    assert answer.status_code == 422
    assert complaint in main(answer)
    assert Campaign.objects.count() == 1


def test_a_known_name_leads_to_its_record(fair, cast, as_):
    browser = as_(cast.mara)
    answer = browser.post("/campaigns/new/", fill(browser.get("/campaigns/new/"), name="spring fair"))
    assert f'<a href="/campaigns/{fair.pk}/">Spring fair</a>' in answer.content.decode()


def test_the_trash_and_back(fair, cast, as_):
    browser = as_(cast.mila)
    assert "Put in the trash" in main(browser.get(f"/campaigns/{fair.pk}/"))
    browser.post(f"/campaigns/{fair.pk}/trashing/")
    page = main(browser.get(f"/campaigns/{fair.pk}/"))
    assert "In the trash" in page
    assert names(browser.get("/campaigns/")) == []
    assert browser.get(f"/campaigns/{fair.pk}/edit/").status_code == 404
    browser.post(f"/campaigns/{fair.pk}/restoring/")
    assert names(browser.get("/campaigns/")) == ["Spring fair"]


def test_sales_reads_and_a_partner_sees_nothing(guide, fair, cast, as_):
    seller, partner = as_(cast.ines), as_(cast.paula)
    assert "Calibration guide" in main(seller.get(f"/assets/{guide.pk}/"))
    assert seller.get(f"/assets/{guide.pk}/edit/").status_code == 403
    assert (names(partner.get("/assets/")), names(partner.get("/campaigns/"))) == ([], [])
    assert partner.get(f"/assets/{guide.pk}/").status_code == 403


def test_search_finds_both(guide, fair, cast, as_):
    answer = words(as_(cast.ines).get("/search/", {"q": "fair"}))
    assert "Spring fair" in answer
    assert f'href="/assets/{guide.pk}/"' in as_(cast.ines).get("/search/", {"q": "calib"}).content.decode()
    assert "Calibration" not in words(as_(cast.paula).get("/search/", {"q": "calib"}))


def touched(contact: Contact, at, *named: tuple[str | None, str | None]) -> None:
    """Downloads of the contact, the newest first, that name an asset and a campaign."""
    identity = Identity.of("email", contact.email).pk
    values = [
        (identity, "download", at - i * HOUR, False, asset, campaign, "web", {"path": ["odd"]})
        for i, (asset, campaign) in enumerate(named)
    ]
    with clock.moved_to(at), write(at) as writing:
        writing.record(TouchLogged(contact=contact.pk, kind="download"), [Touch.rows(COLUMNS, values)])


def test_touches_on_a_timeline_lead_to_what_they_name(guide, fair, cast, as_, at):
    anna = Contact.create({"name": "Anna", "email": "anna@volga.example", "owner": cast.paula.pk}, by=None, at=at)
    touched(anna, at, ("CALIBRATION guide", "Spring Fair"), ("<i>Other", None))
    body = as_(cast.mara).get(f"/contacts/{anna.pk}/").content.decode()
    assert f'<a class="rec" href="/assets/{guide.pk}/">CALIBRATION guide</a>' in body
    assert f'<a class="rec" href="/campaigns/{fair.pk}/">Spring Fair</a>' in body
    assert "&lt;i&gt;Other" in body
    partners = as_(cast.paula).get(f"/contacts/{anna.pk}/").content.decode()
    assert "CALIBRATION guide" in partners
    assert "/assets/" not in partners.split('id="lines"')[1]


def test_a_timeline_asks_as_often_for_many_names_as_for_one(guide, cast, as_, at):
    anna = Contact.create({"name": "Anna", "email": "anna@volga.example"}, by=None, at=at)
    browser = as_(cast.mara)
    browser.get(f"/contacts/{anna.pk}/")
    asked = []
    for many in (1, 20):
        touched(anna, at, *[(f"calibration guide {i}", f"c{i}") for i in range(many)])
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"/contacts/{anna.pk}/")
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_field_of_the_house_is_on_the_form_the_page_and_the_list(fair, cast, as_):
    browser = as_(cast.mila)
    defined = {"label": "Agency", "type": "text", "owner": "marketing"}
    assert browser.post("/settings/fields/campaign/", defined).status_code == 302
    typed = fill(browser.get(f"/campaigns/{fair.pk}/edit/"), agency="Nordlicht")
    browser.post(f"/campaigns/{fair.pk}/edit/", typed)
    assert "Agency Nordlicht" in main(browser.get(f"/campaigns/{fair.pk}/"))
    assert names(browser.get("/campaigns/", {"f": "agency:is:nordlicht"})) == ["Spring fair"]
