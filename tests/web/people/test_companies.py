"""Companies: their list, page, form, and who belongs to them."""

import pytest

from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact, Note
from tests.web.page import fill, main, names

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def volga(cast, at) -> Company:
    group = Company.create({"name": "Химпром"}, by=None, at=at)
    return Company.create(
        {"name": "Волга-Реагент", "domain": "volga.example", "industry": "Water", "parent": group.pk}, by=None, at=at
    )


def test_the_page_shows_people_passages_deals_and_family(volga, cast, as_, at):
    Company.create({"name": "Волга-Сервис", "parent": volga.pk}, by=None, at=at)
    anna = Contact.create({"name": "Анна Белова", "company": volga.pk}, by=None, at=at)
    lead = Lead.open(anna, entry="referral", owner=cast.ines, by=None, at=at)
    Deal.open(lead=lead, values={"name": "Six pumps"}, by=cast.felix.pk, at=at)
    Note.write(anna, "They build a second line.", by=cast.felix, at=at)
    text = main(as_(cast.mara).get(f"/companies/{volga.pk}/"))
    for words in (
        "Анна Белова",
        "Six pumps",
        "Химпром",
        "Волга-Сервис",
        "Opportunity",
        "They build a second line.",
        "Water",
    ):
        assert words in text


def test_many_contacts_lead_to_the_list_of_them(volga, cast, as_, at):
    for i in range(14):
        Contact.create({"name": f"P{i:02}", "company": volga.pk}, by=None, at=at)
    browser = as_(cast.mara)
    answer = browser.get(f"/companies/{volga.pk}/")
    assert "P11" in main(answer)
    assert "P12" not in main(answer).split("Timeline")[0]
    link = (
        answer.content.decode()
        .split('" >All contacts')[0]
        .split(">All contacts of this company")[0]
        .rsplit('href="', 1)[1]
        .rstrip('"')
    )
    assert len(names(browser.get(link))) == 14


def test_a_company_is_found_by_two_chinese_characters(cast, as_, at):
    Company.create({"name": "苏州恒锐精密机械有限公司"}, by=None, at=at)
    Company.create({"name": "宁波海川水务"}, by=None, at=at)
    assert names(as_(cast.mara).get("/companies/", {"q": "海川"})) == ["宁波海川水务"]


def test_a_company_like_this_is_shown_before_another_is_made(volga, cast, as_):
    browser = as_(cast.mara)
    answer = browser.post("/companies/new/", fill(browser.get("/companies/new/"), name="ВОЛГА-реагент"))
    assert "A company like this is known already: Волга-Реагент" in main(answer)
    assert Company.objects.count() == 2
    browser.post("/companies/new/", fill(answer, anyway="1"))
    assert Company.objects.count() == 3


WRONG = [
    ({"name": "", "domain": ""}, "Write the name of the company."),
    ({"employees": "many"}, "“many” is not a number"),
    ({"parent": "волга-реагент"}, "A company is not its own parent"),
]


@pytest.mark.parametrize(("typed", "complaint"), WRONG)
def test_what_is_wrong_is_told_by_the_field(volga, cast, as_, typed, complaint):
    browser = as_(cast.mara)
    answer = browser.post(f"/companies/{volga.pk}/edit/", fill(browser.get(f"/companies/{volga.pk}/edit/"), **typed))
    assert answer.status_code == 422
    assert complaint in main(answer)
    volga.refresh_from_db()
    assert volga.version == 0


def test_a_lost_race_is_told(volga, cast, as_, at):
    browser = as_(cast.mara)
    form = fill(browser.get(f"/companies/{volga.pk}/edit/"), industry="Chemistry")
    volga.edit({"industry": "Food"}, seen=0, by=None, at=at)
    answer = browser.post(f"/companies/{volga.pk}/edit/", form)
    assert "Industry Chemistry Food Water" in main(answer)
    assert fill(answer)["industry"] == "Chemistry"


def test_a_partner_sees_the_companies_of_their_own_contacts(volga, cast, as_, at):
    Contact.create({"name": "Анна", "company": volga.pk, "owner": cast.paula.pk}, by=None, at=at)
    browser = as_(cast.paula)
    assert names(browser.get("/companies/")) == ["Волга-Реагент"]
    assert browser.get(f"/companies/{volga.pk}/").status_code == 200
    assert browser.get(f"/companies/{volga.parent_id}/").status_code == 404


def test_the_trash_is_for_leads_of_both_sides(volga, cast, as_):
    assert as_(cast.ines).post(f"/companies/{volga.pk}/trashing/").status_code == 403
    as_(cast.saul).post(f"/companies/{volga.pk}/trashing/")
    assert names(as_(cast.ines).get("/companies/")) == ["Химпром"]
    assert "In the trash" in main(as_(cast.ines).get(f"/companies/{volga.pk}/"))
    as_(cast.saul).post(f"/companies/{volga.pk}/restoring/")
    assert len(names(as_(cast.ines).get("/companies/"))) == 2
