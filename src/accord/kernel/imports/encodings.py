"""Which encoding a file of text is in, when it is not UTF-8."""

import codecs
import re
from collections.abc import Callable

from charset_normalizer import from_bytes

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
RARER = ["gb18030", "cp1251", "cp1252", "cp1250", "big5", "shift_jis", "euc_kr", "koi8_r"]
CERTAIN = 0.8

FOREIGN = re.compile(r"[^\W\d_]*[^\x00-\x7f][^\x00-\x40\x5b-\x60\x7b-\x7f]*")
SIGNS = str.maketrans(dict.fromkeys("\u00a0€‚„…‘’“”–—™«»°§©®·№•±", " "))
CYRILLIC = re.compile("[А-ЯЁЄІЇҐЎ]?[а-яёєіїґў]+|[А-ЯЁЄІЇҐЎ]+")
LATIN = re.compile("[A-ZÀ-ÖØ-ÞŒŠŽŸ]?[a-zß-öø-ÿœšž]+|[A-ZÀ-ÖØ-ÞŒŠŽŸ]+")
# A word of a western language is written with more plain letters than accented ones.
PLAIN = re.compile("[A-Za-z]")


def marked(head: bytes) -> str | None:
    """The encoding that a byte order mark names, or that zero bytes at every second place betray."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        places = head[offset::2]
        if len(places) > 1 and places.count(0) > 0.6 * len(places):
            return encoding
    return None


def detect(lines: list[bytes]) -> str:
    """The encoding of lines that are not all ASCII and not UTF-8: the same for the same lines.

    A few names in a file are less than statistics need, so words are asked first whether they look like words.
    """
    if not FOREIGN.search(b"".join(lines).decode("cp1252", "ignore").translate(SIGNS)):
        return "cp1252"
    scores = {encoding: _share(lines, encoding, looks_right) for encoding, looks_right in LOOKS.items()}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] >= CERTAIN:
        return best
    guess = from_bytes(b"\n".join(lines), cp_isolation=RARER, threshold=0.5).best()
    return guess.encoding if guess else "cp1252"


def mostly_utf8(lines: list[bytes]) -> bool:
    return sum(_is_utf8(line) for line in lines) > len(lines) / 2


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _share(lines: list[bytes], encoding: str, looks_right: Callable[[str], bool]) -> float:
    try:
        text = b"\n".join(lines).decode(encoding)
    except UnicodeDecodeError:
        return 0
    words = FOREIGN.findall(text.translate(SIGNS))
    return sum(map(looks_right, words)) / max(len(words), 1)


def _cyrillic(word: str) -> bool:
    return CYRILLIC.fullmatch(word) is not None


def _latin(word: str) -> bool:
    return LATIN.fullmatch(word) is not None and len(PLAIN.findall(word)) * 2 >= len(word)


def _han(word: str) -> bool:
    return all(map(_common_han, word))


def _common_han(character: str) -> bool:
    """GB 2312 orders its 3,755 most used characters into rows B0 to D7."""
    code = character.encode("gb18030")
    return len(code) == 1 or (len(code) == 2 and 0xA1 <= code[0] <= 0xD7 and code[1] >= 0xA1)


LOOKS: dict[str, Callable[[str], bool]] = {"cp1251": _cyrillic, "gb18030": _han, "cp1252": _latin}
