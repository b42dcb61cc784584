"""The worker is gone for an hour: capture goes on, everybody can see the lag, and nothing is lost when it is back."""

import json
import os
import re
import signal
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from accord.kernel import clock
from tests.crash.load import gone, home_on
from tests.served import Served, until

REQUESTS, TOGETHER = 40, 50
HOUR = timedelta(hours=1)
SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from accord.kernel import clock
from accord.rooms.team.models import Member
ada = Member.join(email="ada@house.example", name="Ada", role="admin", by=None, at=clock.now())
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(ada.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = ada.get_session_auth_hash()
session.create()
print(session.session_key)
"""
# What came is an hour old.
AN_HOUR = """
from accord.rooms.capture.queries import looking
with looking() as inbox, inbox._writing():
    inbox._run("UPDATE inbox SET received_at = received_at - 3600000000", ())
"""
TOUCHES = """
import json
from accord.rooms.capture.models import Touch
print(json.dumps(sorted(Touch.objects.values_list("properties__n", flat=True))))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path):
    with home_on(request.param, tmp_path / "home", request) as served:
        yield served.start()


@pytest.fixture
def client(home):
    ((_key, secret),) = home.keys("site")
    cookies = {"sessionid": home.python(SESSION).strip()}
    with httpx.Client(base_url=home.url, auth=(secret, ""), cookies=cookies, timeout=30) as client:
        yield client


def send(client: httpx.Client, numbers: range) -> None:
    batch = [
        {"type": "track", "event": "Download", "userId": f"u{n % 7}", "messageId": f"m{n}", "properties": {"n": n}}
        for n in numbers
    ]
    assert client.post("/v1/batch", json={"batch": batch}).status_code == 200


def lag(client: httpx.Client) -> tuple[float, float]:
    """What /metrics says: events that wait, and for how many seconds the oldest does."""
    said = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if line[0] != "#")
    return float(said["accord_inbox_waiting"]), float(said["accord_inbox_oldest_seconds"])


def shown(client: httpx.Client) -> tuple[str, datetime | None]:
    """What the page of operations says: events that wait, and since when the oldest does."""
    part = client.get("/operations/", headers={"HX-Request": "true"})  # which the page asks for every few seconds
    inbox = part.text.partition("<h2>Inbox</h2>")[2].partition("</section>")[0]
    waiting, oldest = re.findall(r'<span class="v num">(.*?)</span><span class="faint">(?:events wait|oldest)', inbox)
    since = re.search(r'datetime="([^"]+)"', oldest)
    return waiting, datetime.fromisoformat(since[1]).astimezone(UTC) if since else None


def kill_worker(home: Served) -> None:
    worker = home.worker()
    os.kill(worker, signal.SIGKILL)
    until(lambda: gone(worker))


def test_a_worker_that_was_gone_for_an_hour(home: Served, client):
    kill_worker(home)
    for number in range(REQUESTS):
        send(client, range(number * TOGETHER, (number + 1) * TOGETHER))
    began = clock.now()
    home.python(AN_HOUR)

    many = REQUESTS * TOGETHER
    waiting, seconds = lag(client)
    assert (waiting, seconds >= HOUR.total_seconds()) == (many, True)
    said, since = shown(client)
    assert said == f"{many:,}"
    assert since
    assert HOUR <= began - since < 2 * HOUR
    send(client, range(many, many + TOGETHER))
    assert lag(client)[0] == many + TOGETHER

    home.stop()
    home.start()
    until(lambda: lag(client) == (0, 0), every=0.2)
    assert shown(client) == ("0", None)
    assert json.loads(home.python(TOUCHES)) == list(range(many + TOGETHER))
