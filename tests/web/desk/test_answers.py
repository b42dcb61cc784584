"""Answers to hand-offs from the desk and from the page of the lead."""

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.handoff.models import Choice, Handoff, Return
from accord.rooms.handoff.rules import TAKEN_BACK
from accord.rooms.team.models import Member
from tests.rooms.desk.conftest import MONDAY
from tests.scenarios.living import contact, on
from tests.web.page import main, words


def accept(visit, member, offered, **more):
    return visit(member, f"/handoffs/{offered.pk}/acceptance/", {"owner": offered.owner_id, **more})


def give_back(visit, member, offered, **more):
    return visit(member, f"/handoffs/{offered.pk}/return/", {"owner": offered.owner_id, **more})


def stands(lead) -> tuple[str, str]:
    now = Lead.objects.select_related("owner").get(pk=lead.pk)
    return now.stage, now.owner.name


def test_accepted_it_stays_at_the_centre_and_is_theirs(cast, desk, visit):
    answer = accept(visit, cast.ines, desk.offered)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/?lead={desk.lead.pk}")
    assert stands(desk.lead) == ("sal", "Ines Ito")
    page = words(visit(cast.ines, answer.headers["Location"]))
    assert "Accepted: Anna Adler is yours." in page
    assert "Hand-off accepted" in page


def test_of_two_who_accept_the_second_is_told_who_was_first(cast, desk, visit):
    accept(visit, cast.saul, desk.offered)
    answer = accept(visit, cast.felix, desk.offered)
    assert answer.status_code == 409
    assert "Saul Stein was first and has accepted it. Nothing was changed." in main(answer)
    assert stands(desk.lead) == ("sal", "Saul Stein")


def test_a_double_click_accepts_once_and_says_so(cast, desk, visit):
    accept(visit, cast.ines, desk.offered)
    answer = accept(visit, cast.ines, desk.offered)
    assert answer.status_code == 302
    assert "You have accepted it already." in words(visit(cast.ines, answer.headers["Location"]))
    assert stands(desk.lead) == ("sal", "Ines Ito")
    assert Choice.objects.filter(handoff_id=desk.offered.pk).count() == 1


def test_a_page_from_before_it_was_passed_on_accepts_nothing(cast, desk, visit):
    with clock.moved_to(MONDAY):
        other = Member.join(email="otto@house.example", name="Otto Oz", role="inside_sales", by=None, at=MONDAY)
        Handoff.objects.get(pk=desk.offered.pk).reassign(other, TAKEN_BACK, by=None, at=MONDAY)
    answer = accept(visit, cast.ines, desk.offered)
    assert answer.status_code == 409
    assert "It was passed on: Otto Oz has it now. Nothing was changed." in main(answer)
    assert stands(desk.lead) == ("mql", "Otto Oz")
    answer = give_back(visit, cast.ines, desk.offered, reason="timing")
    assert answer.status_code == 409
    assert not Return.objects.exists()


def test_a_hand_off_whose_lead_went_on_is_not_answered(cast, desk, visit):
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=desk.lead.pk).move("lost", by=cast.saul.pk, at=MONDAY, reason="no budget")
        Handoff.objects.get(pk=desk.offered.pk).end(by=None, at=MONDAY)
    answer = accept(visit, cast.ines, desk.offered)
    assert answer.status_code == 409
    assert "The lead went on before anybody answered. Nothing was changed." in main(answer)


def test_a_return_asks_for_the_reasons_of_its_agreement_first(cast, desk, visit):
    page = main(visit(cast.ines, f"/handoffs/{desk.offered.pk}/return/"))
    assert "Why? Not now (Woken later) 1 Does not fit (Not to be marketed to) 2 No budget 3 No need 4" in page


def test_returned_it_goes_to_marketing_with_reason_and_note(cast, desk, visit):
    answer = give_back(visit, cast.ines, desk.offered, reason="timing", note="after the summer")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/")
    assert stands(desk.lead) == ("engaged", "Mila Berg")
    back = Return.objects.get()
    assert (back.reason, back.note, back.track, back.program) == (
        "timing", "after the summer", "wake", "stay_in_touch",
    )  # fmt: skip
    page = words(visit(cast.ines, "/desk/"))
    assert "Returned to marketing: Anna Adler, “Not now”." in page
    told = main(visit(cast.ines, f"/leads/{desk.lead.pk}/"))
    assert "Hand-off returned Ines Ito Not now after the summer" in told
    assert "From hand to hand To inside sales 10:00 Returned: Not now · Ines Ito after the summer" in told


@pytest.mark.parametrize("reason", ["", "because"])
def test_a_return_without_a_reason_keeps_what_was_typed(cast, desk, visit, reason):
    answer = give_back(visit, cast.ines, desk.offered, reason=reason, note="after the summer")
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.content.decode()
    assert "after the summer" in main(answer)
    assert stands(desk.lead) == ("mql", "Ines Ito")


def test_what_is_answered_asks_for_no_reason_any_more(cast, desk, visit):
    accept(visit, cast.saul, desk.offered)
    assert "Saul Stein was first and has accepted it." in main(visit(cast.ines, f"/handoffs/{desk.offered.pk}/return/"))


def test_what_may_only_be_accepted_is_not_returned(cast, desk, visit):
    with clock.moved_to(MONDAY):
        Handoff.objects.filter(pk=desk.offered.pk).update(kind="to_service")
    answer = give_back(visit, cast.ines, desk.offered, reason="timing")
    assert answer.status_code == 409
    assert "The agreement lets this hand-off only be accepted." in main(answer)
    assert stands(desk.lead) == ("mql", "Ines Ito")


def test_from_the_page_of_the_lead_one_comes_back_to_it(cast, desk, visit):
    answer = accept(visit, cast.ines, desk.offered, back="lead")
    assert answer.headers["Location"] == f"/leads/{desk.lead.pk}/"


def hand_back(visit, member, lead, **more):
    return visit(member, f"/leads/{lead.pk}/return/", {"owner": more.pop("owner", lead.owner_id), **more})


def test_what_was_accepted_goes_back_from_the_desk_by_its_key(cast, desk, visit):
    page = visit(cast.ines, f"/desk/?lead={desk.taken.pk}").content.decode()
    assert f'href="/leads/{desk.taken.pk}/return/" data-shortcut="r"' in page
    asked = main(visit(cast.ines, f"/leads/{desk.taken.pk}/return/"))
    assert "Why? Not now (Woken later) 1 Does not fit (Not to be marketed to) 2" in asked
    desk.taken.refresh_from_db()
    answer = hand_back(visit, cast.ines, desk.taken, reason="timing", note="after the summer")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/")
    assert stands(desk.taken) == ("engaged", "Mila Berg")
    back = Return.objects.select_related("by").get()
    assert (back.by.name, back.reason, back.note, back.track) == ("Ines Ito", "timing", "after the summer", "wake")
    assert "Returned to marketing: Bea Berg, “Not now”." in words(visit(cast.ines, "/desk/"))
    told = main(visit(cast.ines, f"/leads/{desk.taken.pk}/"))
    assert "Accepted, then returned: Not now · Ines Ito after the summer" in told


def test_on_the_page_of_the_lead_it_stands_among_its_moves(cast, desk, visit):
    page = visit(cast.ines, f"/leads/{desk.taken.pk}/").content.decode()
    assert f'href="/leads/{desk.taken.pk}/return/?back=lead"' in page
    assert f'href="/leads/{desk.taken.pk}/return/' not in visit(cast.mara, f"/leads/{desk.taken.pk}/").content.decode()


def test_what_is_only_offered_is_answered_instead(cast, desk, visit):
    answer = visit(cast.ines, f"/leads/{desk.lead.pk}/return/?back=lead")
    assert answer.headers["Location"] == f"/handoffs/{desk.offered.pk}/return/?back=lead"


def test_a_double_click_returns_once(cast, desk, visit):
    desk.taken.refresh_from_db()
    hand_back(visit, cast.ines, desk.taken, reason="timing")
    again = hand_back(visit, cast.ines, desk.taken, reason="timing")
    assert again.status_code == 302
    assert "You have returned it already." in words(visit(cast.ines, again.headers["Location"]))
    other = hand_back(visit, cast.saul, desk.taken, reason="budget")
    assert other.status_code == 409
    assert "Ines Ito was first and has returned it. Nothing was changed." in main(other)
    assert Return.objects.values_list("reason", flat=True).get() == "timing"


def test_a_page_from_before_it_was_taken_back_returns_nothing(cast, desk, visit):
    before = Lead.objects.get(pk=desk.taken.pk).owner_id
    with clock.moved_to(MONDAY):
        Handoff.objects.get(lead=desk.taken).reassign(cast.felix, TAKEN_BACK, by=None, at=MONDAY)
    answer = hand_back(visit, cast.ines, desk.taken, reason="timing", owner=before)
    assert answer.status_code == 409
    assert "It was passed on: Felix Roth has it now. Nothing was changed." in main(answer)
    assert stands(desk.taken) == ("sal", "Felix Roth")


def test_a_lead_with_an_open_deal_is_refused_with_its_name(cast, desk, visit):
    with clock.moved_to(MONDAY):
        Deal.open(lead=Lead.objects.get(pk=desk.taken.pk), values={"name": "Pumps"}, by=cast.ines.pk, at=MONDAY)
    for answer in (
        visit(cast.ines, f"/leads/{desk.taken.pk}/return/"),
        visit(cast.ines, f"/leads/{desk.taken.pk}/return/", {"reason": "timing"}),
    ):
        assert answer.status_code == 409
        assert "Its deal “Pumps” is open: win or lose that first. Nothing was changed." in main(answer)
    assert stands(desk.taken) == ("opportunity", "Ines Ito")


def test_a_lead_that_went_on_is_not_returned(cast, desk, visit):
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=desk.taken.pk).move("lost", by=cast.saul.pk, at=MONDAY, reason="no budget")
    answer = visit(cast.ines, f"/leads/{desk.taken.pk}/return/", {"reason": "timing"})
    assert answer.status_code == 409
    assert "It is in Lost by now, and Ines Ito has it. Nothing was changed." in main(answer)


def test_what_marketing_never_handed_over_is_moved_with_a_reason(cast, desk, visit):
    with clock.moved_to(MONDAY):
        own = Lead.open(contact("Own One"), entry="own_prospecting", owner=cast.ines, by=cast.ines.pk, at=MONDAY)
        own.move("to_sal", by=cast.ines.pk, at=MONDAY)
    answer = visit(cast.ines, f"/leads/{own.pk}/return/")
    assert answer.headers["Location"] == f"/leads/{own.pk}/moves/?name=returned"
    assert visit(cast.ines, answer.headers["Location"]).status_code == 200


def test_a_step_that_went_with_the_lead_says_so(cast, desk, visit):
    desk.taken.refresh_from_db()
    step = Task.plan(
        owner=cast.ines, lead=desk.taken, kind="call", due_at=on("2026-02-03T09:00:00"), by=cast.ines, at=MONDAY
    )
    hand_back(visit, cast.ines, desk.taken, reason="timing")
    assert "Bea Berg" not in main(visit(cast.ines, "/desk/"))
    answer = visit(cast.ines, f"/tasks/{step.pk}/completion/", {})
    assert answer.status_code == 409
    assert "The lead went back to marketing, and its steps were dropped." in main(answer)
    assert "Nothing to do any more: Call" in main(visit(cast.ines, f"/leads/{desk.taken.pk}/"))


@pytest.mark.parametrize(
    ("who", "status"),
    [("mara", 403), ("mila", 403), ("eva", 403), ("paula", 404), ("felix", 302), ("sven", 302), ("ada", 302)],
)
def test_who_may_answer(cast, desk, visit, who, status):
    assert accept(visit, getattr(cast, who), desk.offered).status_code == status
