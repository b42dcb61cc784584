"""What PostgreSQL is told of its tables before it looks by itself."""

import pytest
from django.db import connection

from accord.kernel import bulk
from accord.kernel.journal import Pending


def vacuumed(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = %s", [table])
        return cursor.fetchone()[0]


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_a_queue_is_rid_of_what_left_it_where_that_is_much(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite keeps no rows that were deleted")
    before = vacuumed("pending")
    bulk.vacuum(Pending)
    assert vacuumed("pending") == before
    monkeypatch.setattr("accord.kernel.bulk.DEAD", 0)
    bulk.vacuum(Pending)
    assert vacuumed("pending") == before + 1
