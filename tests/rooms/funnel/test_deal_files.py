"""Files of deals: stages by key or name, since when a deal stands there, and rows that cannot be."""

from datetime import UTC, datetime

import pytest

from accord.kernel import clock
from accord.kernel.imports import revert
from accord.kernel.imports.models import RejectedRow
from accord.rooms.funnel.models import Deal
from tests import audited
from tests.audited import violations

pytestmark = [pytest.mark.both]
HEAD = "external_id,contact,name,amount,currency,stage,outcome,reason,opened_at,closed_at,expected_close\n"


@pytest.fixture
def world(db, tmp_path, at):
    with clock.moved_to(at + 4 * audited.DAY):
        yield audited.house(tmp_path, at)


@pytest.fixture
def taken(world, tmp_path, at):
    def take(*rows: str):
        return audited.take(tmp_path, "deals", HEAD + "\n".join(rows) + "\n", at + 4 * audited.DAY)

    return take


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_stages_are_known_by_name_and_others_kept(taken, world):
    taken(
        "x-1,c-1,Mill,,,Proposal,open,,2026-02-01,,2026-02-20",
        "x-2,c-1,Kiln,,,Waiting for the board,open,,2026-02-02,,",
        "x-3,c-1,Belt,,,,open,,2026-02-03,,",
        "x-4,c-1,Fan,,,,lost,too dear for them,2026-02-03,2026-02-10,",
    )
    rows = Deal.objects.filter(name__in=["Mill", "Kiln", "Belt", "Fan"]).values_list("name", "stage", "stage_since")
    assert {name: (stage, since) for name, stage, since in rows} == {
        "Mill": ("proposal", day("2026-02-01")), "Kiln": ("Waiting for the board", day("2026-02-02")),
        "Belt": ("qualified", day("2026-02-03")), "Fan": ("", day("2026-02-03")),
    }  # fmt: skip
    # A file may tell of a day that is over, and of a reason in its own words.
    assert Deal.objects.get(name="Mill").expected_close == "2026-02-20"
    assert Deal.objects.get(name="Fan").reason == "too dear for them"
    assert violations() == set()


def test_a_deal_stands_where_it_did_when_a_file_is_taken_back(taken, world, at):
    taken("x-1,c-1,Mill,,,Proposal,open,,2026-02-01,,")
    second = taken("x-1,c-1,Mill,,,signing,open,,2026-02-05,,")
    deal = Deal.objects.get(name="Mill")
    assert (deal.stage, deal.stage_since) == ("signing", day("2026-02-05"))
    revert.revert(second, by=None, at=at + 4 * audited.DAY)
    deal.refresh_from_db()
    assert (deal.stage, deal.stage_since) == ("proposal", day("2026-02-01"))
    assert violations() == set()


def test_what_cannot_be_is_rejected_with_its_reason_and_the_rest_kept(taken, world):
    took = taken(
        "x-1,c-1,Mill,-5,EUR,,open,,2026-02-01,,",
        "x-2,c-1,Kiln,5,ZZZ,,open,,2026-02-01,,",
        "x-3,c-1,Belt,5,EUR,,open,,2026-02-01,,",
    )
    assert (took.created, took.rejected) == (1, 2)
    reasons = [str(row.reason) for row in RejectedRow.objects.filter(file=took).order_by("line")]
    assert "An amount cannot be below zero" in reasons[0]
    assert "There is no such currency" in reasons[1]


def test_a_text_that_no_column_holds_is_rejected_and_the_rest_kept(taken, world):
    """PostgreSQL counts the characters: a long text must not keep every row of its stretch out."""
    took = taken(
        f"x-1,c-1,Mill,,,,lost,{'too dear ' * 40},2026-02-01,2026-02-10,",
        f"x-2,c-1,{'Kiln ' * 80},,,,open,,2026-02-01,,",
        f"x-3,c-1,Belt,,,{'Waiting ' * 10},open,,2026-02-01,,",
        "x-4,c-1,Fan,5,EUR,,open,,2026-02-01,,",
    )
    assert (took.created, took.rejected) == (1, 3)
    reasons = [str(row.reason) for row in RejectedRow.objects.filter(file=took).order_by("line")]
    assert reasons == [
        "reason: This must have at most 200 characters.",
        "name: This must have at most 255 characters.",
        "stage: This must have at most 60 characters.",
    ]
