"""Taking an import back: its rows are retracted, records it made are trashed unless something later refers to them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from accord.kernel import clock, fields, ledger, traits
from accord.kernel.facts import SUBJECTS, fact
from accord.kernel.imports import kinds
from accord.kernel.imports.models import Import, ImportedRecord, ImportKey
from accord.kernel.instants import BEGINNING
from accord.kernel.jobs import Job, Progress
from accord.kernel.ledger import Fact, Retraction


@fact
class ImportReverted:
    file: int


def revert(made: Import, *, by: int | None, at: datetime, shown: Any = None) -> list[dict[str, Any]]:
    """Returns what stays because something later refers to it: kind and record. Safe to run again after a kill."""
    _retract(made, by, at)
    touched: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for kind, record, created in made.records.values_list("kind", "record", "created"):
        touched[kind].append((record, created))
    kept: list[dict[str, Any]] = []
    done, total = 0, sum(map(len, touched.values()))
    for undo in kinds.undoings():
        for chunk in traits.chunked(touched.get(undo.kind, [])):
            kept += _undo_chunk(undo, chunk, made, at)
            done += len(chunk)
            if shown:
                shown(done, total)
    Import.objects.filter(pk=made.pk).update(kept=kept)
    made.refresh_from_db()
    return kept


def _retract(made: Import, by: int | None, at: datetime) -> None:
    """One short transaction: from here on no report knows the rows. History is taken back from the past, too."""
    with ledger.write(at, by) as writing:
        if not Import.objects.filter(pk=made.pk, reverted_at=None).update(reverted_at=clock.machine()):
            return
        facts = Fact.objects.filter(subject="file", subject_id=made.pk, kind="rows_imported").values_list(
            "id", flat=True
        )
        since = BEGINNING if made.history else None
        rows = [Retraction(retracted_fact_id=pk, reason="revert", recorded_at=since) for pk in facts]
        writing.record(ImportReverted(made.pk), rows)
        ImportKey.objects.filter(made_by=made.pk).delete()
        ImportKey.objects.filter(seen_in=made.pk).update(digest="")


def _undo_chunk(undo: kinds.Undo, chunk: list[tuple[int, bool]], made: Import, at: datetime) -> list[dict[str, Any]]:
    records = [record for record, _created in chunk]
    created = {record for record, was_created in chunk if was_created}
    stay = _referred(undo.kind, created, made)
    with ledger.write(at):
        if fields.has(undo.kind):
            traits.refresh(undo.kind, records)
        undo.remove(sorted(created - stay), at)
    with ledger.write(at):
        undo.restate([record for record in records if record not in created or record in stay], at)
    return [{"kind": undo.kind, "record": record} for record in sorted(stay)]


def _referred(kind: str, records: Iterable[int], made: Import) -> set[int]:
    """Of these records, those that a fact or another import says something of."""
    wanted = list(records)
    if not wanted:
        return set()
    others = ImportedRecord.objects.filter(kind=kind, record__in=wanted, file__reverted_at=None).exclude(file=made.pk)
    found = set(others.values_list("record", flat=True))
    if kind in SUBJECTS:
        named = Fact.objects.filter(Q(**{f"{kind}_id__in": wanted}))
        found |= set(named.values_list(f"{kind}_id", flat=True))
    return found


def revert_job(job: Job, progress: Progress) -> dict[str, Any]:
    """What the worker does for a job of kind `revert`."""
    made = Import.objects.get(pk=job.subject_id or 0)
    return {"kept": revert(made, by=job.by_id, at=clock.now(), shown=progress)}
