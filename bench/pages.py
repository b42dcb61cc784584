"""Pages at 100,000 (and more) contacts: queries and milliseconds on the server, next to a home of a thousand.

python -m bench pages [--contacts 100000] [--json]

The contacts come in by an import, and with every tenth of them a lead with an open deal. Times are those of the whole
request in process, templates included.
"""

import argparse
import csv
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import importing, scratch

FILL = """
from pathlib import Path
from accord.kernel import clock
from accord.kernel.imports import reading, run
from accord.rooms.team.models import House, Member
House.get()
Member.join(email="ada@bench.example", name="Ada", role="admin", by=None, at=clock.now(), password="a long password")
for kind, path in zip(("contacts", "leads", "deals"), map(Path, sys.argv[1:]), strict=True):
    made = run.prepare(path, run.plain_map(kind, reading.inspect(path).header), by=None, at=clock.now())
    run.run(made)
    assert made.created == made.rows, (kind, made.created, made.rows)
print("{}")
"""

ASK = """
import json, time
from statistics import quantiles
from django.conf import settings
from django.db import connection
from django.test import Client
from accord.kernel.staying import ANSWERING, stays
from accord.rooms.people.models import Company, Contact
from accord.rooms.team.models import Member
stays(ANSWERING)  # as a web process looks for garbage: more rarely, and one page in thirty takes 50 ms more
settings.ALLOWED_HOSTS = ["*"]
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
client = Client()
client.force_login(Member.objects.get(email="ada@bench.example"))
middle = Contact.objects.order_by("id")[Contact.objects.count() // 2].pk
pages = {
    "list": "/contacts/", "leads": "/leads/", "deals": "/deals/", "board": "/pipeline/",
    "companies": "/companies/", "contact": f"/contacts/{middle}/",
    "company": f"/companies/{Company.objects.first().pk}/", "search, Latin part": "/search/?q=eber",
    "search, two Han": "/search/?q=王伟", "search, one person": "/search/?q=person777@",
    **json.loads(sys.argv[1]),
}
found = {}
for name, address in pages.items():
    asked = []
    with connection.execute_wrapper(lambda run, sql, *more: asked.append(sql) or run(sql, *more)):
        answer = client.get(address)
    assert answer.status_code == 200, (name, answer.status_code)
    took = []
    for _ in range(int(sys.argv[2])):
        begin = time.perf_counter()
        client.get(address)
        took.append(1000 * (time.perf_counter() - begin))
    cuts = quantiles(took, n=20)
    found[name] = {"queries": len(asked), "p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}
print(json.dumps(found))
"""

FILTERED = {"filtered list": "/contacts/?f=title:is:Buyer", "list by name": "/contacts/?sort=name"}


STAGES = ("qualified", "discovery", "proposal", "negotiation", "signing")


def write_leads(file: Path, rows: int) -> None:
    """One lead for every tenth contact of the other file."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["external_id", "contact", "entry", "stage"])
        writer.writerows([f"l{n}", f"c{10 * n}", "referral", "opportunity"] for n in range(rows))


def write_deals(file: Path, rows: int) -> None:
    """One deal of each of those leads, in five stages and two currencies, begun on one of the last 300 days."""
    days = [(datetime.now(UTC) - timedelta(days=back)).date().isoformat() for back in range(1, 301)]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            ["external_id", "contact", "name", "stage", "amount", "currency", "expected_close", "opened_at"]
        )
        writer.writerows(
            [
                f"d{n}",
                f"c{10 * n}",
                f"Deal {n}",
                STAGES[n % 5],
                1000 + n % 900,
                ("EUR", "USD")[n % 7 == 0],
                "2030-01-31",
                days[n * 7919 % 300],
            ]
            for n in range(rows)
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [measured(asked.contacts, asked.times, url) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(contacts: int, times: int, url: str) -> dict[str, Any]:
    sizes = {}
    for size in (1_000, contacts):
        with tempfile.TemporaryDirectory() as folder, scratch.home(url) as environment:
            file = Path(folder) / "contacts.csv"
            importing.write(file, size)
            leads, deals = Path(folder) / "leads.csv", Path(folder) / "deals.csv"
            write_leads(leads, size // 10)
            write_deals(deals, size // 10)
            scratch.result(environment, FILL, file, leads, deals)
            sizes[f"{size:,} contacts"] = scratch.result(environment, ASK, json.dumps(FILTERED), times)
    return {"database": "postgresql" if url else "sqlite", **sizes}


if __name__ == "__main__":
    main()
