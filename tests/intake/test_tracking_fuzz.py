"""Whatever is sent to the tracking endpoint: no error of its own, and what it acknowledges can be taken in."""

import asyncio
import gzip
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accord.intake.tracking import Tracking
from accord.kernel import clock
from accord.rooms.capture import taking
from accord.rooms.capture.inbox import open_inbox
from accord.rooms.capture.models import DroppedEvent, InboxMark
from accord.rooms.team.models import ApiKey
from tests.rooms.capture.conftest import throw_away

pytestmark = [pytest.mark.django_db(transaction=True)]
ANY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ALLOWED = {200, 400}
PATHS = [
    "/v1/track",
    "/v1/batch",
    "/b",
    "/v1/identify",
    "/v1/page",
    "/v1/screen",
    "/v1/group",
    "/v1/alias",
    "/v1/import",
]


@dataclass
class House:
    tracking: Tracking
    secret: str
    loop: asyncio.AbstractEventLoop

    def post(self, path: str, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> tuple[int, bytes]:
        authorization = (b"authorization", b"Basic " + b64encode(f"{self.secret}:".encode()))
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers or [authorization]}
        return self.loop.run_until_complete(self._asked(scope, body))

    async def _asked(self, scope: dict, body: bytes) -> tuple[int, bytes]:
        said: list[dict] = []
        middle = len(body) // 2
        parts = iter([{"body": body[:middle], "more_body": True}, {"body": body[middle:]}])

        async def receive() -> dict:
            return {"type": "http.request", **next(parts)}

        async def send(message: dict) -> None:
            said.append(message)

        await self.tracking(scope, receive, send)
        return said[0]["status"], said[1]["body"]

    def takes_in(self) -> bool:
        """Everything that waits becomes something; nothing stays or stops."""
        inbox = open_inbox()
        while taking.take(inbox, clock.now()):
            pass
        waiting = inbox.queue(InboxMark.taken_of(inbox.epoch)).events
        inbox.close()
        return waiting == 0


@pytest.fixture
def house() -> Iterator[House]:
    throw_away()
    _key, secret = ApiKey.make(name="site", scope="capture", role="admin", by=None, at=clock.now())
    loop = asyncio.new_event_loop()
    yield House(Tracking(), secret, loop)
    loop.close()
    _hang_up()
    throw_away()


def _hang_up() -> None:
    """What served tracking has connections of its own, which end with the server."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


texts = st.text(max_size=8) | st.sampled_from(
    ["\x00", "", " ", "½" * 13, "2026-03-02T09:00:00Z", "9999-12-31", "kim@x.example"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars, lambda some: st.lists(some, max_size=3) | st.dictionaries(texts, some, max_size=3), max_leaves=6
)
NAMES = [
    "type", "messageId", "userId", "anonymousId", "event", "name", "timestamp", "originalTimestamp", "sentAt",
    "properties", "traits", "context", "groupId", "previousId", "category",
]  # fmt: skip
TYPES = ["track", "page", "screen", "identify", "group", "alias"]
names = st.sampled_from(["u1", "u2", 7, " u1 "])
mappings = st.dictionaries(
    st.sampled_from(
        ["email", "name", "company", "asset", "url", "budget", "title", "userAgent", "traits", "campaign", "x"]
    )
    | texts,
    values,
    max_size=4,
)
# Of the right shape in most of its fields, and of any in the others.
events = st.builds(
    lambda right, wrong: {**right, **wrong},
    st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES), "userId": names, "event": st.sampled_from(["Download", "Email Link Clicked"])},
        optional={
            "anonymousId": names | st.none(), "groupId": texts, "previousId": names, "traits": mappings,
            "properties": mappings, "context": mappings, "timestamp": values, "sentAt": values, "messageId": scalars,
        },
    ),
    st.dictionaries(st.sampled_from(NAMES), values, max_size=2),
)  # fmt: skip
bodies = st.one_of(
    st.builds(lambda batch, sent: {"batch": batch, "sentAt": sent}, st.lists(events | values, max_size=4), values),
    events,
    values,
)
POISON = [
    b'{"batch":[{"type":"page","userId":"u1","properties":{"x":"\xff"}}]}',
    b'{"batch":[{"type":"page","userId":"u1","sentAt":"9000-01-01T00:00:00Z","timestamp":"1970-01-01T00:00:00Z"}]}',
    b'{"batch":[{"type":"page","userId":"u1","timestamp":1' + b"0" * 400 + b"}]}",
    b'{"batch":[{"type":"page","userId":"u1","timestamp":1e400}]}',
    b'{"batch":[{"type":"page","userId":"u1","properties":{"x":' + b"[" * 3000 + b"]" * 3000 + b"}}]}",
    b'{"batch":[' + b"[" * 90_000 + b"]" * 90_000 + b"]}",
    b'{"batch":[{"type":"page","userId":"\\ud800"}]}',
    b'{"batch":[{"type":"identify","userId":"u1","traits":{"budget":1' + b"0" * 300 + b"}}]}",
]


@pytest.mark.both
def test_what_once_was_acknowledged_and_could_not_be_taken(house):
    for body in POISON:
        assert house.post("/v1/batch", body)[0] in ALLOWED
    assert house.takes_in()


@pytest.mark.both
@ANY
@given(body=bodies, path=st.sampled_from(PATHS), packed=st.booleans())
@example(body={"userId": "u1", "event": "E", "type": None, "messageId": None}, path="/v1/track", packed=False)
def test_any_json(house, body, path, packed):
    written = json.dumps(body).encode()
    status, said = house.post(path, gzip.compress(written) if packed else written)
    assert status in ALLOWED
    assert json.loads(said)["success"] is (status == 200)
    assert house.takes_in()
    assert not DroppedEvent.objects.filter(reason="undigestible").exists()


@ANY
@given(
    body=st.binary(max_size=200),
    path=st.sampled_from(PATHS),
    begin=st.sampled_from([b"", b"\x1f\x8b", b'{"batch":[', b"{"]),
)
def test_any_bytes(house, body, path, begin):
    status, _said = house.post(path, begin + body)
    assert status == (200 if _is_an_empty_batch(begin + body) else 400)


def _is_an_empty_batch(body: bytes) -> bool:
    try:
        return json.loads(body).get("batch") == []
    except (ValueError, AttributeError):
        return False


@pytest.mark.both
@ANY
@given(event=events, place=st.integers(0, 400), byte=st.integers(0, 255))
def test_any_byte_of_a_batch_turned(house, event, place, byte):
    written = bytearray(json.dumps({"batch": [event]}, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    written[place % len(written)] = byte
    assert house.post("/v1/batch", bytes(written))[0] in ALLOWED
    assert house.takes_in()


HEADERS = [b"authorization", b"content-encoding", b"content-type", b"x-forwarded-for"]
WORDS = [
    b"gzip",
    b"x-gzip, gzip",
    b"deflate",
    b"Basic",
    b"Basic Og==",
    b"Basic eDo=",
    b"Bearer x",
    b"\xff\x00",
    b"application/json",
]


@ANY
@given(
    headers=st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(WORDS) | st.binary(max_size=12)), max_size=5)
)
def test_any_headers(house, headers):
    assert house.post("/v1/track", b'{"userId":"u1","event":"E"}', headers or [(b"x", b"y")])[0] in {400, 401}


@pytest.mark.both
def test_connections_that_the_database_ended_are_made_anew(house):
    """As after a restart of PostgreSQL: at worst somebody is asked to come again."""
    body = b'{"userId":"u1","event":"E"}'
    assert house.post("/v1/track", body)[0] == 200
    _hang_up()
    _key, house.secret = ApiKey.make(name="shop", scope="capture", role="admin", by=None, at=clock.now())
    assert house.post("/v1/track", body)[0] in {200, 429}
    assert house.post("/v1/track", body)[0] in {200, 429}
    assert house.post("/v1/track", body)[0] == 200


def test_a_disk_that_is_nearly_full_is_left_alone_and_it_recovers(house, settings):
    body = b'{"userId":"u1","event":"E","type":"track"}'
    settings.DISK_RESERVE = 2**60  # more than any disk has free
    status, said = house.post("/v1/track", body)
    assert (status, json.loads(said)["success"]) == (429, False)
    settings.DISK_RESERVE = 0
    asyncio.set_event_loop(house.loop)
    house.loop.run_until_complete(asyncio.sleep(2.1))
    assert house.post("/v1/track", body)[0] == 200
    inbox = open_inbox()
    assert inbox.queue(0).events == 1
    inbox.close()
