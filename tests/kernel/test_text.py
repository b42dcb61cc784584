import sqlite3
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.text import (
    FREE_MAIL,
    domain_of,
    email_key,
    fold,
    index_text,
    index_tokens,
    match_query,
    normalise,
    sort_key,
    spelt,
    tokens,
    words,
)

LETTERS = st.sampled_from("abzABZ019 -.'@_äéÅßиЙёЖїωΣ王小明李重庆银行Ａ１－東")
NAMES = st.text(LETTERS, min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  Director ", "director"),
        ("ＡＣＭＥ１２", "acme12"),
        ("Straße", "strasse"),
        ("e\u0301", "é"),
        ("ﬁnance", "finance"),
        ("ИВАНОВ", "иванов"),
        ("two  words", "two  words"),
        ("\u3000王小明\u3000", "王小明"),
        ("", ""),
    ],
)
def test_strings_are_compared_after_compatibility_case_and_trimming(text, normal):
    assert normalise(text) == normal


@given(st.text())
def test_normalising_again_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_is_the_long_way(text):
    assert normalise(text) == unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def test_names_sort_by_sound_then_by_character():
    sounds = "阿里 Åsa 重庆银行 Émile emma 万科 Wanda 汪洋 王伟 曾国藩 曾敏 Zoe Иванов Йорк"
    backwards = sounds.split()[::-1]
    assert sorted(backwards, key=sort_key) == sounds.split()


def test_one_character_keeps_its_family_together():
    names = ["王安", "汪伟", "王伟", "汪安"]
    assert sorted(names, key=sort_key) in (["汪安", "汪伟", "王安", "王伟"], ["王安", "王伟", "汪安", "汪伟"])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (" Anna.Bell@Firma.DE ", "anna.bell@firma.de"),
        ("ａnna＠firma.de", "anna@firma.de"),
        ("o'brien+news@mail.co.uk", "o'brien+news@mail.co.uk"),
        ("иван@почта.рф", "иван@почта.рф"),
        ("x@xn--80a1acny.xn--p1ai", "x@xn--80a1acny.xn--p1ai"),
    ],
)
def test_an_address_has_one_form(text, key):
    assert email_key(text) == key


NO_ADDRESS = """
anna|anna@|@firma.de|anna@firma|an na@firma.de|a@b@firma.de|anna@-firma.de|anna@firma..de|anna@firma.d|<anna@firma.de>
anna@firma.de, bob@firma.de|"anna"@firma.de|anna@firma_x.d-
"""


@pytest.mark.parametrize(
    "text", ["", *NO_ADDRESS.strip().replace("\n", "|").split("|"), "a" * 65 + "@firma.de", "a@" + "firma." * 50 + "de"]
)
def test_what_is_no_address_has_no_key(text):
    assert email_key(text) is None
    assert domain_of(text) is None


def test_the_domain_tells_a_firm_from_a_free_mailbox():
    assert domain_of(" Anna@Mail.Firma.de") == "mail.firma.de"
    assert {"qq.com", "163.com", "126.com", "mail.ru", "yandex.ru", "gmail.com", "outlook.com"} <= FREE_MAIL
    assert domain_of("li@QQ.com") in FREE_MAIL
    assert "firma.de" not in FREE_MAIL


class Index:
    """A full-text index as the product keeps one."""

    def __init__(self, *names: str) -> None:
        self.database = sqlite3.connect(":memory:")
        self.database.execute("CREATE VIRTUAL TABLE names USING fts5(tokens, name UNINDEXED)")
        self.database.executemany(
            "INSERT INTO names VALUES (?, ?)", [(index_text("contact", name), name) for name in names]
        )

    def find(self, query: str) -> list[str]:
        rows = self.database.execute(
            "SELECT name FROM names WHERE tokens MATCH ? ORDER BY rowid", [match_query("contact", words(query))]
        )
        return [name for (name,) in rows]


CAST = ["Anna-Maria Müller", "王小明", "小王 明", "Иванов Пётр", "O'Brien & Sons", "C++ GmbH", "nn"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("小明", ["王小明"]),
        ("王", ["王小明", "小王 明"]),
        ("明", ["王小明", "小王 明"]),
        ("МУЛ", []),
        ("muller", ["Anna-Maria Müller"]),
        ("MÜL", ["Anna-Maria Müller"]),
        ("a-m", ["Anna-Maria Müller"]),
        ("nn", ["Anna-Maria Müller", "nn"]),
        ("иванов", ["Иванов Пётр"]),
        ("ван", ["Иванов Пётр"]),
        ("петр иван", ["Иванов Пётр"]),
        ("o'b", ["O'Brien & Sons"]),
        ("++", ["C++ GmbH"]),
        ("+", ["C++ GmbH"]),
        ("&", ["O'Brien & Sons"]),
        ("anna petr", []),
        ("am", []),
        ("z", []),
        ('" OR NOT (', []),
    ],
)
def test_a_search_finds_every_part_of_a_word_in_any_script(query, found):
    assert Index(*CAST).find(query) == found


def test_a_query_without_a_word_asks_nothing():
    assert words(" \u3000 ") == []


def test_kinds_are_apart_and_no_word_finds_all_of_one():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE records USING fts5(tokens)")
    database.executemany(
        "INSERT INTO records VALUES (?)", [(index_text(*held),) for held in (("contact", "Ann"), ("company", "Ann"))]
    )
    for sought in ([], ["a"], ["ann"]):
        for kind, found in (("contact", [(1,)]), ("company", [(2,)]), ("con", []), ("contacta", [])):
            hits = database.execute("SELECT rowid FROM records WHERE records MATCH ?", [match_query(kind, sought)])
            assert hits.fetchall() == found


def test_parts_of_a_record_are_apart():
    assert Index("Anna Bell").find("abell") == []
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE records USING fts5(tokens)")
    database.execute("INSERT INTO records VALUES (?)", [index_text("contact", "Ann", "ab@firma.de")])
    hits = "SELECT count(*) FROM records WHERE records MATCH ?"
    assert database.execute(hits, [match_query("contact", ["nna"])]).fetchone() == (0,)
    assert database.execute(hits, [match_query("contact", ["ann", "firma"])]).fetchone() == (1,)


@given(NAMES, NAMES, st.data())
def test_what_is_found_is_what_contains_the_words(name, other, data):
    word = data.draw(st.sampled_from(fold(name).split() or ["a"]))
    start = data.draw(st.integers(0, len(word) - 1))
    query = word[start : data.draw(st.integers(start + 1, len(word)))]
    expected = [n for n in (name, other) if any(query in w for w in fold(n).split())]
    assert Index(name, other).find(query) == expected


@given(NAMES, st.text(LETTERS, max_size=4))
def test_an_array_holds_the_tokens_of_every_word_that_occurs(name, query):
    held = set(index_tokens("contact", name))
    if all(any(word in w for w in fold(name).split()) for word in words(query)):
        assert set(tokens("contact", words(query))) <= held


@given(NAMES)
def test_tokens_survive_the_tokenizer(name):
    assert all(
        token.isascii() and token.isalnum() and token == token.lower() for token in index_text("contact", name).split()
    )


@given(st.text(min_size=2, max_size=2), st.text(min_size=2, max_size=2))
def test_different_pairs_have_different_tokens(one, two):
    ones, twos = fold(one).split(), fold(two).split()
    if len("".join(ones)) == len("".join(twos)) == 2 and ones != twos:
        assert index_text("contact", one) != index_text("contact", two)


def test_an_array_refuses_a_word_whose_pairs_do_not_all_occur():
    held = set(index_tokens("contact", "Anna Bell"))
    assert not set(tokens("contact", ["abel"])) <= held
    assert [f"ct{a}{b}" for a, b in pairwise("anna")] == tokens("contact", ["anna"])


def test_an_array_holds_no_token_of_another_kind():
    assert not set(index_tokens("contact", "Anna")) & set(tokens("company", ["anna"]))


@pytest.mark.parametrize(
    ("value", "said"),
    [("trade_fair", "Trade fair"), ("c_level", "C level"), ("search", "search"), ("A_b", "A_b"), ("a b_c", "a b_c")],
)
def test_a_value_written_as_a_name_for_programs_is_spelt(value, said):
    assert spelt(value) == said
