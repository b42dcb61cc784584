"""Values: the caches, which are `field_now` and the records' own columns, against the newest trait that stands."""

from collections.abc import Sequence
from typing import Any

from django.db import models

from accord.kernel import fields
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import Stretch, differ, each, exists_as, within
from accord.kernel.fields import Field
from accord.kernel.ledger import standing
from accord.kernel.traits import LONGEST, FieldNow, Trait


def _newest() -> str:
    return (
        "WITH newest AS (SELECT t.record, t.field, t.text, t.norm, t.number, t.occurred_at, row_number() OVER "
        "(PARTITION BY t.record, t.field ORDER BY t.occurred_at DESC, t.recorded_at DESC, t.id DESC) AS place "
        f"FROM trait t WHERE t.kind = %(kind)s AND {within('t', 'record')} AND {standing('trait', 't')}) "
    )


def _values(findings: Findings) -> None:
    """Every record holds what its newest standing traits say, and nothing else."""
    for kind in fields.kinds():
        model, known = fields.table_of(kind), fields.of(kind)
        own = [field for field in known.values() if field.column]
        for stretch in each(model, findings):
            for record, field, why in _now(kind, own, stretch):
                findings.wrong(kind, record, f"{field}: {why}")
            if own:
                _columns(findings, kind, model, own, stretch)
                _derived(findings, kind, model, own, stretch)
    _orphans(findings)


def _now(kind: str, own: Sequence[Field], stretch: Stretch) -> list[tuple[int, str, str]]:
    """Where `field_now` and the traits differ: rows that stand on one side alone, or say something else."""
    slugs = {f"own{place}": field.slug for place, field in enumerate(own)}
    elsewhere = f"AND field NOT IN ({', '.join(f'%({name})s' for name in slugs)})" if slugs else ""
    found = stretch.rows(
        f"{_newest()} SELECT record, field, sum(side) FROM ("
        f"SELECT record, field, text, substr(norm, 1, {LONGEST}) AS norm, number, occurred_at, 1 AS side "
        f"FROM newest WHERE place = 1 {elsewhere} UNION ALL "
        "SELECT record, field, text, norm, number, occurred_at, 2 FROM field_now "
        "WHERE kind = %(kind)s AND record > %(low)s AND record <= %(high)s) AS both_sides GROUP BY record, field "
        "HAVING sum(side) <> 3 OR min(occurred_at) <> max(occurred_at) OR "
        + " OR ".join(f"count({c}) = 1 OR min({c}) <> max({c})" for c in ("text", "norm", "number")),
        kind=kind, **slugs,
    )  # fmt: skip
    words = {1: "known by a trait, and not in field_now", 2: "in field_now, and no standing trait says so"}
    return [
        (record, field, words.get(int(sides), "field_now is not what its newest trait says"))
        for record, field, sides in found
    ]


def _columns(findings: Findings, kind: str, model: type[models.Model], own: Sequence[Field], stretch: Stretch) -> None:
    """Where a record's own columns differ from the traits; a field without a trait has the column's default."""
    columns = [_column(model, field) for field in own]
    values: dict[str, Any] = {f"slug{place}": field.slug for place, field in enumerate(own)}
    values |= {f"default{place}": None if column.null else column.get_default() for place, column in enumerate(columns)}
    told = [f"max(CASE WHEN field = %(slug{p})s THEN {_cell(field)} END) AS told{p}" for p, field in enumerate(own)]
    wrong = [differ(f'r."{column.column}"', f"coalesce(n.told{p}, %(default{p})s)") for p, column in enumerate(columns)]
    shown = ", ".join(f"CASE WHEN {condition} THEN 1 ELSE 0 END" for condition in wrong)
    found = stretch.rows(
        f'{_newest()} SELECT r.id, {shown} FROM "{model._meta.db_table}" r LEFT JOIN '
        f"(SELECT record, {', '.join(told)} FROM newest WHERE place = 1 GROUP BY record) AS n ON n.record = r.id "
        f"WHERE {within('r')} AND ({' OR '.join(wrong)})",
        kind=kind, **values,
    )  # fmt: skip
    for record, *apart in found:
        for field in (field for field, is_apart in zip(own, apart, strict=True) if is_apart):
            findings.wrong(kind, record, f"{field.slug}: the record is not what its newest trait says")


def _column(model: type[models.Model], field: Field) -> models.Field:
    return next(column for column in model._meta.concrete_fields if column.name == field.column)


def _cell(field: Field) -> str:
    return "number" if field.by_number else "text"


def _derived(findings: Findings, kind: str, model: type[models.Model], own: Sequence[Field], stretch: Stretch) -> None:
    """Columns that are worked out from another one: normalised names, keys to sort by."""
    for field in own:
        names = [str(field.column), *field.derived]
        rows = (
            model._default_manager.filter(pk__gt=stretch.low, pk__lte=stretch.high)
            if field.derived
            else model._default_manager.none()
        )
        for record, text, *stored in rows.order_by("pk").values_list("pk", *names):
            for name, derive, kept in zip(field.derived, field.derived.values(), stored, strict=True):
                if derive(text) != kept:
                    findings.wrong(kind, record, f"{name} is not what {field.slug} makes of it")


def _orphans(findings: Findings) -> None:
    """A value belongs to a record that exists."""
    there = exists_as("v", {kind: fields.table_of(kind) for kind in fields.kinds()})
    for model in (Trait, FieldNow):
        table = model._meta.db_table
        sql = f'SELECT v.id, v.kind, v.record, v.field FROM "{table}" v '
        for stretch in each(model, findings):
            for row, kind, record, field in stretch.rows(f"{sql} WHERE {within('v')} AND NOT ({there})"):
                findings.wrong(kind, record, f"{field}: {table}:{row} is of a record that does not exist")


INVARIANTS = [Invariant("values", _values)]
