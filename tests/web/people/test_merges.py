"""Two contacts are compared side by side, merged by a person, and parted again."""

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.people.models import Contact, Merge
from tests.web.page import main

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def pair(cast, at) -> tuple[Contact, Contact]:
    anna = Contact.create({"name": "Анна Белова", "email": "anna@volga.example", "title": "Инженер"}, by=None, at=at)
    twin = Contact.create({"name": "Анна Белова", "phone": "+7 8442", "title": "Engineer"}, by=None, at=at)
    return anna, twin


def test_a_probable_duplicate_leads_to_the_comparison(pair, cast, as_):
    anna, twin = pair
    answer = as_(cast.mara).get(f"/contacts/{anna.pk}/")
    assert "Probably the same person: Анна Белова Compare" in main(answer)
    assert f'href="/contacts/{anna.pk}/merge/?with={twin.pk}"' in answer.content.decode()


def test_who_may_not_merge_is_not_asked(pair, cast, as_):
    assert "Probably the same person" not in main(as_(cast.felix).get(f"/contacts/{pair[0].pk}/"))


def test_both_stand_side_by_side(pair, cast, as_):
    anna, twin = pair
    text = main(as_(cast.mara).get(f"/contacts/{anna.pk}/merge/", {"with": twin.pk}))
    assert "Job title Инженер Engineer" in text
    assert "E-mail anna@volga.example –" in text


def test_the_one_who_is_chosen_stays(pair, cast, as_):
    anna, twin = pair
    browser = as_(cast.mara)
    form = {"with": twin.pk, "survivor": twin.pk, "reason": "the same desk"}
    assert browser.post(f"/contacts/{anna.pk}/merge/", form)["Location"] == f"/contacts/{twin.pk}/"
    merge = Merge.objects.get()
    assert (merge.survivor, merge.loser, merge.reason, merge.by_id) == (twin, anna, "the same desk", cast.mara.pk)


def test_without_a_choice_nothing_happens(pair, cast, as_):
    anna, twin = pair
    answer = as_(cast.mara).post(f"/contacts/{anna.pk}/merge/", {"with": twin.pk})
    assert "Choose who stays." in main(answer)
    assert not Merge.objects.exists()


def test_the_other_one_is_found_by_name(pair, cast, as_, at):
    anna, _twin = pair
    Contact.create({"name": "陈思远"}, by=None, at=at)
    browser = as_(cast.mara)
    found = browser.get(f"/contacts/{anna.pk}/merge/", {"q": "思远"})
    assert "陈思远" in main(found)
    assert f"?with={anna.pk}" not in found.content.decode()


@pytest.mark.parametrize("other", ["0", "x", "99999", "-1", "9" * 30])
def test_one_who_is_not_there_is_looked_for(pair, cast, as_, other):
    anna, _twin = pair
    answer = as_(cast.mara).get(f"/contacts/{anna.pk}/merge/", {"with": other})
    assert answer.status_code == 200
    assert "Merge with another contact" in main(answer)


def test_a_contact_is_not_merged_with_itself(pair, cast, as_):
    anna, _twin = pair
    as_(cast.mara).post(f"/contacts/{anna.pk}/merge/", {"with": anna.pk, "survivor": anna.pk})
    assert not Merge.objects.exists()


def test_one_that_was_merged_meanwhile_is_told(pair, cast, as_, at):
    anna, twin = pair
    third = Contact.create({"name": "Third"}, by=None, at=at)
    Merge.of(third, twin, reason="", by=None, at=at)
    answer = as_(cast.mara).post(f"/contacts/{anna.pk}/merge/", {"with": twin.pk, "survivor": anna.pk}, follow=True)
    assert answer.status_code == 200
    assert Merge.objects.count() == 1


def test_who_may_not_merge_changes_nothing(pair, cast, as_, at):
    anna, twin = pair
    merge = Merge.of(anna, twin, reason="", by=None, at=at)
    facts = Fact.objects.count()
    for who in (cast.felix, cast.sven, cast.eva, cast.paula):
        assert as_(who).post(f"/merges/{merge.pk}/undoing/").status_code == 403
        assert as_(who).post(f"/contacts/{anna.pk}/merge/", {"with": twin.pk, "survivor": anna.pk}).status_code == 403
    assert Fact.objects.count() == facts
    merge.refresh_from_db()
    assert merge.undone_at is None
