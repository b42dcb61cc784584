"""A page that is made from the code: written, or with --check held against what stands."""

import sys
from collections.abc import Callable
from pathlib import Path

from scripts.sources import ROOT


def keep(where: Path, page: Callable[[], str]) -> int:
    """The exit status: 1 where the page that stands is not the one that the code makes."""
    if "--check" not in sys.argv:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(page(), encoding="utf-8")
        return 0
    if where.exists() and where.read_text(encoding="utf-8") == page():
        return 0
    print(f"{where.relative_to(ROOT)} is stale: run `make docs`", file=sys.stderr)
    return 1
