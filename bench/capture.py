"""Events over HTTP, durable before they are acknowledged, with a person clicking and the worker taking them in beside.

python -m bench.capture [--json] [--connections 16] [--seconds 10] [--batch 100] [--stored 0]

Next to a bare handler that reads the JSON and keeps nothing, and to a Django view that keeps events by the ORM, on the
same server. Runs on SQLite, and again on the PostgreSQL of DATABASE_URL. `--stored` touches are there before. As much
as goes, and then batches at the rate that is aimed at, each timed from when it was due.
"""

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from statistics import median
from typing import Any

from bench import scratch
from bench.scratch import ROOT
from bench.serving import Client, clicks, server

PEOPLE = 2000
PAUSE = 0.1  # seconds between two clicks
AIMED = {"sqlite": 45_000, "postgresql": 35_000}  # events a second, in batches
PATHS = ("/contacts/", "/leads/", "/contacts/?q=an")
EVENT = (
    '{"type":"track","event":"Asset Downloaded","messageId":"%(id)s","userId":"person-%(who)d",'
    '"timestamp":"2026-03-02T09:00:00.000Z","properties":{"asset":"checklist","path":"/library/checklist","title":'
    '"Ten questions before you buy"},"context":{"library":{"name":"bench","version":"1"},"userAgent":'
    '"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","campaign":{"name":"spring","medium":"cpc"}}}'
)
PREPARE = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from accord.kernel import clock, ledger
from accord.kernel.warehouse import mirror
from accord.rooms.capture.norm import norm_of
from accord.rooms.people.models import Contact, Identity
from accord.rooms.scoring.models import Mark
from accord.rooms.team.models import ApiKey, Member
at = clock.now()
if stored := int(sys.argv[1]):
    yesterday = int((at.timestamp() - 86_400) * 1e6)
    before = "now() - interval '1 day'" if connection.vendor == "postgresql" else str(yesterday)
    rows = (
        f"SELECT n FROM generate_series(1, {stored}) AS s(n)" if connection.vendor == "postgresql"
        else f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {stored}) SELECT n FROM s"
    )
    visitors = stored // 20
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity (kind, value) SELECT 'anonymous', 'before-' || n "
            f"FROM ({rows}) AS r WHERE n <= {visitors}"
        )
        first = Identity.objects.filter(value="before-1").get().pk
        cursor.execute(
            "INSERT INTO touch (identity_id, kind, machine, properties, occurred_at, recorded_at, stored_at, fact_id, "
            f"ahead, norm) SELECT {first} + n %% {visitors}, 'page', false, '{{}}', {before}, {before}, {before}, 1, "
            f"false, %s FROM ({rows}) AS r", [norm_of({}, "", "")]
        )
        if connection.vendor == "postgresql":  # rows of months, and not of the minute before, with its housekeeping
            cursor.execute("VACUUM (ANALYZE) touch, identity")
            cursor.execute("CHECKPOINT")
    # The worker has seen them, as it would have when they came.
    Mark.objects.update_or_create(table="touch", defaults={"last": stored})
    mirror.refresh()
lead = Member.join(email="lead@bench.example", name="Lead", role="marketing_lead", by=None, at=at)
for n in range(200):
    Contact.create({"name": f"Anna {n}"}, by=None, at=at, external_id=f"person-{n}")
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(lead.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = lead.get_session_auth_hash()
session.create()
secret = ApiKey.make(name="bench", scope="capture", role="marketing", by=None, at=at)[1]
print(json.dumps({"secret": secret, "session": session.session_key}))
"""
STATE = """
import json
from accord.rooms.capture.queries import counted, queue
from accord.rooms.capture.models import Touch
came, waiting = counted(), queue()
print(json.dumps({"events": came.events, "dropped": came.dropped, "waiting": waiting.events}))
"""
Said = Callable[[int], tuple[str, bytes]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--stored", type=int, default=0)
    asked = parser.parse_args()
    found = [measured(url, asked) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(url: str, asked: argparse.Namespace) -> dict[str, Any]:
    with scratch.home(url) as home:
        env = {**home, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        ready = [sys.executable, "-m", "accord.cli", "init", "--test-home"]
        subprocess.run(ready, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        known = scratch.result(env, PREPARE, asked.stored)
        ways = {"single": _single, f"batches of {asked.batch}": _batches(asked.batch)}
        database = "postgresql" if url else "sqlite"
        runs = {way: (said, 0) for way, said in ways.items()}
        runs["at the rate aimed at"] = _batches(asked.batch), AIMED[database]
        found: dict[str, Any] = {"database": database, "stored": asked.stored}
        for name in ("bare", "orm"):
            with server(f"bench.capture_baseline:{name}", env, 1) as port:
                found[name] = {way: _run(port, known, said, asked, clicked=False) for way, said in ways.items()}
        with server("accord.asgi:application", env, 1) as port, _worker(env):
            for way, (said, rate) in runs.items():
                before = scratch.result(env, STATE)
                found[way] = _run(port, known, said, asked, clicked=True, rate=rate)
                after = scratch.result(env, STATE)
                found[way]["waiting_at_the_end"] = after["waiting"]
                found[way]["taken_in"] = after["events"] - after["waiting"] - before["events"] + before["waiting"]
                if after["events"] - before["events"] != found[way]["events"]:
                    raise SystemExit(f"{found[way]['events']} were acknowledged, and {after['events']} are there")
    return found


@contextmanager
def _worker(env: dict[str, str]) -> Iterator[None]:
    worker = subprocess.Popen([sys.executable, "-m", "accord.cli", "work"], env=env, cwd=ROOT)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _single(n: int) -> tuple[str, bytes]:
    return "/v1/track", _event(n)


def _batches(size: int) -> Said:
    def batch(n: int) -> tuple[str, bytes]:
        events = b",".join(_event(n * size + place) for place in range(size))
        return "/v1/batch", b'{"sentAt":"2026-03-02T09:00:00.000Z","batch":[' + events + b"]}"

    return batch


def _event(n: int) -> bytes:
    return (EVENT % {"id": f"{RUN}-{n}", "who": n % PEOPLE}).encode()


RUN = ""


def _run(
    port: int, known: dict[str, str], said: Said, asked: argparse.Namespace, *, clicked: bool, rate: int = 0
) -> dict[str, Any]:
    global RUN
    RUN = f"{time.time_ns()}"
    return asyncio.run(_drive(port, known, said, asked, clicked, rate))


async def _drive(
    port: int, known: dict[str, str], said: Said, asked: argparse.Namespace, clicked: bool, rate: int
) -> dict[str, Any]:
    """At `rate` events a second, each counted from when it was due; without one as many as are answered."""
    numbers, took, many = count(), list[float](), said(0)[1].count(b'"messageId"')
    if clicked:
        await _warm(port, known["session"])
    basic = base64.b64encode(f"{known['secret']}:".encode()).decode()
    began = time.perf_counter()

    async def send() -> None:
        client = Client(port, f"Authorization: Basic {basic}", "Content-Type: application/json")
        await client.open()
        while time.perf_counter() - began < asked.seconds:
            path, body = said(number := next(numbers))
            due = began + number * many / rate if rate else time.perf_counter()
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            await client.ask(path, body)
            took.append(time.perf_counter() - due)
        client.close()

    people = [clicks(port, known["session"], PATHS, asked.seconds, PAUSE)] if clicked else []
    *opened, _sent = await asyncio.gather(*people, asyncio.gather(*(send() for _ in range(asked.connections))))
    lasted = time.perf_counter() - began
    found = {"events": len(took) * many, "per_second": round(len(took) * many / lasted), **_times(took)}
    return {**found, "click": _times(opened[0])} if opened else found


async def _warm(port: int, session: str) -> None:
    """Each page once: what a server compiles at the first look at a page is no part of how fast it is."""
    client = Client(port, f"Cookie: sessionid={session}")
    await client.open()
    for path in PATHS:
        await client.get(path)
    client.close()


def _times(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {"p50_ms": round(median(took) * 1000, 1), "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1)}


if __name__ == "__main__":
    main()
