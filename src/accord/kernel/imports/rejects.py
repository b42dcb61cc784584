"""The rows that an import could not take, in a file that can be corrected and imported again."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Self

from accord.kernel.imports.reading import REJECT_COLUMNS


class RejectsWriter:
    """Writes bad rows as CSV in UTF-8 (with the mark that spreadsheets look for), line and reason in front.

    The cells stay as they came, also those that a spreadsheet would take for a formula, so that the corrected file
    can be imported again (`reading.inspect` leaves the two columns out). There is no file until there is a bad row.
    `keep_to` is for an import that goes on after it was interrupted: rows up to that line stay, later ones will come
    again.
    """

    def __init__(self, path: Path | str, header: Sequence[str], *, keep_to: int = 0) -> None:
        self.path = Path(path)
        self.header = [*REJECT_COLUMNS, *header]
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None
        for row in self._kept(keep_to):
            self._write(row)

    def _kept(self, keep_to: int) -> list[list[str]]:
        if not self.path.exists():
            return []
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in list(csv.reader(file))[1:] if int(row[0]) <= keep_to]
        self.path.unlink()
        return rows

    def add(self, line: int, cells: Sequence[str], reason: object) -> None:
        self._write([str(line), str(reason), *cells])

    def flush(self) -> None:
        """Call before a commit, so that no row is lost that the import counts as rejected."""
        if self._file:
            self._file.flush()

    def _write(self, row: list[str]) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(self.header)
        self._writer.writerow(row)
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        if self._file:
            self._file.close()
