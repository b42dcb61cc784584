"""The page of velocity, against days counted by hand: each of forty leads moved on its own day."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from tests.web.insight.test_funnel_page import lists, tables
from tests.web.page import main, rows

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def slow(cast, still):
    """Forty inquiries of the second of March; the n-th of the first 36 is engaged n days later, half of these MQL
    the day after; the last four wait."""
    ada = cast.ada.pk
    people = [Contact.create({"name": f"P{n:02}"}, by=ada, at=still) for n in range(1, 41)]
    origins = [{"origin": "fair" if n < 35 else "mail"} for n in range(40)]
    leads = [
        Lead.open(c, entry="marketing", values=of, by=ada, at=still) for c, of in zip(people, origins, strict=True)
    ]
    for n, lead in enumerate(leads[:36], start=1):
        with clock.moved_to(still + timedelta(days=n)):
            lead.move("to_engaged", by=ada, at=clock.now())
    for n, lead in enumerate(leads[:18], start=1):
        with clock.moved_to(still + timedelta(days=n + 40)):
            lead.move("to_mql", by=ada, at=clock.now())
    with clock.moved_to(still + timedelta(days=70)):
        yield leads


def test_days_in_each_stage(slow, cast, as_):
    page = as_(cast.mara).get("/insight/velocity/")
    stages = tables(page)[0]
    # Forty inquiries; the 20th left on the 20th day, the 30th on the 30th, the 36th, nine in ten, on the 36th.
    assert stages[0][:5] == ["Inquiry", "40", "36", "4", "0"]
    assert [cell.split(" d ")[0] for cell in stages[0][5:]] == ["20.0", "30.0", "36.0"]
    # Of 36 engaged 18 left, each after 40 days, when those that wait were there for 34 to 51.
    assert stages[1][:5] == ["Engaged", "36", "18", "18", "0"]
    assert stages[1][5].startswith("40.0 d")
    assert stages[2] == [
        "MQL",
        "18",
        "0",
        "18",
        "0",
        "too few yet 18 of 30",
        "too few yet 18 of 30",
        "too few yet 18 of 30",
    ]
    assert "Choose a first day, and the time is compared" in main(page)


def test_the_funnel_says_no_days_of_few_stays(slow, cast, as_):
    browser = as_(cast.mara)
    (all_of_them,) = tables(browser.get("/insight/funnel/"))
    assert all_of_them[0][7:] == ["20.0 d", "30.0 d"]
    of_mail = browser.get("/insight/funnel/", {"only": "lead.origin:mail"})
    assert tables(of_mail)[0][0][7:] == ["too few yet 5 of 30", "–"]
    assert "d median" not in main(of_mail)
    lines = browser.get("/insight/funnel/figures.csv").content.decode("utf-8-sig").splitlines()
    assert ",40,20.0,30.0," in lines[1]


def test_the_ways_and_the_stock(slow, cast, as_):
    _stages, ways, stock = tables(as_(cast.mara).get("/insight/velocity/"))
    # The n-th of 18 got there on day n + 40, and 22 are followed for 70 days: 18 of 40.
    assert ways[0][:7] == ["Entry to MQL", "40", "18", "0", "22", "0", "0"]
    assert ways[0][7].startswith("45.0 %")
    assert [cell.split(" d ")[0] for cell in ways[0][8:]] == ["45.0", "49.0"]  # the 5th (4.5) and the 9th
    assert ways[1][7] == "too few yet 18 of 30"
    # 70 days: 36 stays of 1 to 36 days and four of 70: (666 + 280) / 70; 40 / 70 a day; 666 / 36 days.
    assert stock[0] == ["Inquiry", "13.5", "0.57", "36", "18.5", "10.6", "22 %"]
    assert "More than a fifth off: Inquiry" in main(as_(cast.mara).get("/insight/velocity/"))


def test_a_period_is_compared_with_the_time_before(slow, cast, as_):
    page = as_(cast.mara).get("/insight/velocity/", {"from": "2026-04-11"})
    text = main(page)
    assert "The time before are as many days, from Mar 11, 2026 on." in text  # 11 April to 11 May: 31 days
    engaged = tables(page)[0][1]
    assert engaged[:2] == ["Engaged", "0"]
    assert engaged[8].endswith(" 28 stays")  # those of the 9th to the 36th day, 11 March to 7 April
    assert engaged[9] == "too early"


def test_split_and_narrowed(slow, cast, as_):
    page = as_(cast.mara).get("/insight/velocity/", {"by": "lead.origin"})
    stays, ways = tables(page)[3:]
    assert [row[:2] for row in stays] == [["fair", stays[0][1]], ["mail", "5 too few yet 5 of 30"]]
    assert stays[0][1].startswith("35 18.0 d")
    assert ways[0][1].startswith("35 ")


def test_behind_each_number_stand_that_many_leads(slow, cast, as_):
    browser = as_(cast.mara)
    found = lists(browser.get("/insight/velocity/"))
    for words, many in {"40": 40, "36": 36, "22": 22}.items():
        assert len(rows(browser.get(found[words]))) == many
    page = main(browser.get(found["22"]))
    assert "Leads that are still on the way Entry to" in page
    assert "Whenever it began. A lead that did so more than once stands here as often." in page


@pytest.mark.parametrize("asked", [{"measure": "noses", "stage": "mql"}, {"measure": "stays"}])
def test_a_number_that_there_is_not(slow, cast, as_, asked):
    assert as_(cast.mara).get("/insight/leads/", {"report": "velocity", **asked}).status_code == 400


def test_it_is_drawn(slow, cast, as_):
    body = as_(cast.mara).get("/insight/velocity/drawing.svg").content.decode()
    # The scale ends at 50 days over 820: half of the inquiries left within 20 days, three quarters within 30.
    assert '<rect class="mk" x="130" y="30.0" width="328.0" height="18"/>' in body
    assert '<rect class="mk-t" x="458.0" y="30.0" width="164.0" height="18"/>' in body
    assert '<text class="b" x="458.0" y="62.0">20.0 d</text>' in body  # beneath the half, where the dark bar ends
    assert "18 of 30" in body
    png = as_(cast.mara).get("/insight/velocity/drawing.png")
    assert png.content.startswith(b"\x89PNG")


def test_the_figures_as_a_file(slow, cast, as_):
    lines = as_(cast.mara).get("/insight/velocity/figures.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("group,kind,of,begun,done,gone,joined,running,")
    assert lines[1].startswith(",stage,inquiry,40,36,,0,4,")
    assert len(lines) == 1 + 12


def test_without_leads_the_page_says_what_will_be_here(cast, as_):
    assert "How long leads take" in main(as_(cast.mara).get("/insight/velocity/"))


def test_a_partner_sees_the_times_of_their_own_leads_alone(slow, cast, as_):
    slow[0].assign(cast.paula, by=cast.ada.pk, at=clock.now())
    assert tables(as_(cast.paula).get("/insight/velocity/"))[0][0][:3] == ["Inquiry", "1", "1"]
