"""`accord report`."""

import csv
import sys
from typing import Annotated

import typer

from accord.cli.output import as_json, fail, table
from accord.kernel import clock
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question


def report(
    name: Annotated[str | None, typer.Argument(help="Which report; without a name they are listed.")] = None,
    since: Annotated[str, typer.Option("--from", help="Leads that entered on or after this day.")] = "",
    until: Annotated[str, typer.Option("--to", help="Leads that entered up to this day.")] = "",
    by: Annotated[str, typer.Option("--by", help="Split by a field, such as lead.origin.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="As it was known at this instant.")] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
    as_csv: Annotated[bool, typer.Option("--csv")] = False,
) -> None:
    """A report over the whole house."""
    if name is None:
        table(
            "", ["name", "report", "options"], [[r.name, r.label, " ".join(r.options)] for r in reports.NAMES.values()]
        )
        return
    if name not in reports.NAMES:
        fail(f"There is no report {name}: use one of {', '.join(reports.NAMES)}.")
    try:
        answer = reports.answer(name, Question.asked(clock.now(), since=since, until=until, as_of=as_of, by=by))
    except CannotAsk as wrong:
        fail(wrong)
    if json:
        as_json(reports.as_json(answer))
        return
    _lines(reports.NAMES[name].lines(answer), as_csv)


def _lines(lines: list[dict], as_csv: bool) -> None:
    if not lines:
        return
    if as_csv:
        writer = csv.DictWriter(sys.stdout, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
        return
    table("", list(lines[0]), [list(line.values()) for line in lines])
