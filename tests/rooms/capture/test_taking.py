"""From the inbox into the house: what becomes a touch, what is dropped and why, and that nothing counts twice."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from accord.kernel.instants import to_micros
from accord.rooms.capture import queries, taking
from accord.rooms.capture.events import admitted
from accord.rooms.capture.inbox import Arrived
from accord.rooms.capture.models import CaptureDay, DroppedEvent, InboxMark, KindAlias, Touch
from accord.rooms.team.models import ApiKey
from tests.rooms.capture.conftest import identify, track

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("still")]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
GOOD = {"userId": "u1"}


def touches() -> list[tuple[str, str]]:
    """Kind and whose identity, as they were written."""
    return list(Touch.objects.order_by("id").values_list("kind", "identity__value"))


def counted() -> tuple[int, int, int]:
    """Distinct events, touches, dropped events."""
    days = list(CaptureDay.objects.values_list("events", "touches", "dropped"))
    return tuple(sum(column) for column in zip(*days, strict=True)) if days else (0, 0, 0)


def test_what_a_touch_keeps(door, at):
    asked = {"asset": "Pricing guide", "pages": 12, "nested": {"中文": [1, None, True]}}
    campaign = {"name": "Spring", "medium": "cpc", "source": "google"}
    door.send(track("Asset Downloaded", **GOOD, properties=asked, context={"campaign": campaign}), at=at)
    touch = Touch.objects.get()
    assert (touch.kind, touch.asset, touch.campaign, touch.channel) == ("download", "Pricing guide", "Spring", "cpc")
    assert touch.properties == {**asked, "utm": campaign}
    assert (touch.occurred_at, touch.recorded_at, touch.machine) == (at, at, False)


def test_a_page_without_a_path_of_its_own_has_its_contexts(door, at):
    page = {"path": "/pricing", "url": "https://x.example/pricing", "title": "Pricing", "search": ""}
    door.send({"type": "page", **GOOD, "context": {"page": page}}, at=at)
    door.send({"type": "page", **GOOD, "properties": {"path": "/own"}, "context": {"page": page}}, at=at)
    first, second = Touch.objects.order_by("id")
    assert first.properties == {"path": "/pricing", "url": "https://x.example/pricing", "title": "Pricing"}
    assert second.properties == {"path": "/own"}


def test_words_longer_than_their_columns_are_cut(door, at):
    long = {"name": "n" * 400, "medium": "m" * 400}
    door.send(track("Download", **GOOD, properties={"asset": "a" * 400}, context={"campaign": long}), at=at)
    touch = Touch.objects.get()
    assert (touch.asset, touch.campaign, touch.channel) == ("a" * 255, "n" * 255, "m" * 60)


def test_an_alias_of_the_house_holds_from_then_on(door, at):
    door.send(track("Form Submitted", **GOOD), track("Gartner Call", **GOOD), at=at)
    KindAlias.objects.create(name="form_submitted", kind="survey")
    KindAlias.objects.create(name="gartner_call", kind="call_in")
    door.send(track("Form Submitted", **GOOD), track("gartnerCall", **GOOD), at=at)
    assert [kind for kind, _of in touches()] == ["form", "gartner_call", "survey", "call_in"]


def test_who_somebody_is_is_no_touch(door, at):
    door.send(
        identify("u1", title="CEO"),
        {"type": "group", **GOOD, "groupId": "acme"},
        {"type": "alias", **GOOD, "previousId": "d1"},
        at=at,
    )
    assert (touches(), counted()) == ([], (3, 0, 0))


def test_when_it_happened_and_when_it_was_known(door, at):
    """The client's clock is a day ahead: it says tomorrow, and means ten minutes before it sent."""
    by_its_clock, arrived = at + DAY, at
    event = track("Download", **GOOD, originalTimestamp=(by_its_clock - timedelta(minutes=10)).isoformat())
    door.send(event, at=arrived, sent_at=by_its_clock.isoformat())
    touch = Touch.objects.get()
    assert (touch.occurred_at, touch.recorded_at) == (at - timedelta(minutes=10), at)


def test_a_sending_time_of_the_events_own_counts_before_the_requests(door, at):
    event = track("Download", **GOOD, timestamp=(at - DAY).isoformat(), sentAt=(at - DAY).isoformat())
    door.send(event, at=at, sent_at=(at - 5 * DAY).isoformat())
    assert Touch.objects.get().occurred_at == at


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"properties": ["no", "object"]}, "unreadable"),
        ({"name": 7}, "unreadable"),
        ({"userId": None, "context": {"traits": {"email": "not an address"}}}, "nobody"),
        ({"userId": "\x00"}, "nobody"),
    ],
)
def test_what_cannot_be_taken_is_kept_with_its_reason_and_stops_nobody(door, at, bad, reason):
    door.send(track("One", **GOOD), {**track("Bad", **GOOD), **bad, "messageId": "bad"}, track("Two", **GOOD), at=at)
    assert touches() == [("one", "u1"), ("two", "u1")]
    dropped = DroppedEvent.objects.get()
    assert (dropped.reason, dropped.api_key, dropped.received_at, dropped.dropped_at) == (reason, 1, at, at)
    assert json.loads(dropped.raw) == {**track("Bad", **GOOD), **bad, "messageId": "bad"}
    assert counted() == (3, 2, 1)
    assert (queries.counted().events, queries.counted().dropped) == (3, 1)


def test_the_key_of_a_website_says_of_nobody_that_they_were_checked(door, at):
    passed = track("Verified", **GOOD, properties={"by": "inside_sales", "result": "passed"})
    website, telephones = (
        ApiKey.make(name=role, scope="capture", role=role, by=None, at=at)[0] for role in ("marketing", "inside_sales")
    )
    door.send(passed, track("One", **GOOD), at=at, key=website.pk)
    assert touches() == [("one", "u1")]
    assert DroppedEvent.objects.get().reason == "may_not_check"
    door.send(passed, at=at, key=telephones.pk)
    assert touches() == [("one", "u1"), ("verified", "u1")]


def test_an_event_that_breaks_the_writing_is_dropped_alone(door, at):
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX asset_once ON touch (asset)")  # stands for anything that cannot be written
    same = {"properties": {"asset": "same"}}
    door.send(
        track("One", **GOOD, **same),
        track("Two", userId="u2", **same, messageId="second"),
        track("Three", userId="u3"),
        at=at,
    )
    assert touches() == [("one", "u1"), ("three", "u3")]
    assert DroppedEvent.objects.values_list("reason", "raw").get() == (
        "undigestible",
        json.dumps({"messageId": "second", **track("Two", userId="u2", **same)} | {"messageId": "second"}),
    )
    assert counted() == (3, 2, 1)
    assert door.take(at) == 0


def test_zero_characters_are_left_out(door, at):
    said = {"text": "a\x00b", "kept": "\\u0000"}
    door.send(track("Asset\x00 Downloaded", userId="u\x001", properties=said), identify("u1", title="C\x00EO"), at=at)
    assert touches() == [("download", "u1")]
    assert Touch.objects.get().properties == {"text": "ab", "kept": "\\u0000"}
    assert counted() == (2, 1, 0)


def test_taken_twice_it_is_there_once(door, at):
    door.send(*(track("Download", userId=f"u{n}") for n in range(3)), at=at)
    assert (door.take(at), len(touches()), counted()) == (0, 3, (3, 3, 0))


def test_many_requests_of_one_commit(door, at):
    """More than PostgreSQL is given by single statements."""
    arrived = [
        Arrived(1, to_micros(at), None, [admitted(json.dumps(track("Download", userId=f"u{n}")).encode(), 1)])
        for n in range(120)
    ]
    assert [kept.new for kept in door.inbox.keep(arrived)] == [1] * 120
    assert door.take(at) == 120
    assert sorted(touches()) == sorted(("download", f"u{n}") for n in range(120))


def test_more_than_one_stretch(door, at):
    door.keep(*(track("Download", userId=f"u{n % 7}", properties={"n": n}) for n in range(1203)), at=at)
    assert door.take(at) == 3
    assert sorted(Touch.objects.values_list("properties__n", flat=True)) == list(range(1203))
    assert counted() == (1203, 1203, 0)


def test_an_inbox_that_begins_anew_brings_everything_again_and_doubles_nothing(door, at):
    """As one does that was restored: its rows are there, and what was taken of them is not known by its epoch."""
    bad = track("Bad", **GOOD, properties=[])
    door.send(track("One", **GOOD), track("Two", **GOOD), bad, identify("u1", title="CEO"), at=at)
    door.inbox.renew()
    door.keep(track("Three", **GOOD), at=at + SECOND)
    assert door.take(at + SECOND) == 2
    assert touches() == [("one", "u1"), ("two", "u1"), ("three", "u1")]
    assert DroppedEvent.objects.count() == 1
    assert counted() == (5, 3, 1)


def test_events_without_an_id_of_their_own_are_not_doubled_by_it_either(door, at):
    door.send(track("One", **GOOD, messageId=None), track("One", **GOOD, messageId=""), at=at)
    door.inbox.renew()
    door.take(at)
    assert touches() == [("one", "u1")] * 2


def test_somebody_else_was_faster(door, at):
    door.keep(track("One", **GOOD), at=at)
    epoch, row = door.inbox.epoch, door.inbox.last()
    waiting = door.inbox.after(0, 500)
    InboxMark.move(epoch, 0, row)
    assert (len(waiting), InboxMark.move(epoch, 0, row), taking.take(door.inbox, at)) == (1, False, 0)


@pytest.mark.parametrize(("later", "new"), [(timedelta(), 0), (7 * DAY, 0), (8 * DAY, 1)])
def test_a_repeat_is_found_for_eight_days(door, at, later, new):
    event = track("One", **GOOD, messageId="same")
    door.keep(event, event, at=at)
    kept = door.keep(event, at=at + later)
    assert (kept.new, kept.repeated) == (new, 1 - new)
    days = door.inbox.days_of_keys(0)
    assert [sum(getattr(day, what) for day in days) for what in ("accepted", "repeated")] == [1 + new, 2 - new]


def test_the_same_id_by_another_key_is_another_event(door, at):
    event = track("One", **GOOD, messageId="same")
    assert [door.keep(event, at=at, key=key).new for key in (1, 2, 1)] == [1, 1, 0]


def test_forgetting_keeps_what_was_not_taken_and_what_is_young(door, at):
    door.send(track("Taken", **GOOD), at=at)
    taken = InboxMark.taken_of(door.inbox.epoch)
    door.keep(track("Waiting", **GOOD), at=at)

    def rows(after: timedelta) -> int:
        door.inbox.forget(taken, to_micros(at + after))
        return len(door.inbox.after(0, 500))

    assert [rows(after) for after in (7 * DAY, 8 * DAY, 60 * DAY)] == [2, 1, 1]
    assert door.take(at + 60 * DAY) == 1
    assert touches() == [("taken", "u1"), ("waiting", "u1")]


def test_the_ids_of_forgotten_rows_do_not_come_again(door, at):
    door.send(track("One", **GOOD), at=at)
    door.inbox.forget(InboxMark.taken_of(door.inbox.epoch), to_micros(at + 9 * DAY))
    assert door.inbox.last() == 0
    door.send(track("Two", **GOOD), at=at + 9 * DAY)
    assert touches() == [("one", "u1"), ("two", "u1")]


def test_what_waits_is_counted_and_dated(door, at):
    door.keep(track("One", **GOOD), track("Two", **GOOD), at=at)
    door.keep(track("Three", **GOOD), at=at + SECOND)
    queue = door.inbox.queue(0)
    assert (queue.events, queue.oldest) == (3, to_micros(at))
    assert queries.counted().events == 3
    door.take(at)
    assert door.inbox.queue(InboxMark.taken_of(door.inbox.epoch)).events == 0
    assert queries.counted().events == 3


def test_an_event_of_the_greatest_size_to_which_something_is_added(door, at):
    event = track("One", **GOOD, messageId=None)
    room = 32 * 1024 - len(json.dumps(event)) - len(', "x": ""')
    door.send({**event, "x": "x" * room}, at=at)
    assert touches() == [("one", "u1")]
    assert counted() == (1, 1, 0)
