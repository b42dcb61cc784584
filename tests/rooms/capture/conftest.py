"""A door to the capture room: what clients send is kept in an inbox of its own, and taken in when the test says so."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import pytest
from django.conf import settings
from django.db import connection

from accord.kernel import clock
from accord.kernel.instants import to_micros
from accord.rooms.capture import events, taking
from accord.rooms.capture.inbox import FILE, Arrived, Inbox, Kept, open_inbox

KEY = 1


@dataclass
class Door:
    inbox: Inbox
    numbers: Iterator[int]

    def keep(self, *sent: dict, at: datetime, key: int = KEY, sent_at: str | None = None) -> Kept:
        """What one request brings at an instant is durable."""
        kept = [events.admitted(json.dumps(self._named(event)).encode(), key) for event in sent]
        return self.inbox.keep([Arrived(key, to_micros(at), sent_at, kept)])[0]

    def take(self, at: datetime) -> int:
        """Everything that waits is taken in; how many rows."""
        with clock.moved_to(at):
            return sum(iter(lambda: taking.take(self.inbox, at), 0))

    def send(self, *sent: dict, at: datetime, **more) -> None:
        self.keep(*sent, at=at, **more)
        self.take(at)

    def _named(self, event: dict) -> dict:
        return {"messageId": f"m{next(self.numbers)}", **event}


@pytest.fixture
def door(db) -> Iterator[Door]:
    throw_away()
    inbox = open_inbox()
    yield Door(inbox, count(1))
    inbox.close()
    throw_away()


def throw_away() -> None:
    """The inbox: it has a connection of its own, so that the test's rollback does not reach it."""
    if connection.vendor == "sqlite":
        for file in settings.HOME.glob(f"{FILE}*"):
            file.unlink()
        return
    inbox = open_inbox()
    inbox.database.execute(
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() "
        r"AND tablename LIKE 'inbox%' AND tablename <> 'inbox_mark' LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$"
    )
    inbox.close()


def track(name: str, **more) -> dict:
    return {"type": "track", "event": name, **more}


def identify(user: str | None = None, device: str | None = None, **traits) -> dict:
    return {"type": "identify", "userId": user, "anonymousId": device, "traits": traits}
