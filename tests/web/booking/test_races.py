"""Six guests want the same time of the only person there is, at the same moment on a real server: one gets it."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.served import Served

GUESTS = 6
HOUSE = """
from accord.kernel import clock
from accord.rooms.people.models import Contact
from accord.rooms.people.personal import token_of
from accord.rooms.team.models import House, Member
House.get()
at = clock.now()
Member.join(email="saul@house.example", name="Saul", role="sales_lead", by=None, at=at)
print("\\n".join(token_of(Contact.create({"name": f"G {n}"}, by=None, at=at)) for n in range(COUNT)))
"""
SAY = """
from accord.rooms.desk.models import Booking, Task
print(Booking.objects.count(), Task.objects.open().count())
"""


@pytest.fixture
def server(scratch):
    running = Served(scratch.environment)
    running.accord("init")  # what pages are drawn with
    running.start()
    yield running
    running.close()


def test_one_gets_it_and_the_others_are_told(server):
    tokens = server.python(HOUSE.replace("COUNT", str(GUESTS))).split()
    guests = [httpx.Client(base_url=server.url, timeout=60) for _token in tokens]
    pages = [guest.get(f"/book/{token}/").text for guest, token in zip(guests, tokens, strict=True)]
    begins = re.findall(r'name="begins" value="([^"]+)"', pages[0])[-1]
    secrets = [re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0] for page in pages]

    def book(guest: httpx.Client, token: str, secret: str) -> int:
        said = {"begins": begins, "zone": "UTC", "note": "", "csrfmiddlewaretoken": secret}
        return guest.post(f"/book/{token}/", data=said).status_code

    with ThreadPoolExecutor(GUESTS) as threads:
        told = sorted(threads.map(book, guests, tokens, secrets))
    assert told == [302, *[409] * (GUESTS - 1)]
    assert server.python(SAY).split() == ["1", "1"]
