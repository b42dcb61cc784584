"""Imports: the counts add up, keys stand for records, and nothing is left standing of one that was taken back."""

from collections.abc import Callable

from django.db import models

from accord.kernel import fields
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import each, exists_as, listed, member_of, wherever, within
from accord.kernel.facts import SUBJECTS
from accord.kernel.imports.models import Import, ImportedRecord, ImportKey


def keys_of(kinds: dict[str, type[models.Model]]) -> Invariant:
    """A room says which records the keys of its kinds of file stand for."""

    def check(findings: Findings) -> None:
        sql = (
            "SELECT k.id, k.kind, k.record, k.made_by_id FROM import_key k "
            f"WHERE {within('k')} AND k.kind IN ({listed(kinds)}) AND NOT ({exists_as('k', kinds)})"
        )
        for stretch in each(ImportKey, findings):
            for key, kind, record, file in stretch.rows(sql):
                said = f"a key of {kind} from import {file} stands for record {record}, which does not exist"
                findings.wrong("import_key", key, said)

    return Invariant("import_keys", check)


def made(model: type[models.Model], kind: str, fact: str) -> Invariant:
    """A room says by which fact its records are made; what has none was made by an import."""
    of = f"f.{kind}_id" if kind in SUBJECTS else f"f.subject = '{kind}' AND f.subject_id"

    def sql() -> str:
        return (
            f'SELECT c.id FROM "{model._meta.db_table}" c WHERE {within("c")} '
            f"AND NOT EXISTS (SELECT 1 FROM fact f WHERE {of} = c.id AND f.kind = '{fact}') AND NOT EXISTS ("
            f"SELECT 1 FROM imported_record r WHERE r.kind = '{kind}' AND r.record = c.id AND r.created)"
        )

    return Invariant("origin", wherever(model, kind, sql, lambda: "no fact and no import says where it came from"))


def trashed(model: type[models.Model], kind: str) -> Invariant:
    """Records of a kind go to the trash by a dated value, or because the import that made them was reverted."""

    def sql() -> str:
        return (
            "SELECT * FROM ("
            "SELECT c.id, c.trashed_at IS NOT NULL AS trashed, coalesce(n.text, 'false') = 'true' AS told, "
            "EXISTS (SELECT 1 FROM imported_record r JOIN import i ON i.id = r.file_id "
            f"WHERE r.kind = '{kind}' AND r.record = c.id AND r.created AND i.reverted_at IS NOT NULL) AS reverted "
            f'FROM "{model._meta.db_table}" c '
            f"LEFT JOIN field_now n ON n.kind = '{kind}' AND n.record = c.id AND n.field = 'trashed' "
            f"WHERE {within('c')}) AS asked WHERE (told AND NOT trashed) OR (trashed AND NOT told AND NOT reverted)"
        )

    def say(is_trashed: bool, *_why: bool) -> str:
        return f"is {'in the trash, and nothing says why' if is_trashed else 'here, and its value says otherwise'}"

    return Invariant("trash", wherever(model, kind, sql, say))


def _counts() -> str:
    facts = "SELECT sum({}) FROM fact f WHERE f.subject = 'file' AND f.subject_id = i.id AND f.kind = 'rows_imported'"
    created, updated = (facts.format(member_of("f.payload", name)) for name in ("created", "updated"))
    return (
        "SELECT * FROM (SELECT i.id, i.rows, i.created, i.updated, i.unchanged, i.rejected, i.flagged, "
        f"coalesce(({created}), 0) AS facts_created, coalesce(({updated}), 0) AS facts_updated, "
        "(SELECT count(*) FROM rejected_row r WHERE r.file_id = i.id) AS rejects, "
        "(SELECT count(*) FROM flagged_row r WHERE r.file_id = i.id) AS flags "
        f"FROM import i WHERE {within('i')} AND i.finished_at IS NOT NULL) AS finished "
        "WHERE rows <> created + updated + unchanged + rejected OR rejects <> rejected OR flags <> flagged "
        "OR facts_created <> created OR facts_updated <> updated"
    )


def _say_counts(
    rows, created, updated, unchanged, rejected, flagged, facts_created, facts_updated, rejects, flags
) -> str:
    told = f"{rows} rows are {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected ones"
    kept = f"{rejects} rejected and {flags} of {flagged} flagged rows are kept"
    return f"{told}; its facts tell of {facts_created} created and {facts_updated} updated ones; {kept}"


def _left() -> str:
    return (
        "SELECT i.id, k.id FROM import i JOIN import_key k ON k.made_by_id = i.id "
        f"WHERE {within('i')} AND i.reverted_at IS NOT NULL"
    )


def _standing() -> str:
    return (
        "SELECT i.id, f.id FROM import i "
        "JOIN fact f ON f.subject = 'file' AND f.subject_id = i.id AND f.kind = 'rows_imported' "
        f"WHERE {within('i')} AND i.reverted_at IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM retraction r WHERE r.retracted_fact_id = f.id)"
    )


def _records(findings: Findings) -> None:
    """What an import says to have created or changed exists."""
    there = exists_as("i", {kind: fields.table_of(kind) for kind in fields.kinds()})
    sql = f"SELECT i.file_id, i.kind, i.record FROM imported_record i WHERE {within('i')} AND NOT ({there})"
    for stretch in each(ImportedRecord, findings):
        for file, kind, record in stretch.rows(sql):
            findings.wrong(kind, record, f"import {file} has it among its records, and it does not exist")


def _invariant(name: str, sql: Callable[[], str], say: Callable[..., str]) -> Invariant:
    return Invariant(name, wherever(Import, "import", sql, say))


INVARIANTS = [
    _invariant("import_counts", _counts, _say_counts),
    _invariant("import_reverted", _left, lambda key: f"reverted, and still has key {key}"),
    _invariant("import_reverted", _standing, lambda fact: f"reverted, and its fact {fact} was not taken back"),
    Invariant("import_records", _records),
]
