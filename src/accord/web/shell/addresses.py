"""Numbers and instants as they stand in addresses: somebody may have written anything there."""

import re
from datetime import datetime

from accord.kernel.instants import from_micros

INSTANT = re.compile(r"-?[0-9]{1,16}")  # three hundred years to either side of 1970


def number(text: str | None) -> int:
    """The number of a record; 0, which no record has, for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def instant(text: str) -> datetime | None:
    """Microseconds since 1970, as `to_micros` counts them; None for what is no instant."""
    return from_micros(int(text)) if INSTANT.fullmatch(text) else None
