"""What an import keeps of the rows it took: the fact, the ledger rows, the records it touched, the keys."""

from accord.kernel import bulk, ledger
from accord.kernel.facts import fact
from accord.kernel.imports.kinds import Row, Written
from accord.kernel.imports.models import Import, ImportedRecord, ImportKey
from accord.kernel.ledger import Writing


@fact
class RowsImported:
    """A stretch of rows of a file was taken in; the ledger rows it wrote name this fact."""

    file: int
    kind: str
    created: int
    updated: int


def record(writing: Writing, imported: RowsImported, written: Written, made: Import, rows: list[Row]) -> None:
    """Record the fact of a stretch; its keys are kept once the ledger has said which ids its own rows have."""

    def finish(fact: int) -> None:
        written.follow(fact)
        _keep_keys(made, rows, written)

    writing.record(imported, [r for r in written.rows if not isinstance(r, ledger.Rows) or r.values], then=finish)
    touched = dict.fromkeys(sorted(set(written.touched), key=lambda t: (t[0], t[1], not t[2])))
    first = {(kind, pk): created for kind, pk, created in reversed(touched)}
    bulk.insert(
        ImportedRecord, ["file_id", "kind", "record", "created"], [(made.pk, k, r, c) for (k, r), c in first.items()]
    )


def _keep_keys(made: Import, rows: list[Row], written: Written) -> None:
    columns = ("kind", "source", "key", "record", "digest", "made_by_id", "line", "seen_in")
    again = (
        "ON CONFLICT (kind, source, key) "
        "DO UPDATE SET digest = excluded.digest, line = excluded.line, seen_in = excluded.seen_in"
    )
    values = [
        (
            made.kind,
            made.source,
            row.key,
            written.records.get(row.key) or row.record or 0,
            row.digest,
            made.pk,
            row.line,
            made.pk,
        )
        for row in rows
    ]
    bulk.values(ImportKey, columns, values, again)
