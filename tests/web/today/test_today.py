"""Today, by role: what waits for whom; and that what has nothing in it is not drawn."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.desk import calls
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.people.models import Identity
from accord.rooms.promises.sweeping import sweep
from accord.rooms.team.worktimes import calendar_of
from accord.web.today.coming import came
from accord.web.today.frame import Looking
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.scenarios.living import COLUMNS, agreed, contact, on, touch, work
from tests.web.page import main, rows
from tests.web.today.conftest import PROMISED


def section(answer, title: str) -> str:
    """One section as somebody reads it; empty where it is not drawn."""
    for found in re.findall(r'<section class="stack.*?</section>', answer.content.decode(), re.DOTALL):
        said = " ".join(re.sub(r"<[^>]+>", " ", found).split())
        if said.startswith(title):
            return said
    return ""


def returned(cast, name="Bea Berg", day="2026-02-02T07:00:00", back="2026-02-02T08:30:00", **more) -> Return:
    handoff = handed(name, day)
    with clock.moved_to(on(back)):
        handoff.give_back(more.get("reason", "timing"), by=cast.ines, at=on(back), note=more.get("note", ""))
    work(on(back))
    return Return.objects.get(handoff=handoff)


def plan(owner, lead=None, due="2026-02-02T14:00:00", kind="call", what="") -> Task:
    return Task.plan(
        owner=owner, lead=lead, kind=kind, what=what, due_at=on(due), by=owner, at=on("2026-02-02T09:00:00")
    )


def test_a_seller_sees_what_is_offered_with_its_clock_and_accepts_it_there(cast, promised, visit):
    offered = handed("Anna Adler")
    page = visit(cast.ines, "/today/")
    told = section(page, "Offered to you")
    assert "Anna Adler Anna Adler GmbH To inside sales, since 08:00" in told
    assert "3 h" in told  # Berlin opens at nine: of four hours one is gone at eleven
    assert "1 for you, the first by" in main(page)
    assert "Anna Adler first." in main(page)
    answer = visit(cast.ines, f"/handoffs/{offered.pk}/acceptance/", {"owner": offered.owner_id})
    assert answer.headers["Location"] == f"/desk/?lead={offered.lead_id}"


def test_a_seller_sees_what_is_due_until_tonight_and_meetings_apart(cast, promised, visit):
    taken = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines).lead
    plan(cast.ines, taken, what="prices")
    plan(cast.ines, what="tidy up", due="2026-01-30T12:00:00")
    plan(cast.ines, taken, kind="meeting", due="2026-02-02T16:00:00")
    plan(cast.ines, taken, due="2026-02-03T09:00:00", what="tomorrow")
    plan(cast.felix, due="2026-02-02T15:00:00", what="of Felix")
    page = visit(cast.ines, "/today/")
    due = section(page, "Promised for today")
    assert due.startswith("Promised for today 2 what you had meant to do")
    assert "It was promised for Jan 30. 3 days overdue" in due
    assert "tidy up first. Call" in main(page)
    assert "3 for you, 1 past its time, since Jan 30" in main(page)
    assert "Bea Berg Bea Berg GmbH Call: prices" in due
    assert "tomorrow" not in due
    assert "of Felix" not in main(page)
    assert "Bea Berg" in section(page, "Meetings today")


def test_what_is_planned_for_the_coming_days_stands_beside_it(cast, promised, visit):
    taken = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines).lead
    for who, lead in ((cast.ines, taken), (cast.mara, None)):
        plan(who, lead, due="2026-02-03T00:00:00", what="prices")
        plan(who, lead, due="2026-02-05T15:30:00", kind="meeting", what="at the plant")
        plan(who, lead, what="today")
    page = visit(cast.ines, "/today/")
    told = section(page, "Coming days")
    assert told.startswith("Coming days 2 what you have planned for after today All of them")
    assert "Bea Berg Bea Berg GmbH Call: prices Feb 3, 00:00" in told
    assert "Bea Berg Bea Berg GmbH Meet: at the plant Feb 5, 15:30" in told
    assert "1 for you, the first by 14:00" in main(page)
    listed = visit(cast.ines, "/today/steps/?which=coming")
    assert "Steps of Ines Ito in the coming days 2" in main(listed)
    assert [row[1] for row in rows(listed)] == ["Feb 3, 00:00", "Feb 5, 15:30"]
    assert "at the plant" in section(visit(cast.mara, "/today/"), "Coming days")


def test_what_was_promised_for_earlier_today_is_marked_as_well(cast, promised, visit):
    plan(cast.ines, due="2026-02-02T09:30:00", what="call the fair")
    page = visit(cast.ines, "/today/")
    assert "It was promised for 09:30. past its time" in section(page, "Promised for today")
    assert "1 for you, 1 past its time" in main(page)


def test_a_step_of_no_kind_is_called_by_its_words_alone(cast, promised, visit):
    taken = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines).lead
    plan(cast.ines, taken, kind="other", what="Invite them to the plant", due="2026-02-02T11:00:00")
    plan(cast.ines, kind="other", what="Book the stand")
    told = main(visit(cast.ines, "/today/"))
    assert "Bea Berg first. Invite them to the plant" in told
    assert told.count("Book the stand") == 1
    listed = rows(visit(cast.ines, "/today/steps/"))
    assert [row[0] for row in listed] == ["Invite them to the plant", "Book the stand"]
    assert "Something else" not in told


def test_one_fate_makes_no_sum(cast, promised, visit):
    for name in ("Anna Adler", "Bea Berg"):
        handed(name, "2026-02-02T07:00:00")
    assert section(visit(cast.mara, "/today/"), "Since yesterday").endswith("waiting for sales By source: Marketing 2")


def test_behind_what_came_in_stands_that_nothing_did(cast, promised, visit):
    told = main(visit(cast.mara, "/today/leads/?which=came"))
    assert "Nothing came in since yesterday" in told
    assert "To the leads" in told
    assert "None any more" in main(visit(cast.mara, "/today/leads/?which=accepted"))


def test_a_marketer_is_told_to_get_back_to_somebody_on_the_page_of_the_lead(cast, promised, visit):
    handoff = handed("Bea Berg")
    plan(cast.mara, handoff.lead, due="2026-02-02T12:00:00", what="the budget is open")
    page = visit(cast.mara, "/today/")
    assert "Bea Berg Bea Berg GmbH Call: the budget is open" in section(page, "Promised for today")
    assert "/desk/" not in page.content.decode()
    task = Task.objects.get()
    assert visit(cast.mara, f"/tasks/{task.pk}/completion/", {}).headers["Location"] == f"/leads/{handoff.lead_id}/"
    assert section(visit(cast.mara, "/today/"), "Promised for today") == ""


def test_a_seller_sees_clocks_near_their_end_and_none_that_has_time(cast, promised, visit):
    accepted(handed("Late Lea", "2026-01-30T09:00:00"), cast.ines, "2026-01-30T10:00:00")
    accepted(handed("Calm Cleo", "2026-02-02T08:30:00"), cast.ines)
    told = section(visit(cast.ines, "/today/"), "Clocks near their end")
    assert "Late Lea" in told
    assert "First contact" in told
    assert "over" in told
    assert "Calm Cleo" not in told


def test_a_seller_sees_what_became_of_their_returns(cast, promised, visit):
    first, _second = returned(cast), returned(cast, "Cleo Cruz", reason="no_fit")
    with clock.moved_to(on("2026-02-02T09:30:00")):
        first.take_up(by=cast.mara, at=on("2026-02-02T09:30:00"))
    told = section(visit(cast.ines, "/today/"), "What became of your returns")
    assert "Bea Berg Bea Berg GmbH “Not now” Taken up by Mara Meier, 09:30." in told
    assert "Cleo Cruz Cleo Cruz GmbH “Does not fit” Not taken up yet, since 08:30." in told
    assert section(visit(cast.felix, "/today/"), "What became of your returns") == ""


def test_a_marketer_sees_what_came_in_and_what_became_of_each(cast, promised, visit):
    handed("Dan Dorn", "2026-01-30T07:20:00")  # before yesterday
    handed("Anna Adler", "2026-02-02T07:00:00")
    bea, gone = handed("Bea Berg", "2026-02-02T07:10:00"), handed("Fay Fox", "2026-02-02T07:40:00").lead
    returned(cast, "Cleo Cruz", "2026-02-02T07:50:00")
    touch(contact("Eda Ek"), "form", "2026-02-02T08:40:00")
    accepted(bea, cast.ines)
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=gone.pk).move("disqualified", by=cast.saul.pk, at=MONDAY, reason="a student")
    work(MONDAY)
    page = visit(cast.mara, "/today/")
    told = section(page, "Since yesterday")
    assert "5 came in; each mark is one lead" in told
    for said in (
        "1 with marketing, not handed over yet", "1 handed over, waiting for sales", "1 with sales",
        "1 returned to marketing", "1 left with a reason", "1 + 1 + 1 + 1 + 1 = 5 By source: Marketing 5",
    ):  # fmt: skip
        assert said in told, said
    body, behind = page.content.decode(), {}
    for which in ("with_marketing", "handed_over", "accepted", "returned", "left"):
        assert f'href="/today/leads/?which={which}"' in body
        behind[which] = [row[0][:8].strip() for row in rows(visit(cast.mara, f"/today/leads/?which={which}"))]
    assert behind == {
        "with_marketing": ["Eda Ek"], "handed_over": ["Anna Adl"], "accepted": ["Bea Berg"], "returned": ["Cleo Cru"],
        "left": ["Fay Fox"],
    }  # fmt: skip
    assert len(rows(visit(cast.mara, "/today/leads/?which=came"))) == 5


def test_what_came_in_is_told_by_its_campaign_and_else_by_its_way_in(cast, promised, visit):
    at = on("2026-02-02T08:00:00")
    for name, campaign in (("Anna", "Spring  fair"), ("Bea", "spring fair"), ("Cleo", None)):
        whose = contact(name)
        values = [(Identity.of("user", whose.external_id).pk, "download", at, False, None, campaign, None, {})]
        with clock.moved_to(at):
            Touch.take(Touch.rows(COLUMNS, values), source="house", at=at)
    work(at)
    told = section(visit(cast.mara, "/today/"), "Since yesterday")
    assert "Spring fair 2 · Marketing 1" in told


def test_a_marketer_takes_up_what_came_back_with_its_reason_and_clock(cast, promised, visit):
    back = returned(cast, note="after the summer")
    page = visit(cast.mara, "/today/")
    told = section(page, "Returned, to take up again")
    assert "Bea Berg Bea Berg GmbH “Not now. after the summer” Ines Ito, 08:30. Woken again on May 3." in told
    assert "Take up" in told
    assert 'class="clock"' in page.content.decode()
    visit(cast.mara, f"/returns/{back.pk}/taking-up/", {})
    assert section(visit(cast.mara, "/today/"), "Returned, to take up again") == ""


def test_what_was_taken_up_stays_on_the_marketers_today_until_a_step_is_planned(cast, promised, visit):
    back = returned(cast, reason="no_fit", note="after the summer")
    visit(cast.mara, f"/returns/{back.pk}/taking-up/", {})
    page = visit(cast.mara, "/today/")
    told = section(page, "Taken up by you")
    assert "Bea Berg Bea Berg GmbH “Does not fit. after the summer” No next step is planned. Plan one" in told
    assert "1 for you" in main(page)
    assert section(visit(cast.mila, "/today/"), "Taken up by you") == ""
    plan(cast.mara, back.lead, due="2026-02-03T14:00:00", what="the budget")
    page = visit(cast.mara, "/today/")
    assert "Planned: Call: the budget, Feb 3, 14:00. planned" in section(page, "Taken up by you")
    assert "1 for you" not in main(page)


def test_a_marketer_sees_what_is_stuck_and_whose_turn_it_is(cast, promised, visit):
    handed("Late Lea", "2026-01-30T14:30:00")
    unhanded = handed("Uma Ulm", "2026-02-02T08:00:00")
    Handoff.objects.filter(pk=unhanded.pk).update(state="ended")
    idle = contact("Ida Idle")
    touch(idle, "form", "2026-02-02T08:00:00")
    Lead.objects.filter(contact=idle).update(stage="engaged", stage_since=on("2026-01-02T09:00:01"))
    told = section(visit(cast.mara, "/today/"), "Stuck, and whose turn it is")
    assert "Late Lea Late Lea GmbH Offered to Ines Ito, who has not answered. To inside sales" in told
    assert "sales’ turn" in told
    assert "Uma Ulm Uma Ulm GmbH Qualified, but handed over to nobody." in told
    assert "Ida Idle Engaged for longer than a month, and nothing is planned." in told
    names = [row[0] for row in rows(visit(cast.mara, "/today/leads/?which=stuck"))]
    assert names == ["Ida Idle", "Uma Ulm Uma Ulm GmbH"]
    plan(cast.mara, Lead.objects.get(contact=idle))
    assert "Ida Idle" not in section(visit(cast.mara, "/today/"), "Stuck, and whose turn it is")


def test_a_qualification_in_doubt_is_named_with_why(cast, promised, visit):
    handoff = handed("Anna Adler")
    Qualification.objects.filter(lead=handoff.lead).update(doubtful="machine")
    told = section(visit(cast.mara, "/today/"), "Qualified, but doubtful")
    assert "Anna Adler Anna Adler GmbH Touches that it rested on have proved machine-made." in told


def test_a_sales_lead_sees_what_was_broken_and_what_is_taken_back(cast, promised, visit):
    accepted(handed("Late Lea", "2026-01-30T13:00:00"), cast.ines, "2026-01-30T13:30:00")
    with clock.moved_to(MONDAY):
        sweep(MONDAY)
    page = visit(cast.saul, "/today/")
    told = section(page, "Promises of sales that were broken")
    assert "Late Lea Late Lea GmbH First contact is owed by Ines Ito." in told
    taken = section(page, "Taken back until tonight")
    assert "Late Lea" in taken
    assert "Ines Ito has it and nothing has happened." in taken


def test_what_was_done_too_late_was_owed_and_waits_no_more(cast, promised, visit):
    late = accepted(handed("Late Lea", "2026-01-30T13:30:00"), cast.ines, "2026-01-30T13:45:00")
    at = on("2026-02-02T09:45:00")
    with clock.moved_to(at):
        sweep(at)
    assert "2 for you" in main(visit(cast.saul, "/today/"))  # and it is taken back until tonight
    with clock.moved_to(at):
        calls.log(late.lead, "call_out", "reached", by=cast.ines, at=at)
    work(at)
    page = visit(cast.saul, "/today/")
    told = section(page, "Promises of sales that were broken")
    assert "First contact was owed by Ines Ito. Done at" in told
    assert "too late. done" in told
    assert "1 for you" not in main(page)
    assert "Nothing waits for you." in main(page)


def test_what_was_broken_is_owed_by_whoever_has_the_lead_now(cast, promised, visit):
    late = accepted(handed("Late Lea", "2026-01-30T13:00:00"), cast.ines, "2026-01-30T13:30:00")
    with clock.moved_to(MONDAY):
        sweep(MONDAY)
        Lead.objects.get(pk=late.lead_id).assign(cast.felix, by=cast.saul.pk, at=MONDAY)
    work(MONDAY)
    for who in (cast.saul, cast.eva):
        told = section(visit(who, "/today/"), "Promises of sales that were broken")
        assert "First contact is owed by Felix Roth. It was broken while Ines Ito had it." in told


def test_a_sales_lead_sees_who_has_how_much_and_the_leads_behind(cast, promised, visit):
    handed("Anna Adler", "2026-02-02T07:00:00")
    taken = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines).lead
    plan(cast.ines, taken, due="2026-02-02T09:30:00")
    with clock.moved_to(MONDAY):
        cast.felix.take_leave(on("2026-02-02T00:00:00"), on("2026-02-04T00:00:00"), by=cast.saul.pk, at=MONDAY)
    page = visit(cast.saul, "/today/")
    assert f"?which=late&amp;owner={cast.ines.pk}" in page.content.decode()
    told = section(page, "Who has how much")
    assert told.endswith("Ines Ito 1 1 1 1 Felix Roth away today 0 0 0 0")
    for which, name in (("offered", "Anna Adler"), ("held", "Bea Berg")):
        found = rows(visit(cast.saul, f"/today/leads/?which={which}&owner={cast.ines.pk}"))
        assert [row[0] for row in found] == [f"{name} {name} GmbH"]


def test_two_steps_with_one_lead_are_two_behind_the_number(cast, promised, visit):
    lead = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines).lead
    for due in ("2026-02-02T09:30:00", "2026-02-02T09:40:00", "2026-02-05T09:30:00"):
        plan(cast.ines, lead, due=due)
    assert section(visit(cast.saul, "/today/"), "Who has how much").endswith("Ines Ito 0 1 3 2 Felix Roth 0 0 0 0")
    for which, many in (("planned", 3), ("late", 2)):
        found = rows(visit(cast.saul, f"/today/steps/?which={which}&owner={cast.ines.pk}"))
        assert [row[-1] for row in found] == ["Bea Berg Bea Berg GmbH"] * many
    assert visit(cast.saul, f"/today/steps/?which=nonsense&owner={cast.ines.pk}").status_code == 404


def test_why_leads_came_back_this_week_opens_them(cast, promised, visit):
    returned(cast)
    returned(cast, "Cleo Cruz", reason="no_fit")
    returned(cast, "Dan Dorn", "2026-01-15T09:00:00", "2026-01-15T10:00:00")  # longer ago
    page = visit(cast.saul, "/today/")
    assert section(page, "Why leads came back") == "Why leads came back in the last seven days Does not fit 1 Not now 1"
    found = rows(visit(cast.saul, "/today/leads/?which=came_back&reason=timing"))
    assert [row[0] for row in found] == ["Bea Berg Bea Berg GmbH"]


def test_both_sides_stand_beside_each_other_with_what_they_kept(cast, promised, visit):
    returned(cast)
    told = section(visit(cast.mila, "/today/"), "Promises kept")
    assert "Marketing too few yet 0 of 30 0 kept · 1 open · 0 broken" in told
    address = "/promises/clocks/?weeks=4&side=marketing&mode=enforced&standing=open"
    assert address.replace("&", "&amp;") in visit(cast.mila, "/today/").content.decode()
    assert len(rows(visit(cast.mila, address))) == 1
    assert "No clock of this kind" in main(visit(cast.mila, address.replace("enforced", "pilot")))


VERDICT = "    - {id: verdict, measure: verdict, of: to_inside, within: 2 business days, share: 0.9, mode: pilot}\n"
PILOT = PROMISED.replace("enforced", "pilot") + VERDICT


@pytest.mark.parametrize(
    ("agreement", "told"),
    [
        (PROMISED + VERDICT, "Sales too few yet 0 of 30 0 kept · 1 open · 0 broken"),
        (
            PROMISED.replace("enforced", "pilot") + VERDICT,
            "Sales too few yet 0 of 30 pilot, not enforced 0 kept · 2 open",
        ),
    ],
)
def test_a_pilot_is_never_added_to_what_is_enforced(cast, visit, agreement, told):
    agreed(cast, agreement, "2026-01-02")
    handed("Anna Adler")
    assert told in section(visit(cast.saul, "/today/"), "Promises kept")


@pytest.mark.parametrize("who", ["mara", "mila", "ines", "felix", "saul", "sven", "paula", "eva", "ada"])
def test_on_a_quiet_day_one_sentence_says_that_it_is_one(cast, promised, visit, who):
    page = main(visit(getattr(cast, who), "/today/"))
    assert "Nothing waits for you." in page
    assert ("No promise of sales is left undone" in page) == (who in ("eva", "ada"))
    for title in (
        "Offered to you",
        "Returned, to take up again",
        "Promises of sales that were broken",
        "Since yesterday",
    ):
        assert title not in page


def test_a_partner_sees_only_their_own(cast, promised, visit):
    handed("Anna Adler")
    returned(cast)
    page = main(visit(cast.paula, "/today/"))
    assert "Anna Adler" not in page
    assert "Bea Berg" not in page
    with clock.moved_to(MONDAY):
        own = Lead.open(contact("Own One"), entry="partner", owner=cast.paula, by=cast.paula.pk, at=MONDAY)
    plan(cast.paula, own)
    assert "Own One" in section(visit(cast.paula, "/today/"), "Promised for today")
    assert rows(visit(cast.paula, "/today/leads/?which=came")) != []
    assert len(rows(visit(cast.paula, "/today/leads/?which=came"))) == 1


@pytest.mark.parametrize("asked", ["which=", "which=nothing", "which=held&owner=0", "which=held&owner=x"])
def test_a_number_that_there_is_not_is_not_found(cast, promised, visit, asked):
    assert visit(cast.mara, f"/today/leads/?{asked}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_what_waits(cast, promised, as_):
    members = {who: getattr(cast, who) for who in ("mara", "mila", "ines", "saul", "ada")}
    count = iter(range(100))

    def more(times):
        for _time in range(times):
            number = next(count)
            for owner in (cast.ines, cast.saul):
                offered = handed(f"Offered {number} to {owner}", "2026-02-02T08:00:00")
                Handoff.objects.filter(pk=offered.pk).update(owner=owner)
            taken = accepted(handed(f"Taken {number}", "2026-01-30T08:00:00"), cast.ines, "2026-01-30T08:30:00")
            for member in members.values():
                plan(member, taken.lead, due="2026-02-02T09:30:00")
            returned(cast, f"Back {number}", "2026-02-02T07:00:00")

    def asked(member):
        browser = as_(member)
        browser.get("/today/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/today/").status_code == 200
        return len(queries)

    def looked():
        with clock.moved_to(MONDAY):
            sweep(MONDAY)
            return {who: asked(member) for who, member in members.items()}

    more(1)
    few = looked()
    more(9)
    assert looked() == few


def test_no_statement_grows_with_how_many_came_in(cast, promised):
    """A file may bring more leads in an hour than a statement has places for."""

    def widest() -> int:
        sizes = []
        looking = Looking(cast.mara, MONDAY, calendar_of(cast.mara))
        with connection.execute_wrapper(
            lambda run, sql, given, *more: sizes.append(len(given)) or run(sql, given, *more)
        ):
            sheet = came(looking)
        counted.append(sheet.count)
        return max(sizes)

    counted = []
    handed("First", "2026-02-02T08:00:00")
    one = widest()
    for number in range(9):
        handed(f"Came {number}", "2026-02-02T08:00:00")
    assert (widest(), counted) == (one, [1, 10])
