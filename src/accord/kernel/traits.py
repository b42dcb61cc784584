"""Traits: every known value of a field of any record, with when it became true and when we learnt it.

One verb, `put`, for one record or for a hundred thousand. The trait is the truth; `field_now` and the
column in the record's own table are the cache of the latest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

from django.db import connection, models
from django.db.models import Q

from accord.kernel import bulk, fields, ledger, search
from accord.kernel.facts import fact
from accord.kernel.fields import Field, Value
from accord.kernel.instants import InstantField, stored
from accord.kernel.ledger import DatedRow, Retraction, Rows, Writing
from accord.kernel.text import normalise

One = TypeVar("One")
CHUNK = 500
LONGEST = 2000  # characters of a text that lists compare by


class Trait(DatedRow):
    """One known value. An empty one (all three None) means unknown from then on."""

    kind = models.CharField(max_length=20)
    record = models.BigIntegerField()
    field = models.CharField(max_length=60)
    text = models.TextField(null=True)
    norm = models.TextField(null=True)
    number = models.FloatField(null=True)
    asserted = models.BooleanField(default=False)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "trait"
        indexes = [models.Index(fields=["kind", "record", "field"], name="trait_record")]


class FieldNow(models.Model):
    """The latest value of a field of a record: what lists filter and sort on."""

    kind = models.CharField(max_length=20)
    record = models.BigIntegerField()
    field = models.CharField(max_length=60)
    text = models.TextField(null=True)
    norm = models.CharField(max_length=2000, null=True)
    number = models.FloatField(null=True)
    occurred_at = InstantField()
    recorded_at = InstantField()

    class Meta:
        db_table = "field_now"
        constraints = [models.UniqueConstraint(fields=["kind", "record", "field"], name="field_now_once")]
        indexes = [
            models.Index(fields=["kind", "field", "norm", "record"], name="field_now_norm"),
            models.Index(
                fields=["kind", "field", "number", "record"], name="field_now_number", condition=Q(number__isnull=False)
            ),
        ]


@fact
class ValuesSet:
    """Values of one record became known; of which fields."""

    record: int
    kind: str
    fields: list[str]
    contact: int | None = None
    company: int | None = None
    lead: int | None = None
    deal: int | None = None


class Given(NamedTuple):
    """A value given for a field of a record; `occurred_at` when it became true."""

    record: int
    field: Field
    value: Value
    occurred_at: datetime
    recorded_at: datetime | None = None
    asserted: bool = False


def put(
    writing: Writing, kind: str, record: int, values: Mapping[str, Any], at: datetime, *, new: bool = False
) -> None:
    """Set fields of one record and record the fact. Raises ValueError for an unknown field or an impossible value.

    `new`: the record has just been made with what `columns` gives for these values.
    """
    known = fields.of(kind)
    given = [Given(record, known[slug], fields.value(known[slug], value), at) for slug, value in values.items()]
    if not given:
        return
    subject = {kind: record} if kind in ("contact", "company", "lead", "deal") else {}
    recorded = ValuesSet(record, kind, [g.field.slug for g in given], **subject)
    keep = fill if new else cache
    writing.record(recorded, [rows(given, writing.by)], occurred_at=at, then=lambda _fact: keep(given))


def columns(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a record's own columns hold of these values, to make a new one with. Raises ValueError as `put` does."""
    known, made = fields.of(kind), {}
    for field in (known[slug] for slug in values if known[slug].column):
        column = _column(field)
        made[column.attname], *derived = _cells(field, column, fields.value(field, values[field.slug]))
        made |= zip(field.derived, derived, strict=True)
    return made


def rows(given: Sequence[Given], by: int | None = None) -> Rows:
    """The trait rows of what was given, for whoever records the fact. `cache` belongs with it."""
    columns = ["kind", "record", "field", "text", "norm", "number", "asserted", "by_id", "occurred_at", "recorded_at"]
    called = _called(given)
    values = [
        (field.kind, record, field.slug, *called.get((field, value.number), value), asserted, by, occurred, recorded)
        for record, field, value, occurred, recorded, asserted in given
    ]
    return Rows(Trait, columns, values)


def _called(given: Iterable[Given]) -> dict[tuple[Field, float | None], Value]:
    """References whose field says by what a document calls the record, as values that compare by that."""
    referred: dict[Field, dict[int, Value]] = defaultdict(dict)
    for g in given:
        if g.field.called_by and g.value.number is not None:
            referred[g.field][int(g.value.number)] = g.value
    found: dict[tuple[Field, float | None], Value] = {}
    for field, values in referred.items():
        table = fields.table_of(str(field.refers_to))
        for record, words in bulk.look_up(table, "id", values, ["id", str(field.called_by)]):
            if words:
                found[field, record] = values[record]._replace(norm=normalise(words))
    return found


def cache(given: Sequence[Given]) -> None:
    """Bring the caches up to what was given, once its rows are written: `field_now`, or the record's own column."""
    _upsert([g for g in given if not g.field.column])
    changed: dict[tuple[str, int], dict[str, Field]] = defaultdict(dict)
    for g in given:
        if g.field.column:
            changed[g.field.kind, g.record][g.field.slug] = g.field
    alike: dict[tuple[Field, ...], list[int]] = defaultdict(list)
    for (_kind, record), its in changed.items():
        alike[tuple(its[slug] for slug in sorted(its))].append(record)
    for its_fields, records in alike.items():
        _copy_to_columns(its_fields, records)
    find_again([(g.field, g.record) for g in given])


def fill(given: Sequence[Given]) -> None:
    """`cache` for records whose own columns were written with them, as bulk creation does."""
    _upsert([g for g in given if not g.field.column])


def find_again(changed: Iterable[tuple[Field, int]]) -> None:
    """Make records findable by their new words."""
    by_kind: dict[str, set[int]] = defaultdict(set)
    for field, record in changed:
        if field.searched:
            by_kind[field.kind].add(record)
    for kind, records in by_kind.items():
        search.put_many(kind, fields.words_of(kind, sorted(records)))


def refresh(kind: str, records: Iterable[int]) -> None:
    """Work the caches of these records out again from their traits, after a retraction."""
    wanted, known_fields = sorted(set(records)), fields.of(kind)
    for chunk in chunked(wanted):
        standing_now = standing(Trait.objects.filter(kind=kind, record__in=chunk))
        latest = {(t.record, t.field): t for t in standing_now.order_by("occurred_at", "recorded_at", "id")}
        FieldNow.objects.filter(kind=kind, record__in=chunk).delete()
        _upsert_rows([t for t in latest.values() if not known_fields[t.field].column])
        _copy_to_columns([field for field in known_fields.values() if field.column], chunk)
    find_again([(field, record) for record in wanted for field in known_fields.values()])


def history(kind: str, record: int) -> list[Trait]:
    """Every value of a record that stands, newest first."""
    return list(
        standing(Trait.objects.filter(kind=kind, record=record)).order_by("-occurred_at", "-recorded_at", "-id")
    )


def known(kind: str, record: int, as_of: datetime, known_at: datetime) -> dict[str, Trait]:
    """The values of a record as of one instant, known at another."""
    then = Trait.objects.filter(kind=kind, record=record, occurred_at__lte=as_of, recorded_at__lte=known_at)
    ordered = standing(then, known_at).order_by("occurred_at", "recorded_at", "id")
    return {trait.field: trait for trait in ordered}


def now(kind: str, records: Iterable[int]) -> dict[int, dict[str, FieldNow]]:
    """The latest values of records, by record and field. One query."""
    found: dict[int, dict[str, FieldNow]] = defaultdict(dict)
    for row in FieldNow.objects.filter(kind=kind, record__in=list(records)):
        found[row.record][row.field] = row
    return found


def standing(traits: models.QuerySet, known_at: datetime | None = None) -> models.QuerySet:
    """Leave out what was retracted, by then."""
    taken_back = Retraction.objects.filter(Q(recorded_at__lte=known_at) if known_at else Q())
    table = traits.model._meta.db_table
    return traits.exclude(
        fact_id__in=taken_back.filter(retracted_fact_id__isnull=False).values("retracted_fact_id")
    ).exclude(id__in=taken_back.filter(table=table).values("row_id"))


def chunked(records: Iterable[One], size: int = CHUNK) -> Iterator[list[One]]:
    """Lists of at most `size`, so that no statement has more parameters than a database takes."""
    everything = list(records)
    return (everything[start : start + size] for start in range(0, len(everything), size))


def _latest(kind: str, records: Sequence[int], slugs: Sequence[str]) -> dict[tuple[int, str], Value]:
    """The latest of these fields of these records. Written out, since every edit of a record asks it."""
    those = ", ".join(["%s"] * len(records))
    named = ", ".join(["%s"] * len(slugs))
    sql = (
        f"SELECT record, field, text, norm, number FROM trait WHERE kind = %s AND record IN ({those}) "
        f"AND field IN ({named}) AND {ledger.standing('trait', 'trait')} ORDER BY occurred_at, recorded_at, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [kind, *records, *slugs])
        return {(record, field): Value(*value) for record, field, *value in cursor.fetchall()}


def _upsert(given: Iterable[Given]) -> None:
    """Of equal `occurred_at` the later recorded holds; nothing is recorded before it happened."""
    taken = ledger.taken()
    rows: dict[tuple[str, int, str], tuple] = {}
    for g in given:
        recorded_at = g.recorded_at or taken or g.occurred_at
        occurred_at = min(g.occurred_at, recorded_at)
        key = (g.field.kind, g.record, g.field.slug)
        if key not in rows or (occurred_at, recorded_at) >= rows[key][-2:]:
            rows[key] = (*key, *g.value, occurred_at, recorded_at)
    _write_now(rows.values())


def _upsert_rows(traits: Iterable[Trait]) -> None:
    _write_now((t.kind, t.record, t.field, t.text, t.norm, t.number, t.occurred_at, t.recorded_at) for t in traits)


def _write_now(rows: Iterable[tuple]) -> None:
    columns = ("kind", "record", "field", "text", "norm", "number", "occurred_at", "recorded_at")
    unless_later = (
        "ON CONFLICT (kind, record, field) DO UPDATE SET text = excluded.text, norm = excluded.norm, "
        "number = excluded.number, occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at "
        "WHERE (excluded.occurred_at, excluded.recorded_at) >= (field_now.occurred_at, field_now.recorded_at)"
    )
    vendor = connection.vendor
    kept = [
        (k, r, f, text, norm and norm[:LONGEST], number, stored(occurred, vendor), stored(recorded, vendor))
        for k, r, f, text, norm, number, occurred, recorded in rows
    ]
    bulk.values(FieldNow, columns, kept, unless_later)


def _copy_to_columns(of_kind: Sequence[Field], records: Iterable[int]) -> None:
    """The latest values of some fields of one kind, into the own columns of records."""
    if not of_kind:
        return
    kind, slugs, columns = of_kind[0].kind, [field.slug for field in of_kind], [_column(field) for field in of_kind]
    names = [name for f, column in zip(of_kind, columns, strict=True) for name in (str(column.column), *f.derived)]
    for chunk in chunked(records):
        latest = _latest(kind, chunk, slugs)
        rows = []
        for record in chunk:
            held = [latest.get((record, slug), fields.UNKNOWN) for slug in slugs]
            cells = [_cells(*one) for one in zip(of_kind, columns, held, strict=True)]
            rows.append([*(cell for of_field in cells for cell in of_field), record])
        bulk.update(fields.table_of(kind), names, rows)


def _column(field: Field) -> models.Field:
    return cast(models.Field, fields.table_of(field.kind)._meta.get_field(str(field.column)))


def _cells(field: Field, column: models.Field, held: Trait | Value) -> list[Any]:
    text = held.text
    plain = held.number if field.by_number else text
    if plain is None and not column.null:
        plain = column.get_default()
    if field.by_number and plain is not None:
        plain = int(plain)
    return [plain, *(derive(text) for derive in field.derived.values())]
