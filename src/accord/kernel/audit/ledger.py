"""The ledger: its order, its instant, its facts, and what was taken back."""

from django.apps import apps
from django.db import models

from accord.kernel import ledger
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import Stretch, ask, each, told, within
from accord.kernel.ledger import DatedRow, Fact, LedgerRow, Retraction


def tables() -> list[type[models.Model]]:
    """Every append-only table, the facts first."""
    return [Fact, *(model for model in apps.get_models() if issubclass(model, LedgerRow))]


def _order(findings: Findings) -> None:
    """Ids and instants grow together; what is known was stored by then, and had happened by then."""
    for model in tables():
        for stretch in each(model, findings):
            for row in _disordered(model, stretch):
                _tell_order(findings, model._meta.db_table, *row)


def _disordered(model: type[models.Model], stretch: Stretch) -> list[tuple]:
    occurred = "occurred_at" if model is Fact or issubclass(model, DatedRow) else "recorded_at"
    # From the last row of the stretch before on, so that the seam is looked at too.
    return stretch.rows(
        "SELECT id, before, stored_at, recorded_at, happened_at FROM ("
        f"SELECT id, stored_at, recorded_at, {occurred} AS happened_at, lag(stored_at) OVER (ORDER BY id) AS before "
        f'FROM "{model._meta.db_table}" WHERE id >= %(low)s AND id <= %(high)s) AS rows_of WHERE id > %(low)s '
        "AND (before > stored_at OR recorded_at > stored_at OR happened_at > recorded_at)"
    )


def _tell_order(findings: Findings, table: str, row: int, before, stored, recorded, occurred) -> None:
    if before is not None and before > stored:
        findings.wrong(table, row, f"stored at {told(stored)}, before the row ahead of it ({told(before)})")
    if recorded > stored:
        findings.wrong(table, row, f"recorded at {told(recorded)}, after it was stored ({told(stored)})")
    if occurred > recorded:
        findings.wrong(table, row, f"happened at {told(occurred)}, after it was recorded ({told(recorded)})")


def _facts(findings: Findings) -> None:
    """Every row names the fact that wrote it, at the same instant."""
    for model in tables()[1:]:
        table = model._meta.db_table
        for stretch in each(model, findings):
            found = stretch.rows(
                f'SELECT r.id, r.fact_id, f.id, r.stored_at, f.stored_at FROM "{table}" r '
                "LEFT JOIN fact f ON f.id = r.fact_id "
                f"WHERE {within('r')} AND (f.id IS NULL OR f.stored_at <> r.stored_at)"
            )
            for row, named, fact, stored, of_fact in found:
                lost = f"names fact {named}, which does not exist"
                apart = f"stored at {told(stored)}, its fact {named} at {told(of_fact)}"
                findings.wrong(table, row, lost if fact is None else apart)


def _instant(findings: Findings) -> None:
    """Nothing is stored after the last instant that the ledger gave out."""
    last = ledger.latest()
    for model in tables():
        table = model._meta.db_table
        for stretch in each(model, findings):
            after = model._default_manager.filter(id__gt=stretch.low, id__lte=stretch.high)
            if last is not None:
                after = after.filter(stored_at__gt=last)
            for row, stored in after.values_list("id", "stored_at"):
                findings.wrong(table, row, f"stored at {told(stored)}; the ledger's last instant is {told(last)}")


def _retractions(findings: Findings) -> None:
    """What is taken back was there: one row, or one fact."""
    known = {model._meta.db_table for model in tables()}
    for stretch in each(Retraction, findings):
        found = stretch.rows(
            'SELECT r.id, r."table", r.row_id, r.retracted_fact_id, f.id FROM retraction r '
            "LEFT JOIN fact f ON f.id = r.retracted_fact_id "
            f"WHERE {within('r')} AND (r.row_id IS NOT NULL OR f.id IS NULL)"
        )
        rows: dict[str, dict[int, int]] = {}
        for pk, table, row, fact, there in found:
            if (row is None) == (fact is None) or (row is not None and table not in known):
                findings.wrong("retraction", pk, "takes back neither one row of the ledger nor one fact")
            elif row is None and there is None:
                findings.wrong("retraction", pk, f"takes back fact {fact}, which does not exist")
            elif row is not None:
                rows.setdefault(table, {})[pk] = row
        for table, wanted in rows.items():
            _missing_rows(findings, table, wanted)


def _missing_rows(findings: Findings, table: str, wanted: dict[int, int]) -> None:
    sql = f'SELECT r.id FROM retraction r JOIN "{table}" x ON x.id = r.row_id WHERE r."table" = %(table)s AND '
    there = ask(sql + within("r"), table=table, low=min(wanted) - 1, high=max(wanted))
    for pk in sorted(wanted.keys() - {pk for (pk,) in there}):
        findings.wrong("retraction", pk, f"takes back {table}:{wanted[pk]}, which does not exist")


INVARIANTS = [
    Invariant("ledger_order", _order),
    Invariant("ledger_fact", _facts),
    Invariant("ledger_instant", _instant),
    Invariant("retractions", _retractions),
]
