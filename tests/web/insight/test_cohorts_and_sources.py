"""Cohorts and sources of the forty leads, and of one that came forty days later."""

import csv
import io
import json
import re
from datetime import date, timedelta
from html import unescape

import pytest

from accord.kernel import clock
from accord.kernel.instants import to_micros
from accord.rooms.capture.inbox import Waiting
from accord.rooms.capture.taking import take_in
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Contact
from accord.rooms.team.models import ApiKey
from tests.rooms.insight.conftest import past
from tests.web.insight.test_funnel_page import lists, tables
from tests.web.page import main, rows

__all__ = ["past"]


@pytest.fixture
def later(forty, cast, at):
    """Forty days on another lead comes in, so that the first forty have been watched for as long."""
    then = at + timedelta(days=40)
    with clock.moved_to(then):
        late = Contact.create({"name": "Late"}, by=cast.ada.pk, at=then)
        Lead.open(late, entry="referral", by=cast.ada.pk, at=then)
        yield then


def test_a_month_at_the_ages_that_it_has_reached(later, cast, as_):
    page = as_(cast.mara).get("/insight/cohorts/")
    march, april = tables(page)[0]
    # 2 of 40 were won on the day: 5.0 % at 7 and at 30 days; nobody is 90 days old.
    assert march[:3] == ["Mar 2026", "40", "2"]
    assert march[3].startswith("5.0 %")
    assert march[4].startswith("5.0 %")
    assert march[5:9] == ["–", "–", "–", "–"]
    assert april[:3] == ["Apr 2026", "1", "0"]
    assert "A cohort is all leads that came in within one month" in main(page)


def test_other_ends_of_a_month(later, cast, as_):
    march = tables(as_(cast.mara).get("/insight/cohorts/", {"outcome": "disqualified"}))[0][0]
    assert march[:3] == ["Mar 2026", "40", "2"]
    assert march[3].startswith("5.0 %")
    assert len(march) == 9  # what is expected in the end is said of wins alone


def test_another_end_stays_asked_for_beyond_its_control(later, cast, as_):
    """In the files, in the periods, in filters and on the way back from a list."""
    browser = as_(cast.mara)
    body = browser.get("/insight/cohorts/", {"outcome": "disqualified"}).content.decode()
    links = [unescape(href) for href in re.findall(r'href="([^"]*)"', body)]
    (drawing,) = (href for href in links if "drawing.svg" in href)
    drawn = browser.get(drawing).content.decode()
    assert "· Disqualified · Everything until Apr 11, 2026</text>" in drawn
    assert drawn != browser.get("/insight/cohorts/drawing.svg").content.decode()
    assert all("outcome=disqualified" in href for href in links if "from=" in href)
    assert '<input type="hidden" name="outcome" value="disqualified">' in body
    (behind,) = {href for href in links if "measure=leads&cohort=2026-03" in href}
    assert "outcome=disqualified" in browser.get(behind).content.decode()


def test_groups_of_a_field_at_the_same_age(later, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/cohorts/", {"by": "lead.origin"})
    fair, mail, unknown = tables(page)[0]
    assert fair[:3] == ["fair", "35", "2"]
    assert fair[3].startswith("5.7 %")
    assert (mail[:3], unknown[:3]) == (["mail", "5", "0"], ["not known", "1", "0"])
    behind = browser.get(lists(page)["35"])
    assert len(rows(behind)) == 35
    assert "Origin: fair." in main(behind)


def test_what_is_expected_says_how_much_of_it_nobody_has_seen(past, cast, as_):
    """Of forty a month for a year every fourth is won, after 1 to 90 days; of the last months some are still to be."""
    for n in range(480):
        entered = date(2025, 3, 1) + timedelta(days=n % 360)
        won = entered + timedelta(days=1 + 9 * (n // 4 % 10))
        seen = n % 4 == 0 and won < date(2026, 3, 1)
        past(entered.isoformat(), *([(won.isoformat(), "won")] if seen else []))
    browser = as_(cast.mara)
    *_months, whole = re.findall(r"<tr>(.*?)</tr>", browser.get("/insight/cohorts/").content.decode(), re.DOTALL)
    said = " ".join(unescape(re.sub(r"<[^>]+>", " ", whole)).split())
    seen, ahead = int(said.split()[2]), re.search(r" (\d+) (\d+)–(\d+) (\d+) % of it not seen yet by the curve", said)
    assert int(ahead[2]) <= int(ahead[1]) <= int(ahead[3])
    file = browser.get("/insight/cohorts/figures.csv").content.decode("utf-8-sig")
    of_all = [line for line in csv.DictReader(io.StringIO(file)) if line["cohort"] == "" and line["outcome"] == "won"]
    assert {line["so_far"] for line in of_all} == {str(seen)}
    assert round(float(of_all[0]["in_the_end"])) == int(ahead[1])
    assert float(of_all[0]["extrapolated"]) == pytest.approx(1 - seen / float(of_all[0]["in_the_end"]))
    assert ahead[4] == f"{float(of_all[0]['extrapolated']):.0%}".removesuffix("%")


def test_behind_a_month_stand_its_leads(later, cast, as_):
    browser = as_(cast.mara)
    found = lists(browser.get("/insight/cohorts/"))
    page = browser.get(found["40"])
    assert len(rows(page)) == 40
    assert "Came in Mar 2026" in main(page)


def test_the_curves_are_given_to_the_page_as_data(later, cast, as_):
    body = as_(cast.mara).get("/insight/cohorts/").content.decode()
    spec = json.loads(re.search(r'<script id="curves" type="application/json">(.*?)</script>', body)[1])
    points = [row for layer in spec["layer"] for row in layer["data"]["values"] if row.get("words")]
    march = {(row["days"], row["share"]) for row in points if row["cohort"] == "Mar 2026"}
    assert march == {(7, 0.05), (30, 0.05)}
    assert "Apr 2026" not in {row["cohort"] for row in points}


def test_each_source_on_one_scale(later, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/sources/")
    fair, mail, unknown = tables(page)[0]
    # 2 of 35: 5.7 %, Wilson 1.6 to 18.6 %.
    assert fair[:5] == ["fair", "35", "31", "2", "5.7 % 1.6–18.6 %"]
    assert mail[:5] == ["mail", "5", "5", "0", "too few yet 5 of 30"]
    assert unknown[:5] == ["not known", "1", "1", "0", "too few yet 1 of 30"]
    assert "Won by 30 days" in main(page)
    # The scale ends at 20 %: 1.6 and 18.6 % stand at 4 + 212 × 0.0791 and 4 + 212 × 0.9304.
    assert 'd="M20.8 10H201.2"' in page.content.decode()


def test_the_weeks_and_what_was_lost_in_them(later, cast, as_, at):
    form = {"type": "track", "event": "Form Submitted", "messageId": "1"}
    when = at + timedelta(days=15)
    key, _secret = ApiKey.make(name="www", scope="capture", role="marketing", by=cast.ada, at=at)
    take_in([Waiting(0, key.pk, to_micros(when), None, [json.dumps(form).encode()])], when)
    page = as_(cast.mara).get("/insight/sources/")
    assert "Leads by the week in which they entered, at most 40" in page.content.decode()
    assert "40 leads Mar" in main(page)
    lost = "1 event was dropped between Mar 17, 2026 and Mar 17, 2026: They named nobody: no user, no visitor"
    assert lost in main(page)
    assert "dropped" not in main(as_(cast.paula).get("/insight/sources/"))


def test_behind_a_source_stand_its_leads(later, cast, as_):
    browser = as_(cast.mara)
    found = lists(browser.get("/insight/sources/"))
    assert len(rows(browser.get(found["35"]))) == 35
    assert [row[0] for row in rows(browser.get(found["1"]))] == ["Late"]


@pytest.fixture
def answered(later, forty, cast):
    """Of the fair's 16 MQL four went on and two ended; three of the rest are returned, two because of the time."""
    for lead, reason in zip(forty[6:9], ("timing", "timing", "budget"), strict=True):
        lead.move("returned", reason=reason, by=cast.ines.pk, at=later)


def test_what_sales_said_to_each_source(answered, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/sources/")
    won, fair = tables(page)[1], tables(page)[2][0]
    assert won[0] == ["fair", "35", "2", "–", "–"]
    assert fair[:6] == ["fair", "16", "4", "3", "2", "7"]
    assert fair[6:8] == ["too few yet 7 of 30", "Not now 2 · No budget 1"]
    returned = re.search(r'Not now <a class="rec num" href="([^"]*)"', page.content.decode())[1].replace("&amp;", "&")
    behind = browser.get(returned)
    assert [row[0] for row in rows(behind)] == ["P07", "P06"]
    assert "Leads that sales returned: Not now" in main(behind)


def test_the_leads_behind_a_number_say_why_they_came_back_and_are_a_file(answered, cast, as_):
    browser = as_(cast.mara)
    every = lists(browser.get("/insight/sources/"))["3"]
    assert [(row[0], row[3]) for row in rows(browser.get(every))] == [
        ("P08", "No budget"),
        ("P07", "Not now"),
        ("P06", "Not now"),
    ]
    address = re.search(r'href="(/insight/leads/export/[^"]*)"', browser.get(every).content.decode())[1]
    written = b"".join(browser.get(unescape(address)).streaming_content).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(written)))
    assert [(line["Name"], line["Reason"]) for line in lines] == [
        ("P08", "No budget"),
        ("P07", "Not now"),
        ("P06", "Not now"),
    ]
    assert as_(cast.paula).get(unescape(address)).status_code == 403


def test_two_sources_side_by_side(answered, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/sources/", {"compare": ["fair", "mail"]})
    pair = tables(page)[3]
    assert "fair beside mail" in main(page)
    assert [len(rows(browser.get(lists(page)[number]))) for number in ("7", "35")] == [7, 35]
    assert [row[:3] for row in pair] == [
        ["Leads", "35", "5"],
        ["Answered by sales: the shares are of these", "7", "0"],
        ["Accepted", "4 of 7", "0 –"],
        ["Returned: Not now", "2 of 7", "0 –"],
        ["Returned: No budget", "1 of 7", "0 –"],
    ]
    one = browser.get("/insight/sources/", {"compare": ["fair"]})
    assert "Choose exactly two to set side by side." in main(one)


def test_the_drawing_of_the_sources(answered, cast, as_):
    browser = as_(cast.mara)
    drawn = browser.get("/insight/sources/drawing.svg").content.decode()
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    fair = texts.index("fair")
    assert texts[fair - 3] == "Source"
    assert texts[fair : fair + 6] == ["fair", "n 35", "5.7 %", "1.6–18.6 %", "too few yet", "n 7"]
    owners = browser.get("/insight/sources/", {"by": "lead.owner"}).content.decode()
    assert owners.count('<th scope="col">Owner</th>') == 3
    assert ">Owner<" in browser.get("/insight/sources/drawing.svg", {"by": "lead.owner"}).content.decode()
    assert browser.get("/insight/sources/drawing.png").content.startswith(b"\x89PNG")


def test_files_of_figures(later, cast, as_):
    browser = as_(cast.mara)
    assert browser.get("/insight/sources/figures.csv").content.decode("utf-8-sig").startswith("source,leads,won,open,")
    assert browser.get("/insight/cohorts/figures.csv").content.decode("utf-8-sig").startswith("cohort,leads,days,")


@pytest.mark.parametrize("address", ["cohorts", "sources"])
def test_without_leads_each_page_says_what_will_be_here(cast, still, as_, address):
    page = as_(cast.mara).get(f"/insight/{address}/")
    assert "It begins with the first lead." in main(page)
    assert 'href="/imports/new/"' in page.content.decode()


def test_what_was_won_of_a_few_leads_is_no_figure_for_each(cast, still, as_):
    for origin, many, amount in (("fair", 30, 3_000_00), ("mail", 2, 500_00)):
        for number in range(many):
            contact = Contact.create({"name": f"{origin} {number}"}, by=cast.ada.pk, at=still)
            lead = Lead.open(contact, entry="marketing", values={"origin": origin}, by=cast.ada.pk, at=still)
        values = {"name": "Pump", "amount": amount, "currency": "EUR"}
        Deal.open(lead=lead, values=values, by=cast.ada.pk, at=still).win(reason="price", by=cast.ada.pk, at=still)
    won = main(as_(cast.mara).get("/insight/sources/")).partition("What was won")[2]
    assert "fair 30 1 €3,000.00 €100.00" in won
    assert "mail 2 1 €500.00 too few yet 2 of 30" in won
    assert "All 32 2 €3,500.00 €109.38" in won
