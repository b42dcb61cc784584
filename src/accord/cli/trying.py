"""What an import that is no history would set off: it is taken in, judged and counted, and nothing of it is kept."""

import tempfile
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accord.kernel import clock, journal
from accord.kernel.imports import run
from accord.kernel.imports.maps import ImportMap
from accord.rooms.agreement.queries import standing
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Lead, Qualification

MOST = 2_000  # rows: everybody else waits meanwhile
ASKED_ABOVE = 20
OPENING = ("touches", "links", "leads", "transitions")  # what may open a passage; other kinds only move open ones


def would_qualify(file: Path, chosen: ImportMap, encoding: str | None) -> int:
    """How many leads would qualify by the first rows of the file, by what is in force now."""
    at = clock.now()
    waiting = Lead.objects.open().filter(stage__in=[rules.INQUIRY, rules.ENGAGED])
    if chosen.history or not standing(at) or not (chosen.kind in OPENING or waiting.exists()):
        return 0
    with tempfile.TemporaryDirectory(prefix="accord-try-") as folder, transaction.atomic():
        beginning = Path(folder) / file.name
        with file.open("rb") as whole:
            beginning.write_bytes(b"".join(islice(whole, MOST + 1)))
        before = Qualification.objects.count()
        made = run.prepare(beginning, chosen, by=None, at=at, encoding=encoding)
        try:
            run.run(made)
            journal.drain()
            return Qualification.objects.count() - before
        finally:
            for kept in (settings.HOME / made.path, made.rejects_file):
                kept.unlink(missing_ok=True)
            transaction.set_rollback(True)
