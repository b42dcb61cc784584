"""The mail server as one address: smtp://user:password@host:587?tls=starttls, or smtps://user:password@host."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PORTS = {"smtp": 25, "smtps": 465}
WRONG = "ACCORD_SMTP should look like smtp://user:password@host:587?tls=starttls or smtps://user:password@host"


@dataclass(frozen=True)
class Server:
    """Without a host there is none."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False


def read(url: str) -> Server:
    """Raises ImproperlyConfigured, which does not repeat the address: a password may stand in it."""
    if not url:
        return Server()
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise ImproperlyConfigured(WRONG) from None
    asked = parse_qs(parts.query, keep_blank_values=True)
    if not parts.hostname or asked not in ({}, {"tls": ["starttls"]}):
        raise ImproperlyConfigured(WRONG)
    return Server(
        parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""),
        starttls=bool(asked) and parts.scheme == "smtp", tls=parts.scheme == "smtps",
    )  # fmt: skip
