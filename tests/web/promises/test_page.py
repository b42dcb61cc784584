"""The page of promises: both columns, what is kept and open and broken, and the clocks behind every number."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.rooms.handoff.models import Handoff
from accord.rooms.promises.models import Clock
from tests.remembered import remembered
from tests.rooms.promises.conftest import AGREED
from tests.rooms.promises.days import called, swept
from tests.scenarios.living import agreed, contact, on, touch, work
from tests.web.page import main, rows, words

NOW = "2026-02-02T15:30:00"


@pytest.fixture
def at():
    return on("2025-12-30")


@pytest.fixture
@remembered
def days(cast):
    """On Monday: Anna was called in time, Bert too late, Cleo never, and Dora came just now."""
    agreed(cast, AGREED.format(mode="enforced"), "2026-01-02")
    found = {}
    for place, name in enumerate(("Anna", "Bert", "Cleo")):
        touch(contact(name), "download", f"2026-02-02T09:00:0{place}")
        found[name] = Handoff.objects.get(lead__contact__name=name)
    called(found["Anna"], cast.ines, "2026-02-02T10:00:00")
    swept("2026-02-02T13:30:00")
    called(found["Bert"], cast.ines, "2026-02-02T14:00:00")
    touch(contact("Dora"), "download", "2026-02-02T15:00:00")
    work(on(NOW))
    return found


def page(client, address="/promises/"):
    with clock.moved_to(on(NOW)):
        return client.get(address)


def test_both_columns_stand_side_by_side(as_, cast, days):
    told = main(page(as_(cast.mara)))
    assert told.index("Marketing promises") < told.index("Sales promises")
    assert "signed by Mila Berg" in told
    assert "signed by Saul Stein" in told
    assert re.search(r"Kept 1 · Broken 2 · Open 1", told)
    assert "cannot be measured yet" in told
    assert "4 of 3 since Feb 1" in told
    assert "met so far" in told


def test_a_share_of_few_is_too_early(as_, cast, days, monkeypatch):
    """One of three first contacts that were due was in time, and nothing that was offered is answered."""
    told = main(page(as_(cast.mara)))
    assert "too few yet 3 of 30 1 of 3 due" in told
    assert "first contact too few yet 3 of 30" in told
    assert "precision too few yet 0 of 30 of the leads" in told
    assert "33.3 %" not in told
    assert told.count("met so far") == 1  # the number of qualified leads
    monkeypatch.setattr("accord.kernel.intervals.FEW", 3)
    told = main(page(as_(cast.mara)))
    assert "33.3 % 6.1–79.2 %, 95 % interval 1 of 3 due" in told
    assert "first contact 33.3 % 6.1–79.2 %" in told


def test_where_all_is_a_pilot_nothing_stands_above_it(as_, cast):
    agreed(cast, AGREED.format(mode="pilot"), "2026-01-02")
    touch(contact("Anna"), "download", "2026-02-02T09:00:00")
    swept("2026-02-02T13:30:00")
    told = main(page(as_(cast.mara)))
    assert "signed by Saul Stein – No timed promise of this side is enforced yet." in told
    assert "Kept 0 · Broken 1" in told


def test_breaches_name_the_lead_and_where_the_time_went(as_, cast, days):
    told = main(page(as_(cast.saul)))
    assert "Before anybody answered Sales 2 breaches" in told
    assert "most of it, in 2 of 2 breaches" in told
    answer = page(as_(cast.ines), "/promises/clocks/?standing=broken&side=sales&promise=first_contact")
    found = rows(answer)
    assert [(row[0], row[3], row[4], row[5]) for row in found] == [
        ("Cleo", "Broken", "Before anybody answered", "6 h 29 min"),
        ("Bert", "Broken", "Before anybody answered", "4 h 59 min"),
    ]
    assert f'href="/leads/{days["Cleo"].lead_id}/"' in answer.content.decode()


@pytest.mark.parametrize(
    ("standing", "names"),
    [("kept", ["Anna"]), ("open", ["Dora"]), ("void", []), ("late", []), ("nonsense", ["Cleo", "Bert"])],
)
def test_every_number_opens_its_clocks(as_, cast, days, standing, names):
    answer = page(as_(cast.eva), f"/promises/clocks/?standing={standing}&promise=first_contact&page=x")
    assert [row[0] for row in rows(answer)] == names


def test_a_list_without_a_breach_says_that_it_is_good_and_offers_longer(as_, cast, days):
    broken = main(page(as_(cast.eva), "/promises/clocks/?weeks=4&side=marketing&standing=broken"))
    assert "0 clocks" in broken
    assert "No promise was broken" in broken
    void = page(as_(cast.eva), "/promises/clocks/?weeks=4&side=sales&standing=void&promise=first_contact")
    assert "No clock of this kind" in main(void)
    chooser = re.search(r'<form class="row" data-behaviour="autosubmit".*?</form>', void.content.decode(), re.DOTALL)[0]
    assert re.findall(r'name="(\w+)" value="(\w+)"', chooser) == [
        ("side", "sales"), ("standing", "void"), ("promise", "first_contact"),
    ]  # fmt: skip
    assert '<option value="4" selected>' in chooser


def test_a_lead_of_a_team_excuses_a_breach_which_stays_one(as_, cast, days):
    client = as_(cast.saul)
    broken = Clock.objects.get(handoff=days["Bert"], promise="first_contact")
    listed = "/promises/clocks/?standing=broken&promise=first_contact"
    assert f"/promises/clocks/{broken.pk}/excusing/" in page(client, listed).content.decode()
    assert "excusing" not in page(as_(cast.ines), listed).content.decode()
    with clock.moved_to(on(NOW)):
        said = {"reason": "<b>no line</b>", "query": "standing=broken&promise=first_contact"}
        answer = client.post(f"/promises/clocks/{broken.pk}/excusing/", said)
        assert answer.headers["Location"] == listed
        refused = client.post(f"/promises/clocks/{broken.pk}/excusing/", {"reason": "again"}, follow=True)
    assert "somebody has said something else meanwhile" in words(refused)
    told = page(client, listed)
    assert "excused by Saul Stein: <b>no line</b>" in main(told)
    assert "The promise stays broken, and is counted as such." in main(told)
    assert "Kept 1 · Broken 2 · Open 1 · Excused, counted as broken 1" in main(page(client))


def test_an_excuse_can_be_corrected_by_who_has_read_it(as_, cast, days):
    client = as_(cast.saul)
    broken = Clock.objects.get(handoff=days["Bert"], promise="first_contact")
    address = f"/promises/clocks/{broken.pk}/excusing/"
    with clock.moved_to(on(NOW)):
        noted = client.post(address, {"reason": "no line"}, follow=True)
        assert "Noted. The promise stays broken, and is counted as such." in words(noted)
        listed = client.get("/promises/clocks/?standing=excused").content.decode()
        assert 'name="was" value="no line"' in listed
        assert "Correct" in listed
        client.post(address, {"reason": "no line since noon", "was": "no line"})
        late = client.post(address, {"reason": "ill", "was": "no line"}, follow=True)
    assert "somebody has said something else meanwhile" in words(late)
    broken.refresh_from_db()
    assert (broken.excuse, broken.state) == ("no line since noon", "broken")


@pytest.mark.parametrize(("when", "month", "began"), [(NOW, "this-month", 3), (NOW, "last-month", 0),
                                                     ("2026-03-02T09:00:00", "last-month", 4)])  # fmt: skip
def test_a_month_can_be_asked_for(as_, cast, days, when, month, began):
    """Of the four first contacts of February 2 three are due on that day, and all of them in March."""
    with clock.moved_to(on(when)):
        answer = as_(cast.mara).get("/promises/", {"weeks": month})
    told = main(answer)
    assert f'<option value="{month}" selected>' in answer.content.decode()
    assert f"1 of {began} due" in told if began else "Nothing that is enforced was due" in told


@pytest.mark.parametrize("reason", [" ", "\0"])
def test_an_excuse_without_a_reason_is_none(as_, cast, days, reason):
    broken = Clock.objects.get(handoff=days["Bert"], promise="first_contact")
    with clock.moved_to(on(NOW)):
        answer = as_(cast.mila).post(f"/promises/clocks/{broken.pk}/excusing/", {"reason": reason}, follow=True)
    assert "an excuse without a reason is none" in words(answer)
    broken.refresh_from_db()
    assert broken.excused_at is None


def test_a_period_that_there_is_not_is_the_usual_one(as_, cast, days):
    answer = page(as_(cast.eva), "/promises/?weeks=-3")
    assert '<option value="12" selected>' in answer.content.decode()
    assert "Kept 1 · Broken 2 · Open 1" in main(answer)


@pytest.mark.parametrize(("few", "drawn"), [(1, "from 0 % to 25 %"), (2, "from 20 % to 25 %"), (5, ""), (30, "")])
def test_a_trend_is_drawn_of_enough(as_, cast, days, monkeypatch, few, drawn):
    """In the first week one of 4 first contacts was in time; of the one of the second there are too few alone, so with
    it count the 4. The pilots that began with each of them are not added.
    """
    touch(contact("Emil"), "download", "2026-02-09T09:00:00")
    swept("2026-02-09T13:30:00")
    monkeypatch.setattr("accord.rooms.promises.queries.FEW", few)
    with clock.moved_to(on("2026-02-09T15:30:00")):
        told = as_(cast.mara).get("/promises/").content.decode()
    assert "1 of 5 due under what is enforced" in told
    assert re.findall(r'aria-label="Trend of the share kept, ([^"]*)"', told) == [drawn] * bool(drawn)


def test_before_any_promise_it_says_what_will_be_here(as_, cast):
    told = main(page(as_(cast.mila)))
    assert "The agreement in force holds no promises yet." in told
    assert "To the agreement" in told


def test_a_partner_has_no_such_page(as_, cast, days):
    assert page(as_(cast.paula)).status_code == 403


def asked(client, when: str) -> int:
    with clock.moved_to(on(when)), CaptureQueriesContext(connection) as queries:
        assert client.get("/promises/").status_code == 200
    return len(queries)


def test_the_page_asks_no_more_for_more_clocks(as_, cast, days):
    client = as_(cast.eva)
    page(client)
    few = asked(client, NOW)
    for place in range(12):
        touch(contact(f"More {place}"), "download", f"2026-02-03T09:00:{place:02}")
    swept("2026-02-03T16:00:00")
    assert Clock.objects.filter(state="broken", promise="first_contact").count() >= 14
    assert asked(client, "2026-02-03T16:00:00") == few <= 49
