import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import search


@pytest.fixture
def held(db):
    """Contacts 1 to 40, of which every second has an x and every eighth a z, and a company of the same words."""
    names = {n: f"Anna {'x' * (n % 2 == 0)} {'z' * (n % 8 == 0)} p{n}@firm.de" for n in range(1, 41)}
    search.put_many("contact", [(n, (name,)) for n, name in names.items()])
    search.put("company", 7, "Anna xz")
    return names


def newest(*numbers):
    return sorted(numbers, reverse=True)


@pytest.mark.both
@pytest.mark.parametrize(
    ("query", "every"), [("x", 2), ("z", 8), ("x z", 8), ("anna x", 2), ("anna z", 8), ("X ANNA", 2), ("a", 1)]
)
@pytest.mark.parametrize("limit", [1, 2, 5, 20, 100])
@pytest.mark.parametrize(("probed", "near"), [(1, 0), (1, 15), (2000, 10_000)])
def test_words_find_the_newest_that_hold_them_however_common_they_are(
    held, query, every, limit, probed, near, monkeypatch
):
    monkeypatch.setattr("accord.kernel.search.PROBED", probed)
    monkeypatch.setattr("accord.kernel.search.NEAR", near)
    assert search.find(query, "contact", limit) == newest(*range(every, 41, every))[:limit]


@pytest.mark.both
@pytest.mark.parametrize("near", [0, 10_000])
def test_a_word_is_found_beyond_as_far_back_as_the_newest_let_expect(held, near, monkeypatch):
    monkeypatch.setattr("accord.kernel.search.PROBED", 1)
    monkeypatch.setattr("accord.kernel.search.NEAR", near)
    search.put_many("contact", [(n, ("Anna xz",)) for n in range(41, 43)])
    assert search.find("xz", "contact", 3) == [42, 41]
    assert search.find("x", "contact", 12) == newest(42, 41, *range(22, 41, 2))
    search.put_many("contact", [(n, ("Cleo",)) for n in range(43, 90)])
    assert search.find("x", "contact", 12) == newest(42, 41, *range(22, 41, 2))


@pytest.mark.both
def test_a_character_that_only_the_oldest_hold_is_found(held):
    search.put("contact", 41, "Ben 王 q")
    search.put_many("contact", [(n, ("Cleo",)) for n in range(42, 200)])
    assert search.find("q", "contact", 3) == search.find("王", "contact", 3) == search.find("b q", "contact", 3) == [41]
    assert search.find("y", "contact", 3) == []


@pytest.mark.both
def test_a_kind_is_found_apart_from_the_others(held):
    assert search.find("anna", "company") == search.find("x", "company") == search.find("xz", "company") == [7]
    assert search.find("xz", "contact") == search.find("anna", "deal") == search.find("a", "deal") == []


@pytest.mark.both
def test_what_is_dropped_or_changed_is_found_by_its_present_words_alone(held):
    search.drop("contact", [40])
    search.put("contact", 8, "Ben q")
    assert search.find("z", "contact") == newest(16, 24, 32)
    assert search.find("q", "contact") == search.find("ben", "contact") == [8]


@pytest.mark.both
@pytest.mark.parametrize(("query", "most"), [("anna", 1), ("xz", 1), ("a", 2), ("q", 2), ("anna p7@", 1), (" ", 0)])
def test_a_search_asks_once_and_twice_for_a_single_character(held, query, most):
    with CaptureQueriesContext(connection) as asked:
        search.find(query, "contact", 5)
    assert len(asked) <= (most if connection.vendor == "sqlite" else min(3 * most, 3))


@pytest.mark.both
@pytest.mark.parametrize("query", ["anna", "xz", "q", "p7@"])
def test_a_search_asks_as_often_whether_few_are_held_or_many(held, query, monkeypatch):
    counts = []
    for probed in (2000, 10):
        monkeypatch.setattr("accord.kernel.search.PROBED", probed)
        with CaptureQueriesContext(connection) as asked:
            search.find(query, "contact", 5)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.both
def test_what_came_in_last_is_taken_into_the_index(held):
    search.settle()
    if connection.vendor == "sqlite":
        pytest.skip("SQLite takes every row into its index at once")
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('search_entry_pairs')")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_an_index_from_before_the_kinds_is_made_again(held):
    call_command("migrate", "kernel", "0004", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_index (search_index) VALUES ('delete-all')")
        cursor.execute("INSERT INTO search_index (rowid, pairs) SELECT id, 'an nn na a' FROM search_entry")
    assert search.find("anna", "contact") == []
    call_command("migrate", "kernel", verbosity=0)
    assert search.find("anna", "contact", 50) == newest(*held)
    assert search.find("z", "company") == [7]


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_tokens_from_before_the_kinds_find_as_those_do_that_are_written_now(held, monkeypatch):
    monkeypatch.setattr("accord.kernel.search.PROBED", 1)
    call_command("migrate", "kernel", "0005", verbosity=0)
    call_command("migrate", "kernel", verbosity=0)
    search.put("contact", 41, "Anna xz")
    assert search.find("anna", "contact", 50) == newest(41, *held)
    assert search.find("xz", "contact") == [41]
