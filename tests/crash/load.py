"""Load from 16 connections that knows what was acknowledged, and the homes that it is put on."""

import json
import secrets
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from tests.conftest import new_home
from tests.served import Served, until

CONNECTIONS, BATCH, AGAIN = 16, 5, 200
THERE = """
import json
from accord.rooms.capture.models import Touch
print(json.dumps(list(Touch.objects.filter(asset=NAME).values_list("properties__id", flat=True))))
"""
TAKEN = """
from accord.rooms.capture.models import Touch
print(Touch.objects.filter(asset=NAME).count())
"""


class Load:
    """Requests over many connections, until told that it is enough or until nobody answers.

    Where there are several servers, neighbouring connections send the same events to one of them each.
    """

    def __init__(self, name: str, key: int, secret: str, *ports: int) -> None:
        self.name, self.key, self.secret, self.ports, self.enough = name, key, secret, ports, Event()
        authorization = b64encode(f"{secret}:".encode()).decode()
        self.headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
        self.numbers = [count() for _ in range(CONNECTIONS)]
        self.acknowledged: list[str] = []
        self.open: list[list[str]] = []  # requests of which nobody knows whether they arrived
        self.answered: Counter[int] = Counter()  # by status
        self.sending: list[Future] = []

    @classmethod
    def on(cls, *homes: Served) -> "Load":
        """With a name and a key of its own."""
        name = f"l{secrets.token_hex(3)}"
        ((key, secret),) = homes[0].keys(name)
        return cls(name, key, secret, *(home.port for home in homes))

    @contextmanager
    def running(self) -> Iterator[None]:
        self.enough.clear()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            self.sending = [pool.submit(self._send, place) for place in range(CONNECTIONS)]
            try:
                yield
            finally:
                self.enough.set()
        assert [one.exception() for one in self.sending] == [None] * CONNECTIONS

    def until(self, acknowledged: int) -> None:
        """So many more than there are by now."""
        wanted = len(self.acknowledged) + acknowledged
        until(lambda: len(self.acknowledged) >= wanted or all(one.done() for one in self.sending), every=0.005)
        assert len(self.acknowledged) >= wanted

    def begin(self, home: Served) -> None:
        """The worker is at work once it has taken the first event."""
        self.again([f"{self.name}-first"])
        until(lambda: int(home.python(f"NAME = {self.name!r}\n{TAKEN}")), every=0.1)

    def again(self, ids: Sequence[str] | None = None) -> None:
        """As a client does once the server is back: what was not acknowledged is sent again."""
        if ids is None:
            ids, self.open = [pk for waiting in self.open for pk in waiting], []
        connection = self._connection(0)
        for start in range(0, len(ids), AGAIN):
            assert self._post(connection, list(ids[start : start + AGAIN])) == 200

    def _connection(self, place: int) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.ports[place % len(self.ports)], timeout=30)

    def _send(self, place: int) -> None:
        connection, series = self._connection(place), place // len(self.ports)
        many = BATCH if series % 2 else 1
        for number in self.numbers[place]:
            if self.enough.is_set():
                return
            if self._post(connection, [f"{self.name}-{series}-{number}-{n}" for n in range(many)]) is None:
                return

    def _post(self, connection: HTTPConnection, ids: list[str]) -> int | None:
        batch = [
            {"type": "track", "event": "Download", "anonymousId": f"d{hash(pk) % 100}", "messageId": pk,
             "properties": {"id": pk, "asset": self.name}}
            for pk in ids
        ]  # fmt: skip
        try:
            connection.request("POST", "/v1/batch", json.dumps({"batch": batch}), self.headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self.open.append(ids)
            return None
        self.answered[answer.status] += 1
        if answer.status == 200:
            self.acknowledged.extend(ids)
        else:
            self.open.append(ids)
        return answer.status


@contextmanager
def home_on(database: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A home with tables and nothing else, in a database of its own where that is PostgreSQL."""
    cluster = request.getfixturevalue("postgres") if database == "postgresql" else None
    served = Served(new_home(folder, cluster, tables=True).environment)
    try:
        yield served
    finally:
        served.close()


def gone(process: int) -> bool:
    """Ended, whether or not somebody has asked for its end yet."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def there(home: Served, name: str) -> Counter[str]:
    """What was taken of a load, after a drain."""
    home.accord("work", "--drain")
    return Counter(json.loads(home.python(f"NAME = {name!r}\n{THERE}")))


def expect_once(home: Served, name: str, acknowledged: Iterable[str]) -> None:
    """Exactly what was acknowledged, none twice; the totals and the audit agree."""
    assert there(home, name) == Counter(set(acknowledged))
    totals = json.loads(home.accord("report", "totals", "--json"))
    assert (totals["raw_events"], totals["dropped_events"]) == (totals["touches"], 0)
    assert json.loads(home.accord("audit", "--json"))["violations"] == []
