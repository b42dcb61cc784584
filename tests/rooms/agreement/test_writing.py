"""Data → text → the same data, keys in their order."""

import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from accord.rooms.agreement.document.parsing import parse
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.document.writing import canonical, digest, to_json, to_yaml
from tests.rooms.agreement.conftest import EXAMPLE, example

SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TRAPS = st.sampled_from(
    ["yes", "012", "0o14", "0x1F", "null", "~", "true", "1e3", ".5", ".inf", "-", "- a", "---", "...", "a: b", "# c",
     "2026-01-01", "1:30", "<<", "=", " a", "a ", "a\nb", "\t", "*a", "&a", "!a", "%a", "@", "`", "a, b", "\u2028"]
)  # fmt: skip
WORDS = st.text(SIGNS, min_size=1, max_size=10) | TRAPS
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS | st.just(""),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(WORDS, VALUES, min_size=1, max_size=5))
def test_any_data_comes_back_as_it_was(data):
    for written in (to_yaml(data), to_json(data), canonical(data)):
        back = parse(written)
        assert back == data
        assert json.dumps(back) == json.dumps(data)  # order of keys, and whole numbers as whole numbers


def test_the_example_comes_back_as_it_was():
    data = example()
    assert parse(to_yaml(data)) == parse(to_json(data)) == data
    assert list(parse(to_yaml(data))) == list(data)
    assert parse(to_yaml(parse(to_json(data)))) == data


def test_yaml_is_written_as_people_write_it():
    lines = to_yaml(example()).splitlines()
    assert "effective: 2026-01-01" in lines
    assert "    - {id: student, points: -40, when: {field: contact.title, contains: student}}" in lines
    assert '  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}' in lines
    assert max(map(len, lines)) <= 118


def test_the_hash_is_that_of_the_one_text_whichever_way_it_was_written():
    written = [EXAMPLE, to_yaml(example()), to_json(example())]
    texts = {read(one).text for one in written}
    assert len(texts) == 1
    (text,) = texts
    assert text.startswith('{"accord":1,"name":"Qualified leads and promises","zone":"Europe/Berlin",')
    assert digest(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()


def test_comments_change_nothing():
    assert read("# ours\n" + EXAMPLE).text == read(EXAMPLE).text
