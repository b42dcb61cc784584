"""Search by any part of a name, two Chinese characters included: pairs of characters, in FTS5 or in a GIN index."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from accord.kernel import bulk
from accord.kernel.text import fold, index_text, index_tokens, match_query, tokens, words

LIMIT = 20
CHUNK = 500
DEEP = 4  # a character is common that one of so many records holds
FOUND = (
    "SELECT e.record FROM search_index s JOIN search_entry e ON e.id = s.rowid "
    "WHERE search_index MATCH %s ORDER BY s.rowid DESC LIMIT %s"
)
NEWEST = (
    "SELECT e.record, {holds} FROM (SELECT rowid AS id FROM search_index WHERE search_index MATCH %s "
    "ORDER BY rowid DESC LIMIT %s) s CROSS JOIN search_entry e ON e.id = s.id ORDER BY s.id DESC"
)
PROBED = 2000  # of the newest records, in which a common word is found
NEAR = 10_000  # that many are read faster than the index is
NEARLY = 1.5  # times as far back as what is wanted should reach, to find it in one go
# Which they are is asked of the index alone, and by a range that holds one kind: of an equal kind the planner reads all
# records of any kind from the newest on, such as a hundred thousand deals that came in last.
PROBE = """
WITH newest AS MATERIALIZED (
    SELECT id, record, words FROM search_entry
    JOIN (
        SELECT id FROM search_entry WHERE kind BETWEEN %s AND %s ORDER BY kind DESC, id DESC LIMIT %s
    ) AS of_kind USING (id)
)
SELECT ARRAY(SELECT record FROM newest WHERE {holds} ORDER BY id DESC LIMIT %s), count(*), min(id), max(id) FROM newest
"""
BY_PAIRS = """
SELECT record FROM search_entry WHERE kind = %s AND id > %s AND pairs @> %s AND {holds} ORDER BY id DESC LIMIT %s
"""


class SearchEntry(models.Model):
    """What a record is found by. The index beside it is made by a migration, as each database has it."""

    kind = models.CharField(max_length=20)
    record = models.BigIntegerField()
    words = models.TextField()

    class Meta:
        db_table = "search_entry"
        constraints = [models.UniqueConstraint(fields=["kind", "record"], name="search_entry_once")]


def put(kind: str, record: int, *parts: str | None) -> None:
    """Make a record findable by these words, and by nothing else."""
    put_many(kind, [(record, parts)])


def put_many(kind: str, records: Sequence[tuple[int, Sequence[str | None]]], *, fresh: bool = False) -> None:
    """`fresh`: the records are new, so that there is nothing to forget."""
    if not fresh:
        drop(kind, [record for record, _ in records])
    rows = [(record, fold("\n".join(part for part in parts if part))) for record, parts in records]
    for start in range(0, len(rows), CHUNK):
        _write(kind, rows[start : start + CHUNK])


def _write(kind: str, rows: Sequence[tuple[int, str]]) -> None:
    if connection.vendor == "postgresql":
        entries = [(kind, record, held, index_tokens(kind, *held.split("\n"))) for record, held in rows]
        bulk.values(SearchEntry, ("kind", "record", "words", "pairs"), entries)
        return
    ids = bulk.reserve(SearchEntry, len(rows))
    bulk.insert(
        SearchEntry, ("id", "kind", "record", "words"), [(pk, kind, *row) for pk, row in zip(ids, rows, strict=True)]
    )
    pairs = [(pk, index_text(kind, *held.split("\n"))) for pk, (_record, held) in zip(ids, rows, strict=True)]
    with connection.cursor() as cursor:  # several rows a statement are slower here than one by one
        cursor.executemany("INSERT INTO search_index (rowid, pairs) VALUES (%s, %s)", pairs)


def drop(kind: str, records: Sequence[int]) -> None:
    """Make records unfindable."""
    for start in range(0, len(records), CHUNK):
        _drop(kind, records[start : start + CHUNK])


def _drop(kind: str, records: Sequence[int]) -> None:
    found = SearchEntry.objects.filter(kind=kind, record__in=list(records))
    if connection.vendor != "postgresql":
        entries = list(found.values_list("id", "words"))
        with connection.cursor() as cursor:
            # A contentless index forgets a row only when told what it held.
            cursor.executemany(
                "INSERT INTO search_index (search_index, rowid, pairs) VALUES ('delete', %s, %s)",
                [(pk, index_text(kind, *held.split("\n"))) for pk, held in entries],
            )
    found.delete()


def settle() -> None:
    """Have PostgreSQL take into its index what came in last: until then every search reads all of that, up to 4 MB."""
    if connection.vendor == "postgresql":
        _rows("SELECT gin_clean_pending_list('search_entry_pairs')", [])


def find(query: str, kind: str, limit: int = LIMIT) -> list[int]:
    """Records of a kind that hold every word of the query as a part of theirs, newest first.

    On SQLite one query, and at most two where a word is a single character; on PostgreSQL at most three.
    """
    sought = words(query)
    if not sought:
        return []
    if connection.vendor == "postgresql":
        return _on_postgresql(sought, kind, limit)
    if any(len(word) == 1 for word in sought) and (newest := _among_newest(sought, kind, limit)) is not None:
        return newest
    return [record for (record,) in _rows(FOUND, [match_query(kind, sought), limit])]


def _among_newest(sought: Sequence[str], kind: str, limit: int) -> list[int] | None:
    """What a search with single characters finds among the newest records that hold the longer words; None where
    older ones might belong to it.

    The index knows single characters as beginnings of pairs: of a common one it would read most of what it holds.
    """
    longer, single = [word for word in sought if len(word) > 1], [word for word in sought if len(word) == 1]
    holds = " AND ".join(["instr(e.words, %s)"] * len(single))
    newest = _rows(NEWEST.format(holds=holds), [*single, match_query(kind, longer), DEEP * limit])
    found = [record for record, held in newest if held][:limit]
    return found if len(found) == limit or len(newest) < DEEP * limit else None


def _on_postgresql(sought: Sequence[str], kind: str, limit: int) -> list[int]:
    """The index names every record in which the pairs occur, and each of them is read to be compared. Of common words
    that is most of the table: the newest records say how far back as many as are wanted reach.
    """
    parts = [word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in sought]
    holds, like = " AND ".join(["words LIKE %s"] * len(parts)), [f"%{part}%" for part in parts]
    probe, by_pairs = PROBE.format(holds=holds), BY_PAIRS.format(holds=holds)
    ((found, probed, oldest, newest),) = _rows(probe, [kind, kind, PROBED, *like, limit])
    begin = 0  # a kind of which all was looked at is asked the same: so many questions, however many records
    if len(found) < limit and found and probed == PROBED:
        times = NEARLY * limit / len(found)
        if times * PROBED <= NEAR:
            ((found, *_bounds),) = _rows(probe, [kind, kind, int(times * PROBED), *like, limit])
        else:
            begin = max(newest - int(times * (newest - oldest)), 0)
    for since in dict.fromkeys([begin, 0]):
        if len(found) == limit:
            break
        values = [kind, since, tokens(kind, sought), *like, limit]
        found = [record for (record,) in _rows(by_pairs, values)]
    return list(found)


def _rows(sql: str, values: Sequence[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
