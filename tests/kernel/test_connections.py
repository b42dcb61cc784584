import pytest
from django.db import connection

from accord import settings
from accord.rooms.capture.inbox import open_inbox


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


def test_options_of_the_address_stay(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://accord@db/accord?options=-c%20search_path%3Dcrm&sslmode=require")
    asked = settings.database()["OPTIONS"]
    assert asked == {"options": "-c jit=off -c search_path=crm", "sslmode": "require"}
