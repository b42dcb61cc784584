"""Where the words beside the trend of a side stand."""

import pytest

from accord.web.promises.drawing import Dot, Line


@pytest.mark.parametrize(
    ("agreed", "foot"),
    [(40.0, 44.0), (30.0, 38.0), (20.0, 38.0), (15.0, 10.0), (5.0, 9.0)],
)
def test_what_was_agreed_stands_clear_of_the_last_share(agreed, foot):
    """The last share stands at a height of 20, with its foot at 24; a line of words needs 14."""
    line = Line("", Dot(252.0, 20.0), 0.9, None, None, 0.8, 0.9, Dot(4.0, agreed), 0.9)
    assert (line.foot, line.aim_foot) == (24.0, foot)
