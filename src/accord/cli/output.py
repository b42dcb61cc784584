"""How the command speaks: JSON alone on stdout where asked for, words and errors otherwise, progress on stderr."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

ENDLESS = 10_000  # characters: what nothing is wider than
console = Console()
errors = Console(stderr=True)


def fail(message: object) -> NoReturn:
    """Say what is wrong and what to do, and end with a non-zero status."""
    errors.print(str(message), style="bold", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def as_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def table(title: str, columns: list[str], rows: list[list[object]], on: Console = console) -> None:
    shown = Table(title=title or None, title_justify="left")
    for number, column in enumerate(columns):
        shown.add_column(column, justify="left" if number == 0 else "right")
    for row in rows:
        shown.add_row(*map(_cell, row))
    if on.measure(shown, options=on.options.update(max_width=ENDLESS)).minimum > on.width:
        _blocks(columns, rows, on)
    else:
        on.print(shown)


def _blocks(columns: list[str], rows: list[list[object]], on: Console) -> None:
    """A table that is wider than the terminal, row by row: of each what it has, with the names at the left."""
    wide = max(map(len, columns))
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            if said := _cell(value):
                on.print(f"{column:{wide}}  {said}", markup=False, highlight=False, soft_wrap=True)
        on.print()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with count and time left, on stderr."""
    parts = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*parts, console=errors, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
