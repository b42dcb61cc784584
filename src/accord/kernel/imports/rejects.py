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
    """

    def __init__(self, path: Path | str, header: Sequence[str]) -> None:
        self.path = Path(path)
        self.header = [*REJECT_COLUMNS, *header]
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None

    def add(self, line: int, cells: Sequence[str], reason: object) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", errors="replace", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(self.header)
        self._writer.writerow([line, str(reason), *cells])
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        if self._file:
            self._file.close()
