from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.people.models import Contact, Link

pytestmark = pytest.mark.django_db

KIM = {"external_id": "kim", "fields": {"name": "Kim", "email": "Kim@x.example"}}


@pytest.fixture
def lead(api):
    """An open lead of Kim, in the pool."""
    return api.post("/leads", {"contact": KIM, "entry": "marketing", "fields": {"origin": "paid_search"}}).body


def test_a_lead_is_opened_with_its_contact(api, lead):
    contact = Contact.objects.get()
    assert lead == {
        "id": Lead.objects.get().pk, "version": lead["version"], "entry": "marketing", "stage": "inquiry",
        "contact": {"id": contact.pk, "external_id": "kim", "name": "Kim", "email": "Kim@x.example"},
        "stage_since": "2026-03-02T09:00:00Z", "opened_at": "2026-03-02T09:00:00Z", "ended_at": None,
        "owner": "mila@house.example", "fields": {"origin": "paid_search", "campaign": None, "channel": None},
    }  # fmt: skip
    assert api.get(f"/leads/{lead['id']}").body == lead
    assert api.get(f"/contacts/{contact.pk}").body["owner"] == "mila@house.example"


def test_its_history_and_facts_are_written(lead, cast):
    facts = Fact.objects.filter(lead_id=lead["id"]).values_list("kind", "contact_id", "by_id")
    contact = lead["contact"]["id"]
    assert list(facts) == [("lead_opened", contact, cast.ada.pk), ("values_set", None, cast.ada.pk)]
    row = Transition.objects.get(lead_id=lead["id"])
    assert (row.move, row.from_stage, row.to_stage, row.entry, row.owner_id) == (
        "entered",
        None,
        "inquiry",
        "marketing",
        cast.mila.pk,
    )
    values = {t.field: t.text for t in Trait.objects.filter(kind="lead", record=lead["id"])}
    assert values == {"origin": "paid_search", "owner": str(cast.mila.pk)}


@pytest.mark.parametrize("told", [{"id": None}, {"external_id": "kim"}, {"fields": {"email": "KIM@x.example"}}])
def test_a_known_contact_is_found(api, told):
    kim = api.post("/contacts", KIM).body
    told = {key: kim["id"] if key == "id" else value for key, value in told.items()}
    opened = api.post("/leads", {"contact": told, "entry": "referral"})
    assert (opened.status, opened.body["contact"]["id"]) == (201, kim["id"])
    assert Contact.objects.count() == 1


def test_a_merged_contact_is_found_by_what_it_was_known_by(api):
    kim, other = (
        api.post("/contacts", KIM).body,
        api.post("/contacts", {"external_id": "b", "fields": {"email": "b@x.example"}}).body,
    )
    api.post(f"/contacts/{kim['id']}/merges", {"loser": other["id"]})
    assert api.post("/leads", {"contact": {"external_id": "b"}, "entry": "referral"}).body["contact"]["id"] == kim["id"]
    refused = api.post("/leads", {"contact": {"fields": {"email": "b@x.example"}}, "entry": "referral"})
    assert (refused.status, refused.body["error"]["code"]) == (409, "open_lead")


def test_what_is_new_about_a_known_contact_is_set(api):
    kim = api.post("/contacts", KIM).body
    told = {"external_id": "kim", "fields": {"name": "Kim", "title": "Director"}}
    api.post("/leads", {"contact": told, "entry": "referral"})
    now = api.get(f"/contacts/{kim['id']}").body
    assert (now["fields"]["title"], now["fields"]["email"], now["version"]) == ("Director", "Kim@x.example", 1)
    assert list(
        Trait.objects.filter(kind="contact", record=kim["id"], field="name").values_list("text", flat=True)
    ) == ["Kim"]


def test_a_contact_has_one_open_lead(api, lead):
    again = api.post("/leads", {"contact": {"external_id": "kim"}, "entry": "referral"})
    assert (again.status, again.body["error"]["code"]) == (409, "open_lead")
    assert Lead.objects.count() == 1


def test_a_refused_lead_leaves_no_contact_behind(api):
    new = {"external_id": "new", "fields": {"name": "New"}}
    assert api.post("/leads", {"contact": new, "entry": "referral", "owner": "nobody@x.example"}).status == 422
    assert api.post("/leads", {"contact": new, "entry": "referral", "fields": {"origni": "x"}}).status == 422
    assert api.post("/leads", {"contact": new, "entry": "by_magic"}).status == 422
    assert not Contact.objects.exists()
    assert not Link.objects.exists()


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({}, "contact"),
        ({"id": 4711}, "contact.id"),
        ({"id": 2**63}, "contact.id"),
        ({"id": "1"}, "contact.id"),
        ({"external_id": "accord:4711"}, "contact.external_id"),
        ({"fields": {"name": "Kim"}}, "contact"),
        ({"external_id": "x", "fields": {"owner": "ines@house.example"}}, "contact.fields.owner"),
        ({"external_id": "x", "name": "Kim"}, "contact.name"),
        ("kim", "contact"),
        (None, "contact"),
    ],
)
def test_a_lead_is_somebodys(api, told, where):
    refused = api.post("/leads", {"contact": told, "entry": "referral"})
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, [where])
    assert not Lead.objects.exists()


def test_moves(api, lead):
    path = f"/leads/{lead['id']}/moves"
    moved = api.post(path, {"move": "to_mql"})
    assert (moved.status, moved.body["stage"]) == (201, "mql")
    assert api.post(path, {"move": "returned"}).body["error"]["fields"].keys() == {"reason"}
    assert api.post(path, {"move": "returned", "reason": "no budget"}).body["stage"] == "engaged"
    assert api.post(path, {"move": "lost", "reason": "no budget"}).body["ended_at"] == "2026-03-02T09:00:00Z"
    late = api.post(path, {"move": "to_sal"})
    assert (late.status, late.body["error"]["code"], late.body["current"]["stage"]) == (409, "moved", "lost")
    assert api.post(path, {"move": "reopened"}).body["stage"] == "inquiry"
    seen = [(m["move"], m["from_stage"], m["to_stage"], m["reason"]) for m in api.get(path).body]
    assert seen == [
        ("entered", None, "inquiry", ""), ("to_mql", "inquiry", "mql", ""), ("returned", "mql", "engaged", "no budget"),
        ("lost", "engaged", "lost", "no budget"), ("reopened", "lost", "inquiry", ""),
    ]  # fmt: skip


def test_a_move_that_is_none(api, lead):
    for said in (
        {"move": "joined"},
        {"move": "to_moon"},
        {},
        {"move": "lost", "reason": "x" * 201},
        {"move": "lost", "reason": "\x00"},
    ):
        assert api.post(f"/leads/{lead['id']}/moves", said).status == 422, said
    assert Transition.objects.count() == 1


def test_a_change_of_fields_and_owner(api, lead, key):
    path = f"/leads/{lead['id']}"
    changed = api.patch(
        path, {"version": lead["version"], "owner": "ines@house.example", "fields": {"campaign": "spring"}}
    )
    assert (changed.status, changed.body["owner"], changed.body["fields"]["campaign"]) == (
        200,
        "ines@house.example",
        "spring",
    )
    assert changed.body["version"] != lead["version"]
    assert api.get(f"/contacts/{lead['contact']['id']}").body["owner"] == "ines@house.example"
    lost = api.patch(path, {"version": lead["version"], "fields": {"campaign": "autumn"}})
    assert (lost.status, lost.body["current"]) == (409, changed.body)
    api.post(f"{path}/moves", {"move": "to_mql"})
    assert api.patch(path, {"version": changed.body["version"], "fields": {"campaign": "autumn"}}).status == 409
    assert api.get(path).body["fields"]["campaign"] == "spring"


def test_who_may_not_assign_may_still_change_fields(api, lead, key):
    mara, path = key("marketing"), f"/leads/{lead['id']}"
    assert mara.patch(path, {"version": lead["version"], "owner": "ines@house.example"}).status == 403
    assert api.get(path).body == lead
    assert mara.patch(path, {"version": lead["version"], "fields": {"channel": "fair"}}).status == 200


def test_where_it_stood_then(api, lead, at):
    path = f"/leads/{lead['id']}"
    with clock.moved_to(at + timedelta(days=10)):
        api.post(f"{path}/moves", {"move": "lost", "reason": "price"})
        api.patch(path, {"version": api.get(path).body["version"], "fields": {"origin": "fair"}})
    then = api.get(f"{path}?known_at=2026-03-05T00:00:00Z").body
    assert (then["stage"], then["ended_at"], then["fields"]["origin"]) == ("inquiry", None, "paid_search")
    later = api.get(f"{path}?as_of=2026-03-15T00:00:00Z").body
    assert (later["stage"], later["ended_at"], later["fields"]["origin"]) == ("lost", "2026-03-12T09:00:00Z", "fair")
    before = api.get(f"{path}?as_of=2026-03-01T00:00:00Z").body
    assert (before["stage"], before["owner"], before["fields"]["origin"]) == (None, None, None)


def test_filters(api, lead):
    other = api.post(
        "/leads",
        {
            "contact": {"external_id": "o", "fields": {"name": "Olga"}},
            "entry": "referral",
            "owner": "felix@house.example",
        },
    ).body
    api.post(f"/leads/{other['id']}/moves", {"move": "to_sql"})

    def found(question: str) -> list[int]:
        return [one["id"] for one in api.get(f"/leads?{question}").body["items"]]

    assert found("") == [lead["id"], other["id"]]
    assert found("stage=sql") == [other["id"]]
    assert found("owner=mila@house.example") == [lead["id"]]
    assert found("email=kim@X.example") == [lead["id"]]
    assert found(f"contact={other['contact']['id']}") == [other["id"]]
    assert found("q=olg") == [other["id"]]
    assert found("external_id=o") == []
    assert api.get("/leads?stage=moon").body["error"]["fields"].keys() == {"stage"}
    assert api.get("/leads?stgae=sql").body["error"]["fields"].keys() == {"stgae"}


def test_the_trash(api, lead, key):
    path = f"/leads/{lead['id']}"
    seller, before = key("inside_sales"), Fact.objects.count()
    assert seller.delete(path).status == 403
    assert (api.get(path).body, Fact.objects.count()) == (lead, before)
    assert (api.delete(path).status, api.delete(path).status, api.get(path).status) == (204, 404, 404)
    assert api.get("/leads").body["items"] == api.get("/leads?q=kim").body["items"] == []
    refused = [api.post(f"{path}/moves", {"move": "to_sal"}), api.patch(path, {"version": lead["version"]})]
    assert [one.status for one in refused] == [404, 404]
    assert Lead.objects.get().trashed_at is not None
    assert api.post("/leads", {"contact": {"external_id": "kim"}, "entry": "referral"}).status == 201


def test_a_lead_with_a_deal_stays_until_its_deals_are_gone(api, lead):
    deal = api.post("/deals", {"lead": lead["id"], "fields": {"name": "Line 4"}}).body
    refused = api.delete(f"/leads/{lead['id']}")
    assert (refused.status, refused.body["error"]["code"]) == (409, "has_deals")
    assert api.get(f"/leads/{lead['id']}").status == 200
    assert api.delete(f"/deals/{deal['id']}").status == 204
    assert api.delete(f"/leads/{lead['id']}").status == 204


def test_whether_it_is_in_the_trash_is_no_field(api, lead):
    refused = api.patch(f"/leads/{lead['id']}", {"version": lead["version"], "fields": {"trashed": True}})
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, ["fields.trashed"])
