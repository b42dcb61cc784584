"""What the columns of a file are to become: guesses, what somebody chose instead, and the map made of both."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.kernel.imports import guesses, kinds, maps, reading
from accord.kernel.imports.guesses import Guess
from accord.kernel.imports.kinds import Kind
from accord.kernel.imports.maps import BadMap, Column, ImportMap, MapProblem, Target
from accord.kernel.imports.reading import Reading
from accord.kernel.imports.values import guess_date_format
from accord.kernel.text import normalise
from accord.web.imports.drafts import Draft

TYPE_NAMES = fields.TYPES
SURE = 0.6
SAMPLES = 3
LONGEST_SAMPLE = 60
LONGEST_CHOICE = 200
NEW = ".*"
RECORDS = {
    "contact": _("Contact"),
    "company": _("Company"),
    "lead": _("Lead"),
    "deal": _("Deal"),
    "property": _("Touch"),
}
NEW_FIELDS = {
    "contact": _("New field of contacts"),
    "company": _("New field of companies"),
    "lead": _("New field of leads"),
    "deal": _("New field of deals"),
    "property": _("Property of the touch"),
}
ENCODINGS = (
    "utf-8", "gb18030", "big5", "utf-16", "cp1251", "cp1252", "cp1250", "koi8-r", "shift_jis", "euc_kr",
)  # fmt: skip
# A file can name another delimiter than these itself, with “sep=^” in its first line.
SIGN = re.compile(r"[^\w\s\"']", re.ASCII)
DELIMITERS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Bar")}
ORDERS = {"d": _("Day first"), "m": _("Month first"), "y": _("Year first")}


@dataclass
class Line:
    """A column of the file, as the page shows it. `to` is one of the options, `also` what a kept map feeds besides."""

    place: int
    name: str
    samples: list[str]
    to: str = ""
    type: str = fields.TEXT
    guess: Guess | None = None
    also: list[str] = field(default_factory=list)
    format: str = ""
    formats: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def new(self) -> bool:
        return self.to.endswith(NEW) and self.to != f"property{NEW}"

    @property
    def percent(self) -> int:
        return round(100 * self.guess.confidence) if self.guess else 0

    @property
    def undecided(self) -> bool:
        """Its dates can be read in two ways."""
        return bool(self.formats and not self.format)

    @property
    def doubtful(self) -> bool:
        return bool(self.guess and self.guess.confidence < SURE) or self.undecided


@dataclass
class Laid:
    """A kind of file laid on a file, with what somebody has chosen so far. Raises Unreadable."""

    draft: Draft
    zone: str
    found: Reading = field(init=False)

    def __post_init__(self) -> None:
        encoding, delimiter = (self.draft.chosen.get(name, "") for name in ("encoding", "delimiter"))
        self.found = reading.inspect(
            self.draft.file,
            encoding=encoding if encoding in ENCODINGS else None,
            delimiter=delimiter if delimiter in DELIMITERS or SIGN.fullmatch(delimiter) else None,
        )

    @cached_property
    def kind(self) -> Kind:
        return kinds.kind(self.draft.kind)

    @cached_property
    def base(self) -> ImportMap | None:
        return maps.load_map(self.draft.map) if self.draft.map else None

    @cached_property
    def targets(self) -> list[Target]:
        """The kind's own, then every known field of the records that its rows can speak of."""
        own = self.kind.targets()
        named = {target.name for target in own}
        found = [*own]
        for record in self.kind.field_kinds:
            for slug, one in fields.of(record).items():
                twice = one.name in named or (record == self.kind.rest and slug in named)
                if one.type in fields.TYPES and slug != "trashed" and not twice:
                    found.append(Target(one.name, one.label, one.type))
        return found

    @cached_property
    def options(self) -> list[tuple[Any, list[tuple[str, Any]]]]:
        groups: dict[str, list[tuple[str, Any]]] = {"": []}
        for target in self.targets:
            owner = target.name.partition(".")[0] if "." in target.name else ""
            whole = format_lazy("{record} · {label}", record=RECORDS.get(owner, owner), label=target.label)
            groups.setdefault(owner, []).append((target.name, whole if owner else target.label))
        for owner in self.new_of:
            groups.setdefault(owner, []).append((f"{owner}{NEW}", NEW_FIELDS[owner]))
        return [(RECORDS.get(owner, self.kind.label), options) for owner, options in groups.items()]

    @property
    def new_of(self) -> list[str]:
        """The records of which a column can become a new field."""
        return [kind for kind in dict.fromkeys([self.kind.rest, *self.kind.field_kinds]) if kind]

    @property
    def header(self) -> str:
        """A mark of the columns: choices made for other columns do not count for these."""
        return hashlib.blake2b("\x1f".join(self.found.header).encode(), digest_size=8).hexdigest()

    @cached_property
    def lines(self) -> list[Line]:
        guessed = guesses.guess_map(self.draft.kind, self.found.header, self.found.sample, self.targets)
        lines = []
        for place, name in enumerate(self.found.header):
            cells = [row[place].strip() for row in self.found.sample if row[place].strip()]
            line = Line(place, name, [cell[:LONGEST_SAMPLE] for cell in dict.fromkeys(cells)][:SAMPLES])
            self._meant(line, guessed[place])
            self._dated(line, cells)
            lines.append(line)
        return lines

    def _meant(self, line: Line, guess: Guess) -> None:
        """What the column becomes: as somebody chose, else as a kept map says, else as guessed."""
        chosen = self.draft.chosen if self.draft.chosen.get("header") == self.header else {}
        kept = self._kept(line.name)
        first = self._option(kept[0].to) if kept else ""
        line.to = chosen.get(f"to-{line.place}", first if self.base else guess.target)
        line.type = chosen.get(f"type-{line.place}") or (kept[0].type if kept and kept[0].type else fields.TEXT)
        line.also = [column.to for column in kept[1:]] if line.to == first else []
        if not self.base and line.to == guess.target and guess.target:
            line.guess = guess

    def _dated(self, line: Line, cells: list[str]) -> None:
        """A date that can be read in two ways has to be told apart by somebody."""
        if self._type(line) != fields.DATE or any(column.format for column in self._kept(line.name)):
            return
        fitting = guess_date_format(cells)
        if len(fitting) == 1:
            line.format = fitting[0]
        elif fitting:
            said = self.draft.chosen.get(f"format-{line.place}", "")
            line.formats = [(form, ORDERS.get(form[1], form)) for form in fitting]
            line.format = said if said in fitting else ""

    def _type(self, line: Line) -> str:
        return line.type if line.new else {target.name: target.type for target in self.targets}.get(line.to, "")

    def _kept(self, name: str) -> list[Column]:
        kept = self.base.columns if self.base else ()
        return [column for column in kept if normalise(column.column) == normalise(name)]

    @property
    def lacking(self) -> list[str]:
        """Columns that a kept map names and the file has not."""
        here = {normalise(name) for name in self.found.header}
        named = dict.fromkeys(column.column for column in self.base.columns) if self.base else {}
        return [name for name in named if normalise(name) not in here]

    def _option(self, to: str) -> str:
        known = {target.name for target in self.targets}
        return to if to in known else f"{to.partition('.')[0]}{NEW}"

    @property
    def said(self) -> dict[str, Any]:
        """Of the whole file: how it is read, and whose its rows are."""
        chosen, base = self.draft.chosen, self.base
        kept = normalise(base.key) if base and base.key else None
        key = chosen.get("key", next((name for name in self.found.header if normalise(name) == kept), ""))
        return {
            "history": chosen.get("history") == "on" if chosen else bool(base and base.history),
            "zone": chosen.get("zone") or (base.zone if base else self.zone),
            "key": key if key in self.found.header else "",
        }

    @property
    def mapped(self) -> int:
        return sum(bool(line.to) for line in self.lines)

    @property
    def doubts(self) -> int:
        return sum(line.doubtful for line in self.lines)

    @property
    def undecided(self) -> bool:
        return any(line.undecided for line in self.lines)

    @property
    def estimated(self) -> bool:
        """Whether the file is too long for its rows to have been counted."""
        return self.found.rows_estimate >= reading.SAMPLE

    @cached_property
    def reads_as(self) -> str:
        """The first cell that another encoding would spoil."""
        cells = (cell for row in [self.found.header, *self.found.sample] for cell in row)
        return next((cell[:LONGEST_SAMPLE] for cell in cells if not cell.isascii()), "")

    def drawn(self) -> ImportMap:
        """The map as chosen. Raises BadMap with all that is wrong in it."""
        columns: list[Column] = []
        for line in self.lines:
            columns += self._columns(line)
        named = {column.column for column in columns}
        drawn = ImportMap(
            kind=self.draft.kind,
            columns=tuple(columns),
            history=self.said["history"],
            source=self.base.source if self.base else maps.DEFAULT_SOURCE,
            key=self.said["key"] or None,
            zone=self.said["zone"],
            constants=self.base.constants if self.base else {},
            ignore=tuple(name for name in self.found.header if name not in named),
        )
        if not columns:
            raise BadMap([MapProblem("columns", _("every column is left out: say what at least one of them becomes."))])
        return maps.load_map(maps.dump_map(drawn))

    def _columns(self, line: Line) -> list[Column]:
        if not line.to:
            return []
        kept = self._kept(line.name)
        if kept and self._option(kept[0].to) == line.to:
            return [replace(column, column=line.name) for column in kept]
        if not line.to.endswith(NEW):
            column = Column(line.name, line.to)
        elif line.to == f"property{NEW}":
            column = Column(line.name, f"property.{line.name}")
        else:
            slug = fields.slug_of(line.name) or f"column_{line.place + 1}"
            column = Column(line.name, line.to.replace("*", slug), line.type)
        return [replace(column, type="date", format=line.format) if line.format else column]

    def span(self, drawn: ImportMap) -> tuple[datetime, datetime] | None:
        """The first and the last of the dates in the sample."""
        types = {target.name: target.type for target in self.targets}
        zone = ZoneInfo(drawn.zone)
        places = {name: place for place, name in enumerate(self.found.header)}
        dates = []
        for column in drawn.columns:
            if (column.type or types.get(column.to)) == fields.DATE and column.column in places:
                read = maps.reader(column, zone, fields.DATE)
                dates += [at for row in self.found.sample if (at := _read(read, row[places[column.column]]))]
        return (min(dates), max(dates)) if dates else None


def _read(read: Any, cell: str) -> datetime | None:
    try:
        return read(cell)
    except ValueError:
        return None  # the check says so, row by row


def said_by(posted: Mapping[str, str], draft: Draft) -> dict[str, str]:
    """What a form says that differs from nothing: texts of a sane length under the names that the page has."""
    known = ("encoding", "delimiter", "zone", "history", "key", "header")
    kept = {
        name: str(value)
        for name, value in posted.items()
        if (name in known or name.startswith(("to-", "type-", "format-"))) and len(value) <= LONGEST_CHOICE
    }
    return kept if kept.get("encoding") else draft.chosen


def zone_names() -> list[str]:
    return ["UTC", *sorted(available_timezones() - {"UTC", "localtime", "Factory"})]


def encodings(found: str) -> list[str]:
    return list(dict.fromkeys([found, *ENCODINGS]))


def delimiters(found: str) -> list[tuple[str, Any]]:
    return list({found: found, **DELIMITERS}.items())
