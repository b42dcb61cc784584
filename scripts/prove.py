"""The slow proofs, one after the other, and what they showed in docs/reference/proofs.md.

python -m scripts.prove                 all of them
python -m scripts.prove tests pages     these alone; the others keep what they last showed
python -m scripts.prove --small         tries this script out: small sizes, into var/proofs.md

A wrong answer is written as failing and fails the command. A speed that was not reached is written so and does not:
what a machine can do is not what the code does wrong.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from accord.kernel import clock
from bench import names
from scripts.figures import NAMED, READERS, Row, plainly
from scripts.sources import ROOT

PAGE, TRIED = ROOT / "docs" / "reference" / "proofs.md", ROOT / "var" / "proofs.md"
PYTHON, ON_POSTGRES = ".venv/bin/python", "scripts/on_postgres.sh "
SEEDS = range(1, 11)
# So much smaller a bench is where only this script is tried.
SMALL = {
    "api": "--seconds 1",
    "assign": "--leads 500 --sample 5",
    "desk": "--leads 400 --times 5",
    "importing": "--rows 5000",
    "journal": "--clicks 20",
    "live": "--seconds 10 --contacts 1000",
    "mirror": "--rows 20000",
    "pages": "--contacts 2000 --times 5",
    "replay": "--contacts 20000",
    "reports": "--contacts 20000 --times 2",
    "rescore": "--contacts 20000",
    "sweep": "--clocks 5000 --due 50",
}
HEAD = """\
# Proofs

Written by `make prove`, which takes eight hours, seven of them for `tests`; `make prove ARGS="assign pages"` runs these
parts and leaves the others as they were last shown. What is *wrong* fails the command. What is *missed* is a speed that
this machine did not reach: it says nothing false, and does not fail.
"""
TESTS = f"""\
What is too slow for every run of the tests. What is killed in a test is killed ten times on each database, each time
at another moment or with more to do; reports and histories are read on local Spark as well as on DuckDB, and a thousand
documents are replayed on each and scored on Spark; and the tests of properties meet {len(SEEDS)} more seeds."""


@dataclass
class Shown:
    says: str
    commands: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)

    @property
    def failing(self) -> list[str]:
        return [*self.broke, *(f"{row.what}, {row.where}: {row.measured}" for row in self.rows if row.wrong)]

    @property
    def verdict(self) -> str:
        missed = sum(row.holds is False and not row.must for row in self.rows)
        aims = f"{missed} of {sum(row.holds is not None for row in self.rows)} aims missed."
        return "**Fails.**" if self.failing else f"Nothing wrong, {aims}" if missed else "All holds."


def main(words: list[str]) -> int:
    small = "--small" in words
    parts = {"tests": tests, **{name: bench(name) for name in names()}}
    wanted = [word for word in words if word != "--small"] or list(parts)
    if unknown := set(wanted) - set(parts):
        print(
            f"There is no part {', '.join(sorted(unknown))}: use {', '.join(parts)}, or none for all.", file=sys.stderr
        )
        return 2
    page, failing = TRIED if small else PAGE, []
    for name in wanted:
        print(f"Proving: {name}", flush=True)
        began = clock.machine()
        shown = parts[name](small)
        write(page, list(parts), name, section(shown, began, clock.machine() - began))
        failing += [f"{name}: {what}" for what in shown.failing]
    print("\n".join([f"Written to {page.relative_to(ROOT)}.", *(f"FAILS  {what}" for what in failing)]))
    return bool(failing)


def tests(small: bool) -> Shown:
    shown = Shown(TESTS)
    proofs, properties = f"{PYTHON} -m pytest -m prove", f"{PYTHON} -m pytest -m hypothesis --hypothesis-seed="
    shown.commands = [proofs, f"for seed in {' '.join(map(str, SEEDS))}; do {properties}$seed; done"]
    cases = list(reported(shown, f"{proofs} tests/crash -k 1-planned" if small else proofs))
    shown.rows = counted(cases, lambda case: case["test"])
    cases = [case for seed in SEEDS[: 1 if small else None] for case in reported(shown, f"{properties}{seed}")]
    shown.rows += counted(cases, lambda case: case["file"])
    return shown


def reported(shown: Shown, command: str) -> Iterator[dict[str, str]]:
    """The cases of a run of pytest: file, test, database, and how each ended."""
    with tempfile.TemporaryDirectory(prefix="accord-prove-") as folder:
        report = Path(folder) / "report.xml"
        status = subprocess.call(["bash", "-c", f"{command} --junitxml={report}"], cwd=ROOT, env=alone())
        if status not in (0, 1) or not report.exists():
            shown.broke.append(f"`{command}` ended with status {status}")
            return
        for case in ElementTree.parse(report).iter("testcase"):
            file = f"{case.get('classname', '').replace('.', '/')}.py"
            name, _bracket, parameters = case.get("name", "").partition("[")
            ended = {child.tag for child in case} & {"failure", "error", "skipped"}
            yield {
                "file": file,
                "test": f"{file}::{name}",
                "database": "postgresql" if "postgresql" in parameters else "sqlite",
                "ended": next(iter(ended), "passed"),
            }


def counted(cases: list[dict[str, str]], of: Callable[[dict[str, str]], str]) -> list[Row]:
    groups: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for case in cases:
        groups[of(case), case["database"]][case["ended"]] += 1
    return [passed(what, database, counts) for (what, database), counts in sorted(groups.items())]


def passed(what: str, database: str, counts: Counter[str]) -> Row:
    total, skipped = counts.total(), counts["skipped"]
    measured = f"{counts['passed']} of {total} passed" + (f", {skipped} skipped" if skipped else "")
    holds = None if skipped == total else counts["passed"] + skipped == total
    return Row(f"`{what}`", NAMED[database], measured, "all", holds, must=True)


def bench(name: str) -> Callable[[bool], Shown]:
    """What runs a bench on each database that the machine has, and reads its figures."""

    def run(small: bool) -> Shown:
        shown = Shown(names()[name], commands(name, SMALL.get(name, "") if small else ""))
        for command in shown.commands:
            ran = subprocess.run(["bash", "-c", command], cwd=ROOT, env=alone(), stdout=subprocess.PIPE, text=True)
            lines = ran.stdout.splitlines()
            if ran.returncode or not lines:
                shown.broke.append(f"`{command}` ended with status {ran.returncode}")
                continue
            found: Any = json.loads(lines[-1])
            shown.rows += READERS.get(name, plainly)(found if isinstance(found, list) else [found])
        return shown

    return run


def alone() -> dict[str, str]:
    """The environment without a database that somebody may work in: what is proven has its own."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def commands(name: str, sizes: str) -> list[str]:
    command = " ".join(filter(None, [f"{PYTHON} -m bench {name} --json", sizes]))
    has_postgres = "postgresql" not in os.environ.get("ACCORD_TESTS_MISSING", "").split()
    if not has_postgres:
        return [command]
    if name == "api":
        there = f"""{ON_POSTGRES}sh -c '{command} --workers 2 --database-url "$DATABASE_URL"'"""
        return [command, there]
    return [ON_POSTGRES + command]


def section(shown: Shown, began: datetime, took: timedelta) -> str:
    minutes, seconds = divmod(round(took.total_seconds()), 60)
    lines = [
        shown.says,
        "",
        *(f"    {command}" for command in shown.commands),
        "",
        f"{shown.verdict} Shown on {began:%Y-%m-%d}, {commit()}, {machine()}; it took {minutes} min {seconds} s.",
        "",
        *(f"- **{what}**" for what in shown.failing),
        *([""] if shown.failing else []),
    ]
    table = ["| what | where | measured | aim | |", "|---|---|---:|---:|---|", *map(str, shown.rows)]
    return "\n".join([*lines, *(table if shown.rows else [])])


def commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{PAGE.relative_to(ROOT)}")
    head = git("rev-parse", "--short", "HEAD")
    return f"commit {head}" + (" with changes" if changed else "") if head else "outside a repository"


def machine() -> str:
    info = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = f"{os.cpu_count()} cores ({model[1] if model else platform.machine()})"
    return f"{cores}, {memory:.0f} GiB, Python {platform.python_version()}"


def write(page: Path, order: list[str], name: str, content: str) -> None:
    """Put one part's section into the page; the others stay as they are."""
    kept = sections(page.read_text(encoding="utf-8")) if page.exists() else {}
    kept[name] = content
    never = "Not shown yet: `make prove ARGS={}`."
    parts = [f"## {one}\n\n{kept.get(one, never.format(one)).strip()}\n" for one in order]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    found = re.split(r"^## (\w+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
