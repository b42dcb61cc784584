"""`accord backup` and `accord restore`: a home in one file, and back."""

import shutil
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection

from accord.cli.home import prepare
from accord.cli.output import as_json, console, fail, progress
from accord.kernel import bulk, clock
from accord.kernel.backup import postgresql, restoring, schema, sqlite
from accord.kernel.backup.archive import Archive, Manifest, Meter, Table, Unusable, Writer, aside
from accord.kernel.instants import from_micros, to_micros
from accord.kernel.jobs import BACKUP, Job
from accord.kernel.warehouse.models import MirrorLease
from accord.rooms.capture import inbox
from accord.rooms.capture.inbox.store import DAY, REMEMBERED

MAIN, INBOX, FILES, KEY = "main", "inbox", "files", "secret-key"
KNOWN = "SELECT last FROM ledger_instant WHERE id = 1"
BROKEN = (OSError, sqlite3.Error, psycopg.Error, DatabaseError)
Json = Annotated[bool, typer.Option("--json", help="The result alone, as JSON.")]


def whole(context: typer.Context) -> None:
    """A home whose restore was broken off looks like one that works, and lacks whatever was not reached."""
    if context.invoked_subcommand != "restore" and restoring.unfinished(settings.HOME):
        fail(
            f"A restore into {settings.HOME} is under way or was broken off: the home is not whole. "
            "If none is running, start it again with `accord restore FILE`, or choose another ACCORD_HOME."
        )


def backup(
    file: Annotated[Path, typer.Argument(help="The archive; one that is there is replaced once the new one is whole.")],
    json: Json = False,
) -> None:
    """Back up this home into one file, while it works. The file holds personal data and the secret key."""
    at, began = clock.now(), clock.machine()
    if not file.absolute().parent.is_dir():
        fail(f"There is no folder {file.absolute().parent}.")
    try:
        with aside(file.absolute()) as folder, progress("Backing up") as shown:
            sheet = _Sheet(Writer(folder, at), Meter(shown, 0), at)
            sheet.fill()
            size = sheet.archive.finish(sheet.manifest(), file.absolute())
    except Unusable as wrong:
        fail(wrong)
    except BROKEN as wrong:
        fail(f"No backup was written: {wrong}")
    with suppress(DatabaseError):  # a home that waits for its upgrade may have no such table yet
        Job.ended(BACKUP, began=began, bytes=size)
    _say(_told(file, sheet.manifest(), size, began), json, "Backed up")


def restore(
    file: Annotated[Path, typer.Argument(help="What `accord backup` made.")],
    json: Json = False,
) -> None:
    """Restore a backup into an empty home and an empty database. Nothing may run in it meanwhile."""
    began = clock.machine()
    if not file.is_file():
        fail(f"There is no file {file}.")
    try:
        opened = Archive(file)
        schema.check(opened.manifest)
        if not restoring.unfinished(settings.HOME):
            _refuse_what_is_there()
        with progress("Restoring") as shown:
            meter = Meter(shown, 2 * opened.size)
            opened.check(meter)
            left_out = _restore(opened, meter)
        opened.close()
    except Unusable as wrong:
        fail(wrong)
    except BROKEN as wrong:
        fail(f"The restore broke off: {wrong}\nWhere the reason is gone, start it again.")
    told = _told(file, opened.manifest, file.stat().st_size, began)
    _say({**told, "left_out": left_out}, json, "Restored")


@dataclass
class _Sheet:
    """What goes into the archive: main first, so that the inbox holds whatever main lacks."""

    archive: Writer
    meter: Meter
    at: datetime
    tables: dict[str, Table] = field(default_factory=dict)
    migrations: list[tuple[str, str]] = field(default_factory=list)
    known_at: datetime | None = None

    def fill(self) -> None:
        files = [path for path in sorted((settings.HOME / FILES).rglob("*")) if path.is_file()]
        kept = settings.HOME / KEY
        self.meter.total = sum(path.stat().st_size for path in files)
        if connection.vendor == "postgresql":
            self._tables()
        else:
            self._databases()
        for path in [*files, *([kept] if kept.exists() else [])]:
            with suppress(FileNotFoundError):  # a draft that somebody has thrown away meanwhile
                self.archive.add(path.relative_to(settings.HOME).as_posix(), path, self.meter)

    def manifest(self) -> Manifest:
        return Manifest(
            accord=schema.accord(), vendor=connection.vendor, at=self.at, known_at=self.known_at,
            migrations=self.migrations, tables=self.tables, parts=self.archive.parts,
        )  # fmt: skip

    def _databases(self) -> None:
        main, events = _main_file(), settings.HOME / inbox.FILE
        if "django_migrations" not in sqlite.tables(main):
            raise Unusable(f"There is nothing to back up in {settings.HOME} yet: see `accord init`.")
        inbox.open_inbox().close()
        self.meter.total += 2 * (main.stat().st_size + events.stat().st_size)  # each is copied, then compressed
        copied = self.archive.folder / "database"
        sqlite.copy(main, copied, self.meter)
        self.migrations = [(app, name) for app, name in sqlite.ask(copied, schema.APPLIED)]
        self.known_at = next((from_micros(last) for (last,) in sqlite.ask(copied, KNOWN)), None)
        self.archive.squeeze(f"{MAIN}.sqlite3", copied, self.meter)
        sqlite.copy(events, copied, self.meter)
        self.archive.squeeze(f"{INBOX}.sqlite3", copied, self.meter)

    def _tables(self) -> None:
        with postgresql.snapshot() as database:
            sizes = postgresql.sizes(database)
            if "django_migrations" not in sizes:
                raise Unusable("There is nothing to back up in the database yet: see `accord init`.")
            if postgresql.CLAIM in sizes:
                raise Unusable("A restore into this database was broken off: it is not whole.")
            self.meter.total += sum(sizes.values())
            self.migrations = [(app, name) for app, name in database.execute(schema.APPLIED)]
            self.known_at = next((last for (last,) in database.execute(KNOWN)), None)
            self._copy(database, MAIN, [name for name in sizes if not inbox.TABLES.fullmatch(name)])
        inbox.open_inbox().close()
        with postgresql.snapshot() as database:
            names = [name for name in postgresql.sizes(database) if inbox.TABLES.fullmatch(name)]
            self._copy(database, INBOX, [name for name in names if not self._forgotten(name)])

    def _copy(self, database: psycopg.Connection, folder: str, names: list[str]) -> None:
        for name in names:
            self.tables[name] = postgresql.copy(database, name, self.archive, folder, self.meter)

    def _forgotten(self, name: str) -> bool:
        """Hashes in which nobody looks any more. Their table may be dropped now, and would have to wait for us."""
        day = name.rpartition("_seen_")[2]
        return day.isdigit() and int(day) <= to_micros(self.at) // DAY - REMEMBERED


def _refuse_what_is_there() -> None:
    there = [name for name in (inbox.FILE, FILES, "mirror") if _filled(settings.HOME / name)]
    if connection.vendor != "postgresql":
        there += [_main_file().name] if sqlite.tables(_main_file()) else []
    if there:
        raise Unusable(
            f"{settings.HOME} is not empty ({', '.join(there)}): a backup is restored into an empty home. "
            "Choose another one: ACCORD_HOME=… accord restore FILE."
        )
    if connection.vendor == "postgresql" and postgresql.occupied():
        raise Unusable("The database is not empty: a backup is restored into an empty one. Set DATABASE_URL to such.")


def _filled(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _restore(opened: Archive, meter: Meter) -> list[str]:
    """Bring everything back. Returns tables of the database that are none of Accord's."""
    on_postgresql = connection.vendor == "postgresql"
    where = "of PostgreSQL" if on_postgresql else str(_main_file())
    with restoring.marked(settings.HOME, where) as mark:
        for left in (FILES, "mirror"):
            shutil.rmtree(settings.HOME / left, ignore_errors=True)
        for part in opened.manifest.parts:
            if part.name == KEY or part.name.startswith(f"{FILES}/"):
                opened.write(part.name, settings.HOME, meter)
        left_out = _to_postgresql(opened, mark.name, meter) if on_postgresql else _to_sqlite(opened, meter)
        prepare()
        _begin_anew()
        if on_postgresql:
            bulk.analyze()
            postgresql.release()
    return left_out


def _to_sqlite(opened: Archive, meter: Meter) -> list[str]:
    sqlite.put_back(opened, f"{MAIN}.sqlite3", _main_file(), meter)
    sqlite.put_back(opened, f"{INBOX}.sqlite3", settings.HOME / inbox.FILE, meter)
    return []


def _to_postgresql(opened: Archive, mark: str, meter: Meter) -> list[str]:
    parts = [tuple(part.name.removesuffix(".gz").split("/")) for part in opened.manifest.parts]
    tables = [(folder, name) for folder, name, *_more in (p for p in parts if len(p) > 1) if folder in (MAIN, INBOX)]
    postgresql.claim(mark)
    made = inbox.open_inbox()
    for folder, name in tables:
        if folder == INBOX and "_seen_" in name:
            made.make_day(name)
    made.close()
    return postgresql.put_back(opened, tables, meter)


def _begin_anew() -> None:
    """What must not go on where the backed-up house stopped: who was signed in, what was taken from the inbox."""
    Session.objects.all().delete()
    MirrorLease.objects.update(holder="", until=None)
    restored = inbox.open_inbox()
    restored.renew()
    restored.close()


def _main_file() -> Path:
    return Path(connection.settings_dict["NAME"])


def _told(file: Path, manifest: Manifest, size: int, began: datetime) -> dict[str, Any]:
    return {
        "file": str(file), "bytes": size, "seconds": round((clock.machine() - began).total_seconds(), 3),
        "at": manifest.at.isoformat(), "known_at": manifest.known_at.isoformat() if manifest.known_at else None,
        "accord": manifest.accord, "vendor": manifest.vendor, "parts": [asdict(part) for part in manifest.parts],
    }  # fmt: skip


def _say(told: dict[str, Any], json: bool, done: str) -> None:
    if json:
        as_json(told)
        return
    megabytes = told["bytes"] / 2**20
    console.print(
        f"{done}: {told['file']}, {megabytes:.1f} MB, {len(told['parts'])} parts, in {told['seconds']:.1f} seconds; "
        f"everything known at {told['known_at'] or told['at']}.",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip
    if told.get("left_out"):
        console.print(f"Left out, since they are not Accord's: {', '.join(told['left_out'])}.", highlight=False)
