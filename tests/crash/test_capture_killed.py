"""Killed under load from 16 connections, web or worker: what was acknowledged is there once, and nothing is twice."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.crash.load import Load, expect_once, gone, home_on, there
from tests.restored import beside
from tests.served import Served, until

LATER = 600  # acknowledged events before a blow; more in each further attempt
TIMES = 3  # that the inbox is emptied of what was taken, in either way
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
# Purged at once of what was taken: the inbox begins a new epoch in the midst of it all.
PURGE = """
import time
from accord.rooms.capture.models import InboxMark
from accord.rooms.capture.queries import looking
with looking() as inbox:
    epochs = {inbox.epoch}
    while len(epochs) <= TIMES:
        if taken := InboxMark.taken_of(inbox.epoch):
            inbox.purge(taken)
        epochs.add(inbox.epoch)
        time.sleep(0.02)
"""
DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(scope="module", params=DATABASES)
def home(request, tmp_path_factory) -> Iterator[Served]:
    with home_on(request.param, tmp_path_factory.mktemp("killed") / "home", request) as served:
        yield served


@pytest.fixture
def load(home) -> Load:
    return Load.on(home)


def kill_both(home: Served, load: Load, more: int) -> None:
    """The web under load; then, after something has happened to its inbox, the worker. The web goes on without it."""
    home.start()
    worker = home.worker()
    load.begin(home)
    with load.running():
        load.until(more)
        home.stop(by=signal.SIGKILL)
    assert load.open  # it was under load
    until(lambda: gone(worker))  # by itself

    home.start()
    load.again()
    with load.running(), ThreadPoolExecutor(1) as aside:
        emptied = aside.submit(lambda: [home.python(f"TIMES = {TIMES}\n{code}") for code in (FORGET, PURGE)])
        load.until(more)
        emptied.result(120)
        os.kill(home.worker(), signal.SIGKILL)
        load.until(LATER)
    assert load.open == []
    assert set(load.answered) == {200}
    assert len(load.acknowledged) == len(set(load.acknowledged))


def test_web_and_worker_are_killed_in_turn(home, load, attempt):
    kill_both(home, load, LATER * (1 + attempt))
    home.stop()
    expect_once(home, load.name, load.acknowledged)


@pytest.mark.parametrize("scratch", ["sqlite", pytest.param("postgresql", marks=pytest.mark.prove)], indirect=True)
def test_killed_after_a_restore(scratch, tmp_path, attempt):
    """What was backed up under load goes on elsewhere, and is killed there; clients send again what they had sent."""
    more, archive, other = LATER * (1 + attempt), tmp_path / "backup.tar", beside(scratch, tmp_path / "other")
    first = Served(scratch.environment)
    load = Load.on(first.start())
    with load.running():
        load.until(more)
        earlier = set(load.acknowledged)
        first.accord("backup", archive)
        load.until(LATER)
    first.close()
    other.accord("restore", archive)

    home = Served(other.environment)
    then = Load(f"{load.name}r", load.key, load.secret, home.port)
    kill_both(home, then, more)
    assert earlier <= set(there(home, load.name))
    load.ports = (home.port,)
    load.again(list(load.acknowledged))
    home.stop()
    expect_once(home, load.name, load.acknowledged)
    expect_once(home, then.name, then.acknowledged)
    home.close()
