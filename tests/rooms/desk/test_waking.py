"""Whom to get back to: on the date that the agreement names for the reason, and no longer than it makes sense."""

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from tests.remembered import remembered
from tests.rooms.handoff.test_handing import AGREED
from tests.scenarios.living import agreed, contact, on, touch, work

pytestmark = pytest.mark.both


@pytest.fixture
def at():
    return on("2025-12-30")


@pytest.fixture
@remembered
def back(cast):
    """A lead that was given back for `timing` on the second of February; pool and all are as the house has them."""
    agreed(cast, AGREED, "2026-01-02")
    anna = contact("anna")
    touch(anna, "download", "2026-02-02")
    with clock.moved_to(on("2026-02-02")):
        Handoff.objects.get(lead__contact=anna).give_back("timing", by=cast.ines, at=on("2026-02-02"))
    work(on("2026-02-02"))
    return Lead.objects.get(contact=anna)


def planned(lead: Lead) -> list[tuple]:
    rows = Task.objects.open().filter(kind="wake", lead=lead)
    return list(rows.values_list("due_at", "owner_id"))


def moved(lead: Lead, move: str, day: str, reason: str = "timing") -> None:
    with clock.moved_to(on(day)):
        Lead.objects.get(pk=lead.pk).move(move, by=None, at=on(day), reason=reason)
    work(on(day))


def test_a_lead_that_came_back_for_its_time_is_got_back_to_in_time(back):
    assert planned(back) == [(on("2026-05-03"), back.owner_id)]


def test_whoever_takes_the_lead_gets_back_to_it(cast, back):
    with clock.moved_to(on("2026-02-03")):
        back.assign(cast.mara, by=cast.mila.pk, at=on("2026-02-03"))
    work(on("2026-02-03"))
    assert planned(back) == [(on("2026-05-03"), cast.mara.pk)]


def test_who_qualifies_again_by_themself_is_not_got_back_to(cast, back):
    touch(back.contact, "download", "2026-02-10")
    back.refresh_from_db()
    assert (back.stage, planned(back)) == ("mql", [])


def test_what_was_done_is_not_planned_again(cast, back):
    with clock.moved_to(on("2026-02-03")):
        Task.objects.get(kind="wake", lead=back).done(by=cast.mila, at=on("2026-02-03"))
        back.assign(cast.mara, by=cast.mila.pk, at=on("2026-02-03"))
    work(on("2026-02-03"))
    assert planned(back) == []


def test_a_recycled_lead_is_got_back_to_after_its_end_until_it_is_opened_again(cast, back):
    moved(back, "recycled", "2026-02-05")
    assert planned(back) == [(on("2026-05-06"), back.owner_id)]
    assert Task.objects.here().filter(kind="wake", lead=back, dropped_at=None).exists()
    with clock.moved_to(on("2026-03-01")):
        Lead.objects.get(pk=back.pk).reopen(by=None, at=on("2026-03-01"))
    work(on("2026-03-01"))
    assert on("2026-05-06") not in [due for due, _owner in planned(back)]


def test_a_reason_without_a_time_wakes_nobody(cast, back):
    moved(back, "recycled", "2026-02-05", reason="no_fit")
    assert planned(back) == []
