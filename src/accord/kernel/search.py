"""Search by any part of a name, two Chinese characters included: pairs of characters, in FTS5 or in a GIN index."""

from collections.abc import Sequence

from django.db import connection, models

from accord.kernel import bulk
from accord.kernel.text import fold, index_text, index_tokens, match_query, tokens

LIMIT = 20
CHUNK = 500


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
        entries = [(kind, record, words, index_tokens(*words.split("\n"))) for record, words in rows]
        bulk.values(SearchEntry, ("kind", "record", "words", "pairs"), entries)
        return
    ids = bulk.reserve(SearchEntry, len(rows))
    bulk.insert(
        SearchEntry, ("id", "kind", "record", "words"), [(pk, kind, *row) for pk, row in zip(ids, rows, strict=True)]
    )
    pairs = [(pk, index_text(*words.split("\n"))) for pk, (_record, words) in zip(ids, rows, strict=True)]
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
                [(pk, index_text(*words.split("\n"))) for pk, words in entries],
            )
    found.delete()


def find(query: str, kind: str, limit: int = LIMIT) -> list[int]:
    """Records of a kind that hold every word of the query as a part of theirs, newest first. One query."""
    sql, values = (_on_postgresql if connection.vendor == "postgresql" else _on_sqlite)(query, kind)
    if sql is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql} ORDER BY {'e.id' if connection.vendor == 'postgresql' else 's.rowid'} DESC LIMIT %s",
            [*values, limit],
        )
        return [record for (record,) in cursor.fetchall()]


def _on_sqlite(query: str, kind: str) -> tuple[str | None, list]:
    match = match_query(query)
    sql = (
        "SELECT e.record FROM search_index s JOIN search_entry e ON e.id = s.rowid "
        "WHERE search_index MATCH %s AND e.kind = %s"
    )
    return (sql, [match, kind]) if match else (None, [])


def _on_postgresql(query: str, kind: str) -> tuple[str | None, list]:
    words = fold(query).split()
    if not words:
        return None, []
    parts = [w.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for w in words]
    sql = "SELECT e.record FROM search_entry e WHERE e.kind = %s AND e.pairs @> %s" + " AND e.words LIKE %s" * len(
        parts
    )
    return sql, [kind, tokens(query), *(f"%{part}%" for part in parts)]
