"""The tracking endpoint over real HTTP: who may send, what is read, and what is answered when it is not kept."""

import gzip
import json
import socket
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace

import httpx
import pytest

from accord.kernel import clock
from tests.served import packed, until

DONE = {"success": True}
TOUCHES = """
import json
from accord.rooms.capture.models import Touch
rows = Touch.objects.values_list("kind", "identity__value", "occurred_at", "recorded_at", "properties")
found = [(k, i, o.isoformat(), r.isoformat(), p) for k, i, o, r, p in rows.order_by("id")]
print(json.dumps(found))
"""
numbers = count(1)


@pytest.fixture(scope="module")
def web(served) -> SimpleNamespace:
    (_one, key), (_two, other), (gone, revoked) = served.keys("site", "shop", "gone")
    with httpx.Client(base_url=served.url) as client:
        yield SimpleNamespace(served=served, client=client, key=key, other=other, gone=gone, revoked=revoked)


@pytest.fixture
def send(web):
    """`send("/v1/track", body)`; a body is JSON, unless it is bytes already."""

    def sent(path: str, body: object, *, key: str | None = web.key, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        auth = (key, "") if key else None
        return web.client.post(path, content=content, headers=headers, auth=auth)

    return sent


@pytest.fixture
def new(web):
    """How many events were stored since the test began."""
    before = web.served.stored()
    return lambda: web.served.stored() - before


def track(**more) -> dict:
    return {"type": "track", "event": "Download", "userId": "u1", "messageId": f"m{next(numbers)}", **more}


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch", "/b", "/v1/t", "/some/proxy/v1/batch"])
def test_a_wrong_key(send, new, path):
    answer = send(path, {"batch": [track()], **track()}, key="acc_wrong")
    assert (answer.status_code, answer.json()["success"], new()) == (401, False, 0)
    assert answer.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize("authorization", ["Basic", "Basic !!", "Basic Og==", "Bearer x", "Basic /w=="])
def test_no_key(send, new, authorization):
    answer = send("/v1/track", track(), key=None, authorization=authorization)
    assert (answer.status_code, new()) == (401, 0)


def test_a_wrong_key_is_refused_before_its_body_is_read(web):
    """The answer comes though the body never does."""
    head = "POST /v1/batch HTTP/1.1\r\nhost: x\r\nauthorization: Basic eDo=\r\ncontent-length: 400000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", web.served.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 401"


def test_the_key_in_the_body_as_browsers_send_it(send, web, new):
    plain = {"content-type": "text/plain"}
    assert send("/v1/track", track(writeKey=web.key), key=None, **plain).json() == DONE
    assert send("/v1/batch", {"batch": [track()], "writeKey": web.key}, key=None, **plain).json() == DONE
    assert send("/v1/track", track(writeKey="acc_wrong"), key=None).status_code == 401
    assert send("/v1/track", track(), key=None).status_code == 401
    assert new() == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/identify", {"userId": "u1", "traits": {}}),
        ("/v1/track", {"userId": "u1", "event": "Download"}),
        ("/v1/page", {"anonymousId": "d1"}),
        ("/v1/screen", {"anonymousId": "d1", "userId": None}),
        ("/v1/group", {"userId": "u1", "groupId": "acme"}),
        ("/v1/alias", {"userId": "u1", "previousId": "d1"}),
        ("/v1/t", {"userId": 17, "event": "Download"}),
        ("/v1/track/", {"userId": "u1", "event": "Download", "type": None, "messageId": None}),
    ],
)
def test_an_address_for_each_type(send, new, path, body):
    answer = send(path, body)
    assert (answer.status_code, answer.json(), new()) == (200, DONE, 1)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b", "/b", "/api/capture/v1/batch"])
@pytest.mark.parametrize("type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""])
def test_batches_at_every_address_as_any_type(send, new, path, type):
    answer = send(path, {"batch": [track(), track(userId=None, anonymousId="d1")]}, **{"content-type": type})
    assert (answer.status_code, answer.json(), new()) == (200, DONE, 2)


def test_gzip_with_and_without_saying_so(send, new):
    answers = [
        send("/v1/batch", packed({"batch": [track()]}), **headers) for headers in ({"content-encoding": "gzip"}, {})
    ]
    assert [answer.json() for answer in answers] == [DONE, DONE]
    assert new() == 2


def half(body: bytes) -> bytes:
    return body[: len(body) // 2]


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (half(packed({"batch": [track()] * 5})), {}, "cut off"),
        (half(packed({"batch": [track()] * 5})), {"content-encoding": "gzip"}, "cut off"),
        (b'{"batch": []}', {"content-encoding": "gzip"}, "is gzip, and is not"),
        (gzip.compress(b"{" + b" " * 600_000 + b"}", mtime=0), {}, "500 KB"),
        (b"{" + b" " * 600_000 + b"}", {}, "500 KB"),
        (b"", {}, "not JSON"),
        (b"batch=1", {}, "not JSON"),
        (b'{"batch": [', {}, "not JSON"),
        (b'{"batch": {}}', {}, "not JSON"),
        (b"[]", {}, "not JSON"),
        (b'{"batch":' + b"[" * 90_000 + b"]" * 90_000 + b"}", {}, "not JSON"),
        (b'{"batch": [{"type": "nonsense"}]}', {}, "identify, track, page"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_kept_it_is_said_why(send, new, body, headers, why):
    answer = send("/v1/batch", body, **headers)
    assert (answer.status_code, answer.json()["success"], new()) == (400, False, 0)
    assert why in answer.json()["message"]


def test_one_that_never_ends_is_refused_on_the_way(web, send, new):
    """A chunked body that says no length is not read to its end."""
    chunks = (b" " * 64_000 for _ in range(1000))
    with httpx.Client(base_url=web.served.url) as client:
        try:
            status = client.post("/v1/batch", content=chunks, auth=(web.key, "")).status_code
        except httpx.TransportError:  # the connection was closed while we still wrote
            status = 400
    assert (status, new()) == (400, 0)


BAD = [
    ("not_an_object", 7),
    ("not_an_object", ["no"]),
    ("too_large", {"type": "page", "userId": "u1", "properties": {"x": "x" * 33_000}}),
    ("wrong_type", {"type": "delete", "userId": "u1"}),
    ("wrong_type", {"userId": "u1"}),
    ("wrong_field", {"type": "page", "userId": {"no": 1}}),
    ("wrong_field", {"type": "page", "userId": "u1", "context": []}),
    ("id_too_long", {"type": "page", "userId": "u" * 256}),
    ("nobody", {"type": "page", "userId": "", "anonymousId": None}),
    ("no_event_name", {"type": "track", "userId": "u1"}),
    ("no_event_name", {"type": "track", "userId": "u1", "event": " !!! "}),
    ("no_group", {"type": "group", "userId": "u1"}),
    ("no_previous", {"type": "alias", "userId": "u1"}),
]


def test_a_batch_with_bad_events_keeps_the_good_and_names_the_bad(send, new):
    batch: list = [track()]
    for _reason, bad in BAD:
        batch += [bad, track()]
    answer = send("/v1/batch", {"batch": batch})
    rejected = answer.json()["rejected"]
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert [(one["index"], one["reason"]) for one in rejected] == [
        (1 + 2 * place, reason) for place, (reason, _bad) in enumerate(BAD)
    ]
    assert all(one["message"] for one in rejected)
    assert new() == len(BAD) + 1


@pytest.mark.parametrize(
    "bad",
    [
        b'{"type":"track","userId":"u1","event":"E","properties":{"x":"\xff"}}',
        b'{"type":"track","userId":"u1","event":"E","properties":{"x":' + b"[" * 120 + b"]" * 120 + b"}}",
    ],
    ids=["no UTF-8", "nested"],
)
def test_an_event_that_is_no_readable_json_is_named_and_the_others_kept(send, new, bad):
    good = json.dumps(track()).encode()
    answer = send("/v1/batch", b'{"batch":[' + good + b"," + bad + b"]}")
    assert (answer.status_code, new()) == (200, 1)
    assert [(one["index"], one["reason"]) for one in answer.json()["rejected"]] == [(1, "unreadable")]


def test_half_a_character_as_browsers_cut_texts_costs_only_itself(send, new):
    """A browser writes what it cut in the midst of a pair as \\ud83d, which is no text."""
    bodies = [
        b'{"batch":[%s,{"type":"track","userId":"u1","event":"E %s"}]}' % (json.dumps(track()).encode(), cut)
        for cut in (rb"\ud83d", rb"\ude00", rb"\\\ud83d", rb"\ud83d\ud83d\ude00")
    ]
    assert [send("/v1/batch", body).json() for body in bodies] == [DONE] * 4
    assert send("/v1/track", bodies[0][bodies[0].rindex(b"{") : -2]).json() == DONE
    assert new() == 9


def test_the_same_message_counts_once(send, new, web):
    event = track()
    for body in ({"batch": [event, event]}, {"batch": [event]}):
        assert send("/v1/batch", body).json() == DONE
    assert send("/v1/track", event).json() == DONE
    assert new() == 1
    assert send("/v1/track", event, key=web.other).json() == DONE
    assert new() == 2


def test_without_an_id_every_sending_counts(send, new):
    event = {"type": "track", "event": "Download", "userId": "u1"}
    for _time in range(2):
        assert send("/v1/batch", {"batch": [event, {**event, "messageId": ""}]}).json() == DONE
    assert new() == 4


def test_a_browser_asks_before_it_sends(web):
    answer = web.client.options("/v1/batch", headers={"origin": "https://x.example"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type"} <= set(allowed)


def test_a_browser_may_read_every_answer(send):
    answers = [send("/v1/track", track()), send("/v1/track", b"?"), send("/v1/track", track(), key="acc_wrong")]
    assert [answer.status_code for answer in answers] == [200, 400, 401]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {"*"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_post(web, method):
    answer = web.client.request(method, "/v1/track", auth=(web.key, ""))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_revoked_key_stops_within_seconds(send, web):
    assert send("/v1/track", track(), key=web.revoked).status_code == 200
    web.served.accord("key", "revoke", web.gone)
    until(lambda: send("/v1/track", track(), key=web.revoked).status_code == 401, seconds=10, every=0.2)


def test_what_was_acknowledged_is_taken_and_a_clock_a_day_ahead_set_right(send, web):
    ahead = clock.now() + timedelta(days=1)
    happened = (ahead - timedelta(hours=1)).isoformat()
    body = {"batch": [track(event="Skewed", userId="skew", timestamp=happened)], "sentAt": ahead.isoformat()}
    assert send("/v1/batch", body).json() == DONE
    web.served.accord("work", "--drain")
    totals = json.loads(web.served.accord("report", "totals", "--json"))
    assert (totals["raw_events"], totals["dropped_events"]) == (web.served.stored(), 0)
    (skewed,) = [touch for touch in json.loads(web.served.python(TOUCHES)) if touch[0] == "skewed"]
    occurred = datetime.fromisoformat(skewed[2])
    # An hour before it arrived, but for the time that sending took.
    assert timedelta() <= occurred - (ahead - timedelta(days=1, hours=1)) < timedelta(seconds=10)
