"""Columns of texts, against plain lists."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.rooms.insight.columns import Columns, Numbers, Texts, coded

words = st.lists(st.none() | st.sampled_from(["fair", "mail", "search", "messe", "展会", ""]), max_size=40)


@dataclass(frozen=True, eq=False)
class Rows(Columns):
    numbers: Numbers
    texts: Texts
    both: tuple[Numbers, Numbers]


def plain(texts):
    return [texts.at(place) for place in range(texts.size)]


@settings(deadline=None)
@given(words)
def test_texts_are_compared_and_counted_as_plain_ones(said):
    texts = coded(said)
    assert plain(texts) == said
    assert texts.counts() == Counter(said)
    assert texts.present() == [*sorted({word for word in said if word is not None}), *([None] if None in said else [])]
    for wanted in (("fair",), ("fair", None), (None,), ("nowhere",), ()):
        assert texts.are(*wanted).tolist() == [word in wanted for word in said]


@settings(deadline=None)
@given(words)
def test_renamed_texts_become_one_where_their_names_do(said):
    renamed = coded(said).renamed({"messe": "fair", "展会": "fair"})
    expected = ["fair" if word in ("messe", "展会") else word for word in said]
    assert plain(renamed) == expected
    assert renamed.counts() == Counter(expected)


@settings(deadline=None)
@given(words)
def test_parts_have_the_rows_of_each_text_in_their_order(said):
    numbers = np.arange(len(said))
    rows = Rows(numbers, coded(said), (numbers * 2, numbers * 3))
    parts = dict(rows.parts(rows.texts))
    assert list(parts) == rows.texts.present()
    for name, part in parts.items():
        mine = [place for place, word in enumerate(said) if word == name]
        assert part.numbers.tolist() == mine
        assert set(plain(part.texts)) == {name}
        assert [column.tolist() for column in part.both] == [[2 * n for n in mine], [3 * n for n in mine]]


def test_the_first_condition_that_holds_gives_the_text():
    first, second = np.array([True, True, False, False]), np.array([False, True, True, False])
    texts = Texts.chosen([(first, "one"), (second, "two")], "none")
    assert plain(texts) == ["one", "one", "two", "none"]
