import pytest

from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Deal, Lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(api):
    return api.post("/leads", {"contact": {"external_id": "kim", "fields": {"name": "Kim"}}, "entry": "referral"}).body


@pytest.fixture
def deal(api, lead):
    given = {"name": "Line 4", "amount": "1234.50", "currency": "EUR", "expected_close": "2026-06-30", "stage": "offer"}
    return api.post("/deals", {"lead": lead["id"], "owner": "felix@house.example", "fields": given}).body


def test_a_deal_of_a_lead(api, deal, lead):
    assert deal == {
        "id": deal["id"], "version": 0, "lead": lead["id"], "contact": lead["contact"]["id"], "company": None,
        "opened_at": "2026-03-02T09:00:00Z", "closed_at": None, "owner": "felix@house.example",
        "fields": {
            "name": "Line 4", "stage": "offer", "outcome": "open", "reason": None, "note": None, "lost_to": None,
            "amount": "1234.50", "currency": "EUR", "expected_close": "2026-06-30",
            "come_back_on": None,
        },
    }  # fmt: skip
    assert api.get(f"/deals/{deal['id']}").body == deal
    assert api.get(f"/leads/{lead['id']}").body["stage"] == "opportunity"
    assert Deal.objects.get().amount_minor == 123450


def test_won(api, deal, lead):
    won = api.post(f"/deals/{deal['id']}/winning", {"reason": "price"})
    assert (won.status, won.body["fields"]["outcome"], won.body["fields"]["reason"]) == (201, "won", "price")
    assert won.body["closed_at"] == "2026-03-02T09:00:00Z"
    assert api.get(f"/leads/{lead['id']}").body["stage"] == "won"
    again = api.post(f"/deals/{deal['id']}/winning", {"reason": "price"})
    assert (again.status, again.body["error"]["code"], again.body["current"]["fields"]["outcome"]) == (
        409,
        "moved",
        "won",
    )
    assert Fact.objects.filter(kind="deal_won").count() == 1


def test_lost_and_reopened(api, deal, lead):
    assert api.post(f"/deals/{deal['id']}/losing", {"reason": " "}).body["error"]["fields"].keys() == {"reason"}
    lost = api.post(f"/deals/{deal['id']}/losing", {"reason": "no_budget", "come_back_on": "2026-12-01"}).body
    assert (lost["fields"]["outcome"], lost["fields"]["come_back_on"]) == ("lost", "2026-12-01")
    back = api.post(f"/deals/{deal['id']}/reopening").body
    assert (back["fields"]["outcome"], back["closed_at"]) == ("open", None)
    assert api.get(f"/leads/{lead['id']}").body["stage"] == "opportunity"
    assert api.post(f"/deals/{deal['id']}/reopening").status == 409


def test_a_change_and_a_lost_race(api, deal):
    path = f"/deals/{deal['id']}"
    changed = api.patch(path, {"version": 0, "fields": {"amount": 99}}).body
    assert (changed["fields"]["amount"], changed["version"]) == ("99.00", 1)
    assert api.patch(path, {"version": 0, "fields": {"amount": 1}}).body["current"] == changed
    assert api.get(f"{path}?as_of=2026-03-01T00:00:00Z").body["fields"]["amount"] is None


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"amount": "1.234"}, "fields.amount"),
        ({"amount": "1e400"}, "fields.amount"),
        ({"amount": "NaN"}, "fields.amount"),
        ({"amount": "1,50"}, "fields.amount"),
        ({"amount": True}, "fields.amount"),
        ({"amount": 2**62}, "fields.amount"),
        ({"amount": "1.5", "currency": "JPY"}, "fields.amount"),
        ({"currency": "JPY"}, "fields.amount"),
        ({"currency": "euro"}, "fields.currency"),
        ({"expected_close": "30/06/2026"}, "fields.expected_close"),
        ({"expected_close": 5}, "fields.expected_close"),
        ({"outcome": "won"}, "fields.outcome"),
        ({"reason": "because"}, "fields.reason"),
        ({"come_back_on": "2026-12-01"}, "fields.come_back_on"),
    ],
)
def test_what_cannot_be_taken(api, deal, given, where):
    refused = api.patch(f"/deals/{deal['id']}", {"version": 0, "fields": given})
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, [where])
    assert api.get(f"/deals/{deal['id']}").body == deal


def test_amounts_keep_the_decimals_of_their_currency(api):
    made = api.post(
        "/deals",
        {
            "contact": api.post("/contacts", {"external_id": "c"}).body["id"],
            "fields": {"amount": 1500, "currency": "JPY"},
        },
    ).body
    assert (made["fields"]["amount"], Deal.objects.get().amount_minor) == ("1500", 1500)
    largest = api.patch(
        f"/deals/{made['id']}", {"version": 0, "fields": {"amount": "90071992547409.91", "currency": "EUR"}}
    ).body
    assert (largest["fields"]["amount"], Deal.objects.get().amount_minor) == ("90071992547409.91", 2**53 - 1)


def test_the_currency_of_the_house_is_taken(api, house):
    made = api.post(
        "/deals", {"contact": api.post("/contacts", {"external_id": "c"}).body["id"], "fields": {"amount": "5"}}
    ).body
    assert (made["fields"]["amount"], made["fields"]["currency"]) == ("5.00", "EUR")


def test_a_deal_is_somebodys(api, lead):
    other = api.post("/contacts", {"external_id": "o"}).body
    for said, where in (
        ({}, "lead"),
        ({"lead": 4711}, "lead"),
        ({"contact": 4711}, "contact"),
        ({"company": 4711}, "company"),
        ({"lead": lead["id"], "contact": other["id"]}, "contact"),
        ({"lead": lead["id"], "owner": "nobody"}, "owner"),
    ):
        refused = api.post("/deals", said)
        assert (refused.status, list(refused.body["error"]["fields"])) == (422, [where])
    assert not Deal.objects.exists()
    assert Lead.objects.get().stage == "inquiry"


def test_filters(api, deal, lead):
    found = {
        "": [deal["id"]], "outcome=open": [deal["id"]], "outcome=won": [], "stage=offer": [deal["id"]], "stage=won": [],
        f"lead={lead['id']}": [deal["id"]], "owner=felix@house.example": [deal["id"]], "owner=ines@house.example": [],
        "q=line": [deal["id"]], "email=kim@x.example": [],
    }  # fmt: skip
    assert {q: [d["id"] for d in api.get(f"/deals?{q}").body["items"]] for q in found} == found


def test_who_may_not(api, deal, key):
    mara = key("marketing")
    before = Fact.objects.count()
    path = f"/deals/{deal['id']}"
    tried = [
        mara.patch(path, {"version": 0, "fields": {}}),
        mara.post(f"{path}/winning", {"reason": "x"}),
        mara.post("/deals", {}),
    ]
    assert [one.status for one in tried] == [403, 403, 403]
    assert mara.get(path).body == deal
    assert Fact.objects.count() == before


def test_the_trash(api, deal, lead, key):
    path = f"/deals/{deal['id']}"
    seller, before = key("field_sales"), Fact.objects.count()
    assert seller.delete(path).status == 403
    assert (api.get(path).body, Fact.objects.count()) == (deal, before)
    assert (api.delete(path).status, api.delete(path).status, api.get(path).status) == (204, 404, 404)
    assert api.get("/deals").body["items"] == api.get("/deals?q=line").body["items"] == []
    assert api.post(f"{path}/winning", {"reason": "price"}).status == 404
    assert Deal.objects.get().trashed_at is not None
    assert api.get(f"/leads/{lead['id']}").body["stage"] == "opportunity"


def test_moved_by_key_or_name_and_only_from_where_it_was_seen(api, deal):
    path = f"/deals/{deal['id']}/moves"
    moved = api.post(path, {"stage": "Proposal", "seen": "offer"})
    assert (moved.status, moved.body["fields"]["stage"]) == (201, "proposal")
    late = api.post(path, {"stage": "signing", "seen": "qualified"})
    assert (late.status, late.body["error"]["code"], late.body["current"]["fields"]["stage"]) == (
        409, "moved", "proposal",
    )  # fmt: skip
    assert api.post(path, {"stage": "limbo"}).body["error"]["fields"].keys() == {"stage"}
    assert api.post(path, {"stage": "negotiation"}).body["fields"]["stage"] == "negotiation"
    api.post(f"/deals/{deal['id']}/winning", {"reason": "fit"})
    assert api.post(path, {"stage": "signing"}).status == 409


def test_a_stage_that_the_pipeline_does_not_know_is_kept_as_it_came(api, deal):
    assert deal["fields"]["stage"] == "offer"
    known = api.patch(f"/deals/{deal['id']}", {"version": 0, "fields": {"stage": " SIGNING "}}).body
    assert known["fields"]["stage"] == "signing"


@pytest.mark.parametrize(
    ("act", "said", "field"),
    [
        ("winning", {"reason": "too good"}, "reason"),
        ("winning", {"reason": "other"}, "note"),
        ("losing", {"reason": "fit"}, "reason"),
        ("losing", {"reason": "not_now"}, "come_back_on"),
        ("losing", {"reason": "price", "come_back_on": "2026-03-02"}, "come_back_on"),
        ("giving-back", {"reason": "no_budget", "come_back_on": "2026-03-01"}, "come_back_on"),
    ],
)
def test_a_closing_that_cannot_be_is_refused_by_field(api, deal, act, said, field):
    refused = api.post(f"/deals/{deal['id']}/{act}", said)
    assert (refused.status, refused.body["error"]["fields"].keys()) == (422, {field})
    assert api.get(f"/deals/{deal['id']}").body == deal


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": -5}, "fields.amount"),
        ({"amount": 5, "currency": "ZZZ"}, "fields.currency"),
        ({"expected_close": "2026-03-01"}, "fields.expected_close"),
    ],
)
def test_what_an_open_deal_cannot_have_is_refused_by_field(api, deal, lead, fields, wrong):
    changed = api.patch(f"/deals/{deal['id']}", {"version": 0, "fields": fields})
    made = api.post("/deals", {"lead": lead["id"], "fields": {"name": "Line 5", **fields}})
    for refused in (changed, made):
        assert (refused.status, refused.body["error"]["fields"].keys()) == (422, {wrong})
    assert Deal.objects.count() == 1


def test_given_back_its_lead_is_recycled(api, deal, lead):
    said = {"reason": "not_now", "come_back_on": "2026-09-01", "note": "After the rebuilding"}
    given = api.post(f"/deals/{deal['id']}/giving-back", said)
    assert (given.status, given.body["fields"]["outcome"], given.body["fields"]["note"]) == (
        201, "lost", "After the rebuilding",
    )  # fmt: skip
    assert api.get(f"/leads/{lead['id']}").body["stage"] == "recycled"
