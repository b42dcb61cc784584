"""Calls beyond the end of a chunk of the interpreter's stack."""

import resource
from concurrent.futures import ThreadPoolExecutor

from tests.stack import in_one_piece

TIMES = 500


def called_often(depth: int) -> None:
    """From that far above: at some depth a chunk ends, and on 3.11 each call takes a page and gives it back."""
    if depth:
        called_often(depth - 1)
    else:
        for _time in range(TIMES):
            ended()


def ended() -> None:
    a = b = c = d = e = f = g = h = None
    del a, b, c, d, e, f, g, h


def faults(call, *given: int) -> int:
    """Pages that the process had to be given meanwhile."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    call(*given)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_no_call_ends_a_chunk_each_time():
    often = in_one_piece(called_often)
    with ThreadPoolExecutor(1) as thread:  # whose stack has no piece yet, as that of a test has
        assert max(thread.map(lambda depth: faults(often, depth), range(300))) < TIMES / 2


def test_what_is_given_and_what_comes_back_pass_through():
    def told(one: int, *, two: int) -> tuple[int, int]:
        """Said."""
        return one, two

    assert in_one_piece(told)(1, two=2) == (1, 2)
    assert (in_one_piece(told).__name__, in_one_piece(told).__doc__) == ("told", "Said.")
