"""Whatever comes is answered in one shape, with what to do, in the reader's language."""

import json

import pytest
from django.conf import settings

from accord.kernel.ledger import Fact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nope",
        b"\xff\xfe",
        b'{"fields": {"name": "\xff"}}',
        b'{"fields": {"name": "\\ud800"}}',
        b'{"fields": {"name": "\\ud83d and more of it"}}',
        b'{"fields": {"budget": NaN}}',
        b'{"fields": {"budget": 1e999}}',
        b'{"fields": {"budget": ' + b"9" * 5000 + b"}}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"null",
        b"5",
        b'"text"',
        b"[]",
    ],
)
def test_a_body_that_cannot_be_read(api, body):
    before = Fact.objects.count()
    for method, path in (("POST", "/contacts"), ("POST", "/leads"), ("POST", "/leads:batch"), ("POST", "/deals")):
        refused = api.call(method, path, body)
        assert refused.status in (400, 422), path
        assert set(refused.body) == {"error"}
        assert set(refused.body["error"]) == {"code", "message", "fields"}
        assert refused.body["error"]["message"]
    assert Fact.objects.count() == before


def test_a_body_that_is_too_large(api):
    large = json.dumps({"fields": {"title": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}})
    refused = api.post("/contacts", large)
    assert (refused.status, refused.body["error"]["code"]) == (413, "too_large")


def test_characters_outside_the_basic_plane_are_kept(api):
    made = api.post("/contacts", b'{"fields": {"name": "\\ud83d\\ude00 \\u9648"}}')
    assert made.body["fields"]["name"] == "😀 陈"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/contact",
        "/contacts/",
        "/contacts/kim",
        "/contacts/0",
        "/contacts/-1",
        "/contacts/1.5",
        f"/contacts/{2**63}",
        f"/contacts/{10**400}",
        "/contacts/4711",
        "/leads/4711",
        "/leads/4711/moves",
        "/deals/4711",
        "/companies/4711",
        "/docs",
    ],
)
def test_an_address_that_is_none(api, path):
    refused = api.get(path)
    assert (refused.status, refused.body["error"]["code"]) == (404, "not_found")
    assert refused.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/contacts"), ("DELETE", "/contacts"), ("GET", "/leads:batch"), ("PUT", "/deals/1")]
)
def test_a_method_that_is_none(api, method, path):
    refused = api.call(method, path)
    assert (refused.status, refused.body["error"]["code"]) == (405, "method_not_allowed")
    assert refused.headers["Allow"]


@pytest.mark.parametrize(
    "question",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=%00",
        "cursor=x",
        "cursor=LTE",
        "cursor=" + "x" * 61,
        f"company={2**63}",
        "company=x",
        "q=%00",
        "q=" + "x" * 256,
        "email=a%00b",
        "owner=%00",
        "colour=red",
    ],
)
def test_a_question_that_cannot_be_answered(api, question):
    refused = api.get(f"/contacts?{question}")
    assert refused.status == 422
    assert list(refused.body["error"]["fields"]) == [question.partition("=")[0]]


def test_what_is_wrong_is_said_in_the_language_asked_for(api):
    english = api.post("/contacts", {"fields": {"nmae": 1}})
    assert english.headers["Content-Language"] == "en"
    assert (
        english.body["error"]["fields"]["fields.nmae"]
        == "There is no such field: an administrator can define it in the settings."
    )
    chinese = api.post("/contacts", {"fields": {"nmae": 1}}, Accept_Language="zh-CN,zh;q=0.9")
    assert chinese.headers["Content-Language"] == "zh-hans"
    assert chinese.body["error"]["code"] == "invalid"
