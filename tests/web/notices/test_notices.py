"""The bell, the page of the notices, and the switches."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.rooms.funnel.models import Lead
from accord.rooms.notices import rules
from accord.rooms.notices.models import Notice, Switch
from accord.rooms.notices.rules import Way
from tests.scenarios.living import on, work
from tests.web.page import main, words

ME = "/settings/me/"


def bell(answer) -> int:
    found = re.search(r'href="/notices/".*?</a>', answer.content.decode(), re.DOTALL)
    number = re.search(r'class="unread num">(\d+)', found[0])
    return int(number[1]) if number else 0


def kinds_unread(member) -> set[str]:
    return set(Notice.objects.visible_to(member).unread().values_list("kind", flat=True))


def test_the_page_tells_them_newest_first(cast, offered, visit):
    page = main(visit(cast.ines, "/notices/"))
    assert "2 unread" in page
    sentences = ["Not kept in time: first contact, anna", "Soon due: first contact, anna", "Offered to you: anna"]
    places = [page.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert page.index("Today") < places[0]
    assert "until 13:00" in page
    assert main(visit(cast.ines, "/notices/", when=on("2026-02-03T09:00:00"))).count("Feb 2") == 3  # day, and twice due


def test_everybody_sees_their_own(cast, offered, visit):
    page = main(visit(cast.saul, "/notices/"))
    assert "Escalated to you: first contact, anna, with Ines Ito" in page
    assert "Offered" not in page
    theirs = Notice.objects.visible_to(cast.ines).first()
    assert visit(cast.saul, f"/notices/{theirs.pk}/").status_code == 404


def test_nothing_yet(cast, visit):
    page = visit(cast.eva, "/notices/")
    assert "Nothing needs you just now" in main(page)
    assert bell(page) == 0


def test_the_bell_counts_on_every_page(cast, offered, visit):
    assert bell(visit(cast.ines, "/leads/")) == 2
    assert bell(visit(cast.saul, "/leads/")) == 1
    assert bell(visit(cast.mara, "/leads/")) == 0


def test_opening_one_marks_it_as_read_and_leads_to_the_desk(cast, offered, visit):
    one = Notice.objects.get(kind="offered")
    answer = visit(cast.ines, f"/notices/{one.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/?lead={offered.lead_id}")
    assert kinds_unread(cast.ines) == {"broken"}
    one.refresh_from_db()
    assert one.read_at == on("2026-02-02T14:00:00")
    visit(cast.ines, f"/notices/{one.pk}/", when=on("2026-02-02T15:00:00"))
    one.refresh_from_db()
    assert one.read_at == on("2026-02-02T14:00:00")


def test_what_was_escalated_leads_to_the_lead(cast, offered, visit):
    one = Notice.objects.get(kind="escalated")
    answer = visit(cast.saul, f"/notices/{one.pk}/")
    assert answer.headers["Location"] == f"/leads/{offered.lead_id}/"


def test_what_is_answered_is_shown_as_settled(cast, offered, visit):
    assert main(visit(cast.ines, "/notices/")).count("settled") == 1  # what was soon due is due
    visit(cast.ines, f"/handoffs/{offered.pk}/acceptance/", {"owner": cast.ines.pk})
    page = visit(cast.ines, "/notices/")
    assert main(page).count("settled") == 2
    assert bell(page) == 1


def test_all_are_read_at_once(cast, offered, visit):
    visit(cast.ines, "/notices/reading/", {})
    assert kinds_unread(cast.ines) == set()
    assert kinds_unread(cast.saul) == {"escalated"}


def test_what_is_not_seen_any_more_is_not_named(cast, offered, visit):
    lead = Lead.objects.get()
    Notice.objects.filter(kind="offered").update(member=cast.paula)
    page = main(visit(cast.paula, "/notices/"))
    assert f"Offered to you: Lead {lead.pk}" in page
    assert "anna" not in page
    one = Notice.objects.get(kind="offered")
    answer = visit(cast.paula, f"/notices/{one.pk}/")
    assert answer.headers["Location"] == "/notices/"
    assert "you do not see it any more" in words(visit(cast.paula, "/notices/"))


def test_what_came_back_leads_to_the_returns(cast, offered, visit):
    offered.give_back("no_fit", by=cast.ines, at=on("2026-02-02T13:30:00"))
    work(on("2026-02-02T13:30:00"))
    one = Notice.objects.get(kind="returned")
    assert one.member == cast.mila
    assert "Came back from sales: anna" in main(visit(cast.mila, "/notices/"))
    assert visit(cast.mila, f"/notices/{one.pk}/").headers["Location"] == "/returns/"


def test_what_the_cap_held_back_is_listed_with_a_mark(cast, enforced, handed, visit, monkeypatch):
    monkeypatch.setattr("tests.remembered.ANEW", True)
    monkeypatch.setattr("accord.rooms.notices.rules.MOST_AN_HOUR", 1)
    handed("anna")
    handed("bert", "2026-02-02T09:00:01")
    page = visit(cast.ines, "/notices/")
    assert bell(page) == 1
    assert "Offered to you: bert" in main(page)
    assert main(page).count("for the digest") == 1


def test_what_is_wanted_in_the_digest_alone_is_not_listed(cast, enforced, handed, visit):
    Switch.turn(cast.ines, {"offered": Way(app=False, digest=True)})
    handed("anna")
    page = visit(cast.ines, "/notices/")
    assert "anna" not in main(page)
    assert bell(page) == 0


def test_a_long_list_goes_on_behind_earlier(cast, enforced, handed, visit, monkeypatch):
    monkeypatch.setattr("accord.web.notices.pages.PAGE", 2)
    for number in range(3):
        handed(f"person {number}", f"2026-02-02T09:00:0{number}")
    page = visit(cast.ines, "/notices/")
    assert ("person 1" in main(page), "person 0" in main(page)) == (True, False)
    following = re.search(r'href="(\?before=\d+)"', page.content.decode())[1]
    assert ("person 1" in main(visit(cast.ines, f"/notices/{following}"))) is False
    assert "person 0" in main(visit(cast.ines, f"/notices/{following}"))


@pytest.mark.parametrize("before", ["", "-1", "x", "９", "9" * 40])
def test_a_place_that_is_none_is_the_beginning(cast, offered, visit, before):
    assert "Offered to you: anna" in main(visit(cast.ines, f"/notices/?before={before}"))


def test_the_switches(cast, offered, visit):
    page = visit(cast.eva, ME).content.decode()
    chosen = set(re.findall(r'name="(app|digest)" value="(\w+)" checked', page))
    assert chosen == {("app", kind) for kind in rules.KINDS} | {
        ("digest", kind) for kind in ("broken", "escalated", "to_sign")
    }
    visit(cast.eva, "/settings/me/notices/", {"app": ["offered", "no_such_kind"], "digest": ["returned"]})
    page = visit(cast.eva, ME).content.decode()
    assert set(re.findall(r'name="(app|digest)" value="(\w+)" checked', page)) == {
        ("app", "offered"), ("digest", "returned"),
    }  # fmt: skip
    assert Switch.objects.exclude(member=cast.eva).count() == 0


def test_the_page_asks_no_more_for_more_notices(cast, offered, handed, visit, django_assert_max_num_queries):
    visit(cast.ines, "/notices/")
    with CaptureQueriesContext(connection) as few:
        visit(cast.ines, "/notices/")
    for number in range(5):
        handed(f"person {number}", f"2026-02-02T13:30:0{number}")
    with django_assert_max_num_queries(len(few)):
        visit(cast.ines, "/notices/")
