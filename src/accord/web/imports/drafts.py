"""Files that were given and are not imported yet: kept aside until somebody has said what their columns mean."""

import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

LARGEST = 500 * 2**20
KEPT = timedelta(days=2)
# A file system takes 255 bytes a name, and the kernel puts the import's number in front.
LONGEST_NAME = 200


@dataclass
class Draft:
    """`map` is the YAML that came with the file, `chosen` what the form last said, `made` the import it became."""

    key: str
    name: str
    kind: str
    by: int
    map: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    made: int | None = None

    @classmethod
    def keep(cls, upload: UploadedFile, kind: str, map: str, by: int) -> "Draft":
        draft = cls(secrets.token_urlsafe(16), short(upload.name or ""), kind, by, map)
        draft.folder.mkdir(parents=True)
        with draft.file.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        draft.save()
        return draft

    @classmethod
    def of(cls, key: str, by: int) -> "Draft | None":
        """The draft of that key, if it is there and this member's own."""
        kept = _aside() / key / "draft.json"
        if not kept.is_file():
            return None
        draft = cls(**json.loads(kept.read_text(encoding="utf-8")))
        return draft if draft.by == by else None

    @property
    def folder(self) -> Path:
        return _aside() / self.key

    @property
    def file(self) -> Path:
        return self.folder / "table"

    def save(self) -> None:
        fresh = self.folder / f"draft.{secrets.token_hex(4)}"
        fresh.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
        os.replace(fresh, self.folder / "draft.json")

    def claim(self) -> bool:
        """Whether this request is the one that imports the file: a button may be pressed twice."""
        try:
            (self.folder / "claimed").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def became(self, made: int) -> None:
        self.made = made
        self.save()
        self.file.unlink()

    def drop(self) -> None:
        shutil.rmtree(self.folder)


def short(name: str) -> str:
    """A file's name, cut in the middle where a file system could not hold it."""
    stem, dot, ending = name.rpartition(".")
    room = LONGEST_NAME - len(f"{dot}{ending}".encode())
    if len(name.encode()) <= LONGEST_NAME or room <= 0:
        return name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


def clear(now: datetime) -> None:
    """Forget what was given and left lying."""
    if not _aside().is_dir():
        return
    oldest = (now - KEPT).timestamp()
    for folder in _aside().iterdir():
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder)


def _aside() -> Path:
    return settings.HOME / "files" / "uploads"
