"""What a terminal shows of a table, whatever its width."""

import pytest
from rich.console import Console

from accord.cli import output

NAMES = ["group", "entered", "median_days", "note"]
ROWS: list[list[object]] = [["fair", 12, 3.25, None], ["search", 3, None, "too early"]]


@pytest.fixture
def shown(capsys):
    def at(width):
        output.table("", NAMES, ROWS, on=Console(width=width, force_terminal=False))
        return capsys.readouterr().out

    return at


def test_a_table_that_fits_has_a_line_a_row(shown):
    lines = [line for line in shown(80).splitlines() if "fair" in line or "search" in line]
    assert len(lines) == 2
    assert all(word in lines[0] for word in ("fair", "12", "3.25"))


def test_a_table_that_is_too_wide_is_told_row_by_row_and_nothing_is_cut(shown):
    rows = [block.splitlines() for block in shown(24).strip().split("\n\n")]
    assert rows == [
        ["group        fair", "entered      12", "median_days  3.25"],
        ["group        search", "entered      3", "note         too early"],
    ]
