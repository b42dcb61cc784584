"""`accord report`."""

import csv
import sys
from typing import Annotated, Any

import typer

from accord.cli.output import as_json, fail, table
from accord.kernel import clock
from accord.rooms.insight import reports, scores
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.scores import Asking

SCORES = "scores"
OPTIONS = {
    SCORES: ("as-of", "known-at", "agreement"),
    **{name: report.options for name, report in reports.NAMES.items()},
}


def report(
    name: Annotated[str | None, typer.Argument(help="Which report; without a name they are listed.")] = None,
    since: Annotated[str, typer.Option("--from", help="Leads that entered from this day on; of flow: its first.")] = "",
    until: Annotated[str, typer.Option("--to", help="Leads that entered up to this day; of flow: its last.")] = "",
    by: Annotated[str, typer.Option("--by", help="Split by a field, such as lead.origin.")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Nothing else, such as lead.origin:fair; all given ones hold.")
    ] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="As it was known at this instant; of scores, as it was.")] = "",
    known_at: Annotated[str, typer.Option("--known-at", help="Of scores: by what was known at this instant.")] = "",
    agreement: Annotated[
        str, typer.Option("--agreement", help="Of scores: by this agreement; without it the first in rank.")
    ] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
    as_csv: Annotated[bool, typer.Option("--csv")] = False,
) -> None:
    """A report over the whole house."""
    if name is None:
        _list()
        return
    if name not in OPTIONS:
        fail(f"There is no report {name}: use one of {', '.join(OPTIONS)}.")
    try:
        if name == SCORES:
            asked = Asking.asked(clock.now(), as_of=as_of, known_at=known_at, agreement=agreement)
            _scores(asked, json=json, as_csv=as_csv)
            return
        asked_of: dict[str, Any] = {"since": since, "until": until, "as_of": as_of, "by": by, "only": only or ()}
        kinds = reports.NAMES[name].kinds
        answer = reports.answer(name, Question.asked(clock.now(), **asked_of, kinds=kinds))
    except CannotAsk as wrong:
        fail(wrong)
    if json:
        as_json(reports.as_json(answer))
        return
    _lines(reports.NAMES[name].lines(answer), as_csv)


def _list() -> None:
    labels = {name: report.label for name, report in reports.NAMES.items()}
    rows: list[list[object]] = [
        [name, labels.get(name, "Scores"), " ".join(options)] for name, options in OPTIONS.items()
    ]
    table("", ["name", "report", "options"], rows)


def _scores(asking: Asking, *, json: bool, as_csv: bool) -> None:
    found = scores.lines(scores.scores(asking))
    if json:
        as_json(found)
        return
    _lines([{**line, "qualifications": _in_words(line["qualifications"])} for line in found], as_csv)


def _in_words(story: list[dict[str, Any]]) -> str:
    return "; ".join(" ".join(filter(None, (one["at"], one["ended"]))) for one in story)


def _lines(lines: list[dict], as_csv: bool) -> None:
    if not lines:
        return
    if as_csv:
        writer = csv.DictWriter(sys.stdout, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
        return
    table("", list(lines[0]), [list(line.values()) for line in lines])
