"""The page of the flow, against counts by hand from the forty leads, all of them of the second of March."""

import re

import pytest

from tests.web.insight.test_funnel_page import lists, tables
from tests.web.page import main, rows

pytestmark = pytest.mark.usefixtures("still")


def test_each_stage_with_what_came_and_what_went(forty, cast, as_):
    page = as_(cast.mara).get("/insight/flow/")
    stages, exits = tables(page)
    assert [row[:5] for row in stages] == [
        ["Inquiry", "0", "40 40 entered anew", "32 32 went on", "8"],
        ["Engaged", "0", "32 32 from a stage before", "16 16 went on", "16"],
        ["MQL", "0", "16 16 from a stage before", "6 4 went on · 2 came to an end", "10"],
        ["SAL", "0", "0", "0", "0"],
        ["SQL", "0", "4 4 from a stage before", "2 2 went on", "2"],
        ["Opportunity", "0", "2 2 from a stage before", "2 2 came to an end", "0"],
        ["Won", "0", "2 2 from a stage before", "0", "2"],
    ]
    assert exits[2][:5] == ["Disqualified", "0", "2 2 from a stage before", "0", "2"]
    text = main(page)
    assert (
        "From Feb 17, 2026 to Mar 2, 2026: 40 came in , 4 left by a win or an exit. Open before: 0 , after: 36 ."
        in text
    )
    assert "Everything adds up." in text
    assert "does not add up" not in text
    assert "Opened again" not in text


def test_behind_each_number_stand_that_many_leads(forty, cast, as_):
    browser = as_(cast.mara)
    found = lists(browser.get("/insight/flow/"))
    for words, many in {"40 came in": 40, "36": 36, "4 left": 4, "4 went on": 4, "2 went on": 2}.items():
        assert len(rows(browser.get(found[words]))) == many
    ended = re.search(r'href="([^"]*measure=ended&amp;stage=mql[^"]*)"', browser.get("/insight/flow/").content.decode())
    page = browser.get(ended[1].replace("&amp;", "&"))
    assert [row[0] for row in rows(page)] == ["P05", "P04"]
    text = main(page)
    assert "Leads that ended from MQL 2" in text
    assert "Feb 17, 2026 to Mar 2, 2026." in text
    assert "Entered from" not in text


def test_a_lead_that_did_it_twice_stands_there_twice(forty, cast, as_, still):
    forty[20].move("to_mql", by=cast.ada.pk, at=still)
    forty[20].move("returned", reason="timing", by=cast.ada.pk, at=still)
    forty[20].move("to_mql", by=cast.ada.pk, at=still)
    browser = as_(cast.mara)
    page = browser.get("/insight/flow/")
    assert tables(page)[0][2][:5] == [
        "MQL",
        "0",
        "18 18 from a stage before",
        "7 4 went on · 1 went back · 2 came to an end",
        "11",
    ]
    found = browser.get(lists(page)["18 from a stage before"])
    assert [row[0] for row in rows(found)].count("P20") == 2
    assert "in the trash now" not in main(found)


def test_the_days_are_drawn_and_said(forty, cast, as_):
    body = as_(cast.mara).get("/insight/flow/", {"from": "2026-03-01"}).content.decode()
    assert "Inquiry by day: at most +8 on Mar 2, 2026, at least 0 on Mar 1, 2026" in body
    # Two days share 168: the second bar begins at 84. 16 is the most, half of 28 tall; 8 by the root: 14 × √½ = 9.9.
    assert '<rect class="mk" x="84.0" y="4.1" width="58.8" height="9.9"><title>Mar 2, 2026: +8</title>' in body
    assert '<rect class="mk" x="84.0" y="0.0" width="58.8" height="14.0">' in body


def test_other_days_are_shown_and_listed(forty, cast, as_):
    browser = as_(cast.mara)
    text = main(browser.get("/insight/flow/", {"from": "2026-02-01", "to": "2026-03-01"}))
    assert "No lead entered in this time" in text
    listed = main(browser.get("/insight/leads/?report=flow&measure=came_in&stage=mql&cohort=2026-03-02"))
    assert "Leads that came into MQL 16" in listed
    assert "Mar 2, 2026." in listed


def test_too_many_days_are_refused_by_their_control(forty, cast, as_):
    page = as_(cast.mara).get("/insight/flow/", {"from": "2020-01-01"})
    assert "These are more than 400 days: choose fewer." in main(page)
    assert "40 came in" in main(page)
    assert 'name="from" value="2020-01-01" aria-invalid="true"' in page.content.decode()
    assert "from=2020" not in lists(page)["40 came in"]
    page = as_(cast.mara).get("/insight/flow/", {"from": "2026-04-01"})
    assert "No day that has begun lies in this time" in main(page)


@pytest.mark.parametrize(
    "asked",
    [
        {"measure": "noses", "stage": "mql"},
        {"measure": "came_in"},
        {"measure": "came", "cohort": "spring"},
        {"measure": "came", "from": "2020-01-01"},
    ],
)
def test_a_number_that_there_is_not(forty, cast, as_, asked):
    assert as_(cast.mara).get("/insight/leads/", {"report": "flow", **asked}).status_code == 400


def test_the_figures_as_a_file(forty, cast, as_):
    lines = as_(cast.mara).get("/insight/flow/figures.csv?from=2026-03-02").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("day,stage,before,came_in,entered,forward,back,went_out,on,returned,ended,after,")
    assert lines[1] == "2026-03-02,inquiry,0,40,40,0,0,32,32,0,0,8,0"
    assert len(lines) == 1 + 11


def test_without_leads_the_page_says_what_will_be_here(cast, as_):
    page = as_(cast.mara).get("/insight/flow/")
    assert "What came in and what became of it, day by day" in main(page)


def test_a_partner_sees_the_flow_of_their_own_leads_alone(forty, cast, as_, still):
    forty[0].assign(cast.paula, by=cast.ada.pk, at=still)
    lines = as_(cast.paula).get("/insight/flow/figures.csv").content.decode("utf-8-sig").splitlines()
    came = [line.split(",") for line in lines[1:]]
    entered = lines[0].split(",").index("entered")
    assert sum(int(line[entered]) for line in came) == 1
