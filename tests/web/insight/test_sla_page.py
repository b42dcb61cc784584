"""The page of promises kept, against the six leads of one Monday."""

import re
from html import unescape

import pytest

from accord.kernel import clock
from accord.rooms.promises.models import Clock
from tests.rooms.capture.conftest import door
from tests.rooms.promises.conftest import AGREED, at, clock_of, enforced, handed
from tests.rooms.promises.test_queries import NOW, six
from tests.scenarios.living import agreed, on
from tests.web.insight.test_funnel_page import lists, tables
from tests.web.page import main, rows

__all__ = ["at", "clock_of", "door", "enforced", "handed", "six"]


@pytest.fixture
def browser(cast, six, as_):
    with clock.moved_to(on(NOW)):
        yield as_(cast.mara)


def test_each_number_is_told_and_opens_its_clocks(browser, cast, as_):
    page = browser.get("/insight/sla/", {"by": "clock.owner"})
    sides, promises, counted, groups, *weeks = tables(page)
    # Due 4: kept 2, broken 2; one is open, one was voided. Of the pilots 1 was due and kept, 9 are open, 2 void.
    assert sides == [
        ["Sales", "4", "2", "2", "0", "too few yet 4 of 30", "1", "1"],
        ["Sales pilot, not enforced", "1", "1", "0", "0", "too few yet 1 of 30", "9", "2"],
    ]
    assert promises[0] == [
        "Sales: first contact", "90 %", "4", "2", "2", "0", "too few yet 4 of 30", "1", "1",
        "too few yet 6 of 30", "too few yet 6 of 30",
    ]  # fmt: skip
    assert counted[0] == ["Marketing: volume", "6 of 3 since Feb 1, 2026", "–", "met so far"]
    assert counted[1] == [
        "Marketing: precision pilot, not enforced", "1 answered since Jan 5, 2026; 4 are still open",
        "too few yet 1 of 30", "too few yet 1 of 30",
    ]  # fmt: skip
    assert groups[0][:5] == [str(cast.ines), "Sales", "4", "2", "2"]
    assert weeks[0] == [["Feb 2, 2026", "4", "2", "2", "0", "too few yet 4 of 30", "1", "1", "–"]]
    found = browser.get(lists(page)["4"])
    assert [row[0] for row in rows(found)].count("never") == 1
    assert len(rows(found)) == 4
    assert "Promises that were due 4" in main(found)
    assert "State and owner are those of now." in main(found)
    assert "stands here as often" not in main(found)
    assert 'href="/promises/"' in page.content.decode()
    assert 'href="/insight/sla/"' in browser.get("/promises/").content.decode()


def test_a_promise_is_called_as_the_agreement_calls_it(browser, cast):
    worded = AGREED.format(mode="enforced").replace("{id: verdict,", "{id: verdict, label: A word on each,")
    agreed(cast, worded, "2026-01-03")
    page = browser.get("/insight/sla/", {"by": "clock.promise"})
    assert [row[0] for row in tables(page)[3]] == ["attempts", "first contact", "A word on each"]
    only = browser.get("/insight/sla/", {"only": "clock.promise:verdict"})
    assert "Promise A word on each" in main(only)
    address = re.search(
        r'href="([^"]*measure=open&amp;stage=sales%3Apilot%3A\d+%3Averdict[^"]*)"', only.content.decode()
    )
    assert "Sales · pilot, not enforced · A word on each." in main(browser.get(unescape(address[1])))


def test_a_trend_is_drawn_of_enough(cast, six, handed, as_, monkeypatch):
    handed("late", "2026-02-09T09:00:00")
    with clock.moved_to(on("2026-02-09T15:00:00")):
        few = as_(cast.mara).get("/insight/sla/")
        assert "A trend is drawn once 30 were due" in main(few)
        assert 'class="l l-' not in few.content.decode()
        for limit in ("accord.rooms.insight.reports.sla.FEW", "accord.web.insight.figures.FEW"):
            monkeypatch.setattr(limit, 5)
        page = as_(cast.mara).get("/insight/sla/")
        assert 'aria-label="Trend of the share kept' in page.content.decode()
        weeks = tables(page)[-2]
        assert [row[0] for row in weeks] == ["Feb 2, 2026", "Feb 9, 2026"]
        assert [row[-1].split(" %")[0] for row in weeks] == ["40.0", "33.3"]  # 2 of 5, and of 6
        assert "trend,trend_low,trend_high,trend_of" in as_(cast.mara).get("/insight/sla/figures.csv").content.decode()


def test_a_list_of_no_side_is_of_both(browser):
    assert "Promises that were due 5" in main(browser.get("/insight/leads/?report=sla&measure=due"))


def test_files_filters_and_who_sees_it(browser, cast, as_, six):
    lines = browser.get("/insight/sla/figures.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith(
        "group,side,mode,promise,week,clocks,due,kept,broken,late,open,void,excused,rate,low,high"
    )
    assert lines[1].startswith(",sales,enforced,,,6,4,2,2,0,1,1,0,0.5,0.1500")
    drawn = browser.get("/insight/sla/drawing.png")
    assert drawn.content.startswith(b"\x89PNG")
    only = browser.get("/insight/sla/", {"only": "clock.promise:verdict"})
    assert [row[0] for row in tables(only)[0]] == ["Sales pilot, not enforced"]
    assert "No promise began in this time" in main(
        browser.get("/insight/sla/", {"from": "2026-02-03", "only": "lead.entry:partner"})
    )
    with clock.moved_to(on(NOW)):
        Clock.objects.get(handoff=six["never"], promise="first_contact").excuse_with(
            "The line was dead", by=cast.saul, at=on(NOW)
        )
    assert tables(browser.get("/insight/sla/"))[0][0][3] == "2 1 excused"
    # A partner sees insight, and no promises.
    partner = as_(cast.paula)
    addresses = ("/insight/sla/", "/insight/sla/figures.csv", "/insight/leads/?report=sla&measure=kept")
    assert [partner.get(address).status_code for address in addresses] == [403] * 3
    assert "Promises kept" not in partner.get("/insight/funnel/").content.decode()


def test_before_the_first_lead_promises_say_what_will_be_here(cast, enforced, as_):
    with clock.moved_to(on(NOW)):
        told = main(as_(cast.mara).get("/insight/sla/"))
    assert "It begins with the first lead that is handed over" in told
    assert "met so far" not in told


def test_without_promises_the_page_says_what_will_be_here(cast, as_):
    assert "What both sides promised each other" in main(as_(cast.mara).get("/insight/sla/"))
