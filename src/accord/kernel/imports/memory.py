"""Rows that come from a program instead of a file: the same kinds decide and write, one transaction a call.

All that one source sends of a kind on one day is one import, so that it is listed, and taken back, like a file.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import clock, fields
from accord.kernel.imports import kinds, maps
from accord.kernel.imports.keeping import RowsImported, record
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import ImportMap
from accord.kernel.imports.models import Import, ImportKey
from accord.kernel.ledger import Writing
from accord.kernel.traits import chunked

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"


@dataclass(frozen=True)
class Outcome:
    """What became of a row: created, updated, unchanged or rejected; its record, or why there is none."""

    result: str
    record: int | None = None
    reason: str | None = None


@dataclass
class Decided:
    """Rows of one kind, decided about and not yet written."""

    kind: Kind
    source: str
    plan: Plan
    known: set[str] = field(default_factory=set)  # keys of rows that say what they said last time
    repeats: list[tuple[Row, Row]] = field(default_factory=list)  # a row, and the one before that says the same
    written: Written = field(default_factory=Written)

    def outcomes(self) -> dict[int, Outcome]:
        """By the line of each row, once it is written."""
        found = {}
        for result in (CREATED, UPDATED, UNCHANGED):
            for row in getattr(self.plan, result):
                found[row.line] = Outcome(result, self.written.records.get(row.key) or row.record)
        found |= {row.line: Outcome(REJECTED, None, str(reason)) for row, reason in self.plan.rejected}
        for row, first in self.repeats:
            before = found[first.line]
            found[row.line] = before if before.result == REJECTED else Outcome(UNCHANGED, before.record)
        return found


def row(line: int, cells: Mapping[str, Any], key: str, said: bytes) -> Row:
    """A row; `said` is all that was sent of it, by which it is known again when nothing has changed."""
    digest = hashlib.blake2b(said, digest_size=16).hexdigest()
    return Row(line, {target: value for target, value in cells.items() if value not in (None, "")}, key, digest)


def decide(kind_name: str, source: str, rows: Iterable[Row], *, by: int | None, at: datetime) -> Decided:
    """Sort out what was seen before and what stands twice, and let the kind decide about the rest. Writes nothing."""
    kind = kinds.kind(kind_name)
    fresh: dict[str, Row] = {}
    repeats, rejected = [], []
    for one in rows:
        first = fresh.setdefault(one.key, one)
        if first is not one and first.digest == one.digest:
            repeats.append((one, first))
        elif first is not one:
            rejected.append(
                (
                    one,
                    format_lazy(
                        _("Item {line} has the same key and says something else: keep one of them."), line=first.line
                    ),
                )
            )
    known = _known(kind_name, source, fresh)
    asked = [one for key, one in fresh.items() if key not in known]
    plan = kind.plan(Batch(asked, False, at, by, {k: fields.of(k) for k in kind.field_kinds}))
    plan.unchanged += [fresh[key] for key in known]
    plan.rejected += rejected
    return Decided(kind, source, plan, known, repeats)


def apply(writing: Writing, decided: Decided, name: str) -> None:
    """Write what was decided; `name` is what the day's import is called. Raises IntegrityError on a lost race."""
    plan = decided.plan
    new = [one for one in [*plan.created, *plan.updated, *plan.unchanged] if one.key not in decided.known]
    made = _of_today(decided, name, writing)
    if plan.created or plan.updated:
        decided.written = plan.apply(writing)
        record(
            writing, RowsImported(made.pk, made.kind, len(plan.created), len(plan.updated)), decided.written, made, new
        )
    counts = {result: len(getattr(plan, result)) for result in (CREATED, UPDATED, REJECTED)}
    counts["unchanged"] = len(plan.unchanged) + len(decided.repeats)
    added = {**counts, "rows": sum(counts.values())}
    Import.objects.filter(pk=made.pk).update(
        **{c: F(c) + n for c, n in added.items() if n}, finished_at=clock.machine()
    )


def _known(kind: str, source: str, fresh: Mapping[str, Row]) -> set[str]:
    """Keys of rows that say what they said last time; the others learn which record they stand for."""
    same = set()
    for keys in chunked(fresh):
        for kept in ImportKey.objects.filter(kind=kind, source=source, key__in=keys):
            one = fresh[kept.key]
            one.record = kept.record
            if kept.digest == one.digest:
                same.add(kept.key)
    return same


def _of_today(decided: Decided, name: str, writing: Writing) -> Import:
    day = writing.at.replace(hour=0, minute=0, second=0, microsecond=0)
    of_day = {"kind": decided.kind.name, "source": decided.source, "made_at": day, "by_id": writing.by, "path": ""}
    found = Import.objects.filter(**of_day, reverted_at=None).first()
    if found:
        return found
    described = maps.dump_map(ImportMap(decided.kind.name, (), source=decided.source))
    return Import.objects.create(
        **of_day, name=name, sha256="", size=0, encoding="utf-8", delimiter="", map=described, began_at=clock.machine()
    )
