import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from accord.demo import law, population, season
from accord.demo.events import Answered, Assigned, Joined, Moved, Offered, Reopened, TakenUp
from accord.demo.hours import at_work
from accord.demo.plan import BETTER, BY_HAND, GENEROUS, Plan
from accord.rooms.funnel.rules import MOVES
from accord.rooms.handoff.fields import REASON_NAMES

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = Plan(MONDAY + timedelta(days=4000), MONDAY + timedelta(days=4001))  # nothing is signed yet


@pytest.fixture(scope="module")
def crowd() -> list[population.Person]:
    rng = Random(3)
    return population.people(rng, population.companies(rng, 500), 2000)


def test_the_law_is_pure():
    """What people do is decided without Django, so that it can be read and tried without a house."""
    program = "import sys, accord.demo.season; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("base", "lift", "expected"),
    [(0.5, 0, 0.5), (0.2, 0, 0.2), (0.5, 1.0986122886681098, 0.75), (0.75, -1.0986122886681098, 0.5)],
)
def test_a_lift_multiplies_the_odds(base, lift, expected):
    """The lift is the logarithm of three: the odds go from 1 to 3, or from 3 to 1."""
    assert law.chance(base, lift) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("language", "given", "earliest", "latest"),
    [
        ("de", "2026-03-03 10:00", "2026-03-03 10:00", "2026-03-03 10:00"),
        ("de", "2026-03-03 05:00", "2026-03-03 07:00", "2026-03-03 09:30"),
        ("de", "2026-03-03 16:00", "2026-03-04 07:00", "2026-03-04 09:30"),
        ("de", "2026-03-07 12:00", "2026-03-09 07:00", "2026-03-09 09:30"),
        ("de", "2026-03-06 20:00", "2026-03-09 07:00", "2026-03-09 09:30"),
        ("zh", "2026-03-03 10:00", "2026-03-04 01:00", "2026-03-04 03:30"),
        ("zh", "2026-03-03 02:00", "2026-03-03 02:00", "2026-03-03 02:00"),
    ],
)
def test_people_work_in_the_day_of_their_own_country(language, given, earliest, latest):
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (given, earliest, latest)]
    assert moments[1] <= at_work(Random(1), moments[0], language) <= moments[2]


def test_nobody_is_met_twice_under_one_address(crowd):
    assert len({who.email for who in crowd}) == 2000
    assert len({who.company.domain for who in crowd}) == 500


def test_people_are_called_as_in_their_country(crowd):
    scripts = {
        "zh": lambda name: all("一" <= letter <= "鿿" for letter in name),
        "ru": lambda name: all("А" <= letter <= "ё" or letter == " " for letter in name),
    }
    named = Counter((who.language, scripts[who.language](who.name)) for who in crowd if who.language in scripts)
    assert set(named) == {("zh", True), ("ru", True)}


def test_a_passage_moves_only_as_the_funnel_allows(crowd):
    """Told alone, without a colleague's deal between, every step starts where the one before it ended."""
    for number, who in enumerate(crowd[:400]):
        stage = "inquiry"
        for event in law.passage(Random(number), who, MONDAY, law.ORIGINS["website"], LATER):
            if isinstance(event, Offered):
                break
            if isinstance(event, Moved):
                assert stage in MOVES[event.move].sources
                stage = MOVES[event.move].target
                if stage == "recycled":
                    break


def test_time_goes_forward_between_the_steps(crowd):
    for number, who in enumerate(crowd[:400]):
        events = law.passage(Random(number), who, MONDAY, law.ORIGINS["search"], LATER)
        steps = [event.at for event in events if isinstance(event, Moved | Assigned | Offered)]
        assert steps == sorted(steps)
        assert all(at >= MONDAY for at in steps)


def test_who_suits_better_gets_further(crowd):
    """The rates are known: of those who suit well more become an opportunity than of those who hardly do."""
    ordered = sorted(crowd, key=lambda who: who.fit)
    reached = []
    for some in (ordered[:500], ordered[-500:]):
        told = [law.passage(Random(n), who, MONDAY, law.ORIGINS["website"], LATER) for n, who in enumerate(some)]
        reached.append(sum(any(isinstance(event, Offered) for event in events) for events in told))
    assert reached[0] * 2 < reached[1]


@pytest.mark.parametrize(("rule", "at_once"), [(GENEROUS, True), (BETTER, False)])
def test_while_the_rule_is_generous_whoever_asks_is_handed_over_and_most_come_back(crowd, rule, at_once):
    signed = Plan(MONDAY, MONDAY + timedelta(days=4000) if rule == GENEROUS else MONDAY)
    ways = [law.passage(Random(n), who, MONDAY, law.ORIGINS["website"], signed) for n, who in enumerate(crowd[:400])]
    answers = [[one for one in way if isinstance(one, Answered)] for way in ways]
    assert all(bool(way) for way in answers) == at_once
    first = [way[0] for way in answers if way]
    assert (sum(one.accepts for one in first) < len(first) / 2) == at_once
    # Marketing hears why, and takes most of them up again.
    back = [one for way in answers for one in way if not one.accepts]
    assert {one.reason for one in back} <= set(REASON_NAMES)
    assert 0.7 < sum(isinstance(one, TakenUp) for way in ways for one in way) / len(back) < 0.95


def test_both_signings_are_mornings_of_work_one_after_the_other():
    for months in (1, 6, 12):
        signed = Plan.of(MONDAY, MONDAY + timedelta(days=30 * months))
        assert MONDAY < signed.generous < signed.better < MONDAY + timedelta(days=30 * months)
        assert {one.weekday() < 5 and one.hour == 8 for one in (signed.generous, signed.better)} == {True}
        assert [signed.rule(at) for at in (MONDAY, signed.generous, signed.better)] == [BY_HAND, GENEROUS, BETTER]


def test_who_was_joined_to_a_colleagues_deal_is_not_taken_up_again():
    """In a large house somebody was: the way of each is decided before it is known what the others do."""
    until = datetime(2026, 11, 27, tzinfo=UTC)
    joined = set()
    for event in season.story(7, 5000, until - timedelta(days=365), until).events:
        if isinstance(event, Joined):
            joined.add(event.who.number)
        else:
            assert not (isinstance(event, Reopened | Offered) and event.who.number in joined), event
    assert len(joined) > 100
