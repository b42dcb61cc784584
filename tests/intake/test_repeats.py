"""One message that is sent again and again is counted, and costs no room."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import httpx
import pytest

from tests.crash.load import home_on
from tests.served import Served

TOGETHER, CONNECTIONS = 2500, 8
ROOM = 4 * 2**20  # bytes that the files of a database may grow by, however much comes again
WARM = 10  # requests after which the files have grown to what they need
STATE = """
import json
from pathlib import Path
from django.conf import settings
from django.db import connection
from accord.rooms.capture.models import Captured, Touch
from accord.rooms.capture.queries import looking
if connection.vendor == "sqlite":
    room = sum(file.stat().st_size for file in settings.HOME.glob("*.sqlite3*"))
else:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("SELECT pg_database_size(current_database())")
        ((room,),) = cursor.fetchall()
with looking() as inbox:
    (day,) = [day for day in inbox.days_of_keys(0) if day.key == KEY]
print(json.dumps({
    "accepted": day.accepted, "repeated": day.repeated, "touches": Touch.objects.count(),
    "captured": Captured.objects.count(), "room": room,
}))
"""


def send(home: Served, secret: str, requests: int) -> None:
    """One event, so often as a request may hold it, over some connections at once."""
    event = {"type": "track", "event": "Download", "userId": "u1", "messageId": "always-the-same"}
    body = json.dumps({"batch": [event] * TOGETHER}).encode()
    with (
        httpx.Client(base_url=home.url, auth=(secret, ""), timeout=60) as client,
        ThreadPoolExecutor(CONNECTIONS) as pool,
    ):
        answers = list(
            pool.map(lambda path: client.post(path, content=body).status_code, repeat("/v1/batch", requests))
        )
    assert answers == [200] * requests


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("many", [50_000, pytest.param(1_000_000, marks=pytest.mark.prove)])
def test_repeats_are_counted_and_take_no_room(database, many, tmp_path, request):
    with home_on(database, tmp_path / "home", request) as home:
        ((key, secret),) = home.keys("site")
        home.start()

        def state() -> dict[str, int]:
            home.accord("work", "--drain")
            return json.loads(home.python(f"KEY = {key}\n{STATE}"))

        send(home, secret, WARM)
        warm = state()
        send(home, secret, many // TOGETHER - WARM)
        found = state()
        assert found == {**warm, "repeated": many - 1, "room": found["room"]}
        assert (found["accepted"], found["touches"], found["captured"]) == (1, 1, 1)
        assert found["room"] - warm["room"] < ROOM
