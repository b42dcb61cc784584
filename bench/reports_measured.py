"""What `bench.reports` measures, each size in a process of its own, so that its memory shows."""

import json
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pyarrow.parquet as pq

from accord.kernel.instants import from_micros
from accord.kernel.warehouse.engine import Engine
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.manifest import File, Kept, Manifest
from accord.kernel.warehouse.tables import kept
from accord.rooms.funnel import rules
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports import Cell
from accord.rooms.team.models import Member
from bench import histories
from bench.histories import NOW

ELSEWHERE = ("totals", "leaks")  # counted in the operational database
LISTED = {"funnel": Cell("entered", "mql"), "flow": Cell("came"), "cohorts": Cell("leads"), "sources": Cell("won")}


def main(contacts: int, times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        read = world(Path(folder), contacts)
        partner = Member.join(email="p@bench.example", name="P", role="partner", by=None, at=from_micros(NOW))
        found = {name: _report(read, name, partner, times) for name in reports.NAMES if name not in ELSEWHERE}
        print(json.dumps({"touches": contacts * histories.TOUCHES, "reports": found, "peak_memory_gib": _peak(),
                          "baseline": _lead_by_lead(read)}))  # fmt: skip


def world(folder: Path, contacts: int) -> Generation:
    """A generation of the mirror as a refresh would leave it, without the operational database behind it."""
    histories.write(folder, contacts, passages=True)
    tables = {}
    for table in kept():
        path = folder / f"{table.name}.parquet"
        if not path.exists():
            pq.write_table(table.schema.empty_table(), path)
        rows = pq.read_metadata(path).num_rows
        tables[table.name] = Kept(list(table.names), [File(path.name, rows, 0, rows)])
    return Generation(Manifest(1, NOW, tables=tables), folder, Engine(folder / "spill"))


def _report(read: Generation, name: str, partner: Member, times: int) -> dict[str, Any]:
    report = reports.NAMES[name]
    ways: dict[str, dict[str, Any]] = {"whole": {}, "of a partner": {"viewer": partner}}
    if "by" in report.options:
        ways |= {"split by origin": {"by": "lead.origin"}, "split by industry": {"by": "company.industry"}}
    if "as-of" in report.options:
        ways |= {"as of half a year ago": {"as_of": from_micros(NOW - 182 * histories.DAY).isoformat()}}
    asked = {way: Question.asked(from_micros(NOW), **said, kinds=report.kinds) for way, said in ways.items()}
    found = {
        way: _timed(read, times, lambda held, q=question: report.answer(held, q)) for way, question in asked.items()
    }
    if cell := LISTED.get(name):
        found["list behind a number"] = _timed(read, times, lambda held: report.records(held, asked["whole"], cell))
    return found


def _timed(read: Generation, times: int, what: Callable[[Generation], Any]) -> dict[str, float]:
    """First by an engine that has kept nothing; then by one that has, and has only forgotten what questions share."""
    anew = replace(read, engine=Engine(read.folder / "spill"), computed={})
    took = []
    for generation in (anew, *[read] * times):
        generation.computed.clear()
        begin = time.perf_counter()
        what(generation)
        took.append(time.perf_counter() - begin)
    first, *again = took
    return {"first": round(first, 2), "median_seconds": round(median(again), 2), "most_seconds": round(max(again), 2)}


def _lead_by_lead(read: Generation) -> dict[str, Any]:
    """How far each lead came, by plain Python over its steps, and what the report says of the same."""
    answered = reports.NAMES["funnel"].answer(read, Question.asked(from_micros(NOW)))
    rows = duckdb.read_parquet(str(read.folder / "transitions.parquet")).order("lead_id, occurred_at")
    steps = rows.project("lead_id, to_stage").fetchall()
    begin = time.perf_counter()
    entered = _entered(steps)
    seconds = time.perf_counter() - begin
    same = all(entered[stage.stage] == stage.entered for stage in answered.stages)
    return {"lead_by_lead_seconds": round(seconds, 2), "the_funnel_is_the_same": same}


def _entered(steps: Iterable[tuple[int, str]]) -> Counter[str]:
    furthest: dict[int, int] = {}
    for lead, stage in steps:
        furthest[lead] = max(furthest.get(lead, 0), rules.PLACE.get(stage, 0))
    return Counter(stage for place in furthest.values() for stage in rules.passed(place))


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
