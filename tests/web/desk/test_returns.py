"""Leads that came back: why, from whom, and who takes them up."""

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Return
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, handed
from tests.scenarios.living import on, work
from tests.web.page import main, words


def back(name: str, by, reason: str, day: str, note: str = "") -> Return:
    one = handed(name, day)
    at = on(day)
    with clock.moved_to(at):
        one.give_back(reason, by=by, at=at, note=note)
    work(at)
    return Return.objects.get(handoff=one)


@pytest.fixture
@remembered
def came(cast, signed) -> Return:
    """Four came back, one of them 29 days ago and one taken up."""
    back("Old One", cast.ines, "budget", "2026-01-04T10:00:00")
    taken = back("Taken One", cast.ines, "timing", "2026-01-20T10:00:00")
    taken.take_up(by=cast.mila, at=on("2026-01-21"))
    back("Bad Data", cast.saul, "wrong_data", "2026-01-30T10:00:00", "the address bounces")
    return back("Later One", cast.ines, "timing", "2026-02-01T10:00:00")


def take_up(visit, member, kept):
    return visit(member, f"/returns/{kept.pk}/taking-up/", {})


def test_each_says_why_from_whom_and_what_becomes_of_it(cast, came, visit):
    page = main(visit(cast.mara, "/returns/"))
    assert "Returns 3 to take up" in page
    assert "Old One Old One GmbH No budget Ines Ito Jan 4 Back in the pool Take up Old One t" in page
    assert (
        "Bad Data Bad Data GmbH The data are wrong the address bounces Saul Stein Jan 30 Back in the pool Take up"
        in page
    )
    assert "Later One Later One GmbH Not now Ines Ito Feb 1 Woken later stay_in_touch May 2, 2026 Take up" in page
    assert page.index("Old One") < page.index("Bad Data") < page.index("Later One")
    assert "Taken One" not in page


def test_the_reasons_of_the_last_28_days_are_counted(cast, came, visit):
    page = main(visit(cast.mara, "/returns/"))
    counted = page[page.index("Why leads came back") :]
    assert counted == (
        "Why leads came back in the last 28 days Reason Leads Not taken up Not now 2 1 The data are wrong 1 1"
    )


def test_each_count_opens_the_leads_that_it_counts(cast, came, visit):
    page = visit(cast.mara, "/returns/").content.decode()
    assert 'href="?reason=timing">2</a>' in page
    assert 'href="?reason=timing&amp;waiting=1">1</a>' in page
    both = main(visit(cast.mara, "/returns/?reason=timing"))
    assert "Not now: 2 in the last 28 days" in both
    assert "Taken up by Mila Berg" in both
    assert "Later One" in both
    assert "Taken One" not in main(visit(cast.mara, "/returns/?reason=timing&waiting=1"))


def test_whoever_takes_it_up_has_it(cast, came, visit):
    answer = take_up(visit, cast.mara, came)
    assert answer.headers["Location"] == "/returns/"
    kept = Return.objects.get(pk=came.pk)
    assert (kept.taken_up_by, kept.taken_up_at) == (cast.mara, MONDAY)
    assert Lead.objects.get(pk=came.lead_id).owner == cast.mara
    page = words(visit(cast.mara, "/returns/"))
    assert "Taken up: Later One is yours. Show it" in page
    assert "Later One Later One GmbH" not in page
    assert "Taken up by marketing Mara Meier" in main(visit(cast.mara, f"/leads/{came.lead_id}/"))


def test_of_two_the_second_is_told_who_was_first(cast, came, visit):
    take_up(visit, cast.mara, came)
    take_up(visit, cast.mila, came)
    assert "Mara Meier was first and has taken up Later One." in words(visit(cast.mila, "/returns/"))
    assert Lead.objects.get(pk=came.lead_id).owner == cast.mara


def test_a_double_click_takes_up_once(cast, came, visit):
    take_up(visit, cast.mara, came)
    take_up(visit, cast.mara, came)
    page = words(visit(cast.mara, "/returns/"))
    assert "was first" not in page
    assert Return.objects.get(pk=came.pk).taken_up_by == cast.mara


def test_without_any_it_says_what_will_be_here(cast, signed, visit):
    page = main(visit(cast.mara, "/returns/"))
    assert "Nothing waits to be taken up" in page
    assert "Why leads came back" not in page


@pytest.mark.parametrize("who", ["ines", "felix", "saul", "sven", "paula", "eva"])
def test_it_is_for_marketing(cast, came, visit, who):
    assert visit(getattr(cast, who), "/returns/").status_code == 403
    assert take_up(visit, getattr(cast, who), came).status_code == 403
    assert Return.objects.get(pk=came.pk).taken_up_at is None
