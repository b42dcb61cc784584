"""A real past is brought in: it hands nothing over, starts no clock, writes to nobody and tells nobody anything.

The data are not ours to ship: the test reads them from the folder next to the checkout, where present.
"""

from pathlib import Path

import pytest

from accord.kernel import clock, journal
from accord.kernel.imports import run
from accord.kernel.imports.maps import load_map
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.notices.models import Notice
from accord.schedule import TABLE
from tests.rooms.promises.conftest import AGREED
from tests.scenarios.living import agreed, on

ROOT = Path(__file__).parents[2]
FOLDER = ROOT.parent / "shared" / "data" / "olist_marketing_funnel"
FILES = {"olist_leads": "olist_marketing_qualified_leads_dataset.csv", "olist_deals": "olist_closed_deals_dataset.csv"}
NOTHING = {"handoffs": 0, "clocks": 0, "mails": 0}

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs the Olist marketing funnel beside the checkout")


@pytest.fixture
def at():
    return on("2025-12-30")


def test_the_past_of_olist_asks_nothing_of_anybody(cast):
    agreed(cast, AGREED.format(mode="enforced"), "2026-01-02")
    for name, file in FILES.items():
        with clock.moved_to(on("2026-01-03")):
            chosen = load_map(ROOT / "maps" / f"{name}.yaml")
            run.run(run.prepare(FOLDER / file, chosen, by=cast.mila.pk, at=on("2026-01-03")))
            journal.drain()
    for day in ("2026-01-03", "2026-01-04", "2026-02-04"):
        with clock.moved_to(on(day)):
            for periodic in TABLE:
                periodic.run()
            journal.drain()
    with clock.moved_to(on("2026-02-04")):
        totals = vars(reports.answer("totals", Question.asked(on("2026-02-04"))))
    assert {name: totals[name] for name in NOTHING} == NOTHING
    assert not Notice.objects.filter(version=None).exists()  # of leads, not of the agreement that was signed
    # All of it is there.
    assert (Lead.objects.count(), Deal.objects.filter(outcome="won").count()) == (8_000, 842)
