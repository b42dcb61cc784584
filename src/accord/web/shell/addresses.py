"""Numbers, instants and ways back as they stand in addresses: somebody may have written anything there."""

import re
from datetime import datetime

from django.utils.http import url_has_allowed_host_and_scheme

from accord.kernel.instants import from_micros

INSTANT = re.compile(r"-?[0-9]{1,16}")  # three hundred years to either side of 1970


def number(text: str | None) -> int:
    """The number of a record; 0, which no record has, for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def instant(text: str) -> datetime | None:
    """Microseconds since 1970, as `to_micros` counts them; None for what is no instant."""
    return from_micros(int(text)) if INSTANT.fullmatch(text) else None


def ours(address: str, otherwise: str) -> str:
    """The address where it is a page of this house, beginning with its path."""
    stays = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if stays else otherwise
