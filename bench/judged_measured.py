"""What `bench.rescore` and `bench.replay` measure, each size in a process of its own, so that its memory shows."""

import json
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import pyarrow as pa

from accord.kernel.warehouse.engine import Engine
from accord.rooms.funnel.moves import moves
from accord.rooms.scoring.expression.asked import Asked, of_rule
from accord.rooms.scoring.expression.replay import in_chunks, qualifications
from accord.rooms.scoring.expression.scores import At
from accord.rooms.scoring.expression.stream import Inputs
from bench import histories, twenty_rules
from bench.histories import DAY, NOW, TOUCHES, Ledger

SAMPLE = 1000  # leads
ALONE = 5  # replays of one lead


class Took(NamedTuple):
    """`of_cores`: what this process had of them together, whatever else the machine did meanwhile."""

    seconds: float
    of_cores: float


def rescore(contacts: int) -> None:
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        ledger, asked = _world(Path(folder), contacts)
        at = At(ledger, asked, NOW, NOW)
        scored, took = timed(lambda: _scored(at, _everybody(contacts)).to_pyarrow())
        peak = _peak()
        sample = _sample(contacts)
        touches = at.touches().semi_join(ibis.memtable(sample), "contact_id").to_pyarrow()
        alone, alone_took = timed(lambda: _by_hand(asked, touches))
        held = dict(zip(*(scored[name].to_pylist() for name in ("contact_id", "engagement")), strict=True))
        same = all(abs(held[one] - alone.get(one, 0.0)) < 1e-6 for one in sample["contact_id"].to_pylist())
        print(json.dumps(_told(contacts, took, peak) | {
            "a_loop_over_single_leads_would_take_seconds": round(alone_took.seconds * contacts / sample.num_rows, 1),
            "the_loop_gives_the_same": same,
        }))  # fmt: skip


def replay(contacts: int) -> None:
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        ledger, asked = _world(Path(folder), contacts)
        found, took = timed(lambda: pa.concat_tables(in_chunks(_inputs(ledger, asked))))
        peak = _peak()
        sample = _sample(contacts)
        inputs = _inputs(ledger, asked)
        apart = qualifications(_of(inputs, sample)).to_pyarrow()
        singles = [sample.slice(place, 1) for place in range(ALONE)]
        _none, alone_took = timed(lambda: [qualifications(_of(inputs, one)).to_pyarrow() for one in singles])
        wanted = set(sample["contact_id"].to_pylist())
        print(json.dumps(_told(contacts, took, peak) | {
            "qualifications": found.num_rows,
            "one_lead_after_the_other_would_take_hours": round(alone_took.seconds * contacts / ALONE / 3600, 1),
            "a_sample_without_pruning_gives_the_same": _pairs(apart) == _pairs(found, wanted),
        }))  # fmt: skip


def _world(folder: Path, contacts: int) -> tuple[Ledger, Asked]:
    histories.write(folder, contacts)
    return Ledger(folder, Engine(folder / "spill")), Asked(twenty_rules.document())


def _everybody(contacts: int) -> ibis.Table:
    return ibis.range(1, contacts + 1).unnest().name("contact_id").as_table().cast({"contact_id": "int64"})


def _scored(at: At, contacts: ibis.Table) -> ibis.Table:
    rows, of = at.evaluated(contacts)
    return rows.select("contact_id", fit=of.fit, engagement=of.engagement, grade=of.grade)


def _inputs(ledger: Ledger, asked: Asked) -> Inputs:
    return Inputs(ledger, asked, moves(ledger, NOW), NOW, stage=lambda _name, rows: rows.cache())


def _of(inputs: Inputs, some: pa.Table) -> Inputs:
    """The same of some contacts; what was set aside of all is cut to them."""
    people = ibis.memtable(some)
    values = inputs.values("contact").semi_join(people, [("record", "contact_id")])
    made = {
        "own": inputs.own.semi_join(people, "contact_id").cache(),
        "values_contact": values.cache(),
        "values_company": inputs.values("company"),
    }
    return replace(inputs, moves=inputs.moves.semi_join(people, "contact_id"), made=made)


def _sample(contacts: int) -> pa.Table:
    step = max(contacts // SAMPLE, 1)
    return pa.table({"contact_id": pa.array(range(1, contacts + 1, step), pa.int64())})


def _by_hand(asked: Asked, touches: pa.Table) -> dict[int, float]:
    """The engagement of each contact, touch by touch, as AGREEMENT.md says it."""
    of_contact: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for contact, occ, mask in zip(*(touches[name].to_pylist() for name in ("contact_id", "occ", "m0")), strict=True):
        of_contact[contact].append((occ, mask))
    return {contact: _engagement(asked, told) for contact, told in of_contact.items()}


def _engagement(asked: Asked, touches: Iterable[tuple[int, int]]) -> float:
    scoring, groups = asked.document.scoring, defaultdict[str, float](float)
    for rule in scoring.engagement:
        bit = asked.bit(of_rule(rule)).value
        ages = sorted(((NOW - occ) / DAY for occ, mask in touches if mask & bit), reverse=True)
        worth = sum(
            rule.points * (2 ** (-age / rule.half_life_days) if rule.half_life_days else 1)
            for age in (ages[:1] if rule.once else ages)
        )
        cap = rule.cap if rule.cap is not None else abs(worth)
        groups[rule.group or f"rule {rule.id}"] += max(min(worth, cap), -cap)
    caps = {name: group.cap for name, group in scoring.groups.items() if group.cap is not None}
    whole = sum(min(worth, caps.get(name, worth)) for name, worth in groups.items())
    return max(0.0, min(whole, scoring.engagement_cap or whole))


def _pairs(found: pa.Table, of: set[int] | None = None) -> set[tuple[int, int]]:
    pairs = zip(found["contact_id"].to_pylist(), found["at"].to_pylist(), strict=True)
    return {(contact, at) for contact, at in pairs if of is None or contact in of}


def _told(contacts: int, took: Took, peak: float) -> dict[str, Any]:
    return {
        "contacts": contacts,
        "touches": contacts * TOUCHES,
        "seconds": round(took.seconds, 2),
        "seconds_of_all_cores": round(took.of_cores, 2),
        "peak_memory_gib": peak,
    }


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


def timed(what: Callable[[], Any]) -> tuple[Any, Took]:
    start, cores = time.perf_counter(), time.process_time()
    return what(), Took(time.perf_counter() - start, time.process_time() - cores)
