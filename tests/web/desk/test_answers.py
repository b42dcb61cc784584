"""Answers to hand-offs from the desk and from the page of the lead."""

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Choice, Handoff, Return
from accord.rooms.handoff.rules import TAKEN_BACK
from accord.rooms.team.models import Member
from tests.rooms.desk.conftest import MONDAY
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
    assert "Why? 1 Not now (Woken later) 2 Does not fit (Not to be marketed to) 3 No budget 4 No need" in page


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


@pytest.mark.parametrize(
    ("who", "status"),
    [("mara", 403), ("mila", 403), ("eva", 403), ("paula", 404), ("felix", 302), ("sven", 302), ("ada", 302)],
)
def test_who_may_answer(cast, desk, visit, who, status):
    assert accept(visit, getattr(cast, who), desk.offered).status_code == status
