"""Homes to back up and to restore into, and a file that makes both long."""

from pathlib import Path

import psycopg

from tests.conftest import Scratch, new_home

LARGE = 256 * 2**20
MADE_BY_ANY_START = {"secret-key", "built"}


def beside(scratch: Scratch, folder: Path) -> Scratch:
    """An empty home with an empty database of the same kind."""
    return new_home(folder, scratch.environment.get("DATABASE_URL", "").rpartition("/")[0] or None)


def empty(scratch: Scratch) -> bool:
    """Nothing in it but what every start of a program makes."""
    if scratch.vendor == "postgresql":
        with psycopg.connect(scratch.environment["DATABASE_URL"]) as connection:
            if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone():
                return False
    return {path.name for path in scratch.home.iterdir()} <= MADE_BY_ANY_START


def large_file(scratch: Scratch) -> Path:
    """Something that takes a while to copy, and no room on the disk."""
    path = scratch.home / "files" / "imports" / "1"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path
