"""A sweep over a million open clocks of which a thousand are due, beside one that looks at every clock.

python -m bench sweep [--clocks 1000000] [--due 1000] [--json]
"""

import argparse
import json
from typing import Any

from bench import scratch

PREPARE = """
import json
from datetime import timedelta
from accord.kernel import bulk, clock
from accord.kernel.instants import stored
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.people.models import Contact
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
from django.db import connection
text, many, due = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
at = clock.now()
seller = Member.join(email="s@bench.example", name="S", role="inside_sales", by=None, at=at)
leader = Member.join(email="m@bench.example", name="M", role="marketing_lead", by=None, at=at)
version = Version.draft(read(text), by=leader.pk, at=at)
now = stored(at, connection.vendor)
later, before = stored(at + timedelta(days=30), connection.vendor), stored(at - timedelta(minutes=1), connection.vendor)
for start in range(0, many, 50_000):
    size = min(50_000, many - start)
    contacts, leads, handoffs, clocks = (bulk.reserve(model, size) for model in (Contact, Lead, Handoff, Clock))
    words = ["name", "name_norm", "sort_key", "email", "email_norm", "phone"]
    rows = [(pk, f"c{pk}", *[f"c {pk}"] * 3, "", "", "", 1, now) for pk in contacts]
    bulk.insert(Contact, ["id", "external_id", *words, "version", "created_at"], rows, kept=True)
    columns = ["id", "contact_id", "entry", "stage", "owner_id", "opened_at", "stage_since"]
    rows = [(pk, c, "marketing", "mql", seller.pk, now, now) for pk, c in zip(leads, contacts)]
    bulk.insert(Lead, columns, rows, kept=True)
    columns = [
        "id", "lead_id", "version_id", "kind", "stage", "giver", "taker", "owner_id", "state", "received_at",
        "offered_at", "owned_since", "taken_back", "reason", "note", "story",
    ]
    rows = [
        (pk, one, version.pk, "to_inside", "mql", "marketing", "inside_sales", seller.pk, "offered", now, now, now, 0,
         "", "", "{}") for pk, one in zip(handoffs, leads)
    ]
    bulk.insert(Handoff, columns, rows, kept=True)
    columns = [
        "id", "handoff_id", "lead_id", "version_id", "owner_id", "promise", "measure", "side", "mode", "state", "cause",
        "received_at", "due_at", "next_at", "excuse", "changes",
    ]
    when = lambda place: before if start + place < due else later
    rows = [
        (pk, handoff, lead, version.pk, seller.pk, "verdict", "verdict", "sales", "pilot", "running", "", now,
         when(place), when(place), "", 0) for place, (pk, handoff, lead) in enumerate(zip(clocks, handoffs, leads))
    ]
    bulk.insert(Clock, columns, rows, kept=True)
if connection.vendor == "postgresql":
    connection.cursor().execute("ANALYZE")
print(json.dumps(many))
"""
SWEEP = """
import json, time
from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.promises.models import Clock
from accord.rooms.promises.sweeping import sweep
begin = time.perf_counter()
times = Clock.objects.filter(state="running").values_list("due_at", flat=True).iterator()
looked = sum(1 for due_at in times if due_at <= clock.now())
every = time.perf_counter() - begin
begin = time.perf_counter()
sweep(clock.now())
took = time.perf_counter() - begin
begin = time.perf_counter()
again = sweep(clock.now())
print(json.dumps({
    "seconds": round(took, 3), "broken": Fact.objects.filter(kind="promise_broken").count(), "were_due": looked,
    "nothing_due_ms": round(1000 * (time.perf_counter() - begin), 1), "again": again,
    "baseline: looking at every clock": round(every, 3),
}))
"""
TEXT = """
accord: 1
name: Bench
effective: 2026-01-01
review_by: 2027-12-31
leads: {open_on: {touch: download}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {count: {touch: download}, at_least: 1}
handoffs: [{id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}]
promises: {sales: [{id: verdict, measure: verdict, of: to_inside, within: 10 business days, share: 0.9, mode: pilot}]}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [measured(asked.clocks, asked.due, url) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(clocks: int, due: int, url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"database": "postgresql" if url else "sqlite", "clocks": clocks, "due": due}
    with scratch.home(url) as environment:
        scratch.result(environment, PREPARE, TEXT, clocks, due)
        return found | scratch.result(environment, SWEEP)


if __name__ == "__main__":
    main()
