"""Leads: opened by hand, moved along the rules, given to somebody, opened again."""

import pytest

from accord.kernel import ledger
from accord.kernel.ledger import Fact, Retraction
from accord.rooms.funnel import rules
from accord.rooms.funnel.facts import LeadAssigned
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.people.models import Company, Contact, Merge
from tests.web.page import main, names, words

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def anna(cast, at) -> Contact:
    return Contact.create({"name": "Анна Белова"}, by=None, at=at)


@pytest.fixture
def lead(anna, cast, at) -> Lead:
    return Lead.open(anna, entry="referral", owner=cast.ines, by=cast.ines.pk, at=at)


def move(browser, lead: Lead, name: str, **more):
    return browser.post(f"/leads/{lead.pk}/moves/", {"name": name, "stage": lead.stage, **more}, follow=True)


def test_a_passage_is_opened_by_hand(anna, cast, as_):
    browser = as_(cast.ines)
    assert "Анна Белова" in main(browser.get("/leads/new/", {"q": "белова"}))
    answer = browser.post(f"/leads/new/?contact={anna.pk}", {"entry": "own_prospecting", "owner": cast.felix.pk})
    lead = Lead.objects.get()
    assert answer["Location"] == f"/leads/{lead.pk}/"
    assert (lead.entry, lead.owner, lead.stage) == ("own_prospecting", cast.felix, "inquiry")


def test_without_an_owner_the_house_s_rule_decides(anna, cast, as_):
    as_(cast.ines).post(f"/leads/new/?contact={anna.pk}", {"entry": "referral", "owner": ""})
    assert Lead.objects.get().owner == cast.mila


@pytest.mark.parametrize("entry", ["marketing", "import", "", "nonsense"])
def test_an_entry_that_no_hand_makes_is_refused(anna, cast, as_, entry):
    answer = as_(cast.ines).post(f"/leads/new/?contact={anna.pk}", {"entry": entry})
    assert 'id="id_entry_error"' in answer.content.decode()
    assert not Lead.objects.exists()


def test_a_second_passage_is_told_where_the_first_one_is(lead, anna, cast, as_):
    answer = as_(cast.felix).post(f"/leads/new/?contact={anna.pk}", {"entry": "referral"})
    assert answer.status_code == 409
    assert "This contact has a lead open" in main(answer)
    assert f'href="/leads/{lead.pk}/"' in answer.content.decode()
    assert Lead.objects.count() == 1


def test_the_lead_page_is_the_contact_s_with_the_passage_open(lead, cast, as_):
    text = main(as_(cast.mara).get(f"/leads/{lead.pk}/"))
    assert "Анна Белова" in text
    assert "The lead, step by step" in text
    assert "Inquiry 09:00 Ines Ito – before any agreement" in text


def test_the_moves_are_those_of_the_rules(lead, cast, as_):
    body = as_(cast.ines).get(f"/leads/{lead.pk}/").content.decode()
    by_button = {name for name in rules.MOVES if f'name="name" value="{name}"' in body}
    by_page = {name for name in rules.MOVES if f"/moves/?name={name}" in body}
    assert by_button | by_page == {move.name for move in rules.moves_from("inquiry")}
    assert by_page == {"lost", "recycled", "disqualified"}


def test_a_move_is_made(lead, cast, as_):
    text = main(move(as_(cast.ines), lead, "to_sal"))
    assert "Moved to SAL" in text
    last = Transition.objects.order_by("id").last()
    assert (last.from_stage, last.to_stage, last.by_id, last.version_id) == ("inquiry", "sal", cast.ines.pk, None)


def test_a_move_that_needs_a_reason_asks_for_it(lead, cast, as_):
    browser = as_(cast.ines)
    assert "Why?" in main(browser.get(f"/leads/{lead.pk}/moves/", {"name": "lost"}))
    answer = move(browser, lead, "lost")
    assert answer.status_code == 422
    assert "Say why in a few words" in main(answer)
    lead.refresh_from_db()
    assert lead.stage == "inquiry"
    move(browser, lead, "lost", reason="no budget")
    assert Transition.objects.order_by("id").last().reason == "no budget"


def test_a_stale_page_is_told_where_the_lead_is_now(lead, cast, as_, at):
    seen = Lead.objects.get(pk=lead.pk)
    lead.move("to_sql", by=cast.ines.pk, at=at)
    answer = move(as_(cast.mara), seen, "lost", reason="no budget")
    assert "Somebody was faster: this lead is in SQL now." in answer.content.decode()
    lead.refresh_from_db()
    assert lead.stage == "sql"


@pytest.mark.parametrize("name", ["joined", "reopened", "nonsense", ""])
def test_what_is_no_move_moves_nothing(lead, cast, as_, name):
    answer = move(as_(cast.ines), lead, name)
    assert answer.status_code == 422
    assert Transition.objects.count() == 1


def test_a_lead_is_given_to_somebody(lead, cast, as_):
    as_(cast.saul).post(f"/leads/{lead.pk}/owner/", {"owner": cast.felix.pk})
    lead.refresh_from_db()
    assert lead.owner == lead.contact.owner == cast.felix
    for nobody in (cast.eva, cast.ada):
        as_(cast.saul).post(f"/leads/{lead.pk}/owner/", {"owner": nobody.pk})
        lead.refresh_from_db()
        assert lead.owner == cast.felix
        assert f'<option value="{nobody.pk}"' not in as_(cast.saul).get(f"/leads/{lead.pk}/").content.decode()
    answer = as_(cast.saul).post(f"/leads/{lead.pk}/owner/", {"owner": ""}, follow=True)
    assert "Choose who is to have this lead." in answer.content.decode()
    lead.refresh_from_db()
    assert lead.owner == cast.felix


def test_a_lead_that_has_ended_meanwhile_is_given_to_nobody(lead, cast, as_, at):
    lead.move("disqualified", by=cast.ines.pk, at=at, reason="no need")
    answer = as_(cast.saul).post(f"/leads/{lead.pk}/owner/", {"owner": cast.felix.pk}, follow=True)
    assert "Somebody was faster: this lead is in Disqualified now." in answer.content.decode()
    lead.refresh_from_db()
    assert lead.owner == cast.ines


def test_an_ended_passage_is_opened_again(lead, cast, as_):
    browser = as_(cast.ines)
    move(browser, lead, "recycled", reason="not this year")
    assert "This lead ended" in main(browser.get(f"/leads/{lead.pk}/"))
    browser.post(f"/leads/{lead.pk}/reopening/")
    lead.refresh_from_db()
    assert (lead.stage, lead.ended_at) == ("inquiry", None)


def test_one_is_not_opened_beside_another(lead, anna, cast, as_, at):
    browser = as_(cast.ines)
    move(browser, lead, "recycled", reason="not this year")
    other = Lead.open(anna, entry="second_sale", owner=cast.ines, by=None, at=at)
    answer = browser.post(f"/leads/{lead.pk}/reopening/", follow=True)
    assert "This contact has another lead open." in answer.content.decode()
    assert f'<a href="/leads/{other.pk}/">' in answer.content.decode()
    lead.refresh_from_db()
    assert lead.stage == "recycled"


def test_who_may_not_changes_nothing(lead, anna, cast, as_):
    facts = Fact.objects.count()
    assert move(as_(cast.eva), lead, "to_sal").status_code == 403
    assert move(as_(cast.sven), lead, "to_sal").status_code == 403
    assert as_(cast.felix).post(f"/leads/{lead.pk}/owner/", {"owner": cast.felix.pk}).status_code == 403
    assert as_(cast.eva).post(f"/leads/new/?contact={anna.pk}", {"entry": "referral"}).status_code == 403
    assert as_(cast.eva).post(f"/leads/{lead.pk}/reopening/").status_code == 403
    assert Fact.objects.count() == facts
    assert f"/leads/{lead.pk}/moves/" not in as_(cast.eva).get(f"/leads/{lead.pk}/").content.decode()


def test_a_partner_works_on_their_own(lead, cast, as_, at):
    browser = as_(cast.paula)
    mine = Contact.create({"name": "Mine", "owner": cast.paula.pk}, by=None, at=at)
    browser.post(f"/leads/new/?contact={mine.pk}", {"entry": "partner", "owner": cast.felix.pk})
    own = Lead.objects.get(contact=mine)
    assert own.owner == cast.paula
    assert names(browser.get("/leads/")) == ["Mine"]
    assert browser.get(f"/leads/{lead.pk}/").status_code == 404
    assert move(browser, lead, "to_sal").status_code == 404
    assert move(browser, own, "to_sal").status_code == 200


def test_leads_are_listed_by_stage(lead, cast, as_, at):
    second = Lead.open(
        Contact.create({"name": "陈思远"}, by=None, at=at), entry="partner", owner=cast.felix, by=None, at=at
    )
    second.move("recycled", reason="later", by=None, at=at)
    browser = as_(cast.mara)
    assert names(browser.get("/leads/", {"f": "stage:is:recycled"})) == ["陈思远"]
    assert names(browser.get("/leads/", {"f": "entry:is:referral"})) == ["Анна Белова"]
    assert names(browser.get("/leads/", {"f": "name:contains:思远"})) == ["陈思远"]
    opened = browser.get("/leads/").content.decode().split(">Open</a>")[0].rsplit('href="', 1)[1].rstrip('"')
    assert names(browser.get(f"/leads/{opened}")) == ["Анна Белова"]


def test_a_passage_of_somebody_merged_away_is_met_at_the_one_who_stayed(lead, anna, cast, as_, at):
    stays = Contact.create({"name": "Anna Belova"}, by=None, at=at)
    Merge.of(stays, anna, reason="", by=None, at=at)
    browser = as_(cast.ines)
    text = main(browser.get(f"/leads/{lead.pk}/"))
    assert "Anna Belova" in text
    assert "Merged into" not in text
    assert move(browser, lead, "to_sal").status_code == 200
    assert f"/leads/{lead.pk}/moves/" not in browser.get(f"/contacts/{anna.pk}/").content.decode()
    assert f"/leads/{lead.pk}/moves/" in browser.get(f"/contacts/{stays.pk}/").content.decode()


def test_a_lead_is_put_in_the_trash_and_taken_back(lead, anna, cast, as_):
    chief, marketer, page = as_(cast.mila), as_(cast.mara), f"/leads/{lead.pk}/"
    assert f'action="{page}trashing/"' in chief.get(page).content.decode()
    assert "trashing" not in marketer.get(page).content.decode().replace(f"/contacts/{anna.pk}/trashing/", "")
    assert marketer.post(f"{page}trashing/").status_code == 403
    answer = chief.post(f"{page}trashing/", follow=True)
    assert "This lead is in the trash" in main(answer)
    assert f'action="{page}restoring/"' in answer.content.decode()
    assert f'action="{page}moves/"' not in answer.content.decode()
    assert "Lead put in the trash" in main(answer)
    assert "This lead is in the trash" in main(marketer.get(page))
    assert "Restore" not in main(marketer.get(page))
    assert names(chief.get("/leads/")) == []
    assert page not in chief.get(f"/contacts/{anna.pk}/").content.decode().split('id="timeline"')[0].split("<h2>")[0]
    assert chief.post(f"{page}moves/", {"name": "to_sal", "stage": "inquiry"}).status_code == 404
    assert chief.post(f"{page}trashing/").status_code == 404
    assert marketer.post(f"{page}restoring/").status_code == 403
    answer = chief.post(f"{page}restoring/", follow=True)
    assert "This lead is in the trash" not in main(answer)
    assert "Lead taken back from the trash" in main(answer)
    assert names(chief.get("/leads/")) == ["Анна Белова"]


def test_a_lead_with_a_deal_is_told_to_wait_for_it(lead, cast, as_, at):
    deal = Deal.open(lead=lead, values={"name": "Pumps"}, by=None, at=at)
    browser = as_(cast.mila)
    answer = browser.post(f"/leads/{lead.pk}/trashing/", follow=True)
    assert "This lead has opened a deal: put its deals in the trash first." in words(answer)
    assert Lead.objects.here().filter(pk=lead.pk).exists()
    browser.post(f"/deals/{deal.pk}/trashing/")
    browser.post(f"/leads/{lead.pk}/trashing/")
    assert not Lead.objects.here().exists()


def test_a_lead_does_not_come_back_beside_another_open_one(lead, anna, cast, as_, at):
    browser = as_(cast.mila)
    browser.post(f"/leads/{lead.pk}/trashing/")
    other = Lead.open(anna, entry="second_sale", owner=cast.ines, by=None, at=at)
    answer = browser.post(f"/leads/{lead.pk}/restoring/", follow=True)
    assert "This contact has another lead open: this one can be restored when that one has ended." in words(answer)
    assert f'<a href="/leads/{other.pk}/">' in answer.content.decode()
    assert Lead.objects.get(pk=lead.pk).trashed_at is not None


def test_a_deal_is_opened_of_the_contact_while_the_lead_is_in_the_trash(lead, anna, cast, as_):
    browser = as_(cast.saul)
    browser.post(f"/leads/{lead.pk}/trashing/")
    page = browser.get(f"/leads/{lead.pk}/").content.decode()
    assert f"/deals/new/?contact={anna.pk}" in page
    assert f"/deals/new/?lead={lead.pk}" not in page


def test_a_lead_whose_import_was_taken_back_is_not_offered_again(lead, cast, as_):
    """Its entry was never right: there is nothing to come back to."""
    browser = as_(cast.mila)
    browser.post(f"/leads/{lead.pk}/trashing/")
    entered = Transition.objects.get(lead_id=lead.pk)
    with ledger.write(entered.stored_at) as writing:
        retraction = Retraction(table="transition", row_id=entered.pk, reason="revert")
        writing.record(LeadAssigned(lead.pk, lead.contact_id, None), [retraction])
    answer = browser.get(f"/leads/{lead.pk}/")
    assert "The import that brought it in was taken back: bring it in with a new one." in main(answer)
    assert "restoring" not in answer.content.decode()
    assert "was taken back" in words(browser.post(f"/leads/{lead.pk}/restoring/", follow=True))
    assert Lead.objects.get(pk=lead.pk).trashed_at is not None


def test_a_passage_that_a_deal_takes_along_says_so(cast, as_, still):
    works = Company.create({"name": "Pump Works"}, by=cast.ada.pk, at=still)
    buyer, other = (
        Lead.open(
            Contact.create({"name": name, "company": works.pk}, by=cast.ada.pk, at=still),
            entry="referral", by=cast.ada.pk, at=still,
        )
        for name in ("Bo", "Cy")
    )  # fmt: skip
    Deal.open(lead=buyer, values={"name": "Pump"}, by=cast.ada.pk, at=still)
    page = main(as_(cast.ada).get(f"/leads/{other.pk}/"))
    assert "Lead joined to another one" in page
    assert "the company’s deal goes on with a colleague’s lead" in page


def test_whoever_has_a_lead_is_not_given_it_again(lead, cast, as_):
    facts = Fact.objects.count()
    answer = as_(cast.saul).post(f"/leads/{lead.pk}/owner/", {"owner": cast.ines.pk}, follow=True)
    assert "Ines Ito has this lead already: nothing was changed." in answer.content.decode()
    assert Fact.objects.count() == facts
