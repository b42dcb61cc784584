"""The description of the interface: kept in the repository, and whatever it allows is answered."""

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accord.api.urls import api as described
from accord.rooms.team.models import ApiKey
from scripts import openapi_doc

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(described.get_openapi_schema())
schema.app = get_wsgi_application()
TRUE = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_kept_description_is_fresh():
    assert openapi_doc.PAGE.read_text(encoding="utf-8") == openapi_doc.page()


def test_it_is_served_without_a_key(client):
    answered = client.get("/api/openapi.json")
    assert answered.status_code == 200
    assert json.loads(answered.content) == json.loads(openapi_doc.page())


@pytest.fixture
def secret(cast, still) -> str:
    return ApiKey.make(name="any", scope="api", role="admin", by=cast.ada, at=still)[1]


@pytest.fixture
def records(api) -> dict[str, int]:
    """A record of every kind, by the name that addresses give it."""
    lead = api.post("/leads", {"contact": {"external_id": "kim", "fields": {"name": "Kim"}}, "entry": "referral"}).body
    company = api.post("/companies", {"fields": {"name": "Hengrui"}}).body
    deal = api.post("/deals", {"company": company["id"]}).body
    return {
        "contact_id": lead["contact"]["id"],
        "company_id": company["id"],
        "lead_id": lead["id"],
        "deal_id": deal["id"],
        "merge_id": 1,
        "link_id": 1,
    }


@pytest.fixture
def connected(records):
    """The application would close the connection, and the test's transaction with it; Django's client does not."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
def test_nothing_that_is_sent_breaks_it(case, secret, records, connected):
    case.path_parameters = {name: records[name] for name in case.path_parameters or {}}
    answered = case.call(headers={"Authorization": f"Bearer {secret}", "Host": "localhost"})
    assert answered.status_code < 500, answered.text
    case.validate_response(answered, checks=TRUE)
