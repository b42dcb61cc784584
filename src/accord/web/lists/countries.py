"""Countries as people write them: by name in any of some languages, or by their two letters."""

from collections import defaultdict
from functools import cache

from babel import Locale

from accord.kernel.spoken import locale
from accord.kernel.text import normalise

WRITTEN_IN = ("en", "de", "fr", "es", "ru", "zh")


def names() -> list[str]:
    """Of all countries, in the reader's language."""
    return sorted(name for code, name in locale().territories.items() if _is_country(code))


def spellings(said: str) -> frozenset[str]:
    """How the country that a text names may be written, compared as texts are; the text alone where it names none."""
    return _all().get(normalise(said), frozenset([normalise(said)]))


@cache
def _all() -> dict[str, frozenset[str]]:
    written: dict[str, set[str]] = defaultdict(set)
    for language in WRITTEN_IN:
        for code, name in Locale.parse(language).territories.items():
            if _is_country(code):
                written[code] |= {normalise(code), normalise(name)}
    return {one: frozenset(known) for known in written.values() for one in known}


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ")
