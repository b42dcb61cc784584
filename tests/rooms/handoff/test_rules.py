"""Whose turn it is."""

from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.rooms.handoff.rules import AWAY, FULL, Candidate, fair


def taken(shares, times, turns=None, out=lambda _round, _member: ""):
    """Who gets it, round after round, and how the turns stand in the end."""
    turns, got = dict(turns or {}), []
    for number in range(times):
        line = [Candidate(member, weight, out(number, member)) for member, weight in shares.items()]
        picked = fair(line, turns)
        turns, got = dict(picked.turns), [*got, picked.member]
    return got, turns


def test_shares_of_five_one_and_one_come_without_bursts_and_return_to_where_they_began():
    # The published example of smooth weighted round robin: a a b a c a a.
    got, turns = taken({1: 5, 2: 1, 3: 1}, 7)
    assert got == [1, 1, 2, 1, 3, 1, 1]
    assert turns == {1: 0, 2: 0, 3: 0}


def test_equal_shares_go_round():
    got, _turns = taken({7: 100, 8: 100, 9: 100}, 6)
    assert got == [7, 8, 9, 7, 8, 9]


def test_nobody_can():
    assert fair([Candidate(1, 1, AWAY), Candidate(2, 0)], {1: 3}).member is None
    assert fair([Candidate(1, 1, AWAY)], {1: 3}).turns == {1: 3}


def test_whoever_was_away_comes_back_to_one_turn_more_and_not_to_a_flood():
    away = lambda number, member: AWAY if member == 2 and number < 50 else ""  # noqa: E731
    got, _turns = taken({1: 1, 2: 1}, 60, out=away)
    assert set(got[:50]) == {1}
    assert got[50:60].count(2) <= 6


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 4))
def test_in_every_whole_cycle_each_gets_as_many_as_their_share(weights, cycles):
    shares = dict(enumerate(weights))
    got, turns = taken(shares, cycles * sum(weights))
    assert {member: got.count(member) for member in shares} == {m: w * cycles for m, w in shares.items()}
    assert set(turns.values()) == {0}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=6), st.integers(1, 40))
def test_at_no_moment_does_anybody_stray_far_from_their_share(weights, times):
    got, _turns = taken(dict(enumerate(weights)), times)
    for member, weight in enumerate(weights):
        assert abs(got.count(member) - times * weight / sum(weights)) < len(weights)


@pytest.mark.parametrize("who", [1, 2, 3])
def test_who_is_full_is_passed_by_and_the_others_keep_their_shares(who):
    others = [member for member in (1, 2, 3) if member != who]
    got, _turns = taken({1: 1, 2: 1, 3: 1}, 10, out=lambda _n, member: FULL if member == who else "")
    assert got == list(islice(cycle(others), 10))
