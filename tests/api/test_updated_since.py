"""What has changed since: the records of which something was recorded, however it came."""

from datetime import timedelta

import pytest

from accord.kernel import clock, ledger
from accord.kernel.imports import revert
from accord.kernel.imports.models import Import
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.team.facts import TeamRenamed

pytestmark = [pytest.mark.both, pytest.mark.django_db]
HOUR = timedelta(hours=1)
ROOMS = ("contacts", "companies", "leads", "deals")


@pytest.fixture
def records(api):
    """Of each kind one, A, that changes later, and one, B, that does not; made on Monday at nine."""
    made: dict[str, list[int]] = {room: [] for room in ROOMS}
    for name in "AB":
        contact = api.post("/contacts", {"external_id": name}).body["id"]
        made["contacts"].append(contact)
        made["companies"].append(api.post("/companies", {"external_id": name}).body["id"])
        made["leads"].append(api.post("/leads", {"contact": {"id": contact}, "entry": "referral"}).body["id"])
        made["deals"].append(api.post("/deals", {"contact": contact, "fields": {"name": name}}).body["id"])
    return made


@pytest.fixture
def later(records, at):
    with clock.moved_to(at + HOUR):
        yield at + HOUR


def since(api, room: str, when, more: str = "") -> list[int]:
    answered = api.get(f"/{room}?updated_since={when:%Y-%m-%dT%H:%M:%SZ}{more}")
    assert answered.status == 200, answered.body
    return [one["id"] for one in answered.body["items"]]


def changed(api, room: str, record: int) -> None:
    path = f"/{room}/{record}"
    value = {"leads": "campaign", "deals": "stage"}.get(room, "country")
    version = api.get(path).body["version"]
    assert api.patch(path, {"version": version, "fields": {value: "x"}}).status == 200


@pytest.mark.parametrize("room", ROOMS)
def test_a_change(api, records, later, room):
    assert since(api, room, later - HOUR) == records[room]
    assert since(api, room, later) == []
    changed(api, room, records[room][0])
    assert since(api, room, later) == records[room][:1]
    assert since(api, room, later + HOUR) == []


def test_a_move_and_a_closing(api, records, later):
    api.post(f"/leads/{records['leads'][0]}/moves", {"move": "to_mql"})
    api.post(f"/deals/{records['deals'][0]}/losing", {"reason": "price"})
    assert (since(api, "leads", later), since(api, "deals", later)) == (records["leads"][:1], records["deals"][:1])


def test_what_comes_back_from_the_trash_is_told_and_what_goes_there_is_gone(api, records, later, cast):
    lead, deal = Lead.objects.get(pk=records["leads"][0]), Deal.objects.get(pk=records["deals"][0])
    for record in (lead, deal):
        record.trash(by=None, at=later)
    assert since(api, "leads", later) == since(api, "deals", later) == []
    for record in (lead, deal):
        record.restore(by=None, at=later)
    assert (since(api, "leads", later), since(api, "deals", later)) == ([lead.pk], [deal.pk])


def test_a_batch_and_its_revert(api, records, later, cast):
    """Rows of files and of batches have no fact of their own."""
    known = {"external_id": "1", "contact": {"external_id": "B", "fields": {"title": "Buyer"}}, "entry": "referral"}
    new = {"external_id": "2", "contact": {"external_id": "C"}, "entry": "referral"}
    Lead.objects.get(pk=records["leads"][1]).move("recycled", reason="later", by=None, at=later - HOUR)
    first, second = (one["id"] for one in api.post("/leads:batch", {"leads": [known, new]}).body["results"])
    added = api.get(f"/leads/{second}").body["contact"]["id"]
    assert since(api, "contacts", later) == [records["contacts"][1], added]
    assert since(api, "leads", later) == [records["leads"][1], first, second]
    with clock.moved_to(later + HOUR):
        assert since(api, "contacts", later + HOUR) == []
        revert.revert(Import.objects.get(kind="contacts"), by=None, at=later + HOUR)
    assert api.get(f"/contacts/{records['contacts'][1]}").body["fields"]["title"] is None
    assert records["contacts"][1] in since(api, "contacts", later + HOUR)
    assert records["contacts"][0] not in since(api, "contacts", later + HOUR)


def test_where_much_was_recorded_since(api, records, later):
    """More facts than are gathered, about nothing that is listed; each record is asked then."""
    for room in ROOMS:
        changed(api, room, records[room][0])
    new = {"external_id": "1", "contact": {"external_id": "C"}, "entry": "referral"}
    lead = api.post("/leads:batch", {"leads": [new]}).body["results"][0]["id"]
    contact = api.get(f"/leads/{lead}").body["contact"]["id"]
    with ledger.write(later) as writing:
        for _ in range(20_001):
            writing.record(TeamRenamed(team=1))
    assert {room: since(api, room, later) for room in ROOMS} == {
        "contacts": [records["contacts"][0], contact],
        "companies": records["companies"][:1],
        "leads": [records["leads"][0], lead],
        "deals": records["deals"][:1],
    }
    assert since(api, "leads", later, f"&cursor={api.get('/leads?limit=1').body['next']}") == [lead]


def test_with_other_filters_and_page_by_page(api, records, later):
    for room in ("contacts", "leads"):
        for record in records[room]:
            changed(api, room, record)
    first, second = records["contacts"]
    assert since(api, "contacts", later, "&external_id=B") == [second]
    page = api.get(f"/contacts?updated_since={later:%Y-%m-%dT%H:%M:%SZ}&limit=1").body
    assert [one["id"] for one in page["items"]] == [first]
    assert since(api, "contacts", later, f"&cursor={page['next']}") == [second]


@pytest.mark.parametrize("when", ["yesterday", "2026-03-02", "2026-03-02T09:00:00", "1772442000", ""])
def test_a_time_that_is_none(api, when):
    refused = api.get(f"/contacts?updated_since={when}")
    assert (refused.status, list(refused.body["error"]["fields"])) == (422, ["updated_since"])


def test_it_asks_a_constant_number_of_questions(api, records, later, django_assert_max_num_queries):
    for room in ROOMS:
        with django_assert_max_num_queries(10):
            since(api, room, later - HOUR)
