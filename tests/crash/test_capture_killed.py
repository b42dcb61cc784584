"""Killed under load from 16 connections, web or worker: what was acknowledged is there once, and nothing is twice."""

import json
import os
import secrets
import signal
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Event

import psycopg
import pytest

from tests.served import Served, until

CONNECTIONS, BATCH = 16, 5
LATER = 600  # acknowledged events before a blow; more in each further attempt
THERE = """
import json
from accord.rooms.capture.models import Touch
print(json.dumps(list(Touch.objects.filter(asset=NAME).values_list("properties__id", flat=True))))
"""
TAKEN = """
from accord.rooms.capture.models import Touch
print(Touch.objects.filter(asset=NAME).count())
"""
# Eight days later what was taken is let go of, while the events of today are known by their hashes still.
FORGET = """
import time
from accord.kernel import clock
from accord.kernel.instants import to_micros
from accord.rooms.capture.inbox.store import DAY
from accord.rooms.capture.models import InboxMark
from accord.rooms.capture.queries import looking
with looking() as inbox:
    forgotten = 0
    while forgotten < TIMES:
        before = inbox.queue(0).events
        inbox.forget(InboxMark.taken_of(inbox.epoch), to_micros(clock.now()) + 8 * DAY)
        forgotten += inbox.queue(0).events < before
        time.sleep(0.02)
"""


class Load:
    """Requests over many connections, until told that it is enough or until nobody answers."""

    def __init__(self, home: Served, key: str, name: str) -> None:
        self.home, self.name, self.enough, self.numbers = home, name, Event(), count()
        authorization = b64encode(f"{key}:".encode()).decode()
        self.headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
        self.acknowledged: list[str] = []
        self.open: list[list[str]] = []  # requests of which nobody knows whether they arrived
        self.sending: list[Future] = []

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
        until(lambda: len(self.acknowledged) >= acknowledged or all(one.done() for one in self.sending), every=0.005)
        assert len(self.acknowledged) >= acknowledged

    def begin(self) -> None:
        """The worker is at work once it has taken the first event."""
        assert self._post(HTTPConnection("127.0.0.1", self.home.port, timeout=30), [f"{self.name}-first"]) == 200
        until(lambda: taken(self.home, self.name), every=0.1)

    def again(self) -> None:
        """As a client does once the server is back: what was not acknowledged is sent again."""
        connection = HTTPConnection("127.0.0.1", self.home.port, timeout=30)
        waiting, self.open = self.open, []
        for ids in waiting:
            assert self._post(connection, ids) == 200

    def _send(self, place: int) -> None:
        connection = HTTPConnection("127.0.0.1", self.home.port, timeout=30)
        many = BATCH if place % 2 else 1
        for number in self.numbers:
            if self.enough.is_set():
                return
            if self._post(connection, [f"{self.name}-{place}-{number}-{n}" for n in range(many)]) is None:
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
        if answer.status == 200:
            self.acknowledged.extend(ids)
        else:
            self.open.append(ids)
        return answer.status


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def home(request, tmp_path_factory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("killed") / "home"
    environment = {**os.environ, "ACCORD_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "accord.settings"}
    environment.pop("DATABASE_URL", None)
    if request.param == "postgresql":
        base, name = request.getfixturevalue("postgres"), f"t{secrets.token_hex(6)}"
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        environment["DATABASE_URL"] = f"{base}/{name}"
    served = Served(environment)
    yield served
    served.close()


@pytest.fixture
def load(home) -> Load:
    name = f"l{secrets.token_hex(3)}"
    ((_number, secret),) = home.keys(name)
    return Load(home, secret, name)


def gone(process: int) -> bool:
    """Ended, whether or not somebody has asked for its end yet."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def taken(home: Served, name: str) -> int:
    return int(home.python(f"NAME = {name!r}\n{TAKEN}"))


def expect_once(home: Served, load: Load) -> None:
    """After a drain: exactly what was acknowledged, none twice; the totals and the audit agree."""
    home.accord("work", "--drain")
    there = Counter(json.loads(home.python(f"NAME = {load.name!r}\n{THERE}")))
    assert there == Counter(load.acknowledged)
    assert set(there.values()) == {1}
    totals = json.loads(home.accord("report", "totals", "--json"))
    assert (totals["raw_events"], totals["dropped_events"]) == (totals["touches"], 0)
    assert json.loads(home.accord("audit", "--json"))["violations"] == []


def test_web_and_worker_are_killed_in_turn(home, load, attempt):
    more = LATER * (1 + attempt)
    home.start()
    worker = home.worker()
    load.begin()
    with load.running():
        load.until(more)
        home.stop(by=signal.SIGKILL)
    assert load.open  # it was under load
    until(lambda: gone(worker))  # by itself

    home.start()
    load.again()
    with load.running(), ThreadPoolExecutor(1) as beside:
        forgotten = beside.submit(home.python, f"TIMES = 5\n{FORGET}")
        load.until(len(load.acknowledged) + more)
        forgotten.result(60)
        os.kill(home.worker(), signal.SIGKILL)
        load.until(len(load.acknowledged) + LATER)  # the web goes on without it
    home.stop()
    assert load.open == []
    expect_once(home, load)
