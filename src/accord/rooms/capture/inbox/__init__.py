"""The raw inbox: where an event is durable before it is acknowledged, and waits until it is taken.

On SQLite a file of its own, so that capture and pages never wait for one another; on PostgreSQL tables beside the
others. A row is what one request brought, at most `STRETCH` events; its ids commit in order, so that whoever takes
them needs no more than the last id. That holds within one `epoch`: an inbox that was replaced begins a new one.
"""

from django.conf import settings
from django.db import connection

from accord.rooms.capture.inbox.postgresql import TABLES, PostgresqlInbox
from accord.rooms.capture.inbox.sqlite import SqliteInbox
from accord.rooms.capture.inbox.store import STRETCH, Arrived, Inbox, Kept, Queue, Waiting

__all__ = ["STRETCH", "TABLES", "Arrived", "Inbox", "Kept", "Queue", "Waiting", "open_inbox"]

FILE = "inbox.sqlite3"


def open_inbox() -> Inbox:
    """The inbox of this home, for one thread: it holds a connection of its own."""
    if connection.vendor == "postgresql":
        return PostgresqlInbox(connection.get_connection_params())
    return SqliteInbox(settings.HOME / FILE)
