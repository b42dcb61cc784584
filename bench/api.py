"""Leads over REST: one a request, with its contact, history and facts; and the batch. Next to a bare Django view.

python -m bench.api [--json] [--clients 8] [--seconds 10] [--workers 1] [--database-url postgresql://…]

Starts a real server on a scratch home and a free loopback port. The baseline is one INSERT with its commit per request,
through a view without middleware, on the same server and the same kind of database.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from statistics import median, quantiles
from typing import Any

from bench.scratch import ROOT
from bench.serving import Client, server

BATCH = 1000
WARM = 1  # second, before anything is measured
FASTEST = 600  # leads a second, for which there are known contacts
Request = Callable[[int], tuple[str, Any]]


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    asked = _asked(arguments)
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as home:
        env = _environment(home, asked.database_url)
        secret = _prepare(env, int(asked.seconds * FASTEST))
        found = {
            "database": asked.database_url.partition(":")[0] or "sqlite",
            "workers": asked.workers,
            "clients": asked.clients,
        }
        with server("bench.api_baseline:application", env, asked.workers) as port:
            found["baseline: one INSERT"] = _measure(port, secret, _bare, asked)
        with server("accord.asgi:application", env, asked.workers) as port:
            asyncio.run(_drive(port, secret, _warm_up, asked.clients, WARM))
            found["a lead of a known contact"] = _measure(port, secret, _of_known, asked)
            found["a lead with its contact"] = _measure(port, secret, _with_contact, asked)
            batches = _measure(port, secret, _batch, asked, clients=1)
            found["leads:batch"] = {**batches, "leads_per_second": round(batches["per_second"] * BATCH)}
    print(json.dumps(found, indent=None if asked.json else 2))
    return found


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--database-url", default="")
    return parser.parse_args(arguments)


def _environment(home: str, database_url: str) -> dict[str, str]:
    chosen = {
        "ACCORD_HOME": home,
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "accord.settings"),
    }
    if database_url:
        chosen["DATABASE_URL"] = database_url
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**inherited, **chosen, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


PREPARE = """
import sys
import django
django.setup()
from accord.kernel import clock, ledger
from accord.kernel.imports import memory
from accord.rooms.team.models import ApiKey, House, Member
House.get()
at = clock.now()
if not Member.objects.exists():
    Member.join(email="lead@bench.example", name="Lead", role="marketing_lead", by=None, at=at)
for start in range(0, int(sys.argv[1]), 1000):
    rows = [
        memory.row(n, {"external_id": f"k{n}", "contact.email": f"k{n}@bench.example"}, f"k{n}", b"")
        for n in range(start, start + 1000)
    ]
    with ledger.write(at) as writing:
        memory.apply(writing, memory.decide("contacts", "bench", rows, by=None, at=at), "bench")
print(ApiKey.make(name="bench", scope="api", role="admin", by=None, at=at)[1])
"""


def _prepare(env: dict[str, str], contacts: int) -> str:
    """A house with a member and known contacts, and the secret of a key."""
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=env, cwd=ROOT, check=True)
    command = [sys.executable, "-c", PREPARE, str(contacts)]
    made = subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return made.stdout.strip()


def _bare(n: int) -> tuple[str, Any]:
    return "/", {"external_id": f"bare-{os.getpid()}-{n}"}


def _warm_up(n: int) -> tuple[str, Any]:
    return "/api/companies", {"fields": {"name": f"Company {n}"}}


def _person(n: int) -> dict[str, Any]:
    name = f"p{os.getpid()}-{n}"
    return {"external_id": name, "fields": {"name": f"Person {n}", "email": f"{name}@bench.example"}}


def _with_contact(n: int) -> tuple[str, Any]:
    return "/api/leads", {"contact": _person(n), "entry": "marketing", "fields": {"origin": "paid_search"}}


def _batch(n: int) -> tuple[str, Any]:
    of_batch = range(n * BATCH, (n + 1) * BATCH)
    leads = [
        {
            "external_id": f"b{os.getpid()}-{i}",
            "contact": _person(10**9 + i),
            "entry": "marketing",
            "fields": {"origin": "paid_search"},
        }
        for i in of_batch
    ]
    return "/api/leads:batch", {"leads": leads}


def _of_known(n: int) -> tuple[str, Any]:
    return "/api/leads", {
        "contact": {"external_id": f"k{n}"},
        "entry": "marketing",
        "fields": {"origin": "paid_search"},
    }


def _measure(
    port: int, secret: str, request: Request, asked: argparse.Namespace, clients: int | None = None
) -> dict[str, Any]:
    return asyncio.run(_drive(port, secret, request, clients or asked.clients, asked.seconds))


async def _drive(port: int, secret: str, request: Request, clients: int, seconds: float) -> dict[str, Any]:
    numbers, took = count(), []
    began = time.perf_counter()

    async def work() -> None:
        client = Client(port, f"Authorization: Bearer {secret}", "Content-Type: application/json")
        await client.open()
        while time.perf_counter() - began < seconds:
            path, said = request(next(numbers))
            status, body, lasted = await client.post(path, json.dumps(said).encode())
            if status not in (200, 201):
                sys.exit(f"{path} answered {status}: {body.decode()}")
            took.append(lasted)
        client.close()

    await asyncio.gather(*(work() for _ in range(clients)))
    lasted = time.perf_counter() - began
    return {
        "per_second": round(len(took) / lasted, 1),
        "p50_ms": round(median(took) * 1000, 1),
        "p95_ms": round(quantiles(took, n=20)[-1] * 1000, 1) if len(took) > 1 else None,
    }


if __name__ == "__main__":
    main()
