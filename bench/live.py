"""From a touch to a lead that qualified by it: 500 touches a second over HTTP while somebody clicks through the leads.

python -m bench.live [--json] [--contacts 20000] [--touches 5] [--rate 500] [--seconds 300]

Each of the contacts has a history. A signed agreement judges them; the events come in batches, from different contacts.
How long it took is from when the event was sent to when the fact of the qualification was stored. Runs on SQLite, and
again on the PostgreSQL of DATABASE_URL.
"""

import argparse
import asyncio
import base64
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench import scratch
from bench.scratch import ROOT
from bench.serving import Client, clicks, server

TOGETHER = 50  # events in a batch
PAUSE = 1.0  # seconds between two clicks
PATIENCE = 120  # seconds that the judge has for what is left at the end
SENIORITY = ("director", "vp", "junior", "")
KINDS = ("page", "page", "email_click", "form")
EVENTS = (("page", ""), ("page", ""), ("track", "Asset Downloaded"))
AGREEMENT = """
accord: 1
name: Qualified leads
effective: 2026-01-01
review_by: 2036-01-01
leads: {open_on: {touch: [form, download, event_attended]}}
scoring:
  fit:
    - {id: decision_maker, points: 25, when: {field: contact.seniority, in: [director, vp]}}
    - {id: named, points: 5, when: {field: contact.title, known: true}}
  engagement:
    - {id: download, group: content, points: 8, half_life_days: 30, cap: 24, when: {touch: download}}
    - {id: page, group: content, points: 1, half_life_days: 14, cap: 10, when: {touch: page}}
    - {id: pricing, points: 15, half_life_days: 14,
       when: {touch: page, where: [{property: path, starts_with: /pricing}]}}
    - {id: click, points: 3, half_life_days: 30, when: {touch: email_click}}
    - {id: webinar, points: 15, once: true, when: {touch: event_attended}}
    - {id: unsubscribe, points: -30, once: true, when: {touch: unsubscribe}}
  groups: {content: {cap: 40}}
  grades: {fit: {A: 20, B: 5}, engagement: {"1": 40, "2": 20, "3": 5}}
qualified:
  any:
    - all: [{count: {touch: download}, at_least: 1, within_days: 30}, {field: contact.seniority, in: [director, vp]}]
    - all: [{score: total, at_least: 60}, {score: fit, at_least: 20}]
"""
PREPARE = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accord.kernel import clock
from accord.rooms.team.models import ApiKey, Member
at = clock.now()
lead = Member.join(email="lead@bench.example", name="Lead", role="marketing_lead", by=None, at=at)
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(lead.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = lead.get_session_auth_hash()
session.create()
secret = ApiKey.make(name="bench", scope="capture", role="marketing", by=None, at=at)[1]
print(json.dumps({"secret": secret, "session": session.session_key}))
"""
WAITING = """
import json
from accord.kernel.journal import Pending
from accord.rooms.capture.queries import queue
from accord.rooms.scoring.models import ToJudge
print(json.dumps({"events": queue().events, "contacts": ToJudge.objects.count(), "facts": Pending.objects.count()}))
"""
TOOK = """
import json
from accord.kernel.ledger import Fact
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.people.models import Link
stored = dict(Fact.objects.filter(kind="lead_qualified").values_list("contact_id", "stored_at"))
at = dict(Qualification.objects.values_list("contact_id", "at"))
whose = dict(Link.objects.values_list("identity_id", "contact_id"))
took, outside = [], 0
touches = Touch.objects.filter(properties__has_key="sent", kind="download")
for identity, known, said in touches.values_list("identity_id", "recorded_at", "properties"):
    contact = whose.get(identity)
    if at.get(contact) == known:
        took.append(stored[contact].timestamp() - said["sent"] / 1e6)
print(json.dumps({"took": took, "qualified": len(at), "leads": Lead.objects.count(), "touches": Touch.objects.count()}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--touches", type=int, default=5, help="of each contact, before")
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=300)
    asked = parser.parse_args()
    found = [measured(url, asked) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(url: str, asked: argparse.Namespace) -> dict[str, Any]:
    with scratch.home(url) as home, tempfile.TemporaryDirectory() as folder:
        env = {**home, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
        _prepare(env, Path(folder), asked)
        known = scratch.result(env, PREPARE)
        with server("accord.asgi:application", env, 1) as port, _worker(env):
            asyncio.run(_warm(port, known))
            _wait(env)
            sent = asyncio.run(_drive(port, known, asked))
            left = scratch.result(env, WAITING)
            caught_up = _wait(env)
        took = scratch.result(env, TOOK)
    ordered = sorted(took.pop("took"))
    figures = {f"p{part}_s": round(ordered[int(len(ordered) * part / 100)], 2) for part in (50, 95, 99) if ordered}
    return {
        "database": "postgresql" if url else "sqlite", "contacts": asked.contacts, **sent, **took, **figures,
        "measured": len(ordered), "waiting_at_the_end": left, "caught_up_s": caught_up,
    }  # fmt: skip


def _prepare(env: dict[str, str], folder: Path, asked: argparse.Namespace) -> None:
    """The house, its agreement, its contacts and their history."""
    agreement, contacts, touches = folder / "agreement.yaml", folder / "contacts.csv", folder / "touches.csv"
    agreement.write_text(AGREEMENT)
    random, now = Random(1), datetime.now(UTC)
    with contacts.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["external_id", "name", "seniority", "title"])
        rows.writerows([f"p{n}", f"Anna {n}", SENIORITY[n % 4], "Buyer"] for n in range(asked.contacts))
    with touches.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["external_id", "contact", "kind", "occurred_at", "path"])
        for n in range(asked.contacts * asked.touches):
            at = now - timedelta(days=1 + random.random() * 300)
            kind = random.choice(KINDS)
            rows.writerow([f"t{n}", f"p{n % asked.contacts}", kind, at.isoformat(), random.choice(["/a", "/pricing"])])
    _accord(env, "init", "--test-home")
    _accord(env, "import", "contacts", contacts, "--history")
    _accord(env, "import", "touches", touches, "--history")
    _accord(env, "agreement", "import", agreement, "--sign-as-both")
    _accord(env, "work", "--drain")


def _accord(env: dict[str, str], *words: object) -> None:
    command = [sys.executable, "-m", "accord.cli", *map(str, words)]
    subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _worker(env: dict[str, str]) -> Iterator[None]:
    worker = subprocess.Popen([sys.executable, "-m", "accord.cli", "work"], env=env, cwd=ROOT)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _wait(env: dict[str, str]) -> float | None:
    """How long the worker took for what was left; None where it did not come to an end."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if not any(scratch.result(env, WAITING).values()):
            return round(time.monotonic() - began, 1)
        time.sleep(0.5)
    return None


async def _warm(port: int, known: dict[str, str]) -> None:
    """One event: the worker compiles the agreement once, when it judges for the first time."""
    client = Client(port, _authorised(known), "Content-Type: application/json")
    await client.open()
    event = {"type": "page", "userId": "p0", "messageId": "first", "properties": {"path": "/a"}}
    await client.post("/v1/batch", json.dumps({"batch": [event]}).encode())
    client.close()


def _authorised(known: dict[str, str]) -> str:
    return f"Authorization: Basic {base64.b64encode(known['secret'].encode() + b':').decode()}"


async def _drive(port: int, known: dict[str, str], asked: argparse.Namespace) -> dict[str, Any]:
    answered: list[float] = []
    began, random = time.monotonic(), Random(2)

    async def send() -> None:
        client = Client(port, _authorised(known), "Content-Type: application/json")
        await client.open()
        for batch in range(int(asked.rate * asked.seconds / TOGETHER)):
            await asyncio.sleep(max(began + batch * TOGETHER / asked.rate - time.monotonic(), 0))
            answered.append(await client.ask("/v1/batch", _batch(batch * TOGETHER, asked.contacts, random)))
        client.close()

    _sent, clicked = await asyncio.gather(send(), clicks(port, known["session"], ["/leads/"], asked.seconds, PAUSE))
    lasted = time.monotonic() - began
    return {
        "sent": len(answered) * TOGETHER, "per_second": round(len(answered) * TOGETHER / lasted),
        "answer_p95_ms": _p95(answered), "click_p95_ms": _p95(clicked),
    }  # fmt: skip


def _p95(took: list[float]) -> float:
    return round(sorted(took)[int(len(took) * 0.95)] * 1000, 1)


def _batch(first: int, contacts: int, random: Random) -> bytes:
    now = datetime.now(UTC)
    events = [_event(number, contacts, now, random) for number in range(first, first + TOGETHER)]
    return json.dumps({"sentAt": now.isoformat(), "batch": events}).encode()


def _event(number: int, contacts: int, now: datetime, random: Random) -> dict[str, Any]:
    kind, name = random.choice(EVENTS)
    properties = {"sent": int(now.timestamp() * 1e6), "path": random.choice(["/a", "/b"])}
    named = {"event": name} if name else {}
    return {
        "type": kind, "userId": f"p{number % contacts}", "messageId": f"live-{number}", "timestamp": now.isoformat(),
        "properties": properties, **named,
    }  # fmt: skip


if __name__ == "__main__":
    main()
