"""What `bench.reports` measures, each size in a process of its own, so that its memory shows."""

import json
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

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
NEWS = {"transitions": 500, "traits": 2_000}  # rows that came since somebody asked last
LISTED = {"funnel": Cell("entered", "mql"), "flow": Cell("came"), "cohorts": Cell("leads"), "sources": Cell("won")}


@dataclass(frozen=True)
class World:
    """One generation of the mirror, and the next one, to which NEWS were added."""

    before: Generation
    now: Generation


def main(contacts: int, times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        of = world(Path(folder), contacts)
        partner = Member.join(email="p@bench.example", name="P", role="partner", by=None, at=from_micros(NOW))
        found = {name: _report(of, name, partner, times) for name in reports.NAMES if name not in ELSEWHERE}
        print(json.dumps({"touches": contacts * histories.TOUCHES, "reports": found, "peak_memory_gib": _peak(),
                          "baseline": _lead_by_lead(of.now)}))  # fmt: skip


def world(folder: Path, contacts: int) -> World:
    """The mirror as two refreshes would leave it, without the operational database behind it."""
    histories.write(folder, contacts, passages=True)
    whole, without = {}, {}
    for table in kept():
        path = folder / f"{table.name}.parquet"
        if not path.exists():
            pq.write_table(table.schema.empty_table(), path)
        files = _apart(path, NEWS.get(table.name, 0))
        whole[table.name] = Kept(list(table.names), files)
        without[table.name] = Kept(list(table.names), files[:1])
    engine = Engine(folder / "spill")
    before, now = (Manifest(number, NOW, tables=tables) for number, tables in ((1, without), (2, whole)))
    return World(Generation(before, folder, engine), Generation(now, folder, engine))


def _apart(path: Path, last: int) -> list[File]:
    """A table as files of rows in the order of their ids: most of it, and the last ones."""
    rows = duckdb.read_parquet(str(path))
    many = pq.read_metadata(path).num_rows
    if not last:
        return [File(path.name, many, 0, many)]
    ids = sorted(pk for (pk,) in rows.project("id").order("id DESC").limit(last + 1).fetchall())
    parts = [(f"id <= {ids[0]}", many - last, 0, ids[0]), (f"id > {ids[0]}", last, ids[0], ids[-1])]
    files = [File(f"{path.stem}-{place}.parquet", size, low, high) for place, (_f, size, low, high) in enumerate(parts)]
    for file, (these, *_span) in zip(files, parts, strict=True):
        rows.filter(these).order("id").write_parquet(str(path.with_name(file.name)))
    return files


def _report(of: World, name: str, partner: Member, times: int) -> dict[str, Any]:
    report = reports.NAMES[name]
    ways: dict[str, dict[str, Any]] = {"whole": {}, "of a partner": {"viewer": partner}}
    if "by" in report.options:
        ways |= {"split by origin": {"by": "lead.origin"}, "split by industry": {"by": "company.industry"}}
    if "as-of" in report.options:
        ways |= {"as of half a year ago": {"as_of": from_micros(NOW - 182 * histories.DAY).isoformat()}}
    asked = {way: Question.asked(from_micros(NOW), **said, kinds=report.kinds) for way, said in ways.items()}
    found = {way: _timed(of, times, lambda held, q=question: report.answer(held, q)) for way, question in asked.items()}
    if cell := LISTED.get(name):
        found["list behind a number"] = _timed(of, times, lambda held: report.records(held, asked["whole"], cell))
    return found


def _timed(of: World, times: int, what: Callable[[Generation], Any]) -> dict[str, float]:
    """Where nothing is kept; where news came; and where none did, and only what questions share is forgotten."""
    begun, engine = uuid4().hex, Engine(of.now.folder / "spill")
    before, now = (replace(g, manifest=_begun(g.manifest, begun), engine=engine) for g in (of.before, of.now))
    took = []
    for generation in (before, *[now] * (times + 1)):
        generation.computed.clear()
        begin = time.perf_counter()
        what(generation)
        took.append(round(time.perf_counter() - begin, 2))
    nothing_kept, news, *again = took
    return {"nothing_kept": nothing_kept, "news": news, "median_seconds": median(again), "most_seconds": max(again)}


def _begun(told: Manifest, begun: str) -> Manifest:
    """Which nobody has read yet."""
    return replace(told, tables={name: replace(table, begun=begun) for name, table in told.tables.items()})


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
