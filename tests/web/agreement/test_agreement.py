"""The agreement as each role sees it, from a draft to what is in force."""

from datetime import date, timedelta

import pytest

from accord.kernel import clock
from accord.rooms.agreement import starter
from accord.rooms.agreement.document.writing import to_yaml
from accord.rooms.agreement.models import Agreement, Version
from tests.rooms.agreement.conftest import EXAMPLE, document, example
from tests.web.page import main

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]
SECTIONS = (
    "Whom this is about", "When a lead opens", "When a lead is qualified", "Whom we look for", "Segments",
    "Signs of readiness", "Stages", "Points for fit", "Points for engagement", "Grades", "Hand-offs", "Promises",
    "Routing", "Coverage", "Recycling", "Who does what",
)  # fmt: skip


def drafted(**changed) -> Version:
    return Version.draft(document(**changed), by=None, at=NOW)


@pytest.fixture(autouse=True)
def _now(at):
    global NOW
    NOW = at


def sign(version: Version, *members) -> Version:
    if version.is_draft:
        version.propose(by=None, at=NOW)
    for member in members:
        version.sign(member, hash=version.hash, at=NOW)
    return version


def test_nothing_is_agreed_yet(cast, as_):
    lead = as_(cast.mila).get("/agreement/")
    assert "Nothing is agreed yet" in main(lead)
    assert 'href="/agreement/new/"' in lead.content.decode()
    assert "/agreement/new/" not in as_(cast.ines).get("/agreement/").content.decode()


def test_it_reads_like_a_contract(cast, as_):
    sign(drafted(), cast.mila, cast.saul)
    said = main(as_(cast.eva).get("/agreement/"))
    places = [said.index(f"{number} {title}") for number, title in enumerate(SECTIONS, 1)]
    assert places == sorted(places)
    for sentence in (
        "Version 1, in force",
        "This agreement is about every contact.",
        "the first of: form sent, download, call to us, sign-up for an event, event attended, reply, or meeting.",
        "One of these holds: All of these hold: at least 3 × download within 30 days",
        "the seniority of the contact is “Director”, “Vice president”, or “C-level”",
        "belongs to “target industry” was checked by Inside sales and passed",
        "the number of employees of the company is at least 5,000",
        "pricing page viewed where the page’s address begins with “/pricing” intent half after 14 days 15",
        "The group “content” gives at most 40 points.",
        "is in contact with 90 % of the leads within 4 working hours of the hand-off",
        "to inside Marketing Inside sales Qualified by marketing accept or return",
        "the team inside, in fair turns; what they cannot take goes to head of inside",
        "Not now comes back after 90 days stay in touch",
        "For Marketing Mila Berg signed 09:00",
        "For Sales Saul Stein signed 09:00",
    ):
        assert sentence in said


def test_members_whom_a_route_names_are_called_by_their_names(cast, as_):
    routes = [
        {"id": "all", "when": {"all": []}, "to": {"team": "inside", "pick": "fair", "overflow_owner": cast.saul.email}}
    ]
    version = drafted(routing=routes)
    said = main(as_(cast.eva).get(f"/agreement/versions/{version.pk}/"))
    assert "the team inside, in fair turns; what they cannot take goes to Saul Stein" in said
    assert cast.saul.email not in said


@pytest.mark.parametrize("who", ["mara", "ines", "felix", "sven", "eva"])
def test_the_others_read_and_touch_nothing(cast, as_, who):
    version = drafted()
    browser = as_(getattr(cast, who))
    body = browser.get(f"/agreement/versions/{version.pk}/").content.decode()
    assert [word for word in ("Propose", "Withdraw", "Edit", "Sign for") if f">{word}" in body] == []
    for act in ("edit", "proposal", "signature", "withdrawal", "drafts"):
        assert browser.post(f"/agreement/versions/{version.pk}/{act}/", {"hash": version.hash}).status_code == 403
    version.refresh_from_db()
    assert (version.status, Version.objects.count()) == ("draft", 1)


def test_a_partner_sees_no_agreement(cast, as_):
    version = drafted()
    assert as_(cast.paula).get("/agreement/").status_code == 403
    assert as_(cast.paula).get(f"/agreement/versions/{version.pk}/file/").status_code == 403


def test_a_clause_is_changed_proposed_signed_by_one_side_and_the_other_and_in_force(cast, as_):
    before = sign(drafted(), cast.mila, cast.saul)
    mila, saul = as_(cast.mila), as_(cast.saul)
    answer = mila.post(f"/agreement/versions/{before.pk}/drafts/")
    draft = Version.objects.get(number=2)
    assert answer["Location"] == f"/agreement/versions/{draft.pk}/edit/"
    days = [date.fromisoformat(draft.data[name]) for name in ("effective", "review_by")]
    assert days[1] - days[0] == timedelta(days=90)
    assert days[1] > clock.now().date() > date.fromisoformat(before.data["effective"])
    form = mila.get(answer["Location"])
    assert "Version 1, in force" in main(form)
    text = to_yaml({**example(), "qualified": {"score": "total", "at_least": 30}})
    saved = mila.post(answer["Location"], {"text": text, "seen": "0"}, follow=True)
    said = main(saved)
    assert "The draft is saved." in saved.content.decode()
    assert "What would change 1 article " in said
    assert "3 When a lead is qualified In force: " not in said  # the names of the sides are for screen readers
    assert "total score of at least 30" in said
    assert "15 articles without changes" in said

    for stale in ("0", "9" * 5000):
        refused = mila.post(f"/agreement/versions/{draft.pk}/proposal/", {"seen": stale}, follow=True)
        assert "It is proposed." not in main(refused)
    mila.post(f"/agreement/versions/{draft.pk}/proposal/", {"seen": "1"})
    page = saul.get(f"/agreement/versions/{draft.pk}/").content.decode()
    draft.refresh_from_db()
    assert f'name="hash" value="{draft.hash}"' in page
    assert ">Sign for Sales<" in page
    assert ">Sign for Marketing<" not in page
    saul.post(f"/agreement/versions/{draft.pk}/signature/", {"hash": draft.hash})
    assert "Version 1, in force" in main(saul.get("/agreement/"))
    said = main(mila.get(f"/agreement/versions/{draft.pk}/"))
    assert "With my signature it comes into force at once, and judges the open leads from then on." in said
    assert "in force as soon as both have signed" in said
    unsure = mila.post(f"/agreement/versions/{draft.pk}/signature/", {"hash": draft.hash}, follow=True)
    assert "Your signature makes it binding for both sides" in unsure.content.decode()
    assert "Version 1, in force" in main(saul.get("/agreement/"))
    mila.post(f"/agreement/versions/{draft.pk}/signature/", {"hash": draft.hash, "sure": "1"})
    now = main(as_(cast.ines).get("/agreement/"))
    assert "Version 2, in force" in now
    assert "total score of at least 30" in now
    before.refresh_from_db()
    assert before.status == "superseded"
    assert "Version 1 superseded" in now


def test_two_versions_stand_side_by_side_with_the_words_marked_that_changed(cast, as_):
    document = example()
    first = sign(drafted(), cast.mila, cast.saul)
    document["promises"]["sales"][0] |= {"share": 0.8, "mode": "pilot"}
    second = sign(drafted(promises=document["promises"]), cast.mila, cast.saul)
    browser = as_(cast.ines)
    alone = browser.get(f"/agreement/versions/{second.pk}/")
    assert "What changed" not in main(alone)
    address = f"/agreement/versions/{second.pk}/?with={first.pk}"
    assert f'href="{address}#changes-h"' in alone.content.decode()
    page = browser.get(address).content.decode()
    assert "What changed from version 1 to version 2" in page
    assert "contact with <del>90</del> % of the leads within" in page
    assert "contact with <ins>80</ins> % of the leads within" in page
    assert "<ins>measured only</ins>" in page
    assert page.count("<ins>") == 2
    assert page.count("<del>") == 1
    assert "15 articles without changes" in page


def test_the_older_version_stands_first_from_whichever_page_the_two_are_compared(cast, as_):
    first = sign(drafted(), cast.mila, cast.saul)
    second = sign(drafted(qualified={"score": "total", "at_least": 30}), cast.mila, cast.saul)
    browser = as_(cast.eva)
    said = main(browser.get(f"/agreement/versions/{first.pk}/?with={second.pk}"))
    assert "What changed from version 1 to version 2 1 article Version 1 superseded Version 2 in force" in said
    assert "Compare with version 2" in main(browser.get(f"/agreement/versions/{first.pk}/"))
    elsewhere = Version.draft(document(name="Another"), by=None, at=NOW)
    for unknown in (elsewhere.pk, first.pk, "x"):
        assert "What changed" not in main(browser.get(f"/agreement/versions/{first.pk}/?with={unknown}"))


def test_what_was_seen_must_be_what_is_signed(cast, as_):
    version = sign(drafted())
    answer = as_(cast.mila).post(f"/agreement/versions/{version.pk}/signature/", {"hash": "0" * 64}, follow=True)
    assert "What you saw is another text than the one that is proposed." in answer.content.decode()
    assert not version.signatures.exists()


def test_what_is_wrong_stands_by_its_path_and_what_was_typed_is_kept(cast, as_):
    version = drafted()
    typed = EXAMPLE.replace("half_life_days: 30", "half_life_days: 0.5") + "# my remark\n"
    answer = as_(cast.saul).post(f"/agreement/versions/{version.pk}/edit/", {"text": typed, "seen": "0"})
    said = main(answer)
    wrong = "scoring.engagement[0].half_life_days A half-life is one day or more. Write a longer one, or none."
    assert f"1 problem {wrong}" in said
    assert "# my remark" in said
    version.refresh_from_db()
    assert (version.edition, version.document.scoring.engagement[0].half_life_days) == (0, 30)


def test_what_is_doubtful_is_said_and_saved_all_the_same(cast, as_):
    text = EXAMPLE.replace("touch: download}, at_least: 3", "touch: donwload}, at_least: 3")
    answer = as_(cast.mila).post("/agreement/new/", {"text": text})
    assert answer["Location"] == f"/agreement/versions/{Version.objects.get().pk}/"


def test_two_editors_see_what_the_other_wrote(cast, as_):
    version = drafted()
    address = f"/agreement/versions/{version.pk}/edit/"
    theirs, mine = EXAMPLE + "# theirs\n", EXAMPLE + "# mine\n"
    as_(cast.saul).post(address, {"text": theirs, "seen": "0"})
    browser = as_(cast.mila)
    clash = browser.post(address, {"text": mine, "seen": "0"})
    said = main(clash)
    assert "What somebody else has written meanwhile" in said
    assert "Somebody else has changed the draft meanwhile." in said
    assert "# theirs" in said
    assert "# mine" in said
    version.refresh_from_db()
    assert version.source == theirs
    assert 'name="seen" value="1"' in clash.content.decode()
    browser.post(address, {"text": mine, "seen": "1"})
    version.refresh_from_db()
    assert version.source == mine


def test_a_draft_keeps_the_name_of_its_agreement(cast, as_):
    version = drafted()
    text = EXAMPLE.replace("name: Qualified leads and promises", "name: Other")
    said = main(as_(cast.mila).post(f"/agreement/versions/{version.pk}/edit/", {"text": text, "seen": "0"}))
    assert "A version keeps the name of its agreement: “Qualified leads and promises”." in said


def test_what_was_proposed_is_not_edited_by_the_page(cast, as_):
    version = sign(drafted())
    answer = as_(cast.mila).post(f"/agreement/versions/{version.pk}/edit/", {"text": EXAMPLE, "seen": "0"}, follow=True)
    assert "A version that was proposed is never changed." in answer.content.decode()
    before = version.text
    version.refresh_from_db()
    assert (version.text, version.edition) == (before, 0)


def test_the_starter_says_that_nobody_has_signed_it(cast, as_, at):
    starter.begin(at, "Europe/Berlin")
    assert "Unsigned starter." in main(as_(cast.ines).get("/agreement/"))
    sign(drafted(), cast.mila, cast.saul)
    page = main(as_(cast.ines).get("/agreement/"))
    assert "Unsigned starter." not in page
    assert "Qualified leads and promises" in page


def test_the_file_is_the_document(cast, as_):
    version = drafted()
    yaml = as_(cast.ines).get(f"/agreement/versions/{version.pk}/file/")
    assert yaml.content.decode() == to_yaml(example())
    assert yaml["Content-Disposition"] == f'attachment; filename="agreement-{version.pk}-v1.yaml"'
    json = as_(cast.ines).get(f"/agreement/versions/{version.pk}/file/?as=json")
    assert json.json() == example()


def test_ranks_are_moved_until_somebody_signs(cast, as_):
    sign(drafted(), cast.mila, cast.saul)
    for name in ("North", "South"):
        drafted(name=name, scope={"field": "company.region", "is": name})
    north = Agreement.objects.get(name="North")
    browser = as_(cast.mila)
    browser.post(f"/agreement/{north.pk}/rank/", {"to": "above"})
    names = [one.name for one in Agreement.objects.ranked()]
    assert names == ["North", "South", "Qualified leads and promises"]
    south = Agreement.objects.get(name="South")
    answer = browser.post(f"/agreement/{south.pk}/rank/", {"to": "below"}, follow=True)
    assert "An agreement that was signed keeps its place." in answer.content.decode()
    assert [one.name for one in Agreement.objects.ranked()] == names


def test_the_lists_of_versions_and_agreements_cost_no_query_a_row(cast, as_, django_assert_max_num_queries):
    sign(drafted(), cast.mila, cast.saul)
    for _ in range(4):
        version = drafted()
        version.withdraw(by=None, at=NOW)
    browser = as_(cast.ines)
    browser.get("/agreement/")
    with django_assert_max_num_queries(24):
        browser.get("/agreement/")
