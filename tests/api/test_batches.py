import pytest

from accord.kernel.imports import revert
from accord.kernel.imports.models import Import, ImportKey
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.people.models import Company, Contact, Link

pytestmark = pytest.mark.django_db


def item(n: int, **more) -> dict:
    contact = {
        "external_id": f"c{n}",
        "company": "Hengrui",
        "fields": {"name": f"Person {n}", "email": f"p{n}@x.example"},
    }
    return {"external_id": f"l{n}", "contact": contact, "entry": "marketing", "fields": {"origin": "fair"}} | more


def results(answered) -> list[str]:
    assert answered.status == 200, answered.body
    return [one["result"] for one in answered.body["results"]]


def test_leads_are_created_with_contacts_history_and_values(api, cast):
    answered = api.post("/leads:batch", {"leads": [item(1), item(2, owner="ines@house.example")]})
    leads = list(Lead.objects.order_by("id"))
    assert answered.body == {
        "created": 2, "updated": 0, "unchanged": 0, "rejected": 0,
        "results": [
            {"external_id": f"l{n}", "result": "created", "id": lead.pk, "reason": None}
            for n, lead in enumerate(leads, 1)
        ],
    }  # fmt: skip
    assert [lead.owner for lead in leads] == [cast.mila, cast.ines]
    shown = api.get(f"/leads/{leads[0].pk}").body
    assert (shown["stage"], shown["entry"], shown["opened_at"]) == ("inquiry", "marketing", "2026-03-02T09:00:00Z")
    assert (shown["contact"]["name"], shown["contact"]["email"]) == ("Person 1", "p1@x.example")
    assert shown["fields"] == {"origin": "fair", "campaign": None, "channel": None}
    assert [c.company.name for c in Contact.objects.order_by("id")] == ["Hengrui", "Hengrui"]
    assert Company.objects.count() == 1
    assert list(Transition.objects.order_by("id").values_list("lead_id", "move", "to_stage")) == [
        (lead.pk, "entered", "inquiry") for lead in leads
    ]
    assert sorted(Link.objects.values_list("identity__value", "contact__external_id")) == [
        ("p1@x.example", "c1"),
        ("p2@x.example", "c2"),
    ]
    assert [one["id"] for one in api.get("/leads?external_id=l2").body["items"]] == [leads[1].pk]


def test_the_same_again_changes_nothing(api):
    first = api.post("/leads:batch", {"leads": [item(1), item(2)]})
    before = {model: model.objects.count() for model in (Fact, Trait, Transition, Lead, Contact, Link, ImportKey)}
    again = api.post("/leads:batch", {"leads": [item(2), item(1)]})
    assert results(again) == ["unchanged", "unchanged"]
    assert [one["id"] for one in again.body["results"]] == [one["id"] for one in reversed(first.body["results"])]
    assert {model: model.objects.count() for model in before} == before


def test_what_changed_is_updated(api):
    lead = api.post("/leads:batch", {"leads": [item(1)]}).body["results"][0]["id"]
    changed = item(1, owner="ines@house.example", fields={"origin": "fair", "campaign": "spring"})
    changed["contact"]["fields"]["title"] = "Director"
    assert results(api.post("/leads:batch", {"leads": [changed]})) == ["updated"]
    shown = api.get(f"/leads/{lead}").body
    assert (shown["fields"]["campaign"], shown["owner"]) == ("spring", "ines@house.example")
    assert api.get(f"/contacts/{shown['contact']['id']}").body["fields"]["title"] == "Director"
    assert Lead.objects.count() == 1


def test_bad_items_are_rejected_and_the_good_ones_kept(api):
    api.post("/leads", {"contact": {"external_id": "busy", "fields": {"name": "Busy"}}, "entry": "referral"})
    bad = [
        "no object", {}, item(1, entry="magic"), item(2, fields={"origni": "x"}), item(3, owner="nobody"),
        item(4, contact={}),
        item(5, contact={"external_id": "c5", "fields": {"email": "x"}}),
        item(6, contact={"external_id": "accord:999"}),
        item(7, contact={"external_id": "c7", "fields": {"company": 1}}), item(8, contact={"external_id": "busy"}),
        item(9, external_id="x" * 201), item(10, contact={"external_id": "c10", "fields": {"budget": 2**63}}),
        item(11, wrong=1),
        item(12, external_id="\x00"),
    ]  # fmt: skip
    answered = api.post("/leads:batch", {"leads": [*bad, item(20)]})
    assert results(answered) == ["rejected"] * len(bad) + ["created"]
    assert (answered.body["created"], answered.body["rejected"]) == (1, len(bad))
    assert all(one["reason"] and one["id"] is None for one in answered.body["results"][:-1])
    reasons = [one["reason"] for one in answered.body["results"]]
    assert reasons[3] == "fields.origni: There is no such field: an administrator can define it in the settings."
    assert "“nobody”" in reasons[4]
    assert sorted(Contact.objects.values_list("external_id", flat=True)) == ["busy", "c20"]


def test_twice_in_one_batch(api):
    answered = api.post(
        "/leads:batch",
        {"leads": [item(1), item(1), item(1, fields={"origin": "web"}), item(2, contact=item(1)["contact"])]},
    )
    assert results(answered) == ["created", "unchanged", "rejected", "rejected"]
    assert answered.body["results"][1]["id"] == answered.body["results"][0]["id"]
    assert Lead.objects.count() == 1


def test_contacts_by_address_alone(api):
    kim = api.post("/contacts", {"fields": {"name": "Kim", "email": "kim@x.example"}}).body
    known, new = {"fields": {"email": "KIM@x.example"}}, {"fields": {"email": "new@x.example", "name": "New"}}
    answered = api.post("/leads:batch", {"leads": [item(1, contact=known), item(2, contact=new), item(3, contact=new)]})
    assert results(answered) == ["created", "created", "rejected"]
    first, second = (api.get(f"/leads/{one['id']}").body["contact"] for one in answered.body["results"][:2])
    assert first["id"] == kim["id"]
    assert (second["external_id"], second["name"]) == (f"accord:{second['id']}", "New")
    assert Contact.objects.count() == 2


def test_whoever_was_met_by_address_alone_comes_out_of_the_trash_as_themselves(api, still):
    people = [{"fields": {"email": f"{who}@x.example", "name": who.title()}} for who in ("kim", "lou")]
    api.post("/leads:batch", {"leads": [item(n, contact=people[n]) for n in range(2)]})
    for record in (*Lead.objects.all(), *Contact.objects.all()):
        record.trash(by=None, at=still)
    answered = api.post("/leads:batch", {"leads": [item(n + 2, contact=people[n]) for n in range(2)]})
    assert results(answered) == ["created", "created"]
    back = [api.get(f"/leads/{one['id']}").body["contact"] for one in answered.body["results"]]
    assert [(one["name"], one["email"]) for one in back] == [("Kim", "kim@x.example"), ("Lou", "lou@x.example")]
    assert Contact.objects.count() == 2


def test_a_day_of_a_source_is_listed_and_taken_back_like_a_file(api, cast, at):
    api.post("/leads:batch", {"leads": [item(1)]})
    api.post("/leads:batch", {"leads": [item(2), item(1), {}]})
    made = Import.objects.get(kind="leads")
    assert (made.name, made.source, made.state, made.by_id) == ("admin machine", "api", "finished", cast.ada.pk)
    assert made.counts == {
        "rows": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 1,
        "rejected": 0,
        "asserted": 0,
        "flagged": 0,
    }
    revert.revert(made, by=cast.ada.pk, at=at)
    assert api.get("/leads").body["items"] == []
    assert results(api.post("/leads:batch", {"leads": [item(1)]})) == ["created"]
    assert Import.objects.filter(kind="leads").count() == 2


@pytest.mark.parametrize(
    "said", [{}, {"leads": []}, {"leads": {}}, {"leads": [{}] * 1001}, [], {"leads": [], "more": 1}, None, 5]
)
def test_what_is_no_batch(api, said):
    assert api.post("/leads:batch", said).status == 422
    assert not Fact.objects.filter(kind="rows_imported").exists()


def test_who_may_not(key):
    assert key("executive").post("/leads:batch", {"leads": [item(1)]}).status == 403
    assert key("partner").post("/leads:batch", {"leads": [item(1)]}).status == 403
    assert not Lead.objects.exists()
    assert not Contact.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_batch(api, django_assert_max_num_queries):
    api.post("/leads:batch", {"leads": [item(0)]})
    with django_assert_max_num_queries(100):
        assert results(api.post("/leads:batch", {"leads": [item(n) for n in range(1, 201)]})) == ["created"] * 200
