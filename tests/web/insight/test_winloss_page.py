"""Wins and losses: forty deals of one morning, as their page, their lists and their files tell them.

Wilson's interval for k of n with z² = 3.841459: (2k + z² ± √(z² (z² + 4k (1 - k/n)))) / (2 (n + z²)).
10 of 40: 14.2 to 40.2 %. 20 of 30 losses: 48.8 to 80.8 %; 6 of 30: 9.5 to 37.3 %; 4 of 30: 5.3 to 29.7 %.
"""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from python_calamine import load_workbook

from accord.kernel import clock
from accord.rooms.funnel.models import Deal
from tests.rooms.insight.conftest import sale
from tests.web.insight.test_funnel_page import lists, tables
from tests.web.page import main, rows

__all__ = ["sale"]
BECAUSE = ["price"] * 20 + ["competitor"] * 6 + ["not_now"] * 4


@pytest.fixture
def sold(cast, still):
    """Of 44 deals 10 are won for 1,000 € each, 30 lost, 4 open; Paula, a partner, has won 2 of these and lost 1."""
    ada, later = cast.ada.pk, still + timedelta(days=40)
    owners = {0: cast.paula.pk, 1: cast.paula.pk, 10: cast.paula.pk}
    deals = [
        Deal.open(lead=None, values={"name": f"D{n:02}", "owner": owners.get(n, cast.felix.pk)}, by=ada, at=still)
        for n in range(44)
    ]
    with clock.moved_to(later):
        for deal in deals[:10]:
            deal.edit({"amount": 100_000, "currency": "EUR"}, seen=0, by=ada, at=later)
            deal.win(reason="fit", by=ada, at=later)
        for deal, reason in zip(deals[10:40], BECAUSE, strict=True):
            day = (later + timedelta(days=90)).date() if reason == "not_now" else None
            deal.lose(reason=reason, by=ada, at=later, come_back_on=day)
        yield deals


def test_both_win_rates_stand_side_by_side(sold, cast, as_):
    page = as_(cast.saul).get("/insight/winloss/")
    (whole,) = re.findall(r"<tfoot>(.*?)</tfoot>", page.content.decode(), re.DOTALL)
    cells = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", whole, re.DOTALL)]
    # Won on day 40, and all are 40 days old: 10 of the 44 by 30 days none.
    assert cells[:4] == ["40", "10", "30", "25.0 % 14.2–40.2 %"]
    assert cells[4:6] == ["44", "0.0 % 0.0–8.0 %"]
    assert cells[7] == "4 9.1 %"
    assert "It is biased while losing is quicker than winning" in main(page)


def test_a_bar_of_wins_is_as_long_as_one_of_as_many_losses(sold, cast, as_):
    drawn = as_(cast.saul).get("/insight/winloss/drawing.svg").content.decode()
    widths = [float(width) for width in re.findall(r'<rect class="(?:ink|sa)" [^>]*width="([0-9.]+)"', drawn)]
    assert widths == [520.0, 156.0, 104.0, 260.0]  # of 20, 6 and 4 lost, and of 10 won
    assert "20 deals · 66.7 %" in drawn
    assert "10 deals<" in drawn


def test_it_is_split_by_what_groups_deals(sold, cast, as_):
    page = as_(cast.saul).get("/insight/winloss/").content.decode()
    offered = re.search(r'<select class="select" id="asked_by".*?</select>', page, re.DOTALL)[0]
    assert 'value="deal.owner"' in offered
    for one_of_each in ("deal.name", "deal.note", "deal.amount", "deal.expected_close", "company.industry"):
        assert one_of_each not in offered
    assert "Why 30 days" in main(as_(cast.saul).get("/insight/winloss/"))


def test_reasons_with_what_they_point_to(sold, cast, as_):
    page = as_(cast.saul).get("/insight/winloss/")
    lost = tables(page)[1]
    assert [row[1:3] for row in lost] == [
        ["20", "66.7 % 48.8–80.8 %"],
        ["6", "20.0 % 9.5–37.3 %"],
        ["4", "13.3 % 5.3–29.7 %"],
    ]
    assert [row[3].split(":")[0] for row in lost] == ["whom we ask", "how we answer", "–"]


def test_amounts_and_what_was_missed(sold, cast, as_):
    page = as_(cast.saul).get("/insight/winloss/")
    amounts, missed = tables(page)[3:5]
    assert amounts == [
        ["Lost", "without an amount", "30", "–", "–"],
        ["Won", "EUR", "10", "€10,000.00", "€1,000.00"],
    ]
    assert [row[1:4] for row in missed] == [["4", "30", "13.3 % 5.3–29.7 %"], ["0", "30", "0.0 % 0.0–11.4 %"]]


def test_every_number_opens_its_list(sold, cast, as_):
    browser = as_(cast.saul)
    found = lists(browser.get("/insight/winloss/"))
    page = browser.get(found["20"])
    assert len(rows(page)) == 20
    assert "Deals that were lost:" in main(page)
    assert "Amount, outcome and owner are those of now." in main(page)
    assert len(rows(browser.get(found["44"]))) == 44


def test_sellers_are_not_compared_on_few(sold, cast, as_):
    page = as_(cast.saul).get("/insight/winloss/", {"by": "deal.owner"})
    felix, paula = tables(page)[0]
    assert (felix[0], felix[1:4]) == ("Felix Roth", ["37", "8", "29"])
    assert paula[:5] == ["Paula Pires", "3", "2", "1", "not compared"]
    assert "Sellers with fewer than 20 closed deals are not compared." in main(page)


def test_a_partner_sees_their_own(sold, cast, as_):
    browser = as_(cast.paula)
    page = browser.get("/insight/winloss/")
    assert "3" in lists(page)
    assert sorted(row[0] for row in rows(browser.get(lists(page)["3"]))) == ["D00", "D01", "D10"]


def test_files(sold, cast, as_):
    browser = as_(cast.saul)
    written = browser.get("/insight/winloss/figures.csv").content.decode("utf-8-sig").splitlines()
    assert written[0] == "group,figure,reason,currency,count,of,rate,low,high,extrapolated,sum,median"
    assert written[1].startswith(",won_of_closed,,,10,40,0.25,")
    book = load_workbook(io.BytesIO(browser.get("/insight/winloss/figures.xlsx").content))
    assert book.get_sheet_by_index(0).to_python()[1][4] == 10
    drawn = browser.get("/insight/winloss/drawing.svg").content.decode()
    assert "Lost because of" in drawn
    assert "<a " not in drawn
    assert browser.get("/insight/winloss/drawing.png").content.startswith(b"\x89PNG")


def test_what_is_expected_says_how_much_of_it_nobody_has_seen(sale, cast, as_):
    for n in range(480):
        opened = date(2025, 3, 1) + timedelta(days=n % 360)
        won = opened + timedelta(days=1 + 9 * (n // 4 % 10))
        seen = n % 4 == 0 and won < date(2026, 3, 1)
        sale(opened.isoformat(), *([(won.isoformat(), "won", "fit")] if seen else []))
    page = as_(cast.mara).get("/insight/winloss/")
    said = re.search(r"(\d+)\.\d % \S+ % (\d+) % of it not seen yet", main(page))
    lines = list(
        csv.DictReader(io.StringIO(as_(cast.mara).get("/insight/winloss/figures.csv").content.decode("utf-8-sig")))
    )
    (ahead,) = [line for line in lines if line["figure"] == "expected_of_opened"]
    (so_far,) = [line for line in lines if line["figure"] == "won_of_closed"]
    assert float(ahead["extrapolated"]) == pytest.approx(1 - int(so_far["count"]) / 480 / float(ahead["rate"]))
    (by_age,) = [line for line in lines if line["figure"].startswith("won_by_")]
    assert (by_age["count"], by_age["of"]) == ("", "480")  # the share is no count of wins so far
    assert said[2] == f"{float(ahead['extrapolated']):.0%}".removesuffix("%")


def test_without_deals_the_page_says_what_will_be_here(cast, still, as_):
    assert "It begins with the first deal." in main(as_(cast.saul).get("/insight/winloss/"))
    page = as_(cast.saul).get("/insight/winloss/", {"from": "2026-01-01", "to": "2026-01-31"})
    assert "No deal was opened or closed in this time" in main(page)
