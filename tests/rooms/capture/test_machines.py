"""Clicks of mail scanners are kept and flagged; earlier ones that prove to be of a burst are judged by a verdict."""

from datetime import timedelta

import pytest

from accord.rooms.capture.models import Touch, Verdict
from tests.rooms.capture.conftest import track

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SCANNER = {"userAgent": "Mozilla/5.0 (Windows NT 10.0) Barracuda Sentinel (EE)"}


def click(link: str, **more) -> dict:
    return track("Email Link Clicked", userId="u1", properties={"url": f"https://x.example/{link}"}, **more)


def flagged() -> list[bool]:
    return list(Touch.objects.order_by("id").values_list("machine", flat=True))


def verdicts() -> list[tuple[str, bool, object]]:
    rows = Verdict.objects.order_by("id").values_list("touch__properties__url", "machine", "recorded_at")
    return [(url.rpartition("/")[2], machine, since) for url, machine, since in rows]


def test_an_agent_that_names_itself_a_machine(door, at):
    door.send(click("a", context=SCANNER), click("a"), track("Form Submitted", userId="u1", context=SCANNER), at=at)
    assert flagged() == [True, False, False]
    assert verdicts() == []


def test_three_links_at_once_are_flagged_as_they_come(door, at):
    door.send(click("a"), click("b"), click("c"), at=at)
    assert flagged() == [True, True, True]


def test_the_third_link_tells_of_the_two_before_it(door, at):
    for seconds, link in enumerate("abc"):
        door.send(click(link), at=at + seconds * SECOND)
    assert flagged() == [False, False, True]
    assert verdicts() == [("a", True, at + 2 * SECOND), ("b", True, at + 2 * SECOND)]


def test_it_is_said_once(door, at):
    for seconds, link in enumerate("abcd"):
        door.send(click(link), at=at + seconds * SECOND)
    assert flagged() == [False, False, True, True]
    assert [link for link, *_more in verdicts()] == ["a", "b"]


def test_what_a_person_said_of_a_click_stays(door, at):
    door.send(click("a"), at=at)
    door.send(click("b"), at=at + SECOND)
    first = Touch.objects.order_by("id")[0]
    Verdict.give([first.pk], machine=False, source="mara", at=at + SECOND)
    door.send(click("c"), at=at + 2 * SECOND)
    assert [(link, machine) for link, machine, _at in verdicts()] == [("a", False), ("b", True)]


def test_who_reads_slowly_is_human(door, at):
    for minutes, link in enumerate("abcd"):
        door.send(click(link), at=at + minutes * MINUTE)
    assert (flagged(), verdicts()) == ([False] * 4, [])


def test_who_clicks_the_same_link_again_is_human(door, at):
    door.send(click("a"), click("a"), click("a"), click("b"), at=at)
    assert flagged() == [False] * 4


def test_three_people_who_click_at_once_are_human(door, at):
    door.send(*(click(link) | {"userId": f"u{link}"} for link in "abc"), at=at)
    assert flagged() == [False] * 3


def test_clicks_that_arrive_late_are_judged_by_when_they_happened(door, at):
    when = [(at - MINUTE + seconds * SECOND).isoformat() for seconds in range(3)]
    for minutes, (link, then) in enumerate(zip("abc", when, strict=True)):
        door.send(click(link, timestamp=then), at=at + minutes * MINUTE)
    assert flagged() == [False, False, True]
    assert [link for link, *_more in verdicts()] == ["a", "b"]
