"""Clicks beside a reaction that computes for 0.3 s: outside the write transaction, as ours do, and inside it.

python -m bench journal [--clicks 150] [--json]

A click is one verb on a contact, with its fact and value. Next to it a worker runs a reaction again and again that
computes for 0.3 s per batch: in `plan`, outside any transaction; and, as the baseline, in `apply`, inside the write.
"""

import argparse
import json
from typing import Any

from bench import scratch

WORKER = """
import time
from accord.kernel import clock, journal, ledger
from accord.kernel.facts import fact
@fact
class Beat:
    beat: int
def compute(*_):
    until = time.perf_counter() + 0.3
    while time.perf_counter() < until:
        pass
inside = sys.argv[1] == "inside"
plan, apply = (lambda f, at: f, compute) if inside else (compute, lambda changes, at: None)
journal.wire({"beat": [journal.Reaction("bench.beat", plan, apply)]})
print("ready", flush=True)
while True:
    with ledger.write(clock.now()) as writing:
        writing.record(Beat(1))
    journal.drain()
    time.sleep(0.05)
"""

CLICKS = """
import json, time
from statistics import quantiles
from accord.kernel import clock
from accord.rooms.people.models import Contact
contact = Contact.create({"name": "Ann"}, by=None, at=clock.now())
took = []
for number in range(int(sys.argv[1])):
    begin = time.perf_counter()
    contact.edit({"title": f"Title {number}"}, seen=contact.version, by=None, at=clock.now())
    took.append(1000 * (time.perf_counter() - begin))
    time.sleep(0.02)
cuts = quantiles(took, n=100)
print(json.dumps({"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1), "worst_ms": round(max(took), 1)}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=150)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [measured(asked.clicks, url) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(clicks: int, url: str) -> dict[str, Any]:
    found: dict[str, Any] = {"database": "postgresql" if url else "sqlite"}
    with scratch.home(url) as environment:
        found["alone"] = scratch.result(environment, CLICKS, clicks)
        for where, name in (
            ("outside", "computing outside the transaction"),
            ("inside", "baseline: computing inside it"),
        ):
            worker = scratch.start(environment, WORKER, where, stdout=scratch.subprocess.PIPE)
            assert worker.stdout
            worker.stdout.readline()
            found[name] = scratch.result(environment, CLICKS, clicks)
            worker.kill()
            worker.wait()
    return found


if __name__ == "__main__":
    main()
