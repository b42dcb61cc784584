"""The stack of the interpreter, in one piece for all that a call calls.

CPython keeps the frames of functions in chunks of 16 KiB. It takes one from the system when a frame does not fit any
more and gives it back when that frame returns, so that whatever is called often from just where a chunk ends costs two
calls of the system and a fault of a page each time (CPython's issue 142183). Programs hardly meet that; tests do, which
begin some hundred frames up, in pytest: those of the page of the funnel spent a third of their time so.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Back = TypeVar("Back")
# Places of eight bytes that a frame says it needs: more than half a mebibyte, so that its chunk is a whole one, and the
# rest of that is there for some hundreds of frames above it. What nobody touches takes no memory.
PLACES = 70_000


def in_one_piece(call: Callable[Given, Back]) -> Callable[Given, Back]:
    """The same call, above which no chunk of the stack ends for some hundreds of frames."""

    def beginning(*given: Given.args, **named: Given.kwargs) -> Back:
        return call(*given, **named)

    beginning.__code__ = beginning.__code__.replace(co_stacksize=PLACES)
    return wraps(call)(beginning)
