"""Handing leads over to twenty people by three routes, in the batches of the journal and one by one.

python -m bench assign [--leads 10000] [--sample 50] [--json]

Each lead gets its hand-off with its story and its choice, its owner, and the facts of both. At a fifth of the size too,
to show how the cost grows. Afterwards the shares are compared.
"""

import argparse
import json
from typing import Any

from bench import scratch

TEXT = """
accord: 1
name: Bench
effective: 2026-01-01
review_by: 2027-12-31
leads: {open_on: {touch: download}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {count: {touch: download}, at_least: 1}
handoffs: [{id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}]
routing:
  - {id: owned, when: {field: company.owner, known: true}, to: {owner: company}}
  - {id: north, when: {field: contact.country, in: [NO, SE, FI]}, to: {team: north, pick: fair}}
  - {id: rest, when: {all: []}, to: {team: south, pick: fair, overflow_owner: saul@bench.example}}
"""
PREPARE = """
import json
from datetime import timedelta
from accord.kernel import bulk, clock, journal, ledger
from accord.kernel.instants import stored
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.people.models import Contact
from accord.rooms.funnel.models import Lead
from accord.rooms.team.models import Member, Team
from django.db import connection
from accord.schedule import TABLE
text, many = sys.argv[1], int(sys.argv[2])
at = clock.now()
teams = {side: Team.form(name=side, side="sales", by=None, at=at) for side in ("north", "south")}
for number in range(20):
    team = teams["north" if number < 5 else "south"]
    Member.join(email=f"s{number}@bench.example", name=f"S {number}", role="inside_sales", team=team, by=None, at=at)
leaders = [
    Member.join(email=f"{role}@bench.example", name=role, role=role, by=None, at=at)
    for role in ("marketing_lead", "sales_lead")
]
version = Version.draft(read(text), by=leaders[0].pk, at=at)
version.propose(by=leaders[0].pk, at=at)
for leader in leaders:
    version.sign(leader, hash=version.hash, at=at)
Version.come_into_force(clock.now())
journal.drain()
now = stored(clock.now(), connection.vendor)
ids = bulk.reserve(Contact, many)
words = ["name", "name_norm", "sort_key", "email", "email_norm", "phone"]
rows = [(pk, f"c{pk}", *[f"c {pk}"] * 3, "", "", "", 1, now) for pk in ids]
bulk.insert(Contact, ["id", "external_id", *words, "version", "created_at"], rows, kept=True)
leads = bulk.reserve(Lead, many)
columns = ["id", "contact_id", "entry", "stage", "opened_at", "stage_since"]
bulk.insert(Lead, columns, [(pk, c, "marketing", "mql", now, now) for pk, c in zip(leads, ids)], kept=True)
print(json.dumps(leads))
"""
OFFER = """
import json, time
from collections import Counter
from accord.kernel import clock, ledger
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.offering import due, offer
leads, together = json.loads(sys.argv[1]), int(sys.argv[2])
at = clock.now()
offer(due(leads[:1], at), at)  # what is compiled once
begin = time.perf_counter()
for start in range(1, len(leads), together):
    offer(due(leads[start:start + together], clock.now()), clock.now())
took = time.perf_counter() - begin
counts = Counter(Handoff.objects.values_list("owner", flat=True))
print(json.dumps({
    "per_second": round((len(leads) - 1) / took), "handed": sum(counts.values()), "people": len(counts),
    "most_ahead": max(counts.values()) - min(counts.values()),
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [measured(asked.leads, asked.sample, url) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(leads: int, sample: int, url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"database": "postgresql" if url else "sqlite", "leads": leads}
    for name, many, together in (("whole", leads, 500), ("fifth", leads // 5, 500), ("one by one", sample, 1)):
        with scratch.home(url) as environment:
            made = scratch.result(environment, PREPARE, TEXT, many)
            found[name] = scratch.result(environment, OFFER, json.dumps(made), together)
    return found


if __name__ == "__main__":
    main()
