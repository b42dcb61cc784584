"""Running an import: prepare, look (a dry run), run, revert. One transaction a stretch of rows, each safe to repeat."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accord.kernel import bulk, clock, fields, ledger, search
from accord.kernel.fields import Field
from accord.kernel.imports import kinds, maps, reading
from accord.kernel.imports.keeping import RowsImported, record
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row
from accord.kernel.imports.maps import BadMap, Bound, Column, ImportMap, MapProblem
from accord.kernel.imports.models import RUNNING_COUNTS, FlaggedRow, Import, ImportKey, RejectedRow
from accord.kernel.imports.reading import BadRow, Reading
from accord.kernel.imports.rejects import RejectsWriter
from accord.kernel.jobs import Job, Progress, Refused

STRETCH = 1000
TRIES = 3
MANY = 1000  # rows, from which on the database plans otherwise than before
LONGEST_KEY = 200
SHOWN = 100
HAPPENED = ("occurred_at", "recorded_at", "created_at", "opened_at", "closed_at", "ended_at")
Report = Callable[[int, int], None]


@dataclass
class Preview:
    """What an import would do; nothing is written."""

    counts: dict[str, int]
    rejected: list[tuple[int, str, list[str]]] = field(default_factory=list)
    flagged: list[tuple[int, str]] = field(default_factory=list)


def prepare(
    path: Path, chosen: ImportMap, *, name: str = "", by: int | None, at: datetime, **how: str | None
) -> Import:
    """Keep a file that is to be imported. `how` may say encoding and delimiter. Raises Unreadable or BadMap."""
    found = reading.inspect(path, **how)
    check(chosen, found.header)
    made = Import.objects.create(
        kind=chosen.kind, source=chosen.source, name=name or path.name, path="", sha256=found.sha256, size=found.size,
        encoding=found.encoding, delimiter=found.delimiter, map=maps.dump_map(chosen), history=chosen.history,
        language=get_language() or "en", by_id=by, made_at=at,
    )  # fmt: skip
    folder = settings.HOME / "files" / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    made.path = str(Path("files") / "imports" / str(made.pk))
    shutil.copyfile(path, settings.HOME / made.path)
    made.save(update_fields=["path"])
    return made


def check(chosen: ImportMap, header: list[str]) -> Bound:
    """Lay a map on a header. Raises BadMap with all that is wrong."""
    if chosen.kind not in kinds.names():
        message = format_lazy(_("there is no “{kind}”: use {known}."), kind=chosen.kind, known=", ".join(kinds.names()))
        raise BadMap([MapProblem("kind", message)])
    kind = kinds.kind(chosen.kind)
    problems = maps.check(
        chosen, [*kind.targets(), *(maps.Target(f"{k}.*") for k in {*kind.field_kinds, kind.rest} if k)]
    )
    bound = maps.bind(chosen, header)
    missing = _("the file has no such column: its columns are {known}.")
    problems += [MapProblem(f"columns.{name}", format_lazy(missing, known=", ".join(header))) for name in bound.missing]
    problems += _constants(chosen, kind)[1]
    if problems:
        raise BadMap(problems)
    return bound


def _constants(chosen: ImportMap, kind: Kind) -> tuple[dict[str, Any], list[MapProblem]]:
    """What is the same in every row; and what of it cannot be read as its target, which no row could take."""
    targets, zone = {target.name: target for target in kind.targets()}, ZoneInfo(chosen.zone)
    said: dict[str, Any] = {}
    problems: list[MapProblem] = []
    for to, text in chosen.constants.items():
        try:
            said[to] = maps.reader_for(Column("", to), zone, targets.get(to))(text)
        except ValueError as wrong:
            problems.append(MapProblem(f"constants.{to}", wrong.args[0]))
    return {to: value for to, value in said.items() if value is not None}, problems


def plain_map(kind_name: str, header: list[str], **more: Any) -> ImportMap:
    """The map of a file whose columns are named as their targets; further columns are what the kind's `rest` says."""
    kind = kinds.kind(kind_name)
    names = {target.name for target in kind.targets()}
    short = {name.rpartition(".")[2]: name for name in sorted(names, reverse=True)}
    columns: list[Column] = []
    ignore: list[str] = []
    for name in header:
        wanted = name.strip()
        to = wanted if wanted in names else short.get(wanted) or _rest(kind, wanted)
        if to and to not in {column.to for column in columns}:
            columns.append(Column(name, to))
        else:
            ignore.append(name)
    return ImportMap(kind_name, tuple(columns), ignore=tuple(ignore), **more)


def look(
    found: Reading,
    path: Path,
    chosen: ImportMap,
    *,
    at: datetime,
    by: int | None,
    shown: Report | None = None,
    most: int | None = None,
) -> Preview:
    """A dry run: decide about every row, or about the first `most`, and write nothing. Raises BadMap."""
    taking = _Taking(chosen, found, path, at, by)
    seen: dict[str, tuple[int, str]] = {}
    preview = Preview(dict.fromkeys(RUNNING_COUNTS, 0))
    for stretch in taking.stretches(0):
        plan, _batch = taking.decide(stretch, None, seen)
        _count(preview.counts, stretch, plan)
        rejected = [(row.line, str(reason), stretch.cells.get(row.line, [])) for row, reason in plan.rejected]
        preview.rejected += rejected[: SHOWN - len(preview.rejected)]
        preview.flagged += [(row.line, str(reason)) for row, reason in plan.flagged][: SHOWN - len(preview.flagged)]
        if shown:
            shown(preview.counts["rows"], max(found.rows_estimate, preview.counts["rows"]))
        if most and preview.counts["rows"] >= most:
            break
    return preview


def run(made: Import, shown: Report | None = None) -> Import:
    """Take the file in, from where an earlier run was stopped. Raises Cancelled through `shown`."""
    if made.finished_at or made.reverted_at:
        return made
    path, chosen = settings.HOME / made.path, maps.load_map(made.map)
    found = reading.inspect(path, encoding=made.encoding, delimiter=made.delimiter)
    Import.objects.filter(pk=made.pk, began_at=None).update(began_at=clock.machine())
    taking = _Taking(chosen, found, path, made.made_at, made.by_id)
    taking.add_fields()
    for stretch in taking.stretches(made.next_row):
        _take(taking, stretch, made)
        made.refresh_from_db()
        if shown:
            shown(made.next_row, max(found.rows_estimate, made.next_row))
    _write_rejects(made, found.header)
    Import.objects.filter(pk=made.pk).update(finished_at=clock.machine())
    made.refresh_from_db()
    if made.rows >= MANY:
        bulk.analyze()
        search.settle()
    return made


@dataclass
class _Stretch:
    """Consecutive rows of a file, as read."""

    first: int
    rows: list[Row]
    bad: list[tuple[Row, str]]
    cells: dict[int, list[str]]
    ahead: list[tuple[Row, Promise | str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.bad)


class _Taking:
    """A file with its map laid on: gives rows by target, and decides about them."""

    def __init__(self, chosen: ImportMap, found: Reading, path: Path, at: datetime, by: int | None):
        self.map, self.reading, self.path, self.at, self.by = chosen, found, path, at, by
        self.kind = kinds.kind(chosen.kind)
        self.bound = check(chosen, found.header)
        self.fields = {kind: fields.of(kind) for kind in self.kind.field_kinds}
        self.readers = self._readers()
        self.constants, _problems = _constants(chosen, self.kind)
        self._foresee_fields()

    def stretches(self, skip: int) -> Iterator[_Stretch]:
        rows = islice(reading.rows(self.reading, self.path), skip, None)
        while taken := list(islice(rows, STRETCH)):
            yield self._read(skip, taken)
            skip += len(taken)

    def decide(
        self, stretch: _Stretch, made: Import | None, seen: dict[str, tuple[int, str]]
    ) -> tuple[Plan, list[Row]]:
        """Sort out what was seen before, and let the kind decide about the rest."""
        known = self._known(stretch.rows)
        rows, unchanged, repeats = [], [], []
        for row in stretch.rows:
            before = seen.get(row.key)
            kept = known.get(row.key)
            if kept and made and kept.seen_in == made.pk:
                before = before or (kept.line, kept.digest)
            if before and before[1] != row.digest:
                repeats.append(
                    (
                        row,
                        format_lazy(
                            _("Line {line} has the same key and says something else: keep one of them."), line=before[0]
                        ),
                    )
                )
            elif before or (kept and kept.digest == row.digest):
                unchanged.append(row)
            else:
                seen[row.key] = (row.line, row.digest)
                row.record = kept.record if kept else None
                rows.append(row)
        plan = self.kind.plan(Batch(rows, self.map.history, self.at, self.by, self.fields))
        plan.unchanged += unchanged
        plan.rejected += [*repeats, *stretch.bad]
        plan.rejected.sort(key=lambda refused: refused[0].line)
        taken = {id(row) for row in (*plan.created, *plan.updated)}
        plan.flagged += [(row, why) for row, why in stretch.ahead if id(row) in taken]
        return plan, unchanged

    def add_fields(self) -> None:
        """Fields that the file names for the first time become the house's own."""
        for of_kind in self.fields.values():
            for slug, foreseen in of_kind.items():
                if foreseen.custom and not foreseen.definition:
                    of_kind[slug] = fields.add(
                        foreseen.kind, slug, self.at, type=foreseen.type, label=str(foreseen.label)
                    )

    def _foresee_fields(self) -> None:
        for column in [*(c for c, _place in self.bound.columns), *(Column("", to) for to in self.bound.constants)]:
            kind, _dot, slug = column.to.partition(".")
            if (
                kind in self.fields
                and slug not in self.fields[kind]
                and column.to not in {t.name for t in self.kind.targets()}
            ):
                self.fields[kind][slug] = Field(
                    kind, slug, column.column or slug, column.type or fields.TEXT, custom=True
                )

    def _readers(self) -> list[tuple[str, int, Callable[[str], Any]]]:
        targets, zone = {target.name: target for target in self.kind.targets()}, ZoneInfo(self.map.zone)
        return [(c.to, place, maps.reader_for(c, zone, targets.get(c.to))) for c, place in self.bound.columns]

    def _read(self, first: int, taken: list[tuple[int, list[str]] | BadRow]) -> _Stretch:
        stretch = _Stretch(first, [], [], {})
        for raw in taken:
            line, cells = raw[0], raw[1]
            if isinstance(raw, BadRow):
                stretch.bad.append((Row(line, {}), str(raw.reason)))
                stretch.cells[line] = cells
            else:
                self._read_row(line, cells, stretch)
        return stretch

    def _read_row(self, line: int, cells: list[str], stretch: _Stretch) -> None:
        values = dict(self.constants)
        try:
            for to, place, read in self.readers:
                value = read(cells[place])
                if value is not None:
                    values[to] = value
        except ValueError as wrong:
            column = self.reading.header[place]
            stretch.bad.append((Row(line, {}), str(format_lazy(_("{column}: {wrong}"), column=column, wrong=wrong))))
            stretch.cells[line] = cells
            return
        row = Row(line, values)
        if ahead := self._not_ahead(row):
            stretch.ahead.append((row, ahead))
        row.digest = hashlib.blake2b(
            "\x1f".join(map(str, [*values, *values.values()])).encode(), digest_size=16
        ).hexdigest()
        row.key = self._key(row, cells)
        stretch.rows.append(row)
        stretch.cells[line] = cells

    def _not_ahead(self, row: Row) -> Promise | str:
        """Nothing in a file happened after it was given: later times are set to then, and beyond five minutes said."""
        later = [target for target in HAPPENED if (when := row.get(target)) and when > self.at]
        far = any(row.cells[target] > self.at + ledger.AHEAD for target in later)
        row.cells.update(dict.fromkeys(later, self.at))
        return _("Dated in the future: taken as of now, and marked.") if far else ""

    def _key(self, row: Row, cells: list[str]) -> str:
        key = cells[self.bound.key].strip() if self.bound.key is not None else self.kind.key(row)
        return key if key and len(key) <= LONGEST_KEY else row.digest

    def _known(self, rows: list[Row]) -> dict[str, ImportKey]:
        columns = ("key", "record", "digest", "line", "seen_in", "kind", "source")
        found = bulk.look_up(ImportKey, "key", {row.key for row in rows}, columns)
        mine = (self.map.kind, self.map.source)
        return {
            key: ImportKey(key=key, record=r, digest=d, line=n, seen_in=s)
            for key, r, d, n, s, *of in found
            if tuple(of) == mine
        }


def _rest(kind: Kind, name: str) -> str:
    owner, dot, slug = name.partition(".")
    if dot and owner in kind.field_kinds:
        return f"{owner}.{fields.slug_of(slug)}"
    if kind.rest == "property":
        return f"property.{name}"
    return f"{kind.rest}.{fields.slug_of(name)}" if kind.rest and fields.slug_of(name) else ""


def _take(taking: _Taking, stretch: _Stretch, made: Import) -> None:
    """One stretch in one transaction. What another writer made meanwhile is decided about anew."""
    tries = 0
    while True:
        plan, unchanged = taking.decide(stretch, made, {})
        try:
            return _write(taking, stretch, plan, unchanged, made)
        except IntegrityError:
            tries += 1
            if tries == TRIES:
                raise


def _write(taking: _Taking, stretch: _Stretch, plan: Plan, unchanged: list[Row], made: Import) -> None:
    with ledger.write(clock.now(), made.by_id) as writing:
        here = Import.objects.filter(pk=made.pk, next_row=stretch.first, reverted_at=None)
        if not here.update(next_row=stretch.first + len(stretch)):
            return  # another process took this stretch
        written = plan.apply(writing)
        imported = RowsImported(made.pk, made.kind, len(plan.created), len(plan.updated))
        seen_before = set(unchanged)
        keyed = [row for row in (*plan.created, *plan.updated, *plan.unchanged) if row not in seen_before]
        record(writing, imported, written, made, keyed)
        bulk.insert(
            RejectedRow,
            ["file_id", "line", "reason", "cells"],
            [(made.pk, r.line, str(reason), stretch.cells.get(r.line, [])) for r, reason in plan.rejected],
        )
        bulk.insert(
            FlaggedRow, ["file_id", "line", "reason"], [(made.pk, r.line, str(reason)) for r, reason in plan.flagged]
        )
        counts = _count(made.counts, stretch, plan)
        Import.objects.filter(pk=made.pk).update(**counts)


def _count(counts: dict[str, int], stretch: _Stretch, plan: Plan) -> dict[str, int]:
    counts["rows"] += len(stretch)
    counts["asserted"] += plan.asserted
    for name in ("created", "updated", "unchanged", "rejected", "flagged"):
        counts[name] += len(getattr(plan, name))
    return counts


def _write_rejects(made: Import, header: list[str]) -> None:
    made.rejects_file.parent.mkdir(parents=True, exist_ok=True)
    made.rejects_file.unlink(missing_ok=True)
    with RejectsWriter(made.rejects_file, header) as writer:
        for row in made.rejects.iterator():
            writer.add(row.line, row.cells, row.reason)


def run_job(job: Job, progress: Progress) -> dict[str, Any]:
    """What the worker does for a job of kind `import`."""
    made = Import.objects.get(pk=job.subject_id or 0)
    try:
        with override(made.language):
            return run(made, progress).counts
    except (BadMap, reading.Unreadable) as wrong:
        raise Refused(str(wrong)) from wrong
