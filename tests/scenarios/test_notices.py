"""Who is told of a lead that goes from hand to hand: at the bell, and by the mail of the morning."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accord.kernel import clock
from accord.kernel.mail.models import Mail
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.notices.digests import digest
from accord.rooms.notices.models import Notice
from accord.rooms.team.models import Member
from tests.post import Post
from tests.scenarios.living import agreed, contact, on, touch, work
from tests.scenarios.test_agreement_imports import brought
from tests.scenarios.test_hand_to_hand import TEXT
from tests.web.page import main

pytestmark = pytest.mark.both
MONDAY = "2026-03-09"
RULE = TEXT.replace("zone: Europe/Berlin", "zone: UTC").replace(
    "{all: [{score: total, at_least: 50}, {count: {touch: form}, at_least: 1}]}", "{count: {touch: form}, at_least: 1}"
)


@pytest.fixture
def at():
    return on("2026-03-01")


@pytest.fixture
def post(settings) -> Post:
    settings.HOUSE_URL = "https://accord.house.example"
    return Post().at_house(settings)


@pytest.fixture
def signed(cast):
    return agreed(cast, RULE, "2026-03-02")


def asks(name: str, when: str) -> Handoff:
    """Somebody sends a form, and the lead is handed over."""
    whose = contact(name, "2026-03-01")
    touch(whose, "form", when)
    return Handoff.objects.get(lead__contact=whose)


def does(member: Member, moment: str, address: str, **said) -> str:
    """What the member sees after a click, or on a page."""
    client = Client()
    client.force_login(member)
    with clock.moved_to(on(moment)):
        answer = client.post(address, said, follow=True) if said else client.get(address, follow=True)
        assert answer.status_code == 200
    work(on(moment))
    return main(answer)


def morning(when: str) -> int:
    with clock.moved_to(on(when)):
        return digest(on(when))


def lines(mail) -> list[str]:
    return [line[2:] for line in mail.get_body(["plain"]).get_content().splitlines() if line.startswith("- ")]


def test_told_once_at_the_bell_and_in_the_morning(cast, signed, post):
    one = asks("Ana Prado", f"{MONDAY}T09:00:00")
    assert "Offered to you: Ana Prado unread until 13:00" in does(cast.ines, f"{MONDAY}T09:05:00", "/notices/")
    other = asks("Bo Lind", f"{MONDAY}T09:10:00")
    does(cast.ines, f"{MONDAY}T09:15:00", f"/handoffs/{other.pk}/acceptance/", owner=cast.ines.pk)
    assert main_counts(cast.ines, f"{MONDAY}T09:16:00") == "1 unread"
    does(
        cast.ines,
        f"{MONDAY}T09:20:00",
        f"/leads/{other.lead_id}/calls/",
        kind="call_out",
        outcome="reached",
        when="tomorrow",
    )

    # Nobody calls Ana: the worker comes by again and again, and each is told once.
    for when in ("T11:00:00", "T13:00:00", "T13:00:05", "T13:10:00"):
        work(on(MONDAY + when))
    assert kinds(cast.ines) == ["offered", "offered", "due_soon", "broken"]
    assert kinds(cast.saul) == ["escalated"]

    # The mail server is away for an hour in the morning: the digests wait for it, and come once.
    assert morning("2026-03-10T08:00:00") == 2
    for minutes in range(0, 60, 5):
        work(on("2026-03-10T08:00:00") + timedelta(minutes=minutes))
    assert set(Mail.objects.values_list("state", flat=True)) == {"queued"}
    with post.open():
        for minutes in range(60, 120, 5):
            work(on("2026-03-10T08:00:00") + timedelta(minutes=minutes))
            assert morning("2026-03-10T09:00:00") == 0
    told = {mail["To"].addresses[0].addr_spec: mail for mail in post.arrived}
    assert len(post.arrived) == 2
    assert lines(told["ines@house.example"]) == ["Not kept in time: first contact, Ana Prado, until Mar 9, 2026 13:00"]
    assert lines(told["saul@house.example"]) == [
        "Escalated to you: first contact, Ana Prado, with Ines Ito, until Mar 9, 2026 13:00"
    ]

    # The link of the mail opens the lead, and the notice is read.
    (link,) = re.findall(r"https://accord.house.example(/notices/\d+/)", told["saul@house.example"].as_string())[:1]
    assert "Ana Prado" in does(cast.saul, "2026-03-10T10:00:00", link)
    # Meanwhile it was taken back: that is another one.
    one.refresh_from_db()
    assert one.owner == cast.saul
    left = Notice.objects.visible_to(cast.saul).unread()
    assert list(left.values_list("kind", flat=True)) == ["passed_on"]


def main_counts(member: Member, when: str) -> str:
    return re.search(r"\d+ unread", does(member, when, "/notices/"))[0]


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.visible_to(member).order_by("id").values_list("kind", flat=True))


def test_a_flood_goes_to_the_digest_and_who_is_away_gets_it_on_return(cast, signed, post, monkeypatch):
    monkeypatch.setattr("accord.rooms.notices.rules.MOST_AN_HOUR", 3)
    names = [f"Person {number}" for number in range(6)]
    for number, name in enumerate(names):
        asks(name, f"{MONDAY}T09:00:0{number}")
    assert main_counts(cast.ines, f"{MONDAY}T09:01:00") == "3 unread"
    assert all(name in does(cast.ines, f"{MONDAY}T09:02:00", "/notices/") for name in names)
    with clock.moved_to(on(f"{MONDAY}T16:59:00")):
        cast.ines.take_leave(on("2026-03-10"), on("2026-03-12"), by=cast.ines.pk, at=on(f"{MONDAY}T16:59:00"))
    mailed = {}
    with post.open():
        for day in ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"):
            morning(f"{day}T08:00:00")
            work(on(f"{day}T08:00:05"))
            mailed[day] = [mail for mail in post.arrived if mail["To"].addresses[0].addr_spec == "ines@house.example"]
    assert [len(its) for its in mailed.values()] == [0, 0, 1, 1]


def test_who_switched_everything_off_is_left_alone(cast, signed, post):
    for member in (cast.ines, cast.saul):
        does(member, f"{MONDAY}T08:00:00", "/settings/me/notices/", app="none")
    asks("Ana Prado", f"{MONDAY}T09:00:00")
    work(on(f"{MONDAY}T13:00:00"))
    assert morning("2026-03-10T08:00:00") == 0
    assert (Notice.objects.filter(version=None).count(), Mail.objects.count()) == (0, 0)


def test_a_history_of_leads_tells_nobody(cast, signed, post, tmp_path):
    moves = [
        (f"c{number}", move, f"2026-01-1{day}T09:00:00+00:00")
        for number in range(5)
        for day, move in enumerate(("entered", "returned"))
    ]
    brought(tmp_path / "transitions.csv", "transitions", ["contact", "move", "occurred_at"], moves)
    forms = [(f"t{number}", f"c{number}", "form", "2026-01-12T09:00:00+00:00") for number in range(5)]
    brought(tmp_path / "touches.csv", "touches", ["external_id", "contact", "kind", "occurred_at"], forms)
    assert set(Lead.objects.values_list("stage", flat=True)) == {"engaged"}
    assert morning("2026-06-02T08:00:00") == 0
    told = Notice.objects.filter(version=None)  # of leads, not of the agreement that was signed
    assert (Handoff.objects.count(), told.count(), Mail.objects.count()) == (0, 0, 0)
