"""The mark of a home that is being restored: as long as it stands there, the home is not whole, and nothing runs."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from accord.kernel.backup.archive import Unusable
from accord.kernel.durable import sync

FILE = "restoring"


@dataclass(frozen=True)
class Mark:
    """`again`: an earlier try under the same mark did not come to its end."""

    name: str
    again: bool


def unfinished(home: Path) -> bool:
    return (home / FILE).exists()


@contextmanager
def marked(home: Path, database: str) -> Iterator[Mark]:
    """The mark, which stays where the block does not come to its end. Raises Unusable where another process has it."""
    with (home / FILE).open("a+", encoding="utf-8") as file:
        if not _held(file):
            raise Unusable(f"Another restore into {home} is under way.")
        file.seek(0)
        said = file.read()
        # Killed before it had said anything, it had done nothing either.
        kept = json.loads(said) if said.endswith("\n") else {"mark": secrets.token_hex(16), "database": database}
        if kept["database"] != database:
            raise Unusable(f"A restore into {home} was broken off, and it went to the database {kept['database']}.")
        if not said.endswith("\n"):
            file.truncate(0)
            file.write(json.dumps(kept) + "\n")
            file.flush()
            os.fsync(file.fileno())
            sync(home)
        yield Mark(kept["mark"], said.endswith("\n"))
        os.sync()
        (home / FILE).unlink()
        sync(home)


def _held(file: IO[str]) -> bool:
    """Locked, and still the mark that stands there: another restore may just have come to its end."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return Path(file.name).exists() and os.path.samestat(os.fstat(file.fileno()), os.stat(file.name))
