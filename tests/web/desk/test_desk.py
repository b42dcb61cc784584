"""The desk: the queue with its reasons, one lead at the centre with its story."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.rooms.content.models import Asset
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from tests.rooms.desk.conftest import AGREED, MONDAY, accepted, handed, owed
from tests.scenarios.living import agreed, on
from tests.web.page import main


def queue(answer) -> list[str]:
    """The lines of the queue as somebody reads them."""
    found = re.findall(r'<a class="q-item".*?</a>', answer.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


def plan(owner, lead=None, due="2026-02-02T14:00:00", what="") -> Task:
    return Task.plan(owner=owner, lead=lead, kind="call", what=what, due_at=on(due), by=owner, at=MONDAY)


def test_what_marketing_knows_of_such_customers_is_at_hand(desk, cast, visit):
    with clock.moved_to(MONDAY):
        Asset.create({"name": "Any customer", "brief": "They ask for\nspare parts."}, by=cast.mara.pk, at=MONDAY)
    said = main(visit(cast.ines, f"/desk/?lead={desk.taken.pk}"))
    assert "Customers like this one Any customer They ask for spare parts." in said
    assert "Customers like this one" in main(visit(cast.ines, f"/leads/{desk.taken.pk}/"))


def test_a_long_brief_stands_there_with_its_beginning(desk, cast, visit):
    with clock.moved_to(MONDAY):
        Asset.create({"name": "Any customer", "brief": "They ask for spare parts. " * 30}, by=cast.mara.pk, at=MONDAY)
    said = main(visit(cast.ines, f"/desk/?lead={desk.taken.pk}")).split("Customers like this one")[1]
    first, whole = said.split("The whole brief")
    assert 5 < first.count("They ask for spare parts.") < 10
    assert whole.count("They ask for spare parts.") == 30


def test_the_queue_says_why_each_stands_where_it_stands(cast, desk, visit):
    owed(handed("Cleo Cruz"), "2026-02-02T10:40:00")
    owed(handed("Dan Dorn"), "2026-02-02T09:15:00")
    plan(cast.ines, desk.taken)
    plan(cast.ines, what="tidy up", due="2026-01-30T12:00:00")
    accepted(handed("Eda Ek"), cast.ines)
    assert queue(visit(cast.ines, "/desk/")) == [
        "Dan Dorn 45 min over First contact: 45 min over · Dan Dorn GmbH",
        "Cleo Cruz 40 min Due: First contact, 40 min · Cleo Cruz GmbH",
        "tidy up 3 days overdue Was promised for Jan 30",
        "Bea Berg 14:00 Promised for today 14:00 · Bea Berg GmbH",
        "Anna Adler A3 New since 08:00, grade A3 · Anna Adler GmbH",
        "Eda Ek D3 No next step, here since 09:00 · Eda Ek GmbH",
    ]


def test_the_first_stands_at_the_centre_with_its_story(cast, desk, visit):
    page = main(visit(cast.ines, "/desk/"))
    for said in (
        "Anna Adler Head of purchasing · Anna Adler GmbH",
        "New since 08:00, grade A3.",
        "Given to you 08:00 . Why me?",
        "+49 30 1234567",
        "Handed over to Ines Ito",
        "To inside sales",
        "Downloaded /sizing",
        "Moved to MQL by the rule of the agreement",
    ):
        assert said in page, said
    assert "No next step, here since 09:00 · Bea Berg GmbH" in page


def test_why_me_says_whose_turn_it_was_and_who_stood_in_line(cast, desk, visit):
    page = main(visit(cast.ines, "/desk/"))
    assert "Whose turn Inside sales" in page
    assert "Ines Ito 100 got it" in page


def test_any_lead_that_the_member_sees_can_stand_at_the_centre(cast, desk, visit):
    page = main(visit(cast.felix, f"/desk/?lead={desk.taken.pk}"))
    assert "Given to Ines Ito" in page
    assert "No next step is planned." in page
    assert visit(cast.ines, "/desk/?lead=0").status_code == 404
    assert visit(cast.ines, "/desk/?lead=next").status_code == 404


def test_the_next_and_the_one_before_are_links_with_their_keys(cast, desk, visit):
    last = plan(cast.ines, what="tidy up")
    page = visit(cast.ines, f"/desk/?lead={desk.lead.pk}").content.decode()
    assert f'href="/desk/?lead={desk.taken.pk}" data-shortcut="j"' in page
    assert f'href="/desk/?task={last.pk}" data-shortcut="k"' in page
    lonely = visit(cast.felix, f"/desk/?lead={desk.lead.pk}").content.decode()
    assert 'data-shortcut="j"' not in lonely
    assert 'data-shortcut="k"' not in lonely


def test_only_the_acts_that_make_sense_are_offered(cast, desk, visit):
    def keys(address, member=cast.ines):
        return sorted(set(re.findall(r'data-shortcut="(.)"', visit(member, address).content.decode())) - {"j", "k"})

    assert keys(f"/desk/?lead={desk.lead.pk}") == ["a", "c", "e", "n", "r"]
    assert keys(f"/desk/?lead={desk.taken.pk}") == ["c", "e", "n", "r", "v"]
    plan(cast.ines, desk.taken)
    assert keys(f"/desk/?lead={desk.taken.pk}") == ["c", "d", "e", "n", "r", "s", "v"]
    alone = plan(cast.ines, what="tidy up")
    assert keys(f"/desk/?task={alone.pk}") == ["d", "s"]


def test_an_empty_desk_says_what_will_be_here(cast, signed, visit):
    assert "Nothing waits for you" in main(visit(cast.ines, "/desk/"))


def test_it_says_how_many_steps_come_after_today_and_where(cast, desk, visit):
    assert "in the coming days" not in main(visit(cast.ines, "/desk/"))
    plan(cast.ines, desk.taken, due="2026-02-03T09:00:00", what="the drawings")
    plan(cast.ines, due="2026-02-09T09:00:00", what="tidy up")
    page = visit(cast.ines, "/desk/")
    assert main(page).count("2 more steps in the coming days") == 2  # beside the queue, and on a phone, which has none
    assert 'href="/today/steps/?which=coming"' in page.content.decode()
    told = main(visit(cast.ines, f"/desk/?lead={desk.taken.pk}"))
    assert "Next step Plan one Call: the drawings Feb 3, 09:00 · Ines Ito" in told


def test_the_number_of_queries_does_not_grow_with_what_waits(cast, desk, as_):
    browser, asked = as_(cast.ines), []
    for more in (1, 6):
        for place in range(more):
            handed(f"New {more} {place}")
            plan(cast.ines, accepted(handed(f"Due {more} {place}"), cast.ines).lead)
        with clock.moved_to(MONDAY):
            browser.get(f"/desk/?lead={desk.lead.pk}")
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(f"/desk/?lead={desk.lead.pk}").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_partner_sees_only_their_own(cast, desk, visit):
    Lead.objects.get(pk=desk.taken.pk).assign(cast.paula, by=None, at=MONDAY)
    page = main(visit(cast.paula, "/desk/"))
    assert "Bea Berg" in page
    assert "Anna Adler" not in page
    for address in (f"/desk/?lead={desk.lead.pk}", f"/leads/{desk.lead.pk}/calls/", f"/leads/{desk.lead.pk}/notes/"):
        assert visit(cast.paula, address).status_code == 404, address
    for address in ("acceptance", "return"):
        assert visit(cast.paula, f"/handoffs/{desk.offered.pk}/{address}/", {}).status_code == 404, address
    task = plan(cast.ines, desk.lead)
    for address in ("completion", "reopening", "snooze"):
        assert visit(cast.paula, f"/tasks/{task.pk}/{address}/", {}).status_code == 404, address


@pytest.mark.parametrize("who", ["mara", "mila", "eva"])
def test_who_has_no_desk_is_refused(cast, desk, visit, who):
    assert visit(getattr(cast, who), "/desk/").status_code == 403


@pytest.mark.parametrize(("who", "first"), [("ines", "/desk/"), ("felix", "/pipeline/"), ("saul", "/today/")])
def test_sellers_begin_where_their_day_does(cast, visit, who, first):
    assert visit(getattr(cast, who), "/").headers["Location"] == first


def test_the_page_of_the_lead_shows_the_hand_off_the_next_step_and_those_before(cast, desk, visit):
    page = main(visit(cast.ines, f"/leads/{desk.lead.pk}/"))
    assert "To inside sales offered to Ines Ito 08:00 Why me?" in page
    assert "Accept Return to marketing" in page
    page = main(visit(cast.ines, f"/leads/{desk.taken.pk}/"))
    assert "From hand to hand To inside sales 09:00 Accepted · Ines Ito" in page
    assert "Next step Plan one No next step is planned." in page
    plan(cast.ines, desk.taken, what="ask for the budget")
    assert "Call: ask for the budget 14:00 · Ines Ito Put off Done" in main(
        visit(cast.ines, f"/leads/{desk.taken.pk}/")
    )
    watched = main(visit(cast.eva, f"/leads/{desk.lead.pk}/"))
    assert "offered to Ines Ito" in watched
    assert "Accept" not in watched


def test_a_running_promise_is_called_as_the_agreement_calls_it(cast, visit):
    promised = "promises: {sales: [{id: first_contact, measure: first_human_contact, of: to_inside, label: {en: Call}, "
    agreed(cast, AGREED + promised + "within: 4 business hours, share: 0.9, mode: enforced}]}\n", "2026-01-02")
    handed("Anna Adler", "2026-02-02T09:00:00")
    assert queue(visit(cast.ines, "/desk/")) == ["Anna Adler 3 h Due: Call, 3 h · Anna Adler GmbH"]
