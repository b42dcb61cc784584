from datetime import timedelta

import pytest

from accord.kernel import clock, fields
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.people.models import Contact, Identity, Merge

pytestmark = pytest.mark.django_db

NO_VALUES = {
    "name": None, "email": None, "phone": None, "company": None, "title": None, "seniority": None, "department": None,
    "country": None, "language": None, "budget": None,
}  # fmt: skip


def test_a_contact_is_created_with_all_its_fields(api, house, at):
    house.define_field("contact", "vip", type="bool", label="VIP", by=None, at=at)
    house.define_field("contact", "met_on", type="date", label="Met on", by=None, at=at)
    company = api.post("/companies", {"fields": {"name": "Hengrui"}}).body
    given = {
        "name": "陈思远",
        "email": "Siyuan@Hengrui.example",
        "company": company["id"],
        "budget": 5000,
        "vip": True,
        "met_on": "2026-02-01",
    }
    made = api.post("/contacts", {"external_id": "crm-1", "fields": given})
    assert made.status == 201
    assert made.body == {
        "id": made.body["id"], "external_id": "crm-1", "version": 0, "created_at": "2026-03-02T09:00:00Z",
        "owner": None,
        "fields": {**NO_VALUES, **given},
    }  # fmt: skip
    assert api.get(f"/contacts/{made.body['id']}").body == made.body
    assert Contact.objects.get().sort_key == "chen 陈 si 思 yuan 远"
    assert set(Fact.objects.filter(contact_id=made.body["id"]).values_list("kind", flat=True)) == {
        "contact_created", "values_set", "contact_identified",
    }  # fmt: skip


def test_a_contact_without_an_external_id_gets_one(api):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    assert made["external_id"] == f"accord:{made['id']}"


def test_an_external_id_is_given_once(api):
    api.post("/contacts", {"external_id": "crm-1"})
    again = api.post("/contacts", {"external_id": "crm-1", "fields": {"name": "Other"}})
    assert (again.status, again.body["error"]["code"]) == (409, "exists")
    assert Contact.objects.get().name == ""


def test_the_ids_that_are_ours_are_not_given_away(api):
    refused = api.post("/contacts", {"external_id": "accord:999"})
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, ["external_id"])


def test_a_contact_needs_something_to_be_known_by(api):
    refused = api.post("/contacts", {"fields": {"title": "Director"}})
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, ["fields"])
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"fields": {"nmae": "Kim"}}, "fields.nmae"),
        ({"fields": {"name": 5}}, "fields.name"),
        ({"fields": {"name": "x" * 256}}, "fields.name"),
        ({"fields": {"email": "kim"}}, "fields.email"),
        ({"fields": {"budget": "much"}}, "fields.budget"),
        ({"fields": {"budget": True}}, "fields.budget"),
        ({"fields": {"budget": 2**63}}, "fields.budget"),
        ({"fields": {"company": 4711}}, "fields.company"),
        ({"fields": {"company": "Acme"}}, "fields.company"),
        ({"fields": {"trashed": True}}, "fields.trashed"),
        ({"fields": {"owner": 1}}, "fields.owner"),
        ({"fields": {"title": "a\x00b"}}, "fields.title"),
        ({"fields": {"title": "x" * 10_001}}, "fields.title"),
        ({"fields": {"title": ["a"]}}, "fields.title"),
        ({"fields": []}, "fields"),
        ({"extrenal_id": "1"}, "extrenal_id"),
        ({"external_id": 1}, "external_id"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 256}, "external_id"),
        ({"external_id": "\x00"}, "external_id"),
        ([], "body"),
    ],
)
def test_what_cannot_be_taken_is_named(api, given, where):
    if isinstance(given, dict):
        given = {"external_id": "crm-1"} | given
    refused = api.post("/contacts", given)
    assert refused.status == 422
    assert refused.body["error"]["code"] == "invalid"
    assert [name for name in refused.body["error"]["fields"] if name.startswith(where)]
    assert not Contact.objects.exists()


def test_a_change_says_which_version_it_saw(api):
    made = api.post("/contacts", {"fields": {"name": "Kim", "title": "Clerk"}}).body
    changed = api.patch(f"/contacts/{made['id']}", {"version": 0, "fields": {"title": "Director", "name": None}})
    assert (changed.status, changed.body["version"]) == (200, 1)
    assert changed.body["fields"] == {**NO_VALUES, "title": "Director"}


def test_who_lost_the_race_is_told_how_it_stands(api):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    path = f"/contacts/{made['id']}"
    assert api.patch(path, {"version": 0, "fields": {"name": "First"}}).status == 200
    lost = api.patch(path, {"version": 0, "fields": {"name": "Second"}})
    assert (lost.status, lost.body["error"]["code"]) == (409, "lost_race")
    assert lost.body["current"] == api.get(path).body
    assert lost.body["current"]["fields"]["name"] == "First"


def test_what_was_known_on_a_day(api, at):
    made = api.post("/contacts", {"fields": {"name": "Kim", "title": "Clerk"}}).body
    path = f"/contacts/{made['id']}"
    with clock.moved_to(at + timedelta(days=10)):
        api.patch(path, {"version": 0, "fields": {"title": "Director"}})
    known = {at + timedelta(days=n): title for n, title in ((1, "Clerk"), (-1, None), (9, "Clerk"), (11, "Director"))}
    for moment, title in known.items():
        for question in (f"known_at={moment:%Y-%m-%dT%H:%M:%SZ}", f"as_of={moment:%Y-%m-%dT%H:%M:%SZ}"):
            assert api.get(f"{path}?{question}").body["fields"]["title"] == title, question
    then = api.get(f"{path}?as_of=2026-03-31T00:00:00Z&known_at=2026-03-03T00:00:00%2B02:00").body
    assert then["fields"]["title"] == "Clerk"


@pytest.mark.parametrize(
    "when", ["yesterday", "2026-03-02T09:00:00", "99999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "%00", "5"]
)
def test_a_day_that_is_none(api, when):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    refused = api.get(f"/contacts/{made['id']}?as_of={when}")
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, ["as_of"])


@pytest.mark.parametrize("name", ["ﷺ" * 60, "陈" * 200])
def test_a_name_that_is_long_only_to_sort_by(api, name):
    made = api.post("/contacts", {"fields": {"name": name}})
    assert (made.status, made.body["fields"]["name"]) == (201, name)


def test_the_trash(api, key):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    path = f"/contacts/{made['id']}"
    assert key("inside_sales").delete(path).status == 403
    assert api.get(path).status == 200
    assert (api.delete(path).status, api.delete(path).status, api.get(path).status) == (204, 404, 404)
    assert api.get("/contacts").body["items"] == []
    assert Contact.objects.get().trashed_at is not None


def test_merge_and_part(api):
    kim = api.post("/contacts", {"external_id": "a", "fields": {"name": "Kim", "email": "kim@x.example"}}).body
    kim2 = api.post(
        "/contacts", {"external_id": "b", "fields": {"name": "K. Im", "email": "k.im@x.example", "title": "Director"}}
    ).body
    made = api.post(f"/contacts/{kim['id']}/merges", {"loser": kim2["id"], "reason": "the same person"})
    assert made.status == 201
    assert made.body == {
        "id": made.body["id"], "survivor": kim["id"], "loser": kim2["id"], "reason": "the same person",
        "merged_at": "2026-03-02T09:00:00Z", "undone_at": None,
    }  # fmt: skip
    assert api.get(f"/contacts/{kim2['id']}").status == 404
    assert api.get(f"/contacts/{kim['id']}").body["fields"]["title"] == "Director"
    assert api.post(f"/contacts/{kim['id']}/merges", {"loser": kim2["id"]}).status == 422
    assert api.delete(f"/contacts/{kim['id']}/merges/{made.body['id']}").status == 204
    assert api.delete(f"/contacts/{kim['id']}/merges/{made.body['id']}").status == 404
    assert api.get(f"/contacts/{kim['id']}").body["fields"]["title"] is None
    assert api.get(f"/contacts/{kim2['id']}").status == 200


def test_a_contact_is_not_merged_with_itself(api):
    kim = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    refused = api.post(f"/contacts/{kim['id']}/merges", {"loser": kim["id"]})
    assert (refused.status, refused.body["error"]["code"]) == (409, "cannot_merge")
    assert not Merge.objects.exists()


def test_filters_and_search(api, cast):
    company = api.post("/companies", {"fields": {"name": "Hengrui"}}).body["id"]
    chen = api.post(
        "/contacts", {"external_id": "c", "fields": {"name": "陈思远", "email": "Chen@x.example", "company": company}}
    ).body["id"]
    kim = api.post("/contacts", {"external_id": "k", "fields": {"name": "Kim Müller"}}).body["id"]
    api.post("/leads", {"contact": {"id": kim}, "entry": "referral", "owner": "ines@house.example"})

    def found(question: str) -> list[int]:
        return [contact["id"] for contact in api.get(f"/contacts?{question}").body["items"]]

    assert found("email=CHEN@X.example") == [chen]
    assert found("email=nobody") == []
    assert found("external_id=k") == [kim]
    assert found("owner=ines@house.example") == [kim]
    assert found("owner=nobody@house.example") == []
    assert found(f"company={company}") == [chen]
    assert found("q=思远") == [chen]
    assert found("q=muller") == [kim]
    assert found("q=muller&email=chen@x.example") == []
    assert found("") == [chen, kim]


def test_the_address_finds_the_person(api):
    made = api.post("/contacts", {"fields": {"name": "Kim", "email": "Kim@X.example"}}).body
    assert Identity.objects.get(kind="email").value == "kim@x.example"
    assert Trait.objects.get(record=made["id"], field="email").text == "Kim@X.example"


def test_every_field_of_the_registry_is_shown(api):
    made = api.post("/contacts", {"fields": {"name": "Kim"}}).body
    assert set(made["fields"]) == set(fields.of("contact")) - {"trashed", "owner"}
