"""Opening a delimited text file that may be in any encoding, badly quoted, or no text at all."""

import codecs
import csv
import hashlib
import io
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.encodings import detect, marked, mostly_utf8
from accord.kernel.imports.files import Unreadable, refuse_other_kinds

DELIMITERS = ",;\t|"
CHUNK = 1 << 20
HEAD = 1 << 16
SAMPLE = 100
LONGEST_CELL = 1 << 20
LONGEST_LINE = 16 << 20
# What RejectsWriter puts in front of a rejected row.
REJECT_COLUMNS = ("line", "reason")
UNREAD = re.compile("[\0\ufffd]")

csv.field_size_limit(LONGEST_CELL)


class BadRow(NamedTuple):
    """A row that cannot be taken as it stands: the physical line where it begins, its cells, and why."""

    line: int
    cells: list[str]
    reason: str | Promise


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, and what stands in it at first sight.

    `rows_estimate` is exact for a short file; `dropped` counts leading columns that are left out (those of a rejects
    file); `skipped` the records before the first row; `notes` are for the person who gave the file.
    """

    encoding: str
    delimiter: str
    quotechar: str
    header: list[str]
    sample: list[list[str]]
    rows_estimate: int
    size: int
    sha256: str
    notes: list[str | Promise]
    dropped: int = 0
    skipped: int = 1
    clean: bool = True


@dataclass(slots=True)
class _Survey:
    """What one pass over the bytes tells."""

    head: bytes
    size: int
    sha256: str
    lines: int
    utf8: bool
    zeros: bool
    foreign: list[bytes]


def inspect(path: Path | str, *, encoding: str | None = None, delimiter: str | None = None) -> Reading:
    """Find out how to read a file; what is given is not guessed.

    Raises Unreadable, with what to do, for what is no delimited text.
    """
    path = Path(path)
    if not path.is_file():
        raise Unreadable(format_lazy(_("There is no file “{name}”."), name=path.name))
    survey = _survey(path)
    if not survey.size:
        raise Unreadable(_("The file is empty."))
    mark = marked(survey.head)
    refuse_other_kinds(path, survey.head, text_of=mark)
    encoding = _encoding(survey, encoding or mark)
    head = _head(path, encoding)
    if not head.strip():
        raise Unreadable(_("The file is empty."))
    return _described(path, survey, encoding, head, delimiter)


def _survey(path: Path) -> _Survey:
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    survey = _Survey(b"", 0, "", 0, utf8=True, zeros=False, foreign=[])
    run = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            survey.head = survey.head or chunk[:HEAD]
            survey.size += len(chunk)
            breaks = chunk.count(b"\n") or chunk.count(b"\r")
            survey.lines += breaks
            run = 0 if breaks else run + len(chunk)
            if run > LONGEST_LINE:
                raise Unreadable(_("The file has a line of more than 16 MB: it is no table of rows in text."))
            survey.zeros = survey.zeros or b"\0" in chunk
            _look_at_letters(survey, chunk, decoder)
    survey.utf8 = survey.utf8 and not decoder.getstate()[0]
    survey.sha256 = digest.hexdigest()
    return survey


def _look_at_letters(survey: _Survey, chunk: bytes, decoder: codecs.IncrementalDecoder) -> None:
    if survey.utf8:
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            survey.utf8 = False
    if not chunk.isascii() and sum(map(len, survey.foreign)) < HEAD:
        whole = chunk.splitlines()[0 if survey.size == len(chunk) else 1 :]
        lines = whole[:-1] if len(chunk) == CHUNK else whole
        survey.foreign += islice((line[:HEAD] for line in lines if not line.isascii()), 500)


def _encoding(survey: _Survey, wanted: str | None) -> str:
    if wanted:
        try:
            "a".encode(wanted)
        except (LookupError, UnicodeError):
            raise Unreadable(format_lazy(_("There is no encoding “{name}”: try utf-8 or gb18030."), name=wanted))
        name = codecs.lookup(wanted).name
        return "utf-8-sig" if name == "utf-8" and survey.head.startswith(codecs.BOM_UTF8) else name
    if survey.utf8 or not survey.foreign or mostly_utf8(survey.foreign):
        return "utf-8"
    return detect(survey.foreign)


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(HEAD)


def _described(path: Path, survey: _Survey, encoding: str, head: str, delimiter: str | None) -> Reading:
    first, _break, rest = head.partition("\n")
    told = re.fullmatch(r"(?i)sep=(.)\s*", first)
    quotechar = "'" if re.match(r"'[^'\r\n]*'[,;\t|]'", head) else '"'
    delimiter = delimiter or (told[1] if told else _delimiter(head, quotechar, whole=len(head) < HEAD))
    cells = _header(rest if told else head, delimiter, quotechar)
    dropped = len(REJECT_COLUMNS) if tuple(cells[: len(REJECT_COLUMNS)]) == REJECT_COLUMNS else 0
    header, notes = _named(cells[dropped:])
    reading = Reading(
        encoding=encoding,
        delimiter=delimiter,
        quotechar=quotechar,
        header=header,
        sample=[],
        rows_estimate=0,
        size=survey.size,
        sha256=survey.sha256,
        notes=notes,
        dropped=dropped,
        skipped=2 if told else 1,
        clean=survey.utf8 and not survey.zeros and encoding in ("utf-8", "utf-8-sig"),
    )
    return _sampled(path, reading, survey.lines)


def _sampled(path: Path, reading: Reading, lines: int) -> Reading:
    seen = list(islice(rows(reading, path), SAMPLE))
    sample = [cells for _line, cells, *reason in seen if not reason]
    estimate = len(seen)
    if estimate == SAMPLE:
        estimate = max(estimate, round((lines - 1) * SAMPLE / (seen[-1][0] - 1)))
    notes = reading.notes if seen else [*reading.notes, _("The file has a header but no rows.")]
    return replace(reading, sample=sample, rows_estimate=estimate, notes=notes)


def _delimiter(head: str, quotechar: str, *, whole: bool) -> str:
    """The sign that cuts the header into cells and the following records into equally many."""

    def fitness(delimiter: str) -> tuple[bool, float, int]:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, quotechar=quotechar)
        widths = [len(cells) for cells in islice(reader, SAMPLE) if cells]
        if not whole and len(widths) > 1 and len(widths) < SAMPLE:
            widths.pop()
        alike = widths.count(widths[0]) / len(widths)
        return widths[0] > 1, alike, widths[0]

    return max(DELIMITERS, key=fitness)


def _header(head: str, delimiter: str, quotechar: str) -> list[str]:
    lines: list[str] = []
    text = _holding(io.StringIO(head, newline=""), deque(), lines)
    reader = csv.reader(text, delimiter=delimiter, quotechar=quotechar)
    cells = next((cells for cells in reader if cells), [])
    if _runs_away(lines, delimiter, quotechar):
        raise Unreadable(_("A quotation mark in the header is never closed: close it, or remove it."))
    if "\0" in "".join(cells):
        raise Unreadable(_("The file is not text: save the table as CSV in UTF-8."))
    return [" ".join(cell.split()) for cell in cells]


def _named(cells: list[str]) -> tuple[list[str], list[str | Promise]]:
    """Every column with a name of its own, and a note for each that had none."""
    header: list[str] = []
    notes: list[str | Promise] = []
    for place, cell in enumerate(cells, 1):
        name = cell or f"column {place}"
        again = 2
        while name in header:
            name, again = f"{cell} ({again})", again + 1
        if not cell:
            message = _("Column {place} has no name: it is called “{name}” here.")
            notes.append(format_lazy(message, place=place, name=name))
        elif name != cell:
            message = _("The name “{cell}” occurs twice: column {place} is called “{name}” here.")
            notes.append(format_lazy(message, cell=cell, place=place, name=name))
        header.append(name)
    return header, notes


def rows(reading: Reading, path: Path | str) -> Iterator[tuple[int, list[str]] | BadRow]:
    """The rows in order, each as (physical line where it begins, cells) or as a BadRow; empty rows are left out.

    A quotation mark that is never closed costs the row in which it is opened, not the rows behind it.
    """
    with Path(path).open(encoding=reading.encoding, errors="replace", newline="") as file:
        again: deque[str] = deque()
        first, skipped = 1, reading.skipped
        while True:
            held: list[str] = []
            line = yield from _rows_until_trouble(reading, _holding(file, again, held), held, first, skipped)
            if not line:
                return
            yield _trouble(reading, line, held)
            again.extendleft(reversed(held[1:]))
            first, skipped = line + 1, 0


def _rows_until_trouble(
    reading: Reading, lines: Iterator[str], held: list[str], line: int, skipped: int
) -> Generator[tuple[int, list[str]] | BadRow, None, int]:
    """Yields rows and returns the line of a record that is none, whose text is then held; 0 at the end."""
    width, dropped, clean = len(reading.header) + reading.dropped, reading.dropped, reading.clean
    delimiter, quotechar = reading.delimiter, reading.quotechar
    try:
        for cells in csv.reader(lines, delimiter=delimiter, quotechar=quotechar):
            if len(held) > 1 and _runs_away(held, delimiter, quotechar):
                return line
            if skipped:
                skipped -= bool(cells)
            elif clean and len(cells) == width:
                if any(cells):
                    yield line, cells[dropped:]
            elif any(cells):
                yield _judged(reading, line, cells)
            line += len(held)
            held.clear()
    except csv.Error:
        return line
    return 0


def _holding(lines: Iterable[str], again: deque[str], held: list[str]) -> Iterator[str]:
    """The lines that are to be read again, then the others; what was given since `held` was cleared stands there."""
    while again:
        held.append(again.popleft())
        yield held[-1]
    for line in lines:
        held.append(line)
        yield line


def _runs_away(record: list[str], delimiter: str, quotechar: str) -> bool:
    """Whether a quotation mark of the record is closed by none, or by one that opens another cell."""
    try:
        list(csv.reader(record, delimiter=delimiter, quotechar=quotechar, strict=True))
    except csv.Error:
        return True
    return False


def _judged(reading: Reading, line: int, cells: list[str]) -> tuple[int, list[str]] | BadRow:
    width, cells = len(reading.header), cells[reading.dropped :]
    if len(cells) > width and not any(cells[width:]):
        cells = cells[:width]
    if not reading.clean and UNREAD.search("".join(cells)):
        message = _("The row holds signs that are not {encoding}: save the file as UTF-8, or name its encoding.")
        return BadRow(line, cells, format_lazy(message, encoding=reading.encoding))
    if len(cells) != width:
        message = _("The row has {number} cells, the header {width}: add or remove separators, or quote the cell.")
        return BadRow(line, cells, format_lazy(message, number=len(cells), width=width))
    return line, cells


def _trouble(reading: Reading, line: int, held: list[str]) -> BadRow:
    if len(held[0]) > LONGEST_CELL:
        return BadRow(line, [], _("A cell of the row has more than 1 MB: shorten it."))
    cells = next(csv.reader(held[:1], delimiter=reading.delimiter, quotechar=reading.quotechar), [])
    message = _("A quotation mark in the row is never closed: close it, double it or remove it.")
    return BadRow(line, cells[reading.dropped :], message)
