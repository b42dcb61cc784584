"""A sieve holds nothing back that was put in, and nearly all that was not."""

from random import Random
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.rooms.capture.inbox.sieves import Sieve, Sieves
from tests.served import until

IN_VAIN = 1 / 400  # of one part, when it is full
HASHES = st.lists(st.binary(min_size=16, max_size=16), unique=True)


def drawn(random: Random, many: int) -> list[bytes]:
    return [random.randbytes(16) for _one in range(many)]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr("accord.rooms.capture.inbox.sieves.SMALLEST", 2**4)


@given(st.lists(HASHES, max_size=5), HASHES)
def test_all_that_was_put_in_passes(blocks, others):
    sieve = Sieve()
    for block in blocks:
        sieve.put(b"".join(block))
    put = [one for block in blocks for one in block]
    assert sieve.passing(put) == put
    assert set(sieve.passing([*others, *put])) >= set(put)


def test_all_passes_through_many_parts(small):
    hashes, sieve = drawn(Random(1), 5000), Sieve()
    for begin in range(0, 5000, 37):
        sieve.put(b"".join(hashes[begin : begin + 37]))
    assert sieve.passing(hashes) == hashes


def test_of_what_was_never_put_in_one_in_four_hundred_passes():
    random, sieve = Random(2), Sieve()
    sieve.put(b"".join(drawn(random, 2**16)))  # one part, full
    others = 200_000
    assert len(sieve.passing(drawn(random, others))) == pytest.approx(others * IN_VAIN, rel=0.2)


def test_an_empty_sieve_lets_nothing_pass():
    assert Sieve().passing(drawn(Random(3), 10)) == []


def test_a_day_lets_everything_pass_until_its_table_is_read():
    young, stored, coming, others = (drawn(Random(seed), 50) for seed in range(4))
    may_go_on, sieves = Event(), Sieves()

    def read():
        may_go_on.wait()
        yield b"".join(stored)

    sieves.begin(1, young, read())
    sieves.put(1, coming)
    asked = young + stored + coming + others
    assert sieves.passing(1, asked) == asked
    may_go_on.set()
    until(lambda: sieves.ready(1))
    assert set(sieves.passing(1, asked)) >= set(young + stored + coming)
    assert len(sieves.passing(1, others)) < len(others)
    assert sieves.passing(2, others) == others  # of a day that nobody has begun


def test_a_day_whose_table_cannot_be_read_lets_everything_pass():
    ended, sieves, hashes = Event(), Sieves(), drawn(Random(5), 20)

    def read():
        yield b"".join(hashes)
        ended.set()
        raise OSError

    sieves.begin(1, [], read())
    ended.wait()
    assert not sieves.ready(1)
    assert sieves.passing(1, hashes) == hashes
