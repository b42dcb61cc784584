"""The bare ASGI handler under /v1: authorise, read, make durable, answer."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import msgspec
import psycopg
from django.db import DatabaseError, connection

from accord.intake.tracking import requests
from accord.intake.tracking.pressure import Pressure
from accord.intake.tracking.requests import Read, Unreadable
from accord.intake.tracking.writer import Busy, Writer
from accord.kernel import clock
from accord.kernel.instants import to_micros
from accord.rooms.capture.inbox import Arrived, open_inbox
from accord.rooms.team.models import ApiKey

COME_AGAIN = 10  # seconds
KNOWN, UNKNOWN = timedelta(seconds=5), timedelta(seconds=1)  # for which a key that was looked up counts as that
DONE = b'{"success":true}'
JSON = (b"content-type", b"application/json")
OPEN = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
    (b"access-control-max-age", b"86400"),
]
AWAY = (DatabaseError, psycopg.Error, sqlite3.Error)
Message = dict[str, Any]
Found = TypeVar("Found")
log = logging.getLogger(__name__)


class Answer(Exception):
    """Ends a request: its status, and what to say."""

    def __init__(self, status: int, why: str = "", *more: tuple[bytes, bytes]) -> None:
        self.status, self.headers = status, more
        self.body = msgspec.json.encode({"success": False, "message": why}) if why else b""


class Tracking:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, "capture")
        self._writer = Writer(open_inbox)
        self._pressure = Pressure()
        self._keys: dict[str, tuple[datetime, int | None]] = {}

    @staticmethod
    def takes(path: str) -> bool:
        return requests.type_of(path) is not None

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        more: tuple[tuple[bytes, bytes], ...] = ()
        try:
            status, body = 200, await self._taken(scope, receive)
        except Answer as answer:
            status, body, more = answer.status, answer.body, answer.headers
        headers = [JSON, (b"content-length", str(len(body)).encode()), OPEN[0], *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _taken(self, scope: Message, receive: Any) -> bytes:
        if scope["method"] == "OPTIONS":
            raise Answer(204, "", *OPEN[1:])
        if scope["method"] != "POST":
            raise Answer(405, "send events with POST", (b"allow", b"POST"))
        headers = dict(scope["headers"])
        type = str(requests.type_of(scope["path"]))
        secret = requests.secret_of(headers)
        key = None if secret is None else await self._key(secret)  # before the body is looked at
        found = _read(type, await _body(receive), headers)
        key = key or await self._key(found.key)
        if why := await self._asked(self._pressure.look) if self._pressure.due() else self._pressure.why:
            raise _come_again(why)
        return await self._kept(requests.judged(found, key, type), key)

    async def _kept(self, read: Read, key: int) -> bytes:
        rejected = [(reason, raw) for _place, reason, raw in read.rejected]
        try:
            await self._writer.keep(Arrived(key, to_micros(clock.now()), read.sent_at, read.events, rejected))
        except Busy:
            raise _come_again("events cannot be written now") from None
        if not read.rejected:
            return DONE
        if not read.events:
            raise Answer(400, "; ".join(sorted({one["message"] for one in requests.explained(read.rejected)})))
        return msgspec.json.encode({"success": True, "rejected": requests.explained(read.rejected)})

    async def _key(self, secret: str | None) -> int:
        """The id of the key. Raises the answer 401 for one that is not known."""
        if not secret:
            raise _unauthorized()
        now = clock.machine()
        until, key = self._keys.get(secret, (now, None))
        if until <= now:
            key = await self._asked(partial(_look_up, secret))
            if len(self._keys) > 1000:
                self._keys.clear()
            self._keys[secret] = (now + (KNOWN if key else UNKNOWN), key)
        if key is None:
            raise _unauthorized()
        return key

    async def _asked(self, question: Callable[[], Found]) -> Found:
        """What the database says, in a thread. Raises the answer 429 where it says nothing."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, _connected, question)
        except AWAY:
            log.exception("the database does not answer")
            raise _come_again("the database does not answer") from None


def _connected(question: Callable[[], Found]) -> Found:
    connection.close_if_unusable_or_obsolete()  # which Django itself does at the start of a request
    return question()


def _look_up(secret: str) -> int | None:
    key = ApiKey.held_by(secret, "capture")
    if key is None:
        return None
    now = clock.machine()
    if not key.is_noted(now):
        key.used(now)
    return key.pk


def _read(type: str, body: bytes, headers: Mapping[bytes, bytes]) -> Read:
    try:
        return requests.read(type, requests.unpacked(body, headers.get(b"content-encoding", b"")))
    except Unreadable as wrong:
        raise Answer(400, str(wrong)) from wrong


async def _body(receive: Any) -> bytes:
    """Raises the answer 400 as soon as there is more than could be kept."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > requests.LARGEST:
            raise Answer(400, "a request has at most 500 KB", (b"connection", b"close"))
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _unauthorized() -> Answer:
    return Answer(401, "the write key is not known", (b"www-authenticate", b"Basic"))


def _come_again(why: str) -> Answer:
    return Answer(429, why, (b"retry-after", str(COME_AGAIN).encode()))
