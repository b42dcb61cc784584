"""Usual times, against a plain recount of random histories, and chances against closed forms."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel import clock, fields, ledger, traits
from accord.kernel.traits import Given
from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel.facts import LeadOpened
from accord.rooms.funnel.models import Deal, Transition, Usual
from accord.rooms.insight import reports, usual
from accord.rooms.insight.columns import coded
from accord.rooms.insight.questions import Question
from accord.rooms.insight.stays import Stays
from accord.rooms.people.models import Company, Contact

PLACES = ("inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won")
ENDS = ("won", "lost", "recycled", "disqualified", "joined")
INDUSTRIES = ("Steel", "steel ", "Wood", None)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAYS = 86_400_000_000


def in_days(length):
    return Fraction(length // timedelta(microseconds=1), DAYS)


def stood(days, ended, watched=None):
    days = np.array(days, dtype=float)
    watched = np.full(days.size, 1e6) if watched is None else np.array(watched, dtype=float)
    nowhere = coded([None] * days.size)
    return Stays(nowhere, nowhere, days, np.array(ended), watched)


def test_three_quarters_are_of_those_that_move_on_the_running_ones_counted_while_they_were_watched():
    """Twenty that moved on after 1 to 20 days, and as many that were lost on day 1: exits do not put it off."""
    moved = list(range(1, 21))
    assert usual.quantiles(stood(moved + [1] * 20, [1] * 20 + [2] * 20), 0.5, 0.75, 0.95) == [10, 15, 19]
    # Ten more are seen for 10 days so far. On days 1 to 10 one of 40, 39 … 31 went on, ten in all of 30 that do:
    # each of them stands for 1/30. After day 10 one of 10 each time, of the 2/3 that are left: 1/15 each.
    # Half, 1/2 = 10/30 + 2.5/15, is passed with the third after day 10; 3/4 with the seventh; 95/100 with the tenth.
    running = stood([*moved, *[10.5] * 10], [1] * 20 + [0] * 10)
    assert usual.quantiles(running, 0.5, 0.75, 0.95) == [13, 17, 20]


def test_a_young_house_says_nothing_of_what_it_could_not_have_seen():
    """Half went within 2 days, three quarters within 3, 95 in 100 within 4: of 25 that were watched for 7 days."""
    days, watched = [1] * 5 + [2] * 10 + [3] * 5 + [4] * 5, [7.0] * 25
    assert usual.quantiles(stood(days, [1] * 25, watched), 0.5, 0.75, 0.95) == [2, 3, None]
    assert usual.quantiles(stood([1] * 19 + [9] * 5, [1] * 19 + [0] * 5, [2] * 19 + [1] * 5), 0.5) == [None]
    assert usual.quantiles(stood([3] * 40, [2] * 40), 0.5) == [None]  # nobody moved on


def test_with_constant_hazards_the_chance_is_their_ratio_at_every_age():
    """R8's hazards, won .010 and lost .030 a day: whoever is still open wins in the end with .25, however long it took.

    Of 40,000 the share has a standard error of .0022 on entry, and of 1,000 that are open then of .0137.
    """
    rng = np.random.default_rng(8)
    days = rng.exponential(1 / 0.04, 40_000)
    became = np.where(rng.random(40_000) < 0.25, 1, 2)
    told = usual.chances(days, became)
    assert told[0][1] == pytest.approx(0.25, abs=0.007)
    late = [chance for _days, chance, still in told if chance is not None and still >= 1_000]
    assert len(late) > 20
    assert all(abs(chance - 0.25) < 0.045 for chance in late)


def test_a_chance_by_hand_and_where_it_is_not_said():
    """Thirty won on day 1 and thirty lost on day 3, forty are open still on day 9.

    On entry .3 are won by the end; from day 1 on none of the rest was. Ten and more are open up to day 9.
    """
    told = usual.chances(np.array([1.0] * 30 + [3.0] * 30 + [9.0] * 40), np.array([1] * 30 + [2] * 30 + [0] * 40))
    assert told[0] == [0, pytest.approx(0.3), 100]
    assert [chance for _days, chance, _still in told[1:-1]] == [pytest.approx(0.0, abs=1e-12)] * 8
    assert [still for _days, _chance, still in told[1:-1]] == [100, 70, 70, 40, 40, 40, 40, 40]
    assert told[-1] == [9, None, 10]
    assert usual.chances(np.array([1.0] * 29 + [3.0] * 500), np.array([1] * 29 + [2] * 500)) == []


@st.composite
def histories(draw):
    """Transitions of some leads over a month, often at equal instants, each lead of a company of some industry."""
    written, industry = [], {}
    for lead in range(1, draw(st.integers(3, 14)) + 1):
        industry[lead] = draw(st.sampled_from(INDUSTRIES))
        for place in range(draw(st.integers(1, 6))):
            stage = draw(st.sampled_from((*PLACES[:-1], *ENDS))) if place else "inquiry"
            when = NOW - timedelta(days=30) + timedelta(hours=6 * draw(st.integers(0, 115)))
            written.append((lead, "entered" if place == 0 else "moved", stage, when))
    return written, industry


def stays_of(written, industry, now=NOW):
    """(stage, segment) → [(days, what came next, days watched)], lead by lead."""
    found, careers = defaultdict(list), defaultdict(list)
    by_lead = defaultdict(list)
    for order, (lead, move, stage, at) in enumerate(written):
        by_lead[lead].append((at, order, move, stage))
    for lead, rows in by_lead.items():
        entered = next(at for at, _order, move, _stage in rows if move == "entered")
        path = sorted((move != "entered", at, order, stage) for at, order, move, stage in rows)
        path = [(max(at, entered), later, order, stage) for later, at, order, stage in path]
        came = {}
        for place, (at, _later, _order, stage) in enumerate(path):
            following = path[place + 1] if place + 1 < len(path) else None
            until, nxt = (following[0], following[3]) if following else (now, None)
            if stage in ENDS or (until == at and following):
                continue
            if nxt in (None, "joined"):
                ended = 0
            else:
                ended = 1 if nxt in PLACES and PLACES.index(nxt) > PLACES.index(stage) else 2
            stay = (in_days(until - at), ended, in_days(now - at))
            for segment in {"", (industry[lead] or "").strip().lower()}:
                found[stage, segment].append(stay)
            came.setdefault(stage, at)
        last, stands = path[-1][0], path[-1][3]
        for stage, at in came.items():
            until = last if stands in ENDS else now
            became = {"won": 1, "joined": 0}.get(stands, 2 if stands in ENDS else 0)
            careers[stage].append((in_days(until - at), became))
    return found, careers


def incidence(rows, cause):
    """[(days, share that ended by the cause until then)], by the definition."""
    open_, share, curve = Fraction(1), Fraction(0), []
    for t in sorted({days for days, ended, *_rest in rows if ended}):
        at_risk = sum(days >= t for days, *_rest in rows)
        share += open_ * Fraction(sum(days == t and ended == cause for days, ended, *_rest in rows), at_risk)
        open_ *= 1 - Fraction(sum(days == t and ended != 0 for days, ended, *_rest in rows), at_risk)
        curve.append((t, share, open_))
    return curve


def expected(rows, enough):
    """n, left and the three quantiles of one stage and segment."""
    moved, curve = sum(ended == 1 for _days, ended, _watched in rows), incidence(rows, 1)
    told = []
    for share in (Fraction(1, 2), Fraction(3, 4), Fraction(19, 20)):
        reached = [t for t, by_then, _open in curve if moved and by_then >= share * curve[-1][1]]
        long_enough = reached and sum(watched >= 2 * reached[0] for *_rest, watched in rows) >= enough
        told.append(float(reached[0]) if long_enough else None)
    return len(rows), moved, *told


def chance(rows, age):
    curve = incidence(rows, 1)
    by_then = [(share, open_) for t, share, open_ in curve if t <= age]
    share, open_ = by_then[-1] if by_then else (Fraction(0), Fraction(1))
    return float((curve[-1][1] - share) / open_)


def put_industries(industry, at):
    of_company, known = fields.of("company")["industry"], fields.of("contact")["company"]
    told = []
    for lead, name in industry.items():
        told.append(Given(lead, known, fields.value(known, 100 + lead), at))
        if name:
            told.append(Given(100 + lead, of_company, fields.value(of_company, name), at))
    return traits.rows(told)


def write(written, industry, at):
    rows = [
        Transition(
            lead_id=lead, contact_id=lead, entry="marketing" if move == "entered" else None, move=move, to_stage=stage,
            occurred_at=when, recorded_at=when,
        )
        for lead, move, stage, when in written
    ]  # fmt: skip
    # Of the day itself: without it the house is watched only until the end of what was told.
    rows.append(Transition(contact_id=999, move="returned", to_stage="engaged", occurred_at=at))
    with ledger.write(at) as writing:
        writing.record(LeadOpened(lead=1, contact=1, entry="import"), [*rows, put_industries(industry, at)])


def computed(at=NOW):
    with generation() as read:
        return {(one.kind, one.stage, one.segment): one for one in usual.computed(read, Question(at))}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), enough=st.integers(1, 4))
def test_leads_of_any_history(house, still, monkeypatch, history, enough):
    monkeypatch.setattr("accord.rooms.insight.usual.ENOUGH", enough)
    monkeypatch.setattr("accord.rooms.insight.usual.WINS", 1)
    monkeypatch.setattr("accord.rooms.insight.usual.STILL_OPEN", 1)
    with transaction.atomic():
        write(*history, still)
        # The ledger's instant is up to some microseconds after the clock's.
        found = computed(still)
        transaction.set_rollback(True)
    stays, careers = stays_of(*history)
    wanted = {
        key: expected(rows, enough)
        for key, rows in stays.items()
        if key[1] == "" or sum(ended == 1 for _days, ended, _watched in rows) >= enough
    }
    told = {(stage, of): (one.n, one.left, one.median, one.p75, one.p95) for (_kind, stage, of), one in found.items()}
    assert {key: pytest.approx(row, abs=1e-6) for key, row in wanted.items()} == told
    for stage, rows in careers.items():
        by_age = found["lead", stage, ""].chances
        assert bool(by_age) == any(became == 1 for _days, became in rows)
        for age, one, still_open in by_age[:-1]:
            assert one == pytest.approx(chance(rows, Fraction(age)), abs=1e-9)
            assert still_open == sum(days >= age for days, _became in rows)


@st.composite
def deals(draw):
    """What was told of some deals: stage or outcome and when."""
    told = []
    for deal in range(1, draw(st.integers(2, 8)) + 1):
        told.append((deal, NOW - timedelta(days=30), "outcome", "open"))
        hours = sorted(draw(st.lists(st.integers(1, 115), max_size=6, unique=True)))
        for hour in hours:
            field, value = draw(
                st.sampled_from(
                    [("stage", s) for s in ("Offer", "offer", "Negotiation", "Signing")]
                    + [("outcome", o) for o in ("open", "won", "lost")]
                )
            )
            told.append((deal, NOW - timedelta(days=30) + timedelta(hours=6 * hour), field, value))
    return told


def stays_of_deals(told, now=NOW):
    found = defaultdict(list)
    for deal in {deal for deal, *_rest in told}:
        rows = [(at, field, value.lower()) for one, at, field, value in told if one == deal]
        states, stage, outcome = [], "", "open"
        for at, field, value in rows:
            stage, outcome = (value, outcome) if field == "stage" else (stage, value)
            if not states or states[-1][1:] != (stage, outcome):
                states.append((at, stage, outcome))
        first = next((place for place, (_at, stage, _outcome) in enumerate(states) if stage), 0)
        if first and states[first][2] == states[first - 1][2] == "open":  # the first stage is from the opening
            states[first - 1 : first + 1] = [(states[first - 1][0], *states[first][1:])]
        seen = set()
        for place, (at, stage, outcome) in enumerate(states):
            following = states[place + 1] if place + 1 < len(states) else None
            seen.add(stage)
            if outcome != "open" or not stage:
                continue
            if following is None:
                ended = 0
            elif following[2] == "open" and {stage, following[1]} <= {"negotiation", "signing"}:
                ended = 1 if (stage, following[1]) == ("negotiation", "signing") else 2
            elif following[2] == "open":
                ended = 2 if following[1] in seen else 1
            else:
                ended = 1 if following[2] == "won" else 2
            until = following[0] if following else now
            found[stage, ""].append((in_days(until - at), ended, in_days(now - at)))
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=deals())
def test_deals_of_any_history(house, still, monkeypatch, told):
    monkeypatch.setattr("accord.rooms.insight.usual.ENOUGH", 1)
    known = fields.of("deal")
    given_ = [Given(d, known[f], fields.value(known[f], value), when) for d, when, f, value in told]
    with transaction.atomic():
        with ledger.write(still) as writing:
            moved = Transition(contact_id=999, move="returned", to_stage="engaged", occurred_at=still)
            writing.record(LeadOpened(lead=999, contact=999, entry="import"), [moved, traits.rows(given_)])
        found = computed(still)
        transaction.set_rollback(True)
    wanted = {("deal", *key): expected(rows, 1) for key, rows in stays_of_deals(told).items()}
    told_ = {key: (one.n, one.left, one.median, one.p75, one.p95) for key, one in found.items()}
    assert {key: pytest.approx(row, abs=1e-6) for key, row in wanted.items()} == told_


def test_a_stage_that_was_told_only_with_the_end_of_its_deal_has_no_time(house, still):
    known, ago = fields.of("deal"), still - timedelta(days=9)
    told = [("outcome", "open", ago), ("stage", "Signing", still), ("outcome", "won", still)]
    with ledger.write(still) as writing:
        rows = traits.rows([Given(1, known[f], fields.value(known[f], value), when) for f, value, when in told])
        writing.record(LeadOpened(lead=1, contact=1, entry="import"), [rows])
    assert computed(still) == {}


def test_the_industry_of_a_deal_is_that_of_its_company_and_the_trash_is_left_out(cast, still, monkeypatch):
    monkeypatch.setattr("accord.rooms.insight.usual.ENOUGH", 1)
    ada, steel = cast.ada.pk, Company.create({"name": "S", "industry": "Steel"}, by=None, at=still)
    before = [still - timedelta(days=20), still - timedelta(days=15)]
    for name in ("A", "B"):
        contact = Contact.create({"name": name, "company": steel.pk}, by=ada, at=before[0])
        with clock.moved_to(before[0]):
            deal = Deal.open(lead=None, contact=contact, values={"stage": "Offer"}, by=ada, at=before[0])
        with clock.moved_to(before[1]):
            deal.edit({"stage": "Signing"}, seen=0, by=ada, at=before[1])
    deal.trash(by=ada, at=still)
    found = {key: (one.n, one.left, one.median) for key, one in computed(still + timedelta(seconds=1)).items()}
    assert {key: row for key, row in found.items() if key[1] == "offer"} == {
        ("deal", "offer", ""): (1, 1, pytest.approx(5.0)),
        ("deal", "offer", "steel"): (1, 1, pytest.approx(5.0)),
    }


def test_it_is_published_and_told_by_the_report(past, watched, still):
    for n in range(25):
        past("2026-01-01", (f"2026-01-{2 + n // 5:02}", "mql"))
    assert usual.publish(still) == 2
    inquiry, mql = Usual.objects.order_by("stage")
    assert (inquiry.stage, inquiry.n, inquiry.left, inquiry.median, inquiry.p75) == ("inquiry", 25, 25, 3.0, 4.0)
    assert (mql.stage, mql.n, mql.left, mql.median, mql.chances) == ("mql", 25, 0, None, [])
    lines = reports.NAMES["usual"].lines(reports.answer("usual", Question(still)))
    assert lines[0] == {
        "kind": "lead", "stage": "inquiry", "segment": "", "stays": 25, "moved_on": 25, "median_days": 3.0,
        "p75_days": 4.0, "p95_days": 5.0, "chance_on_entry": None,
    }  # fmt: skip
    told = reports.answer("usual", Question(still)).stages
    assert [(one.stage, one.too_early) for one in told] == [("inquiry", False), ("mql", True)]


def test_nothing_is_an_answer_too(house, still):
    assert reports.answer("usual", Question(still)).stages == []
    assert usual.publish(still) == 0
