"""Guests of a house whose agreement routes, on a Monday at ten; and a real browser."""

from tests.rooms.agreement.conftest import thawed
from tests.rooms.desk.conftest import at, signed
from tests.web.shell.conftest import browser

__all__ = ["at", "browser", "signed", "thawed"]
