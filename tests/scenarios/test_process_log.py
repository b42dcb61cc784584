"""A real sales desk: its log of work on loan applications, told through the verbs, gives back its published times."""

import csv
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

import pytest

from accord.kernel import clock, journal
from accord.rooms.desk import calls
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from accord.rooms.promises.queries import promises
from accord.rooms.promises.sweeping import sweep
from tests.scenarios.living import agreed, on

LOG = Path(__file__).parents[2].parent / "shared" / "data" / "process_logs" / "bpi_12_w.csv"
LEAD_HANDLING = "1"
SHIFT = timedelta(hours=8, minutes=30)  # the published times are shifted to another side of the world
TEXT = """
accord: 1
name: Loans
effective: 2011-09-01
review_by: 2027-12-31
leads: {open_on: {touch: download}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {count: {touch: download}, at_least: 1}
handoffs: [{id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}]
promises: {sales: [{id: first_contact, measure: first_human_contact, of: to_inside, within: 4 hours, share: 0.9}]}
"""


pytestmark = pytest.mark.skipif(not LOG.exists(), reason="needs the process logs beside the checkout")


@pytest.fixture
def at():
    return on("2011-08-30")


def cases() -> list[tuple[datetime, datetime | None]]:
    """Of each application that begins with the handling of a lead: when that was done, and when the next step was.

    Several of the same in a row are one: what counts is when the last of them was done.
    """
    told: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    with LOG.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            done = datetime.fromisoformat(row["CompleteTimestamp"]).replace(tzinfo=UTC) - SHIFT
            told[row["CaseID"]].append((row["ActivityID"], done))
    begun = [its for its in told.values() if its[0][0] == LEAD_HANDLING]
    return [_handled(its) for its in begun]


def _handled(its: list[tuple[str, datetime]]) -> tuple[datetime, datetime | None]:
    place = next((place for place, (what, _done) in enumerate(its) if what != LEAD_HANDLING), len(its))
    return its[place - 1][1], its[place][1] if place < len(its) else None


def replayed(cast, found: list[tuple[datetime, datetime | None]]) -> datetime:
    """Each lead is handed over when it was handled, and called when the next step was done; some end there."""
    acts = [(first, "comes", number) for number, (first, _following) in enumerate(found)]
    acts += [(following, "called", number) for number, (_first, following) in enumerate(found) if following]
    leads: dict[int, Lead] = {}
    day = None
    for when, what, number in sorted(acts):
        if when.date() != day:
            day = when.date()
            worked(when)
        with clock.moved_to(when):
            if what == "comes":
                leads[number] = came(cast, number, when, ends=found[number][1] is None)
            else:
                calls.log(leads[number], "call_out", "reached", by=cast.ines, at=when)
    end = max(when for when, *_rest in acts) + timedelta(days=1)
    worked(end)
    return end


def came(cast, number: int, when: datetime, *, ends: bool) -> Lead:
    contact = Contact.create({"name": f"Application {number}"}, by=None, at=when, external_id=f"a{number}")
    lead = Lead.open(contact, entry="own_prospecting", by=cast.ines.pk, at=when)
    lead.move("to_mql", by=cast.ines.pk, at=when)
    if ends:
        journal.drain()
        lead.move("disqualified", by=cast.ines.pk, at=when, reason="no need")
    return lead


def worked(when: datetime) -> None:
    with clock.moved_to(when):
        journal.drain()
        sweep(when)


@pytest.mark.parametrize("every", [120, pytest.param(1, marks=pytest.mark.prove)])
def test_the_log_of_a_sales_desk_gives_back_its_times(cast, every):
    agreed(cast, TEXT, "2011-09-01")
    found = cases()[::every]
    waits = sorted(following - first for first, following in found if following)
    end = replayed(cast, found)
    _marketing, sales = promises(cast.saul, on("2011-09-01"), end, end)
    (told,) = sales.promised
    assert (told.tally.kept, told.tally.due) == (
        sum(wait <= timedelta(hours=4) for wait in waits), len(waits),
    )  # fmt: skip
    assert told.tally.void == len(found) - len(waits)
    if every == 1:
        # What the publisher of the log says of it.
        assert len(found) == 4739
        assert told.tally.void / len(found) == pytest.approx(0.47, abs=0.005)
        assert told.median / 3600 == pytest.approx(1.8, abs=0.05)
        assert told.p90 / 3600 == pytest.approx(13.7, abs=0.05)
    # Who ends there was never waited for: what is left is the plain quantile of those who went on.
    by_half, by_nine_tenths = (waits[ceil(share * len(waits)) - 1].total_seconds() for share in (0.5, 0.9))
    assert (told.median, told.p90) == (by_half, by_nine_tenths)
