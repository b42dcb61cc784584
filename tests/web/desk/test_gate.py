"""The checklist before field sales: what is known, what is missing, and the one key that opens the check."""

import pytest

from accord.kernel import clock
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from tests.rooms.desk.conftest import AGREED, MONDAY, accepted, handed
from tests.scenarios.living import agreed, became
from tests.web.page import main, words

READINESS = """
readiness:
  - {id: budget_named, label: Budget, when: {field: contact.budget, known: true}}
  - {id: decides, label: Authority, when: {field: contact.seniority, in: [director]}}
  - {id: need, label: Need, when: {field: contact.department, known: true}}
"""


@pytest.fixture
def ready(cast):
    return agreed(cast, AGREED + READINESS, "2026-01-02")


@pytest.fixture
def lead(cast, ready) -> Lead:
    """Accepted by Ines; a director, which is known from the record."""
    return accepted(handed("Bea Berg", "2026-02-02T07:30:00", seniority="director"), cast.ines).lead


def check(visit, member, lead, **more):
    return visit(member, f"/contacts/{lead.contact_id}/checks/", {"back": "desk", **more})


def test_it_says_what_is_known_and_what_is_missing(cast, lead, visit):
    page = main(visit(cast.ines, f"/desk/?lead={lead.pk}"))
    assert (
        "Qualification 1 of 3 Budget not known Authority known from the record Need not known "
        "Not checked yet: needs Budget, Need before field sales." in page
    )


def test_what_the_record_learns_is_known(cast, lead, visit):
    became(lead.contact, "2026-02-02T09:30:00", budget=50000)
    assert "Not checked yet: needs Need before field sales." in main(visit(cast.ines, f"/desk/?lead={lead.pk}"))


def test_what_a_check_answered_is_known_and_the_newest_answer_stands(cast, lead, visit):
    check(visit, cast.ines, lead, result="failed", **{"answer.budget_named": "no", "answer.need": "open"})
    page = main(visit(cast.ines, f"/desk/?lead={lead.pk}"))
    assert "Qualification 2 of 3 Budget no Authority known from the record Need asked, still open" in page
    assert "needs Need before field sales. The check of 10:00 was not passed." in page
    check(visit, cast.ines, lead, result="failed", **{"answer.budget_named": "yes", "answer.need": "yes"})
    page = main(visit(cast.ines, f"/desk/?lead={lead.pk}"))
    assert "Qualification 3 of 3 Budget yes, by a check" in page
    assert "All is answered: a passed check takes it to field sales." in page


def test_one_key_opens_the_form_on_the_desk(cast, lead, visit):
    page = visit(cast.ines, f"/desk/?lead={lead.pk}").content.decode()
    assert f'href="/contacts/{lead.contact_id}/checks/?back=desk" data-shortcut="v"' in page
    asked = visit(cast.ines, f"/contacts/{lead.contact_id}/checks/?back=desk")
    assert 'id="act"' in asked.content.decode()
    assert "Budget not asked yes no still open" in main(asked)


def test_passed_it_goes_through_the_gate_and_is_offered_to_field_sales(cast, lead, visit):
    answer = check(visit, cast.ines, lead, result="passed", **{"answer.need": "yes"})
    assert answer.headers["Location"] == f"/desk/?lead={lead.pk}"
    assert Lead.objects.get(pk=lead.pk).stage == "sql"
    offered = Handoff.objects.get(lead=lead, state="offered")
    assert (offered.kind, offered.owner) == ("to_field", cast.felix)
    page = words(visit(cast.ines, answer.headers["Location"]))
    assert "The check is logged as passed." in page
    assert "Not checked yet" not in page
    assert "Bea Berg" in main(visit(cast.felix, "/desk/"))


def test_a_check_without_a_result_keeps_what_was_typed(cast, lead, visit):
    answer = check(visit, cast.ines, lead, note="spoke long", **{"answer.need": "yes"})
    assert answer.status_code == 422
    assert "spoke long" in main(answer)
    assert "Say whether the check was passed or failed." in main(answer)
    assert not Touch.objects.filter(kind="verified").exists()


def test_it_stands_only_before_the_check(cast, lead, visit):
    offered = handed("Anna Adler", "2026-02-02T08:00:00")
    assert "Qualification" not in main(visit(cast.ines, f"/desk/?lead={offered.lead_id}"))
    with clock.moved_to(MONDAY):
        Lead.objects.get(pk=lead.pk).move("to_sql", by=cast.ines.pk, at=MONDAY)
    assert "Qualification" not in main(visit(cast.ines, f"/desk/?lead={lead.pk}"))


def test_without_questions_the_gate_is_named_all_the_same(cast, signed, visit):
    lead = accepted(handed("Bea Berg", "2026-02-02T07:30:00"), cast.ines).lead
    page = main(visit(cast.ines, f"/desk/?lead={lead.pk}"))
    assert "Qualification Not checked yet: a passed check takes it to field sales." in page
