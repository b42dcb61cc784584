"""Sales says who is not to be marketed to: on the page of the contact or lead, and as a list."""

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact, Hold, Suppression, Veto
from tests.web.page import main, words

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def anna(cast, at) -> Contact:
    values = {"name": "Anna Adler", "email": "anna@adler.example", "owner": cast.felix.pk}
    return Contact.create(values, by=None, at=at)


@pytest.fixture
def berg(cast, at) -> Contact:
    return Contact.create({"name": "Bea Berg", "owner": cast.paula.pk}, by=None, at=at)


def veto(browser, contact, **said):
    return browser.post(f"/contacts/{contact.pk}/veto/", {"reason": "in_talks", **said})


def test_a_seller_puts_somebody_on_the_list_and_everybody_sees_why(anna, cast, as_, at):
    browser = as_(cast.felix)
    assert f'href="/contacts/{anna.pk}/veto/"' in browser.get(f"/contacts/{anna.pk}/").content.decode()
    assert "Talks that marketing would disturb" in main(browser.get(f"/contacts/{anna.pk}/veto/"))
    answer = veto(browser, anna, note="until the contract is signed")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/contacts/{anna.pk}/")
    page = browser.get(f"/contacts/{anna.pk}/")
    assert "Nobody markets to Anna Adler from now on." in words(page)
    for member in (cast.felix, cast.mara):
        assert (
            "Not to be marketed to Talks that marketing would disturb until the contract is signed Felix Roth · 09:00"
            in main(as_(member).get(f"/contacts/{anna.pk}/"))
        )
    assert f'href="/contacts/{anna.pk}/veto/"' not in page.content.decode()
    assert "Market again" in main(page)
    assert "Market again" not in main(as_(cast.mara).get(f"/contacts/{anna.pk}/"))


def test_it_is_lifted_and_both_stay_on_the_timeline(anna, cast, as_):
    veto(as_(cast.felix), anna)
    answer = as_(cast.saul).post(f"/contacts/{anna.pk}/veto/lifting/")
    assert answer.headers["Location"] == f"/contacts/{anna.pk}/"
    page = main(as_(cast.mara).get(f"/contacts/{anna.pk}/"))
    assert "May be marketed to again Saul Stein" in page
    assert "Not to be marketed to Felix Roth Talks that marketing would disturb" in page
    assert page.count("Not to be marketed to") == 1
    assert Veto.objects.get().lifted_by == cast.saul


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"reason": ""}, "Say why: marketing works by the reason."),
        ({"reason": "mood"}, "mood is not one of the available choices"),
        ({"reason": "other"}, "Say in a few words what the reason is."),
        ({"note": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_changed(anna, cast, as_, said, wrong):
    answer = veto(as_(cast.felix), anna, **said)
    assert answer.status_code == 422
    assert wrong in main(answer)
    assert not Veto.objects.exists()


def test_of_two_the_second_is_told_and_a_double_click_is_one(anna, cast, as_):
    felix, saul = as_(cast.felix), as_(cast.saul)
    veto(felix, anna)
    veto(felix, anna)
    assert "was first" not in words(felix.get("/do-not-market/"))
    veto(saul, anna, reason="competitor")
    assert "Felix Roth was first: nobody markets to them already." in words(saul.get("/do-not-market/"))
    assert Veto.objects.get().reason == "in_talks"
    felix.post(f"/contacts/{anna.pk}/veto/lifting/")
    saul.post(f"/contacts/{anna.pk}/veto/lifting/")
    assert "Felix Roth was first: Anna Adler may be marketed to already." in words(saul.get("/do-not-market/"))


def test_with_nothing_to_lift_it_says_so(anna, cast, as_):
    browser = as_(cast.felix)
    browser.post(f"/contacts/{anna.pk}/veto/lifting/")
    assert "Nobody has vetoed marketing to Anna Adler." in words(browser.get("/do-not-market/"))


def test_the_list_by_reason_and_by_owner(anna, berg, cast, as_, at):
    browser = as_(cast.mara)
    empty = main(browser.get("/do-not-market/"))
    assert "Nobody is on the list" in empty
    Veto.lay(anna, "in_talks", by=cast.felix, at=at)
    Veto.lay(berg, "other", by=cast.saul, at=at, note="a friend of the house")
    page = main(browser.get("/do-not-market/"))
    by = "09:00 · Saul Stein Owner: Paula Pires Saul Stein 09:00 Paula Pires"  # on a phone under the reason
    assert f"Bea Berg Another reason a friend of the house {by}" in page
    assert "Anna Adler Talks that marketing would disturb 09:00 · Felix Roth Owner: Felix Roth Felix Roth 09:00" in page
    assert "Market again" not in page
    by_reason = main(browser.get("/do-not-market/?reason=other&owner="))
    assert "Bea Berg" in by_reason
    assert "Anna Adler" not in by_reason
    by_owner = main(browser.get(f"/do-not-market/?reason=&owner={cast.felix.pk}"))
    assert "Anna Adler" in by_owner
    assert "Bea Berg" not in by_owner
    neither = main(browser.get(f"/do-not-market/?reason=other&owner={cast.felix.pk}"))
    assert "Nobody is on the list for this reason and of this owner." in neither
    assert "Anna Adler" in main(browser.get("/do-not-market/?reason=mood&owner=x"))


def test_from_the_list_it_is_lifted(anna, cast, as_):
    browser = as_(cast.ines)
    veto(browser, anna)
    answer = browser.post(f"/contacts/{anna.pk}/veto/lifting/", {"back": "list"})
    assert answer.headers["Location"] == "/do-not-market/"
    assert "Anna Adler may be marketed to again." in words(browser.get("/do-not-market/"))


def test_a_partner_sees_and_vetoes_their_own(anna, berg, cast, as_, at):
    Veto.lay(anna, "in_talks", by=cast.felix, at=at)
    browser = as_(cast.paula)
    assert veto(browser, berg).status_code == 302
    assert veto(browser, anna).status_code == 404
    assert browser.post(f"/contacts/{anna.pk}/veto/lifting/").status_code == 404
    page = main(browser.get("/do-not-market/"))
    assert "Bea Berg" in page
    assert "Anna Adler" not in page


@pytest.mark.parametrize(("who", "status"), [("mara", 403), ("mila", 403), ("eva", 403), ("sven", 302), ("ada", 302)])
def test_who_may_veto(anna, cast, as_, who, status):
    browser = as_(getattr(cast, who))
    assert veto(browser, anna).status_code == status
    assert Veto.objects.exists() is (status == 302)
    assert browser.post(f"/contacts/{anna.pk}/veto/lifting/").status_code == status
    assert browser.post(f"/contacts/{anna.pk}/hold/lifting/").status_code == status
    assert browser.post(f"/contacts/{anna.pk}/address/release/").status_code == status


def test_a_hold_is_shown_with_its_beginning_and_lifted_by_hand(anna, cast, as_, at):
    lead = Lead.open(anna, entry="referral", owner=cast.felix, by=None, at=at)
    Hold.lay(anna.pk, lead.pk, by=None, at=at)
    browser = as_(cast.felix)
    said = "Marketing holds still conversation open since 09:00 Let marketing write"
    assert said in main(browser.get(f"/contacts/{anna.pk}/"))
    assert said in main(browser.get(f"/leads/{lead.pk}/"))
    answer = browser.post(f"/contacts/{anna.pk}/hold/lifting/", {"lead": lead.pk})
    assert answer.headers["Location"] == f"/leads/{lead.pk}/"
    page = main(browser.get(f"/leads/{lead.pk}/"))
    assert "Let marketing write" not in page
    assert "Marketing may write again Felix Roth" in page
    assert Hold.objects.get().lifted_by == cast.felix


def test_an_address_that_came_back_is_tried_again_and_what_its_owner_said_stands(anna, cast, as_, at):
    for reason in ("bounced", "unsubscribed"):
        Suppression.add("anna@adler.example", reason, by=None, at=at)
    browser = as_(cast.felix)
    page = main(browser.get(f"/contacts/{anna.pk}/"))
    assert "The address is not written to Mail to it came back for good 09:00 Try it again" in page
    assert "The address is not written to Its owner has unsubscribed 09:00" in page
    assert page.count("Try it again") == 1
    browser.post(f"/contacts/{anna.pk}/address/release/")
    page = main(browser.get(f"/contacts/{anna.pk}/"))
    assert "came back for good" not in page
    assert "has unsubscribed" in page


def test_nothing_is_vetoed_of_whom_is_in_the_trash(anna, cast, as_, at):
    with clock.moved_to(at):
        anna.trash(by=None, at=at)
    assert veto(as_(cast.felix), anna).status_code == 404
    assert f"/contacts/{anna.pk}/veto/" not in as_(cast.felix).get(f"/contacts/{anna.pk}/").content.decode()
