"""Two machines at the same moment, on a real server: one wins, and the other is told."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

AT_ONCE = 6

SECRET = """
from accord.kernel import clock
from accord.rooms.team.models import ApiKey, House
House.get()
print(ApiKey.make(name="racer", scope="api", role="admin", by=None, at=clock.now())[1])
"""


@pytest.fixture
def server(scratch) -> Iterator[httpx.Client]:
    secret = scratch.python(SECRET).strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("-m", "uvicorn", "accord.asgi:application", "--port", port, "--log-level", "error", "--no-access-log")
    process = scratch.start(*words, stderr=subprocess.DEVNULL)
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api", headers=headers, timeout=60) as client:
        _wait_for(client)
        yield client
    process.terminate()
    process.wait(20)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(300):
        if _answers(client):
            return
        time.sleep(0.1)
    pytest.fail("The server did not start.")


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/contacts").status_code == 200
    except httpx.TransportError:
        return False


def at_once(ask: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(ask, range(AT_ONCE)))


def counted(answered: list[httpx.Response]) -> dict[int, int]:
    codes = [one.status_code for one in answered]
    return {code: codes.count(code) for code in codes}


def test_races(server):
    _the_same_contact(server)
    _one_open_lead(server)
    _one_lead_with_news_of_its_contact(server)
    _one_version(server)
    _one_end(server)
    _one_answer(server)
    _one_batch(server)


def _the_same_contact(server: httpx.Client) -> None:
    made = at_once(lambda n: server.post("/contacts", json={"external_id": "kim", "fields": {"name": f"Kim {n}"}}))
    assert counted(made) == {201: 1, 409: AT_ONCE - 1}


def _one_open_lead(server: httpx.Client) -> None:
    lead = {"contact": {"external_id": "kim"}, "entry": "referral"}
    assert counted(at_once(lambda _n: server.post("/leads", json=lead))) == {201: 1, 409: AT_ONCE - 1}
    assert len(server.get("/leads").json()["items"]) == 1


def _one_lead_with_news_of_its_contact(server: httpx.Client) -> None:
    server.post("/contacts", json={"external_id": "lou", "fields": {"name": "Lou"}})

    def lead(n: int) -> httpx.Response:
        contact = {"external_id": "lou", "fields": {"title": f"Buyer {n}"}}
        return server.post("/leads", json={"contact": contact, "entry": "referral"})

    assert counted(at_once(lead)) == {201: 1, 409: AT_ONCE - 1}


def _one_version(server: httpx.Client) -> None:
    contact, lead = server.get("/contacts").json()["items"][0], server.get("/leads").json()["items"][0]
    _one_wins(server, f"/contacts/{contact['id']}", contact["version"], "title")
    _one_wins(server, f"/leads/{lead['id']}", lead["version"], "campaign")


def _one_wins(server: httpx.Client, path: str, version: int, field: str) -> None:
    said = at_once(lambda n: server.patch(path, json={"version": version, "fields": {field: f"by {n}"}}))
    assert counted(said) == {200: 1, 409: AT_ONCE - 1}
    (winner,) = (one.json() for one in said if one.status_code == 200)
    assert server.get(path).json()["fields"][field] == winner["fields"][field]


def _one_end(server: httpx.Client) -> None:
    """Of all who move a deal at once one does, of all who close it as well; the others are told how it stands."""
    lead = server.get("/leads").json()["items"][0]
    deal = server.post("/deals", json={"lead": lead["id"], "fields": {"name": "Pumps"}}).json()
    path = f"/deals/{deal['id']}"
    stages = ("discovery", "proposal", "negotiation", "signing")
    moves = [{"stage": stages[n % 4], "seen": "qualified"} for n in range(AT_ONCE)]
    assert counted(at_once(lambda n: server.post(f"{path}/moves", json=moves[n]))) == {201: 1, 409: AT_ONCE - 1}
    ends = [("winning", {"reason": "fit"}), ("losing", {"reason": "price"})]
    said = at_once(lambda n: server.post(f"{path}/{ends[n % 2][0]}", json=ends[n % 2][1]))
    assert counted(said) == {201: 1, 409: AT_ONCE - 1}
    (winner,) = (one.json() for one in said if one.status_code == 201)
    assert server.get(path).json() == winner


def _one_answer(server: httpx.Client) -> None:
    key = {"Idempotency-Key": "one-order"}
    said = at_once(lambda _n: server.post("/companies", json={"fields": {"name": "Hengrui"}}, headers=key))
    bodies: list[Any] = [one.json() for one in said]
    assert counted(said) == {201: AT_ONCE}
    assert bodies == bodies[:1] * AT_ONCE
    assert sum(one.headers.get("Idempotency-Replayed") == "true" for one in said) == AT_ONCE - 1
    assert len(server.get("/companies").json()["items"]) == 1


def _one_batch(server: httpx.Client) -> None:
    leads = [{"external_id": f"l{n}", "contact": {"external_id": f"c{n}"}, "entry": "marketing"} for n in range(20)]
    said = at_once(lambda _n: server.post("/leads:batch", json={"leads": leads}))
    codes = counted(said)
    assert set(codes) <= {200, 409}
    results = [one.json()["created"] for one in said if one.status_code == 200]
    assert sorted(results) == [0] * (len(results) - 1) + [20]
    assert len(server.get("/leads?limit=200").json()["items"]) == 22
