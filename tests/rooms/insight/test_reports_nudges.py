"""What came of nudges, counted by hand and against a plain recount."""

from datetime import datetime, timedelta
from random import Random

import pytest

from accord.kernel import clock
from accord.rooms.desk.models import Nudge
from accord.rooms.funnel.models import Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.people.models import Contact
from tests.remembered import remembered

DAY = timedelta(days=1)


@pytest.fixture
def lead(cast, still):
    """`lead("Anna", ago)`: in SQL with Ines since so many days ago."""

    def made(name: str, ago: float, owner=None) -> Lead:
        then = still - ago * DAY
        contact = Contact.create({"name": name}, by=None, at=then)
        opened = Lead.open(contact, entry="referral", owner=owner or cast.ines, by=None, at=then)
        opened.move("to_sql", by=None, at=then)
        return opened

    return made


def nudged(lead, by, at: datetime, kind="message") -> Nudge:
    return Nudge.propose(lead, kind=kind, said="Send the table", by=by, at=at)


@pytest.fixture
@remembered
def some(cast, still, lead):
    """Accepted 40 days ago: A moved on after 30 days to the hour, B an hour later. C declined 31 days ago, moved on
    before that and not after. D declined yesterday, moved on since. E waits, F was withdrawn."""
    a, b, c, d, e, f = (lead(name, 60, cast.paula if name == "D" else None) for name in "ABCDEF")
    for one, late in ((a, 0), (b, 1)):
        nudged(one, cast.mara, still - 41 * DAY).accept(by=cast.ines, at=still - 40 * DAY)
        one.move("to_opportunity", by=None, at=still - 10 * DAY + timedelta(hours=late))
    declined = nudged(c, cast.felix, still - 50 * DAY, "event")
    Lead.objects.filter(pk=c.pk).update(stage_since=still - 45 * DAY)
    declined.decline("tried", by=cast.ines, at=still - 31 * DAY)
    nudged(d, cast.mara, still - 2 * DAY).decline("not_now", by=cast.paula, at=still - DAY)
    d.move("to_opportunity", by=None, at=still - DAY / 2)
    nudged(e, cast.mara, still - DAY)
    nudged(f, cast.mara, still - DAY, "event").withdraw(by=cast.mara, at=still)
    return [one.pk for one in (a, b, c, d, e, f)]


def told(still, **asked):
    return reports.answer("nudges", Question.asked(still, **asked))


def behind(still, measure, *, viewer=None, **more):
    return reports.records("nudges", Question.asked(still, viewer=viewer), reports.Cell(measure, **more))


def test_by_kind_and_side(some, still):
    found = told(still)
    assert [(p.kind, p.side, p.proposed, p.waiting, p.accepted, p.declined, p.withdrawn) for p in found.parts] == [
        ("message", "marketing", 4, 1, 2, 1, 0),
        ("event", "marketing", 1, 0, 0, 0, 1),
        ("event", "sales", 1, 0, 0, 1, 0),
    ]
    assert (found.all.proposed, dict(found.all.reasons)) == (6, {"not_now": 1, "tried": 1})


def test_who_moved_on_within_thirty_days_and_who_is_too_young(some, still):
    accepted, declined = told(still).all.after_accepted, told(still).all.after_declined
    assert (accepted.moved, accepted.watched, accepted.young, accepted.rate) == (1, 2, 0, None)
    assert (declined.moved, declined.watched, declined.young, declined.rate) == (0, 1, 1, None)


def test_behind_every_number_stand_its_leads(some, still):
    a, b, c, d, e, _f = some
    assert behind(still, "proposed") == some
    assert behind(still, "proposed", stage="message", group="marketing") == [a, b, d, e]
    assert behind(still, "waiting") == [e]
    assert behind(still, "declined", cohort="tried") == [c]
    assert behind(still, "accepted_moved") == [a]
    assert behind(still, "accepted_watched") == [a, b]
    assert behind(still, "declined_young", stage="message") == [d]
    for wrong in ("accepted_lost", "waiting_moved", "wins"):
        with pytest.raises(CannotAsk):
            behind(still, wrong)


def test_a_partner_is_told_of_their_own_and_a_period_is_of_the_proposal(some, cast, still):
    assert told(still, viewer=cast.paula).all.proposed == 1
    assert behind(still, "proposed", viewer=cast.paula) == [some[3]]
    # Felix proposed on 11 January, Mara on the 20th, on 28 February and on 1 March.
    assert told(still, since="2026-01-12", until="2026-01-20").all.proposed == 2
    assert told(still, since="2026-02-28").all.proposed == 3


def test_from_thirty_on_a_share_has_its_interval(cast, still, lead):
    for n in range(30):
        one = lead(f"L{n}", 40)
        nudged(one, cast.mara, still - 35 * DAY).accept(by=cast.ines, at=still - 35 * DAY)
        if n < 9:
            one.move("to_opportunity", by=None, at=still - 20 * DAY)
    rate = told(still).all.after_accepted.rate
    assert (rate.numerator, rate.denominator) == (9, 30)
    # Wilson's, z² = 3.841459: (9 + 1.9207 ∓ 1.95996 √(9·21/30 + .96036)) / 33.841459
    assert (rate.low, rate.high) == (pytest.approx(0.16666, abs=1e-4), pytest.approx(0.47877, abs=1e-4))


def test_a_plain_recount_of_random_stories(cast, still, lead):
    rng, told_by = Random(3), []
    for n in range(25):
        one, at = lead(f"L{n}", 90), still - rng.randint(5, 80) * DAY
        nudge = nudged(one, rng.choice((cast.mara, cast.felix)), at, rng.choice(("message", "offer")))
        answered = at + rng.randint(0, 4) * DAY
        state = rng.choice(("accept", "decline", "wait"))
        if state == "accept":
            nudge.accept(by=cast.ines, at=answered)
        elif state == "decline":
            nudge.decline("tried", by=cast.ines, at=answered)
        moved = answered + rng.randint(1, 50) * DAY
        if rng.random() < 0.5 and moved <= still:
            with clock.moved_to(still):
                one.move(rng.choice(("to_opportunity", "returned")), by=None, at=moved, reason="x")
            stage = Lead.objects.get(pk=one.pk).stage
        else:
            moved, stage = None, None
        told_by.append((state, answered, moved if stage == "opportunity" else None))
    found = told(still).all
    for state, after in (("accept", found.after_accepted), ("decline", found.after_declined)):
        mine = [(answered, moved) for one, answered, moved in told_by if one == state]
        old = [(answered, moved) for answered, moved in mine if answered + 30 * DAY <= still]
        went = sum(1 for answered, moved in old if moved and moved <= answered + 30 * DAY)
        assert (after.moved, after.watched, after.young) == (went, len(old), len(mine) - len(old))
        assert after.watched > 0


def test_lines_end_with_all_together(some, still):
    lines = reports.NAMES["nudges"].lines(told(still))
    assert len(lines) == 4
    assert lines[-1] == {
        "kind": "", "side": "", "proposed": 6, "waiting": 1, "accepted": 2, "declined": 2, "withdrawn": 1, "ended": 0,
        "accepted_moved": 1, "accepted_watched": 2, "accepted_young": 0, "accepted_rate": None, "accepted_low": None,
        "accepted_high": None, "declined_moved": 0, "declined_watched": 1, "declined_young": 1, "declined_rate": None,
        "declined_low": None, "declined_high": None,
    }  # fmt: skip


def test_as_of_a_past_day_what_was_answered_later_waited(some, still):
    """On 20 January at noon A and B, proposed that morning, waited until the day after; C waited until the 30th."""
    then = told(still, as_of="2026-01-20T12:00").all
    assert (then.proposed, then.waiting, then.accepted, then.declined) == (3, 3, 0, 0)
    later = told(still, as_of="2026-02-20").all
    assert (later.accepted, later.declined, later.after_accepted.young, later.after_declined.young) == (2, 1, 2, 1)
