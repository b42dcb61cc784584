"""The agreement of the benches: twenty rules of engagement with caps and half-lives, five of fit."""

from pathlib import Path

from accord.rooms.agreement.document.model import Document
from accord.rooms.agreement.document.reading import read


def document() -> Document:
    return read(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")).document
