"""A lead stands too long with sales; marketing proposes, is declined once and accepted once, and it is counted."""

from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Nudge, Task
from accord.rooms.funnel import usual as published
from accord.rooms.funnel.models import Lead
from accord.rooms.insight import reports, usual
from accord.rooms.insight.questions import Question
from accord.rooms.people.models import Contact
from tests.rooms.desk.conftest import accepted, handed, signed
from tests.scenarios.living import on, work
from tests.web.page import main, names

__all__ = ["signed"]

pytestmark = pytest.mark.both
DAY = timedelta(days=1)
FEBRUARY = on("2026-02-20T10:00:00")


@pytest.fixture
def at():
    return on("2025-12-30")


@pytest.fixture(autouse=True)
def then(at):
    """Nothing is recorded later than it happens: what is asked as of February knows it."""
    with clock.moved_to(at):
        yield


def of_before(cast) -> None:
    """Twenty-five leads that stood with sales for one to five days before they went on, in January."""
    for n in range(25):
        came, went = on("2026-01-05T10:00:00"), on("2026-01-05T10:00:00") + (1 + n // 5) * DAY
        with clock.moved_to(came):
            contact = Contact.create({"name": f"Before {n}"}, by=None, at=came)
            lead = Lead.open(contact, entry="referral", owner=cast.felix, by=None, at=came)
            lead.move("to_sal", by=None, at=came)
        with clock.moved_to(went):
            lead.move("to_sql", by=None, at=went)


def test_a_stalled_lead_is_nudged_declined_accepted_and_counted(cast, signed, as_):
    of_before(cast)
    lead = Lead.objects.get(pk=accepted(handed(), cast.ines, "2026-02-02T09:00:00").lead_id)
    with clock.moved_to(FEBRUARY):
        usual.publish(FEBRUARY)
        # Of those that moved on, three quarters had after 4 days, 95 in 100 after 5.
        found = published.of("lead").days("sal")
        assert (found.left, found.median, found.p75, found.p95) == (25, 3.0, 4.0, 5.0)
        assert names(as_(cast.mara).get("/leads/?f=usual:one_of:stalled")) == ["Anna Adler"]
        mara, ines = as_(cast.mara), as_(cast.ines)
        mara.post(f"/leads/{lead.pk}/nudges/", {"kind": "offer", "said": "A trial for a month", "back": "lead"})
        first = Nudge.objects.get()
        assert (first.mark, first.side) == ("stalled", "marketing")
        ines.post(f"/nudges/{first.pk}/decline/", {"reason": "not_now", "note": "Their budget opens in March"})
        assert "Their budget opens in March" in main(mara.get(f"/leads/{lead.pk}/"))
        mara.post(f"/leads/{lead.pk}/nudges/", {"kind": "message", "said": "Send the sizing table", "back": "lead"})
        second = Nudge.objects.latest("pk")
        ines.post(f"/nudges/{second.pk}/acceptance/")
    work(FEBRUARY)
    assert Task.objects.get(lead=lead, what="Send the sizing table").owner == cast.ines
    moved = FEBRUARY + 3 * DAY
    with clock.moved_to(moved):
        lead.refresh_from_db()
        lead.move("to_sql", by=cast.ines.pk, at=moved)
    work(moved)
    early = reports.answer("nudges", Question(FEBRUARY + 5 * DAY)).all
    assert [(one.moved, one.watched, one.young) for one in (early.after_accepted, early.after_declined)] == [
        (0, 0, 1), (0, 0, 1),
    ]  # fmt: skip
    late = reports.answer("nudges", Question(FEBRUARY + 31 * DAY)).all
    assert (late.proposed, late.accepted, late.declined, dict(late.reasons)) == (2, 1, 1, {"not_now": 1})
    # The lead moved on after both answers, so it counts for both: which is why they are not compared.
    assert [(one.moved, one.watched, one.young) for one in (late.after_accepted, late.after_declined)] == [
        (1, 1, 0), (1, 1, 0),
    ]  # fmt: skip
