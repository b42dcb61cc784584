"""Files that are not the text that their name promises: what they are, and what to do about it."""

import re
import zipfile
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Unreadable(ValueError):
    """A file that cannot be read as a table; says what it seems to be and what to do."""


WORKBOOK = _("This is an Excel workbook: open it and save the sheet as “CSV UTF-8”.")
SPREADSHEET = _("This is an OpenDocument spreadsheet: open it and save the sheet as “Text CSV” in UTF-8.")
ARCHIVE = _("This is an archive: unpack it, and import the files in it one by one.")
DOCUMENT = _("This is a text document: copy its table into a spreadsheet and save it as CSV.")
PDF = _("This is a PDF: export the table from the program that made it, as CSV.")
IMAGE = _("This is an image: export the table from the program that made it, as CSV.")
DATABASE = _("This is a database or a data file: export the table as CSV.")
PAGE = _("This is a web page: a spreadsheet can open it and save its table as CSV.")
XML = _("This is XML: export the table as CSV.")
JSON = _("This is JSON: export the table as CSV, or send it through the API.")
BINARY = _("The file is not text: save the table as CSV in UTF-8.")

SIGNATURES = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WORKBOOK),
    (b"%PDF", PDF),
    (b"\x89PNG\r\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"\x1f\x8b", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"Rar!\x1a\x07", ARCHIVE),
    (b"BZh", ARCHIVE),
    (b"\xfd7zXZ", ARCHIVE),
    (b"SQLite format 3\0", DATABASE),
    (b"PAR1", DATABASE),
    (b"{\\rtf", DOCUMENT),
)
OPENINGS = (
    (re.compile(rb"\s*<(!doctype html|html|head|table|meta)\b", re.IGNORECASE), PAGE),
    (re.compile(rb"\s*<\?xml\b"), XML),
    (re.compile(rb'\s*(\{\s*"[^"]*"\s*:|\[\s*\{\s*")'), JSON),
)
ZIPPED = (("xl/", WORKBOOK), ("word/", DOCUMENT), ("content.xml", SPREADSHEET))
CONTROLS = bytes({*range(32)} - set(b"\t\n\v\f\r\x1a\x1b"))


def refuse_other_kinds(path: Path, head: bytes, *, text_of: str | None) -> None:
    """Raises Unreadable for what is known by its first bytes, and for what is no text.

    `text_of` is the encoding that a byte order mark names.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise Unreadable(_zipped(path))
    for signature, message in SIGNATURES:
        if head.startswith(signature):
            raise Unreadable(message)
    plain = head.decode(text_of, "ignore").encode() if text_of else head
    for opening, message in OPENINGS:
        if opening.match(plain):
            raise Unreadable(message)
    if len(plain) - len(plain.translate(None, CONTROLS)) > len(plain) / 100:
        raise Unreadable(BINARY)


def _zipped(path: Path) -> str | Promise:
    try:
        names = zipfile.ZipFile(path).namelist()
    except zipfile.BadZipFile:
        return ARCHIVE
    return next((message for start, message in ZIPPED if any(name.startswith(start) for name in names)), ARCHIVE)
