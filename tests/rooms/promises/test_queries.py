"""How promises are kept: by hand, and by the facts instead of the clocks."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from lifelines import KaplanMeierFitter

from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead
from accord.rooms.promises import queries
from accord.rooms.promises.delays import delays
from accord.rooms.promises.models import Clock
from tests.remembered import remembered
from tests.rooms.promises.conftest import AGREED
from tests.rooms.promises.days import called, swept
from tests.scenarios.living import agreed, company, contact, on, touch, work

pytestmark = pytest.mark.both
SINCE, UNTIL, NOW = on("2026-02-02"), on("2026-02-04"), "2026-02-02T15:30:00"


def of(parties, promise):
    return next(one for party in parties for one in party.promised if one.term.id == promise)


@pytest.fixture
@remembered
def six(cast, enforced, handed):
    """At 15:30 on Monday, of six leads since nine: called after 1 and 3 hours, late after 5, never, lost, and fresh."""
    names = ["early", "usual", "tardy", "never", "lost"]
    leads = {name: handed(name, f"2026-02-02T09:00:0{place}") for place, name in enumerate(names)}
    with clock.moved_to(on("2026-02-02T09:30:00")):
        leads["early"].accept(by=cast.ines, at=on("2026-02-02T09:30:00"))
    called(leads["early"], cast.ines, "2026-02-02T10:00:00")
    with clock.moved_to(on("2026-02-02T11:00:00")):
        Lead.objects.get(pk=leads["lost"].lead_id).move("lost", by=None, at=on("2026-02-02T11:00:00"), reason="gone")
    work(on("2026-02-02T11:00:00"))
    called(leads["usual"], cast.ines, "2026-02-02T12:00:01")
    swept("2026-02-02T13:30:00")
    called(leads["tardy"], cast.ines, "2026-02-02T14:00:02")
    leads["fresh"] = handed("fresh", "2026-02-02T15:00:00")
    return leads


def test_what_is_open_counts_once_it_is_due_and_what_was_voided_is_told_beside(cast, six):
    first = of(queries.promises(cast.eva, SINCE, UNTIL, on(NOW)), "first_contact")
    assert first.tally == queries.Tally(kept=2, broken=2, late=0, open=1, void=1)
    assert (first.tally.due, first.tally.rate.rate) == (4, 0.5)
    # Wilson's interval of 2 of 4 at 95 %.
    assert (round(first.tally.rate.low, 4), round(first.tally.rate.high, 4)) == (0.1500, 0.8500)


def test_whoever_looks_before_the_worker_came_sees_it_late(cast, enforced, handed):
    handed()
    first = of(queries.promises(cast.eva, SINCE, UNTIL, on("2026-02-02T13:00:00")), "first_contact")
    assert first.tally == queries.Tally(late=1)
    assert queries.breaches(cast.eva, SINCE, UNTIL, on("2026-02-02T13:00:00")).get().promise == "first_contact"


def test_times_are_those_of_all_who_wait_and_no_mean_of_who_answered(cast, six):
    first = of(queries.promises(cast.eva, SINCE, UNTIL, on(NOW)), "first_contact")
    hours = [1, 3, 5, 6.5, 2, 0.5]
    curve = KaplanMeierFitter().fit(hours, [1, 1, 1, 0, 0, 0])
    assert first.median == pytest.approx(3600 * curve.median_survival_time_, abs=5)
    assert first.p90 is None
    # By hand: 4/5 of 5 at 1 h, then 2/3 of those at 3 h, then half at 5 h: 0.8, 0.53, 0.27.
    assert first.median == pytest.approx(5 * 3600, abs=5)


def test_breaches_say_where_the_time_went(cast, six):
    found = list(queries.breaches(cast.eva, SINCE, UNTIL, on(NOW), promise="first_contact"))
    assert {one.lead.contact.name for one in found} == {"never", "tardy"}
    parts = delays(found, on(NOW))
    by_name = {one.lead.contact.name: parts[one.pk] for one in found}
    assert by_name["tardy"].cause == by_name["never"].cause == "queue"
    assert by_name["tardy"].whole == timedelta(hours=5)
    assert by_name["never"].whole == timedelta(hours=6, minutes=29, seconds=57)
    early = Clock.objects.whole().get(handoff=six["early"], promise="first_contact")
    parts = delays([early], on(NOW))[early.pk]
    assert (parts.queue, parts.person) == (timedelta(minutes=30), timedelta(minutes=30))


def test_hours_that_are_changed_later_change_nothing_that_has_passed(cast, six, house):
    found = list(queries.breaches(cast.eva, SINCE, UNTIL, on(NOW), promise="first_contact"))
    before, parties = delays(found, on(NOW)), queries.promises(cast.eva, SINCE, UNTIL, on(NOW))
    later = on("2026-02-02T16:00:00")
    with clock.moved_to(later):
        house.settle({"hours": "mon-fri 06:00-12:00"}, by=None, at=later)
    assert delays(found, on(NOW)) == before
    assert queries.promises(cast.eva, SINCE, UNTIL, on(NOW)) == parties


def test_who_asked_to_be_called_again_is_waited_for(cast, enforced, handed, clock_of):
    """Offered Monday at nine, asked at ten to call again, called on Tuesday at eleven, never answered."""
    one = handed()
    called(one, cast.ines, "2026-02-02T10:00:00", outcome="call_back")
    called(one, cast.ines, "2026-02-03T11:00:00", outcome="no_answer")
    verdict = Clock.objects.whole().get(handoff=one, promise="verdict")
    part = delays([verdict], on("2026-02-04T12:00:00"))[verdict.pk]
    # Nine to five: one hour; then seven and two hours; then six, and on Wednesday three.
    assert (part.queue, part.customer, part.cause) == (timedelta(hours=10), timedelta(hours=9), "queue")
    assert part.whole == timedelta(hours=19)


def test_what_is_owed_next_of_each_hand_off(cast, six):
    found = queries.owed([six["early"].pk, six["never"].pk])
    # Early was called and accepted, so that the attempts are left; never is past its first contact and owes it still.
    assert (found[six["early"].pk].promise, found[six["early"].pk].state) == ("attempts", "running")
    assert (found[six["never"].pk].promise, found[six["never"].pk].state) == ("first_contact", "broken")


def test_a_share_of_accepted_leads_and_a_number_of_qualified_ones(cast, six, monkeypatch):
    with clock.moved_to(on(NOW)):
        six["never"].give_back("timing", by=cast.ines, at=on(NOW))
    work(on(NOW))
    found = queries.promises(cast.eva, SINCE, UNTIL, on(NOW))
    precision, volume = of(found, "precision").counted, of(found, "volume").counted
    # One accepted and one returned; usual, tardy and fresh wait, and one was lost before.
    assert (precision.rate.rate, precision.rate.denominator, precision.open, precision.kept) == (0.5, 2, 3, None)
    assert (volume.since, volume.number, volume.at_least, volume.kept) == (on("2026-02-01"), 6, 3, True)
    monkeypatch.setattr("accord.kernel.intervals.FEW", 2)
    assert precision.kept is False
    feedback = of(found, "feedback")
    assert (feedback.counted, feedback.tally) == (None, None)


def test_qualified_leads_of_a_segment(cast, handed):
    text = AGREED.format(mode="pilot").replace("per: month", "segment: big, per: quarter")
    agreed(cast, text + "\nsegments: {big: {field: company.employees, at_least: 500}}\n", "2026-01-02")
    for name, employees in (("one", 600), ("two", 40), ("three", None)):
        made = {} if employees is None else {"company": company(name=f"Of {name}", employees=employees).pk}
        touch(contact(name, **made), "download", "2026-02-02T09:00:00")
    volume = of(queries.promises(cast.eva, SINCE, UNTIL, on(NOW)), "volume").counted
    assert (volume.number, volume.since) == (1, on("2026-01-01"))


def test_a_partner_sees_their_own_and_no_promise(cast, six):
    sales = queries.promises(cast.paula, SINCE, UNTIL, on(NOW))[1]
    assert sales.tally == queries.Tally()


def test_the_trash_takes_nothing_out_of_the_figures(cast, six):
    with clock.moved_to(on(NOW)):
        Lead.objects.get(pk=six["never"].lead_id).trash(by=cast.saul.pk, at=on(NOW))
    work(on(NOW))
    first = of(queries.promises(cast.eva, SINCE, UNTIL, on(NOW)), "first_contact")
    assert (first.tally.broken, first.tally.due) == (2, 4)


def test_attainment_is_what_the_facts_say(cast, enforced, handed):
    """Twenty leads over two days, called at random or never: told again from the facts alone."""
    random = Random(6)
    calls = []
    for number in range(20):
        came = on("2026-02-02T09:00:00") + timedelta(minutes=37 * number)
        wait = timedelta(minutes=random.choice([20, 100, 200, 300, 700]))
        calls.append((came + wait, number, handed(f"n{number}", came.isoformat()[:19])))
    now = on("2026-02-03T12:00:00")
    for when, _number, one in sorted(calls)[:14]:
        if when < now:
            swept(when.isoformat()[:19])
            called(one, cast.ines, when.isoformat()[:19])
    swept(now.isoformat()[:19])
    first = of(queries.promises(cast.eva, SINCE, UNTIL, now), "first_contact").tally
    kinds = Fact.objects.filter(payload__promise="first_contact").values_list("kind", flat=True)
    told = Counter(kinds)
    assert (first.kept, first.broken, first.void) == (told["promise_kept"], told["promise_broken"], 0)
    assert first.open == told["clock_started"] - told["promise_kept"] - told["promise_broken"]
    assert first.kept
    assert first.broken
