"""The funnel's page, against figures counted by hand from the forty leads.

Wilson's interval for k of n with z² = 3.841459: (2k + z² ± √(z² (z² + 4k (1 - k/n)))) / (2 (n + z²)).
32 of 40: 65.2 to 89.5 %; 16 of 32: 33.6 to 66.4 %.
"""

import io
import re
import zipfile
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import load_workbook

from accord.kernel import clock
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Lead, Usual
from accord.rooms.people.models import Contact
from tests.web.page import main, rows, whole

pytestmark = pytest.mark.usefixtures("still")


def lists(answer) -> dict[str, str]:
    """The addresses of the lists, by the words that lead there."""
    body = answer.content.decode()
    found = re.findall(r'<a [^>]*href="(/insight/leads/[^"]*)"[^>]*>(.*?)</a>', body, re.DOTALL)
    return {" ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split()): unescape(href) for href, words in found}


def tables(answer) -> list[list[list[str]]]:
    """The rows of every table of figures, heads left out."""
    body = answer.content.decode()
    return [
        [
            [
                " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
                for cell in re.findall(r"<t[hd].*?</t[hd]>", row)
            ]
            for row in re.findall(r"<tr>(.*?)</tr>", table.replace("\n", " "))
        ]
        for table in re.findall(r"<tbody>(.*?)</tbody>", body, re.DOTALL)
    ]


def test_every_stage_with_its_share_and_interval(forty, cast, as_):
    page = as_(cast.mara).get("/insight/funnel/")
    (figures,) = tables(page)
    # All were watched as long: nobody is expected who has not come. The band of 32 of 40 is log-log: .8 to the power of
    # exp(± 1.96 √(.8 · .2 / 40) / (.8 · -ln .8)) is .640 and .895; of 16 of 32 it is .319 and .657.
    assert [row[:7] for row in figures] == [
        ["Inquiry", "40", "–", "–", "–", "–", "8"],
        ["Engaged", "32", "80.0 % 8 have not gone on", "65.2–89.5 %", "80.0 % 64.0–89.5 %", "8", "16"],
        ["MQL", "16", "50.0 % 16 have not gone on", "33.6–66.4 %", "50.0 % 31.9–65.7 %", "16", "10"],
        ["SAL", "4", "too few yet 16 of 30 12 have not gone on", "–", "too few yet 16 of 30", "10", "0"],
        ["SQL", "4", "too few yet 4 of 30", "–", "too few yet 4 of 30", "0", "2"],
        ["Opportunity", "2", "too few yet 4 of 30 2 have not gone on", "–", "too few yet 4 of 30", "2", "0"],
        ["Won", "2", "too few yet 2 of 30", "–", "too few yet 2 of 30", "0", "2"],
    ]
    text = main(page)
    assert "40 came in = 36 are here + 2 won + 2 left . Unaccounted: 0." in text
    assert "Before any agreement." in text
    assert "Left: Disqualified 2" in text
    assert "dated before" not in text


def test_the_drawing_says_the_same_as_the_table(forty, cast, as_):
    drawing = re.search(
        r"<svg [^>]*c-wide.*?</svg>", as_(cast.mara).get("/insight/funnel/").content.decode(), re.DOTALL
    )
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", drawing[0])).split())
    assert "80.0 % 80.0 % expected 64.0–89.5 %" in text
    assert "50.0 % 50.0 % expected 31.9–65.7 %" in text
    assert "too few yet 16 of 30" in text
    # 16 of 40: √0.4 of 215 is 136.0.
    assert 'height="136.0"' in drawing[0]


def test_behind_each_number_stand_that_many_leads(forty, cast, as_):
    browser = as_(cast.mara)
    found = lists(browser.get("/insight/funnel/"))
    for words, many in {"MQL 16": 16, "10": 10, "36 are here": 36, "2 left": 2, "40 came in": 40}.items():
        assert len(rows(browser.get(found[words]))) == many


def test_a_share_opens_those_that_did_not_go_on_with_the_reason(forty, cast, as_):
    """Of 16 MQL 12 came no further: two were disqualified, ten are there still, one of which was given back."""
    forty[8].move("returned", reason="timing", by=cast.ines.pk, at=clock.now())
    browser = as_(cast.mara)
    page = browser.get("/insight/funnel/")
    found = lists(page)
    assert "12 have not gone on too few yet" in found
    listed = browser.get(found["12 have not gone on"])
    assert "Leads that reached MQL and not SAL 12" in main(listed)
    assert {(row[2], row[3]) for row in rows(listed)} == {
        ("MQL", ""), ("Engaged", "Not now"), ("Disqualified", "student"),
    }  # fmt: skip
    assert len(rows(listed)) == 12
    assert len(rows(browser.get(found["8 have not gone on 80.0 %"]))) == 8
    by_origin = browser.get("/insight/funnel/", {"by": "lead.origin"})
    assert len(rows(browser.get(lists(by_origin)["5 have not gone on"]))) == 5
    none = browser.get("/insight/leads/", {"report": "funnel", "measure": "short", "stage": "inquiry"})
    assert none.status_code == 400


def test_periods_that_people_ask_for_are_links(forty, cast, as_):
    """It is March 2."""
    page = as_(cast.mara).get("/insight/funnel/", {"by": "lead.origin", "from": "2026-02-01", "to": "2026-02-28"})
    found = re.findall(
        r'<a class="link([^"]*)"[^>]* href="\?from=([^"&]*)&amp;to=([^"&]*)&amp;by=lead.origin">(.*?)</a>',
        page.content.decode(),
    )
    assert found == [
        ("", "2026-03-01", "2026-03-02", "This month"),
        (" strong", "2026-02-01", "2026-02-28", "Last month"),
        ("", "2026-01-01", "2026-03-02", "This quarter"),
        ("", "2025-10-01", "2025-12-31", "Last quarter"),
        ("", "2025-03-03", "2026-03-02", "Last 12 months"),
        ("", "2026-01-01", "2026-01-31", "The period before"),
    ]
    assert "Feb 1, 2026 – Feb 28, 2026 · as known on Mar 2, 2026 This month" in main(page)
    assert "Everything until Mar 2, 2026 This month" in main(as_(cast.mara).get("/insight/funnel/"))


@pytest.mark.parametrize(
    ("first", "last", "earlier"),
    [
        ("2026-02-01", "2026-02-28", ("2026-01-01", "2026-01-31")),
        ("2025-10-01", "2025-12-31", ("2025-07-01", "2025-09-30")),
        ("2026-02-01", "2026-02-27", ("2026-01-05", "2026-01-31")),
        ("2026-02-03", "2026-02-03", ("2026-02-02", "2026-02-02")),
    ],
)
def test_the_period_before_is_as_many_months_or_as_many_days(forty, cast, as_, first, last, earlier):
    page = as_(cast.mara).get("/insight/sources/", {"from": first, "to": last}).content.decode()
    assert re.findall(r'href="\?from=([^"&]*)&amp;to=([^"&]*)">The period before<', page) == [earlier]
    assert "The period before" not in main(as_(cast.mara).get("/insight/sources/", {"from": first}))


def test_the_period_before_and_the_deals_won_stand_beside(forty, cast, as_, still):
    """The forty came in March, when two deals were won; one more lead came in April."""
    april = still + timedelta(days=35)
    with clock.moved_to(april):
        Lead.open(Contact.create({"name": "Late"}, by=None, at=april), entry="marketing", by=None, at=april)
        browser = as_(cast.mara)
        page = browser.get("/insight/funnel/", {"from": "2026-04-01", "to": "2026-04-30"})
        inquiry, engaged, mql, *_rest = tables(page)[0]
        assert inquiry[1:4] == ["1 before: 40", "–", "–"]
        said = ["0 before: 32", "too few yet 1 of 30 1 has not gone on before: 80.0 %", "– before: 65.2–89.5 %"]
        assert engaged[1:4] == said
        assert mql[2:4] == ["– before: 50.0 %", "– before: 33.6–66.4 %"]
        assert "Before: the leads that came in from Mar 1, 2026 to Mar 31, 2026" in main(page)
        assert "0 deals were won in the same days" in main(page)
        march = browser.get("/insight/funnel/", {"from": "2026-03-01", "to": "2026-03-31"})
        assert "2 deals were won in the same days" in main(march)
        assert len(rows(browser.get(lists(march)["2 deals"]))) == 2
        assert "Counted are the leads" not in main(browser.get("/insight/funnel/"))


def test_a_past_day_is_named_where_it_is_told(forty, cast, as_, still):
    with clock.moved_to(still + timedelta(days=40)):
        forty[20].move("to_mql", by=cast.ada.pk, at=clock.now())
        browser = as_(cast.mara)
        page = browser.get("/insight/funnel/", {"as_of": "2026-03-05"})
        assert "Everything until Mar 4, 2026 · as known at the start of Mar 5, 2026" in main(page)
        assert "16 here then" in main(page)
        assert "Here on Mar 5, 2026" in main(page)
        here = re.search(r'href="([^"]*measure=now&amp;stage=engaged[^"]*)"', page.content.decode())[1]
        listed = browser.get(unescape(here))
        assert "Leads in Engaged on Mar 5, 2026 16" in main(listed)
        assert "Stage today" in main(listed)
        assert "Leads that were here on Mar 5, 2026 36" in main(browser.get(lists(page)["36 are here"]))
        of_now = {"report": "funnel", "measure": "now", "stage": "engaged"}
        assert "Leads in Engaged now 15" in main(browser.get("/insight/leads/", of_now))


def test_days_are_kept_from_one_report_to_the_next(forty, cast, as_):
    asked = {"from": "2026-02-01", "to": "2026-02-28", "by": "lead.origin", "only": "lead.origin:fair"}
    page = as_(cast.mara).get("/insight/funnel/", asked).content.decode()
    tabs = re.search(r'<nav aria-label="Insight">.*?</nav>', page, re.DOTALL)[0]
    found = {address.split("/")[2]: unescape(address) for address in re.findall(r'href="(/insight/[^"]*)"', tabs)}
    assert found["flow"] == "/insight/flow/?from=2026-02-01&to=2026-02-28"
    assert found["winloss"] == "/insight/winloss/?from=2026-02-01&to=2026-02-28"
    assert found["sources"].endswith("by=lead.origin&only=lead.origin%3Afair")
    assert found["leaks"] == "/insight/leaks/"


def test_those_that_stand_long_for_their_stage_are_named(forty, cast, as_, still):
    """Two days later eight stand in the first stage, three of them of the fair; it alone has a usual time."""
    told = {"kind": "lead", "stage": "inquiry", "n": 40, "left": 32, "computed_at": still, "median": 0.5, "p75": 1.0}
    with clock.moved_to(still + timedelta(days=2)):
        browser = as_(cast.mara)
        assert "stalled" not in main(browser.get("/insight/funnel/"))
        usual.publish([Usual(**told, p95=2.5)], still)
        assert main(browser.get("/insight/funnel/")).count("none stalled") == 1
        usual.publish([Usual(**told, p95=1.5)], still)
        page = browser.get("/insight/funnel/")
        assert main(page).count("stalled") == 1
        listed = browser.get(lists(page)["8 stalled"])
        assert "Leads that are stalled in Inquiry 8" in main(listed)
        assert len(rows(listed)) == 8
        fair = browser.get("/insight/funnel/", {"only": "lead.origin:fair"})
        assert len(rows(browser.get(lists(fair)["3 stalled"]))) == 3
        assert "stalled" not in main(browser.get("/insight/funnel/", {"as_of": "2026-03-03"}))


def test_the_list_of_a_number(forty, cast, as_):
    page = as_(cast.mara).get("/insight/leads/", {"report": "funnel", "measure": "exits", "stage": "disqualified"})
    assert [row[:5] for row in rows(page)] == [
        ["P05", "Pump Works", "Disqualified", "student", "MB Mila Berg"],
        ["P04", "Pump Works", "Disqualified", "student", "MB Mila Berg"],
    ]
    assert "Leads that were disqualified 2" in main(page)
    assert f'href="/leads/{forty[5].pk}/"' in page.content.decode()


def test_a_list_goes_on_where_its_page_ends(forty, cast, as_, monkeypatch):
    monkeypatch.setattr("accord.web.insight.listing.PAGE", 15)
    found = whole(as_(cast.mara), "/insight/leads/?report=funnel&measure=leads")
    assert found == [f"P{n:02}" for n in range(39, -1, -1)]


def test_a_longer_list_asks_no_more_of_the_database(forty, cast, as_, monkeypatch):
    browser, asked = as_(cast.mara), []
    for _warm in range(2):  # the first of which notes that she is here
        browser.get("/insight/leads/?report=funnel&measure=leads")
    for many in (2, 40):
        monkeypatch.setattr("accord.web.insight.listing.PAGE", many)
        with CaptureQueriesContext(connection) as queries:
            assert len(rows(browser.get("/insight/leads/?report=funnel&measure=leads"))) == many
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_number_whose_generation_is_gone_is_counted_anew(forty, cast, as_):
    address = {"report": "funnel", "measure": "won", "generation": "99"}
    text = main(as_(cast.mara).get("/insight/leads/", address))
    assert "has been replaced: it was counted anew" in text
    address["generation"] = "1"
    assert "counted anew" not in main(as_(cast.mara).get("/insight/leads/", address))


def test_split_by_origin(forty, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/funnel/", {"by": "lead.origin"})
    groups = tables(page)[0]
    # All 32 engaged are among the 35 of the fair: 91.4 %, Wilson 77.6 to 97.0 %.
    assert [row[:3] for row in groups] == [
        ["fair", "35", "32 91.4 % 77.6–97.0 % 3 have not gone on 91.4 % expected"],
        ["mail", "5", "0 too few yet 5 of 30 5 have not gone on"],
    ]
    assert len(rows(browser.get(lists(page)["5"]))) == 5


def test_as_of_the_morning_nothing_had_come_in(forty, cast, as_):
    text = main(as_(cast.mara).get("/insight/funnel/", {"as_of": "2026-03-02"}))
    assert "No lead entered in this time" in text
    text = main(as_(cast.mara).get("/insight/funnel/", {"as_of": "2026-03-03"}))
    assert "40 came in" in text
    assert "As of Tuesday, March 3, 2026 00:00 UTC" in text


def test_what_makes_no_sense_is_said_by_its_control(forty, cast, as_):
    page = as_(cast.mara).get("/insight/funnel/", {"from": "spring", "by": "lead.nose", "to": "2026-03-02"})
    body, text = page.content.decode(), main(page)
    assert re.search(r'name="from" value="spring" aria-invalid="true" aria-describedby="asked_from_error"', body)
    assert "There is no field lead.nose." in text
    assert 'name="to" value="2026-03-02">' in body
    assert "40 came in" in text


def test_a_last_day_before_the_first_one_is_refused(forty, cast, as_):
    page = as_(cast.mara).get("/insight/funnel/", {"from": "2026-03-02", "to": "2026-03-01"})
    assert "The last day lies before the first one" in main(page)
    assert "40 came in" in main(page)


NO_NUMBERS = (
    ({"report": "funnel", "measure": "noses"}, 400),
    ({"report": "funnel", "measure": "now", "stage": "nowhere"}, 400),
    ({"report": "funnel", "measure": "leads", "moment": "soon"}, 400),
    ({"report": "gossip", "measure": "leads"}, 404),
    ({"report": "funnel", "measure": "exits", "stage": "mql", "page": "x", "cohort": "y"}, 200),
    ({"report": "cohorts", "measure": "leads", "cohort": "spring"}, 200),
)


def test_a_number_that_there_is_not(forty, cast, as_):
    browser = as_(cast.mara)
    assert [browser.get("/insight/leads/", asked).status_code for asked, _ in NO_NUMBERS] == [s for _, s in NO_NUMBERS]


def test_without_leads_the_page_says_what_will_be_here(cast, as_):
    page = as_(cast.mara).get("/insight/funnel/")
    assert "The one funnel of marketing and sales" in main(page)
    assert 'href="/imports/new/"' in page.content.decode()
    assert 'href="/imports/new/"' not in as_(cast.eva).get("/insight/funnel/").content.decode()


def test_a_partner_sees_a_funnel_of_their_own_leads_alone(forty, cast, as_, still):
    browser = as_(cast.paula)
    assert "The one funnel of marketing and sales" in main(browser.get("/insight/funnel/"))
    forty[0].assign(cast.paula, by=cast.ada.pk, at=still)
    page = browser.get("/insight/funnel/")
    assert "1 came in" in main(page)
    assert len(rows(browser.get(lists(page)["1"]))) == 1
    assert "40" not in browser.get("/insight/funnel/figures.csv").content.decode()


def test_a_list_says_to_what_it_is_narrowed(forty, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/funnel/", {"only": "lead.origin:fair", "from": "2026-03-02"})
    assert "Entered from 2026-03-02. Origin: fair." in main(browser.get(lists(page)["35"]))


def test_nothing_but_what_is_asked_for(forty, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/funnel/", {"only": "lead.origin:Mail"})
    assert "5 came in" in main(page)
    assert "Origin mail" in main(page)
    assert len(rows(browser.get(lists(page)["5"]))) == 5
    typed = browser.get("/insight/funnel/", {"only_field": "lead.origin", "only_value": "fair"})
    assert "35 came in" in main(typed)
    both = browser.get("/insight/funnel/", {"only": ["lead.origin:mail", "lead.origin:fair"]})
    assert "No lead entered in this time" in main(both)


def test_a_filter_takes_the_words_of_the_page(forty, cast, as_, still):
    forty[10].assign(cast.felix, by=cast.ada.pk, at=still)
    browser = as_(cast.mara)
    for field, words, count in (
        ("lead.owner", str(cast.felix), 1),
        ("contact.company", "Not known", 2),
        ("contact.company", "pump works", 38),
        ("lead.entry", "Marketing", 40),
    ):
        page = browser.get("/insight/funnel/", {"only_field": field, "only_value": words})
        assert f"{count} came in" in main(page), words
    chinese = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}
    page = browser.get("/insight/funnel/", {"only_field": "lead.entry", "only_value": "市场"}, **chinese)
    assert 'value="lead.entry:marketing"' in page.content.decode()


def test_a_filter_by_a_field_that_there_is_not_is_said_and_left_out(forty, cast, as_):
    page = as_(cast.mara).get("/insight/funnel/", {"only": "lead.nose:red"})
    assert "There is no field lead.nose." in main(page)
    assert "40 came in" in main(page)


def test_a_group_of_a_split_leads_to_itself_alone(forty, cast, as_):
    browser = as_(cast.mara)
    page = browser.get("/insight/funnel/", {"by": "lead.origin"})
    alone = re.search(r'<th scope="row"><a class="rec" href="([^"]+)"[^>]*>mail<', page.content.decode())[1]
    assert "5 came in" in main(browser.get("/insight/funnel/" + unescape(alone)))


def test_a_split_by_very_many_values_shows_the_largest_and_all_others_together(forty, cast, as_, monkeypatch):
    monkeypatch.setattr("accord.rooms.insight.passages.MOST_GROUPS", 1)
    browser = as_(cast.mara)
    page = browser.get("/insight/funnel/", {"by": "lead.origin"})
    assert [row[:2] for row in tables(page)[0]] == [["fair", "35"], ["all others", "5"]]
    assert len(rows(browser.get(lists(page)["5"]))) == 5


def test_the_figures_and_the_drawing_as_files(forty, cast, as_):
    browser = as_(cast.mara)
    lines = browser.get("/insight/funnel/figures.csv").content.decode("utf-8-sig").splitlines()
    shares = "rate,low,high,stays,median_days,p75_days,expected,expected_low,expected_high"
    assert lines[0] == f"group,stage,entered,now,{shares},waiting,stalled"
    assert lines[1].startswith(",inquiry,40,8,")
    drawing = browser.get("/insight/funnel/drawing.svg")
    assert drawing["Content-Disposition"] == 'attachment; filename="funnel.svg"'
    assert "80.0 %" in drawing.content.decode()
    assert "href" not in drawing.content.decode()
    march = browser.get("/insight/funnel/drawing.svg", {"from": "01.03.2026", "to": "2026-03-02"}).content.decode()
    assert ">Funnel</text>" in march
    assert "· Mar 1, 2026 – Mar 2, 2026</text>" in march
    assert "· Everything until Mar 2, 2026</text>" in drawing.content.decode()
    of_fair = {"only": "lead.origin:fair", "to": "2026-03-01", "as_of": "2026-03-03"}
    fair = browser.get("/insight/funnel/drawing.svg", of_fair).content.decode()
    assert "· Origin: fair · … – Mar 1, 2026 · as known at the start of Mar 3, 2026</text>" in fair
    assert browser.get("/insight/funnel/drawing.png").content.startswith(b"\x89PNG")
    assert browser.get("/insight/flow/drawing.png").status_code == 404
    assert browser.get("/insight/funnel/figures.doc").status_code == 404


def test_every_spreadsheet_speaks_to_a_person(forty, cast, as_):
    """No column keeps the name that a program reads; the sheet is called as the report, shares are per cent."""
    browser = as_(cast.ada)
    for name in ("funnel", "flow", "velocity", "cohorts", "sources", "sla", "winloss", "nudges", "overrides"):
        asked = {"from": "2026-02-20"} if name == "velocity" else {}
        content = browser.get(f"/insight/{name}/figures.xlsx", asked).content
        book = load_workbook(io.BytesIO(content))
        heads = book.get_sheet_by_index(0).to_python()[:1]
        assert not [one for row in heads for one in row if "_" in one or one[0].islower()], name
        assert book.sheet_names != ["Sheet1"]
    file = zipfile.ZipFile(io.BytesIO(browser.get("/insight/funnel/figures.xlsx").content))
    assert 'formatCode="0.0%"' in file.read("xl/styles.xml").decode()
    chinese = browser.get("/insight/funnel/figures.xlsx", headers={"accept-language": "zh-hans"}).content
    assert load_workbook(io.BytesIO(chinese)).sheet_names == ["漏斗"]


def test_the_figures_for_a_spreadsheet_are_numbers_and_no_text_is_a_formula(forty, cast, as_, still):
    person = Contact.create({"name": "Eve"}, by=cast.ada.pk, at=still)
    Lead.open(person, entry="marketing", values={"origin": "=1+1"}, by=cast.ada.pk, at=still)
    file = as_(cast.mara).get("/insight/funnel/figures.xlsx", {"by": "lead.origin"})
    sheet = load_workbook(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert sheet[0][:7] == [
        "Group",
        "Stage",
        "Reached it",
        "Here now",
        "Share",
        "Share, lower limit",
        "Share, upper limit",
    ]
    assert sheet[1][:4] == ["", "Inquiry", 41.0, 9.0]
    assert "=1+1" in [row[0] for row in sheet]
