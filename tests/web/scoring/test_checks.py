"""A check that somebody logs on the page of a lead."""

import pytest

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Qualification
from tests.web.page import main, words
from tests.web.scoring.conftest import on


def log(browser, contact, **said):
    with clock.moved_to(on("01-04")):
        return browser.post(f"/contacts/{contact.pk}/checks/", said)


def test_a_passed_check_by_inside_sales_qualifies_at_once(opened, cast, as_):
    browser = as_(cast.ines)
    answer = log(
        browser, opened.contact, result="passed", note="Budget is in the plan.", **{"answer.budget_named": "yes"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/leads/{opened.lead.pk}/")
    touch = Touch.objects.get(kind="verified")
    assert touch.properties == {
        "by": "inside_sales", "result": "passed", "note": "Budget is in the plan.", "answers": {"budget_named": "yes"},
    }  # fmt: skip
    assert Qualification.objects.get(lead=opened.lead).at.date() == on("01-04").date()
    with clock.moved_to(on("01-04")):
        page = words(browser.get(f"/leads/{opened.lead.pk}/"))
    assert "Checked by Inside sales: passed" in page
    assert "budget named: yes Budget is in the plan." in page
    assert "The check is logged as passed." in page
    with clock.moved_to(on("01-04")):
        why = main(browser.get(f"/contacts/{opened.contact.pk}/score/"))
    assert "belongs to “target” and was checked by Inside sales and passed." in why


@pytest.mark.parametrize(
    ("who", "result", "says"),
    [
        ("felix", "passed", "Checked by Field sales: passed"),
        ("ines", "failed", "Checked by Inside sales: not passed"),
    ],
)
def test_a_failed_check_or_one_of_somebody_else_qualifies_nobody(opened, cast, as_, who, result, says):
    browser = as_(getattr(cast, who))
    log(browser, opened.contact, result=result)
    assert not Qualification.objects.exists()
    with clock.moved_to(on("01-04")):
        assert says in main(browser.get(f"/leads/{opened.lead.pk}/"))


@pytest.mark.parametrize("result", ["", "perhaps"])
def test_a_check_without_a_result_keeps_what_was_typed(opened, cast, as_, result):
    with clock.moved_to(on("01-04")):
        answer = as_(cast.ines).post(f"/contacts/{opened.contact.pk}/checks/", {"result": result, "note": "Spoke long"})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Spoke long" in body
    assert 'id="check-error"' in body
    assert not Touch.objects.filter(kind="verified").exists()


def test_a_contact_that_nobody_met_before_is_linked_from_the_beginning(k1, cast, as_):
    answer = log(as_(cast.ines), k1, result="passed")
    assert answer.headers["Location"] == f"/contacts/{k1.pk}/"
    with clock.moved_to(on("01-04")):
        assert "Checked by Inside sales: passed" in main(as_(cast.ines).get(f"/contacts/{k1.pk}/"))


def test_before_any_agreement_a_check_asks_for_the_result_alone(k_free, cast, as_):
    page = as_(cast.ines).get(f"/contacts/{k_free.pk}/").content.decode()
    assert 'name="result"' in page
    assert 'name="answer.' not in page


@pytest.mark.parametrize(("who", "status"), [("paula", 403), ("eva", 403)])
def test_whoever_may_not_log_a_check_is_refused(opened, cast, as_, who, status):
    assert log(as_(getattr(cast, who)), opened.contact, result="passed").status_code == status
    assert "Log a check" not in as_(getattr(cast, who)).get(f"/contacts/{opened.contact.pk}/").content.decode()


def test_nobody_checks_a_contact_in_the_trash(k1, cast, as_):
    k1.trash(by=None, at=on("01-02"))
    assert log(as_(cast.ines), k1, result="passed").status_code == 404
