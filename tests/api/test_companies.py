import pytest

from accord.rooms.people.models import Company

pytestmark = pytest.mark.django_db


def test_a_company_from_beginning_to_end(api):
    made = api.post(
        "/companies",
        {
            "external_id": "h",
            "fields": {"name": "Hengrui", "employees": 1200, "revenue": 1.5e6, "owner": "Field North"},
        },
    )
    assert (made.status, made.body["external_id"], made.body["version"]) == (201, "h", 0)
    path = f"/companies/{made.body['id']}"
    child = api.post("/companies", {"fields": {"name": "Hengrui GmbH", "parent": made.body["id"]}}).body
    assert made.body["fields"] == {
        "name": "Hengrui", "domain": None, "parent": None, "industry": None, "employees": 1200, "revenue": 1500000,
        "country": None, "city": None, "region": None, "territory": None, "owner": "Field North", "tier": None,
    }  # fmt: skip
    assert (child["external_id"], child["fields"]["parent"]) == (f"accord:{child['id']}", made.body["id"])
    changed = api.patch(path, {"version": 0, "fields": {"domain": "hengrui.example"}}).body
    assert (changed["version"], changed["fields"]["domain"]) == (1, "hengrui.example")
    assert api.patch(path, {"version": 0, "fields": {"domain": "x.example"}}).body["current"] == changed
    assert [c["id"] for c in api.get("/companies?q=heng").body["items"]] == [made.body["id"], child["id"]]
    assert [c["id"] for c in api.get("/companies?domain=hengrui.example").body["items"]] == [made.body["id"]]
    assert [c["id"] for c in api.get("/companies?external_id=h").body["items"]] == [made.body["id"]]
    assert api.get(f"{path}?as_of=2026-03-01T00:00:00Z").body["fields"]["name"] is None
    assert (api.delete(path).status, api.get(path).status) == (204, 404)


def test_what_makes_no_company(api):
    api.post("/companies", {"external_id": "h", "fields": {"name": "Hengrui"}})
    assert api.post("/companies", {"external_id": "h"}).body["error"]["code"] == "exists"
    assert api.post("/companies", {"external_id": "accord:7"}).body["error"]["fields"].keys() == {"external_id"}
    assert api.post("/companies", {"fields": {"city": "Ulm"}}).body["error"]["fields"].keys() == {"fields.name"}
    pk = Company.objects.get().pk
    assert api.patch(f"/companies/{pk}", {"version": 0, "fields": {"parent": pk}}).body["error"]["fields"].keys() == {
        "fields.parent"
    }
    assert Company.objects.get().version == 0
