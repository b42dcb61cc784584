"""The archive of a backup: a plain tar, so that any tool opens it, whose parts are compressed each for itself.

What tells of the parts is written last: an archive without its manifest was never finished.
"""

import fcntl
import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from accord.kernel.durable import sync

FORMAT = 1
MANIFEST, SIGNED = "manifest.json", "manifest.sha256"
ASIDE = ".accord-backup-"
CHUNK = 2**20
LEVEL = 1  # of compression: nearly as small as the highest, at several times its speed


class Unusable(Exception):
    """It cannot be backed up or restored like this; the message is for a person."""


@dataclass(frozen=True)
class Part:
    """A member of the archive, as it lies there."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Table:
    """A table of PostgreSQL: its columns in the order of the copy; by column its sequence, last value and if drawn."""

    columns: list[str]
    sequences: dict[str, tuple[int, bool]]


@dataclass(frozen=True)
class Manifest:
    """`at` is business time when the backup began; `known_at` the ledger's last instant in it."""

    accord: str
    vendor: str
    at: datetime
    known_at: datetime | None
    migrations: list[tuple[str, str]]
    tables: dict[str, Table] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    format: int = FORMAT


class Meter:
    """Adds up bytes and shows them in megabytes."""

    def __init__(self, shown: Callable[[int, int], None], total: int) -> None:
        self.shown, self.total, self.done = shown, max(total, 1), 0

    def __call__(self, more: int) -> None:
        self.done = min(self.done + more, self.total)
        self.shown(-(-self.done // 2**20), -(-self.total // 2**20))

    def chunk(self, chunk: bytes) -> None:
        self(len(chunk))


@contextmanager
def aside(target: Path) -> Iterator[Path]:
    """A private folder beside the archive, where it grows; gone afterwards. What killed backups left goes first."""
    for left in target.parent.glob(f"{ASIDE}*"):
        if left.stat().st_uid == os.getuid():
            with _held(left) as ours:
                if ours:
                    shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=ASIDE, dir=target.parent))
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """The lock of a folder, which ends with the process; false where another one has it."""
    descriptor, ours = os.open(folder, os.O_RDONLY), True
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            ours = False
        yield ours
    finally:
        os.close(descriptor)


class Writer:
    """An archive in the making. It takes its final name when it is whole and durable."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self.folder, self.at, self.parts = folder, at, list[Part]()
        self._path = folder / "archive"
        self._tar = tarfile.open(self._path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by `finish`

    def add(self, name: str, path: Path, meter: Meter) -> None:
        """Add a file as it is."""
        self._part(name, path)
        meter(self.parts[-1].size)

    def squeeze(self, name: str, path: Path, meter: Meter) -> None:
        """Add a file compressed, and let go of it: there is room for it once."""
        packed = self.folder / "packed"
        with path.open("rb") as source, gzip.GzipFile(packed, "wb", LEVEL, mtime=0) as target:
            shutil.copyfileobj(_Watched(source, meter.chunk), target, CHUNK)
        path.unlink()
        self.take(name, packed)

    def take(self, name: str, packed: Path) -> None:
        """Add a file that is compressed already, and let go of it."""
        self._part(f"{name}.gz", packed)
        packed.unlink()

    def finish(self, manifest: Manifest, target: Path) -> int:
        """Its size, once it has its name."""
        content = msgspec.json.format(msgspec.json.encode(asdict(manifest)))
        digest = self._add(MANIFEST, BytesIO(content), len(content))
        line = f"{digest}  {MANIFEST}\n".encode()
        self._add(SIGNED, BytesIO(line), len(line))
        self._tar.close()
        self._path.chmod(0o600)
        sync(self._path)
        size = self._path.stat().st_size
        self._path.replace(target)
        sync(target.parent)
        return size

    def _part(self, name: str, path: Path) -> None:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.parts.append(Part(name, size, self._add(name, file, size)))

    def _add(self, name: str, file: IO[bytes], size: int) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self.at.timestamp())
        digest = hashlib.sha256()
        self._tar.addfile(info, cast(Any, _Watched(file, digest.update)))
        return digest.hexdigest()


class _Watched:
    """A file of which somebody sees each chunk that is read."""

    def __init__(self, file: IO[bytes], seen: Callable[[bytes], object]) -> None:
        self._file, self._seen = file, seen

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._seen(chunk)
        return chunk


class Archive:
    """A finished archive, open for reading."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed by `close`
            self._members = {member.name: member for member in self._tar.getmembers()}
        except tarfile.TarError:
            raise Unusable(f"{path} is no backup, or what is left of one.")
        self.manifest = self._manifest()

    def close(self) -> None:
        self._tar.close()

    @property
    def size(self) -> int:
        return sum(part.size for part in self.manifest.parts)

    def check(self, meter: Meter) -> None:
        """Read every part. Raises Unusable where one is not what was written."""
        for part in self.manifest.parts:
            digest, member = hashlib.sha256(), self._members.get(part.name)
            if member is None or member.size != part.size:
                raise Unusable(f"{self.path} is damaged: {part.name} is not whole. Use another backup.")
            with self._open(part.name) as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
                    meter.chunk(chunk)
            if digest.hexdigest() != part.sha256:
                raise Unusable(f"{self.path} is damaged: {part.name} has changed. Use another backup.")

    def unpacked(self, name: str, meter: Meter) -> gzip.GzipFile:
        """What was compressed under that name."""
        watched = _Watched(self._open(f"{name}.gz"), meter.chunk)
        return gzip.GzipFile(fileobj=cast(Any, watched), mode="rb")

    def write(self, name: str, home: Path, meter: Meter) -> None:
        """Put a part that is not compressed where it was in its home."""
        target = (home / name).resolve()
        if not target.is_relative_to(home.resolve()):
            raise Unusable(f"{self.path} has a part that belongs to no home: {name}.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._open(name) as source, target.open("wb") as file:
            shutil.copyfileobj(_Watched(source, meter.chunk), file, CHUNK)
        target.chmod(0o600)

    def _open(self, name: str) -> IO[bytes]:
        file = self._tar.extractfile(self._members[name])
        if file is None:
            raise Unusable(f"{self.path} is damaged: {name} is no file. Use another backup.")
        return file

    def _manifest(self) -> Manifest:
        if not {MANIFEST, SIGNED} <= set(self._members):
            raise Unusable(f"{self.path} is no backup, or not a whole one: it has no manifest.")
        content = self._open(MANIFEST).read()
        if self._open(SIGNED).read().split()[:1] != [hashlib.sha256(content).hexdigest().encode()]:
            raise Unusable(f"{self.path} is damaged: its manifest has changed. Use another backup.")
        said: Any = msgspec.json.decode(content)
        if said.get("format") != FORMAT:
            raise Unusable(f"{self.path} is a backup of another kind, which needs another version of Accord.")
        return msgspec.json.decode(content, type=Manifest)
