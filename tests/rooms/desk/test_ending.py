"""What was planned with leads and deals that have ended: nobody has to do it, and nothing says that they do."""

from datetime import date, timedelta

import pytest

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.kernel.mail.models import Mail
from accord.rooms.desk.feed import feed
from accord.rooms.desk.models import Booking, Task
from accord.rooms.desk.queue import queue
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Merge
from tests.remembered import remembered
from tests.rooms.desk.conftest import MONDAY, accepted, handed
from tests.rooms.desk.test_booking import TUESDAY, book, north, post, routed
from tests.scenarios.living import company, contact, work

__all__ = ["north", "post", "routed"]
pytestmark = pytest.mark.both
DAY = timedelta(days=1)


@pytest.fixture
@remembered
def lead(cast, signed) -> Lead:
    return Lead.objects.get(pk=accepted(handed(), cast.ines).lead_id)


def plan(owner, day=MONDAY, **about) -> Task:
    with clock.moved_to(day):
        return Task.plan(owner=owner, kind="call", due_at=day + DAY, by=owner, at=day, **about)


def deal(lead, owner, name="Press") -> Deal:
    values = {"name": name, "owner": owner.pk}
    with clock.moved_to(MONDAY):
        return Deal.open(lead=lead, values=values, by=owner.pk, at=MONDAY)


def ends(what, verb: str, day=MONDAY, **more) -> None:
    with clock.moved_to(day):
        getattr(what, verb)(by=None, at=day, **more)
    work(day)


def waiting(member, day=MONDAY + 3 * DAY) -> list[int]:
    return [item.task.pk for item in queue(member, day).items if item.task]


def still_open() -> set[int]:
    return set(Task.objects.open().values_list("id", flat=True))


def test_of_whom_was_won_the_seller_has_nothing_left_to_do(cast, lead):
    sold, other = deal(lead, cast.ines), plan(cast.ines)
    step, marketers = plan(cast.ines, lead=lead), plan(cast.mara, lead=lead)
    ends(sold, "win", MONDAY + 2 * DAY, reason="fit")
    assert still_open() == {other.pk}
    assert waiting(cast.ines) == [other.pk]
    assert f"task-{step.pk}@" not in feed(cast.ines, MONDAY, "house", lambda task: "/").decode()
    dropped = Fact.objects.filter(kind="task_dropped").values_list("subject_id", "occurred_at")
    assert set(dropped) == {(step.pk, MONDAY + 2 * DAY), (marketers.pk, MONDAY + 2 * DAY)}


def test_what_service_plans_after_the_win_stands(cast, lead):
    ends(deal(lead, cast.ines), "win", reason="fit")
    lead.refresh_from_db()
    kept = plan(cast.sven, MONDAY + DAY, lead=lead)
    work(MONDAY + 2 * DAY)
    assert still_open() == {kept.pk}


@pytest.mark.parametrize("move", ["lost", "disqualified", "recycled"])
def test_leads_that_end_take_their_steps_along_however_many(cast, signed, move):
    leads = [accepted(handed(name), cast.ines).lead for name in ("Anna Adler", "Bea Berg", "Cem Can")]
    for one in leads:
        plan(cast.ines, lead=one)
    with clock.moved_to(MONDAY + DAY):
        for one in Lead.objects.filter(pk__in=[one.pk for one in leads]):
            one.move(move, by=cast.saul.pk, at=MONDAY + DAY, reason="no_fit")
    work(MONDAY + DAY)
    assert still_open() == set()
    assert Fact.objects.filter(kind="task_dropped").count() == 3


def test_who_goes_on_in_the_deal_of_a_colleague_is_not_called_besides(cast, signed):
    press = company(name="Press Works")
    anna, bea = (accepted(handed(name), cast.ines).lead for name in ("Anna Adler", "Bea Berg"))
    for one in (anna, bea):
        with clock.moved_to(MONDAY):
            one.contact.edit({"company": press.pk}, seen=one.contact.version, by=None, at=MONDAY)
    first, second = plan(cast.ines, lead=anna), plan(cast.ines, lead=bea)
    deal(anna, cast.ines)
    work(MONDAY + DAY)
    assert Lead.objects.get(pk=bea.pk).stage == "joined"
    assert (still_open(), second.pk in still_open()) == ({first.pk}, False)


def test_of_two_who_are_one_the_steps_go_on_with_the_lead_that_does(cast, signed):
    older, younger = (accepted(handed(name), cast.ines).lead for name in ("Anna Adler", "A. Adler"))
    step = plan(cast.ines, lead=younger)
    with clock.moved_to(MONDAY):
        Merge.of(older.contact, younger.contact, reason="", by=None, at=MONDAY)
    work(MONDAY + DAY)
    step.refresh_from_db()
    assert (step.lead_id, still_open()) == (older.pk, {step.pk})


def test_getting_back_to_somebody_stays(cast, lead):
    step, lost = plan(cast.ines, lead=lead), deal(lead, cast.ines)
    ends(lost, "lose", reason="not_now", come_back_on=date(2026, 5, 4))
    assert step.pk not in still_open()
    assert list(Task.objects.open().values_list("kind", flat=True)) == ["wake"]


def test_of_two_deals_the_steps_stand_until_the_second_has_ended_too(cast, lead):
    first, second = deal(lead, cast.ines), deal(lead, cast.ines, "Mill")
    step = plan(cast.ines, lead=lead)
    ends(first, "win", reason="fit")
    assert still_open() == {step.pk}
    lead.refresh_from_db()
    later, service = plan(cast.ines, MONDAY + DAY, lead=lead), plan(cast.sven, MONDAY + DAY, lead=lead)
    assert later.pk in still_open()
    ends(second, "lose", MONDAY + 2 * DAY, reason="price")
    assert still_open() == {service.pk}


def test_a_deal_of_a_company_alone_takes_its_own_steps_along(cast, signed):
    with clock.moved_to(MONDAY):
        alone = Deal.open(lead=None, values={"name": "Mill", "owner": cast.ines.pk}, by=None, at=MONDAY)
    plan(cast.ines, deal=alone)
    ends(alone, "lose", reason="price")
    assert still_open() == set()


def test_a_deal_in_the_trash_has_no_step_that_is_due(cast, signed):
    with clock.moved_to(MONDAY):
        alone = Deal.open(lead=None, values={"name": "Mill", "owner": cast.ines.pk}, by=None, at=MONDAY)
    step = plan(cast.ines, deal=alone)
    ends(alone, "trash")
    assert waiting(cast.ines) == []
    ends(alone, "restore")
    assert waiting(cast.ines) == [step.pk]


def test_a_customer_who_has_booked_a_meeting_is_still_met(cast, post, routed):
    made = book(contact("Otto Orlov", email="otto@orlov.example"))
    ends(Lead.objects.get(pk=made.task.lead_id), "move", name="won", reason="by hand")
    assert still_open() == {made.task_id}
    assert Booking.of(made.contact, MONDAY) == made


def test_of_a_meeting_that_is_over_nobody_is_told_that_it_was_called_off(cast, post, routed):
    made = book(contact("Otto Orlov", email="otto@orlov.example"))
    sent = Mail.objects.count()
    lead = Lead.objects.get(pk=made.task.lead_id)
    ends(lead, "move", TUESDAY + DAY, name="lost", reason="price")
    assert still_open() == set()
    assert Mail.objects.count() == sent


def test_steps_of_a_deal_of_a_company_alone_go_to_whoever_has_it_next(cast, signed):
    with clock.moved_to(MONDAY):
        alone = Deal.open(lead=None, values={"name": "Mill", "owner": cast.ines.pk}, by=None, at=MONDAY)
    theirs, marketers = plan(cast.ines, deal=alone), plan(cast.mara, deal=alone)
    done = plan(cast.ines, deal=alone, what="sent")
    done.done(by=cast.ines, at=MONDAY)
    ends(alone, "edit", values={"owner": cast.felix.pk}, seen=alone.version)
    owners = dict(Task.objects.values_list("id", "owner"))
    assert owners == {theirs.pk: cast.felix.pk, marketers.pk: cast.mara.pk, done.pk: cast.ines.pk}
    alone.edit({"owner": cast.felix.pk}, seen=alone.version, by=None, at=MONDAY)
    assert Fact.objects.filter(kind="deal_assigned").count() == 1


def test_whoever_goes_on_with_another_lead_is_not_got_back_to(cast, lead):
    wake = Task.wake(lead, MONDAY + DAY, at=MONDAY)
    assert waiting(cast.ines) == [wake.pk]
    other = deal(None, cast.felix)
    ends(lead, "join", to_lead=None, deal=other.pk, reason="deal")
    assert waiting(cast.ines) == []
    assert still_open() == set()
