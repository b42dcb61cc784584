"""`accord import` and `accord revert`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from accord.cli import trying
from accord.cli.output import as_json, console, errors, fail, progress, table
from accord.kernel import clock, jobs
from accord.kernel.imports import kinds, maps, reading, run
from accord.kernel.imports.maps import BadMap, ImportMap
from accord.kernel.imports.models import Import
from accord.kernel.imports.reading import Reading, Unreadable
from accord.kernel.jobs import Job


def take(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(kinds.names())}.")],
    file: Annotated[Path, typer.Argument(help="A delimited text file with a header.")],
    map: Annotated[
        Path | None,
        typer.Option("--map", help="Which column means what; without it columns are named as their targets."),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="The file tells the past: nobody is told, no clock starts.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    encoding: Annotated[str | None, typer.Option(help="Of the file, where it is not found out.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The result alone, as JSON.")] = False,
) -> None:
    """Take a file in. The same file twice changes nothing; bad rows are kept aside with their reasons."""
    try:
        found = reading.inspect(file, encoding=encoding)
        chosen = _map(kind, found, map, history)
        result = _look(file, found, chosen, encoding) if dry_run else _take(file, chosen, encoding, sure=yes)
    except (BadMap, Unreadable) as wrong:
        fail(wrong)
    except OSError as wrong:
        fail(f"{wrong.filename or file}: {wrong.strerror}.")
    _say(result, json)


def revert(
    number: Annotated[
        int, typer.Argument(help="Which import: its number is in the import's result and on the imports page.")
    ],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take an import back: its rows are retracted, what it created is removed unless something later refers to it."""
    made = Import.objects.filter(pk=number).first()
    if made is None:
        fail(f"There is no import {number}.")
    job = _do("revert", made, "Reverting")
    kept = job.result["kept"]
    if json:
        as_json({"import": made.pk, "kept": kept})
    else:
        console.print(f"Import {made.pk} is reverted; {len(kept)} records stay because something later refers to them.")


def _map(kind: str, found: Reading, path: Path | None, history: bool) -> ImportMap:
    if kind not in kinds.names():
        fail(f"There is no kind {kind}: use one of {', '.join(kinds.names())}.")
    if path is None:
        return run.plain_map(kind, found.header, history=history)
    chosen = maps.load_map(path)
    if chosen.kind != kind:
        fail(f"The map {path} is for {chosen.kind}, not for {kind}.")
    return replace(chosen, history=history or chosen.history)


def _look(file: Path, found: Reading, chosen: ImportMap, encoding: str | None) -> dict[str, Any]:
    with progress("Looking") as shown:
        preview = run.look(found, file, chosen, at=clock.now(), by=None, shown=shown)
    for line, reason, _cells in preview.rejected:
        errors.print(f"line {line}: {reason}", markup=False, highlight=False, soft_wrap=True)
    qualify = trying.would_qualify(file, chosen, encoding)
    return {**preview.counts, "rejects_file": None, "would_qualify": qualify, "dry_run": True}


def _take(file: Path, chosen: ImportMap, encoding: str | None, *, sure: bool) -> dict[str, Any]:
    qualify = trying.would_qualify(file, chosen, encoding)
    if qualify > trying.ASKED_ABOVE and not sure:
        _ask(qualify)
    made = run.prepare(file, chosen, by=None, at=clock.now(), encoding=encoding)
    _do("import", made, "Importing")
    made.refresh_from_db()
    rejects = str(made.rejects_file) if made.rejected else None
    return {**made.counts, "rejects_file": rejects, "would_qualify": qualify, "import": made.pk}


def _ask(qualify: int) -> None:
    """Above a few, somebody has to mean it: what a file tells of the past is imported with --history."""
    said = f"{qualify} leads would qualify by this file. If it tells the past, use --history."
    if not sys.stdin.isatty():
        fail(f"{said} If they are meant to, use --yes.")
    errors.print(said, highlight=False, soft_wrap=True)
    typer.confirm("Import it?", abort=True, err=True)


def _do(kind: str, made: Import, what: str) -> Job:
    """Run the job in this process: a worker could do it as well, and takes it over if this process dies."""
    job = Job.queue(kind, subject=made.pk)
    if not jobs.hold(job):
        fail("Another process has taken the job; follow it on the imports page.")
    with progress(what) as shown:
        job = jobs.run(job, shown)
    if job.state != jobs.DONE:
        fail(job.message or f"The import {job.state}.")
    return job


def _say(result: dict[str, Any], json: bool) -> None:
    if json:
        as_json(result)
        return
    table(
        "",
        ["", "rows"],
        [
            [name, result[name]]
            for name in ("rows", "created", "updated", "unchanged", "rejected", "asserted", "flagged", "would_qualify")
        ],
    )
    if result["rejects_file"]:
        console.print(f"The rejected rows, with reasons: {result['rejects_file']}", highlight=False, soft_wrap=True)
    if result.get("import"):
        console.print(f"To take it back: accord revert {result['import']}", highlight=False)
