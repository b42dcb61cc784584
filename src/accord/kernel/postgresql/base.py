from datetime import UTC
from functools import cache
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, adapters
from psycopg.abc import AdaptContext
from psycopg.pq import Format

TIMESTAMPTZ = "timestamptz"


class Instants:
    """A loader of psycopg. Django's own takes ten times as long, which was a tenth of what a worker does.

    Connections stand in UTC, so that it says UTC, too.
    """

    format = Format.TEXT
    timezone = UTC  # by which Django knows that it need bring no loader of its own

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        self.load = _compiled()(oid, context).load


@cache
def _compiled() -> Any:
    return adapters.get_loader(adapters.types[TIMESTAMPTZ].oid, Format.TEXT)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader(TIMESTAMPTZ, Instants)
        return connection
