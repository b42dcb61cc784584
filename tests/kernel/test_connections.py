from datetime import UTC, datetime

import pytest
from django.db import connection
from psycopg import adapters
from psycopg.pq import Format

from accord import settings
from accord.kernel.postgresql.base import Instants
from accord.rooms.capture.inbox import open_inbox

TIMESTAMPTZ, TEXT = adapters.types["timestamptz"].oid, Format.TEXT


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_no_question_is_compiled_first_in_the_house_or_the_inbox():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite compiles no question to machine code")
    inbox = open_inbox()
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
    assert list(inbox._rows("SHOW jit", ())) == [("off",)]
    inbox.close()


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize(
    "written", ["2026-03-02T09:00:00.123456+00:00", "1883-11-18T12:03:58-05:00", "9999-12-31T23:59+00"]
)
def test_an_instant_comes_back_as_it_was_and_in_utc(written):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite keeps instants as numbers")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, NULL::timestamptz", [written])
        (found, nothing), loaded = cursor.fetchone(), cursor.connection.adapters.get_loader(TIMESTAMPTZ, TEXT)
    assert (found, found.tzinfo, nothing) == (datetime.fromisoformat(written), UTC, None)
    assert loaded is Instants


def test_options_of_the_address_stay(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://accord@db/accord?options=-c%20search_path%3Dcrm&sslmode=require")
    asked = settings.database()["OPTIONS"]
    assert asked == {"options": "-c jit=off -c search_path=crm", "sslmode": "require"}
