import pytest

pytestmark = pytest.mark.django_db


def test_pages_follow_each_other_whatever_is_added_meanwhile(api):
    ids = [api.post("/contacts", {"external_id": f"c{n}"}).body["id"] for n in range(5)]
    first = api.get("/contacts?limit=2").body
    assert [c["id"] for c in first["items"]] == ids[:2]
    late = api.post("/contacts", {"external_id": "late"}).body["id"]
    api.delete(f"/contacts/{ids[1]}")
    second = api.get(f"/contacts?limit=2&cursor={first['next']}").body
    assert [c["id"] for c in second["items"]] == ids[2:4]
    third = api.get(f"/contacts?limit=2&cursor={second['next']}").body
    assert ([c["id"] for c in third["items"]], third["next"]) == ([ids[4], late], None)


def test_a_full_last_page_has_no_next(api):
    for n in range(2):
        api.post("/contacts", {"external_id": f"c{n}"})
    assert api.get("/contacts?limit=2").body["next"] is None


@pytest.mark.parametrize("room", ["contacts", "companies", "leads", "deals"])
def test_a_list_asks_the_same_number_of_questions_however_long_it_is(api, room, django_assert_max_num_queries):
    for n in range(30):
        contact = {"external_id": f"c{n}", "fields": {"name": f"Kim {n}", "title": "Clerk"}}
        lead = api.post("/leads", {"contact": contact, "entry": "referral"}).body
        api.post("/deals", {"lead": lead["id"], "owner": "felix@house.example", "fields": {"amount": n}})
        api.post("/companies", {"external_id": f"h{n}", "fields": {"city": "Ulm"}})
    with django_assert_max_num_queries(7):
        assert len(api.get(f"/{room}").body["items"]) == 30
