"""A full disk drops nothing."""

import pytest
from django.db import OperationalError, connection

from accord.rooms.capture.models import DroppedEvent, InboxMark, Touch
from tests.rooms.capture.conftest import track

pytestmark = [pytest.mark.django_db(transaction=True)]
LARGE = {"text": "x" * 30_000}


def pages(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {statement}")
        return cursor.fetchone()[0]


def test_the_events_wait_until_there_is_room_again(door, at):
    door.keep(*(track("One", userId="u1", properties=LARGE) for _ in range(10)), at=at)
    before = pages("max_page_count")
    pages(f"max_page_count = {pages('page_count') + 10}")
    try:
        with pytest.raises(OperationalError, match="full"):
            door.take(at)
    finally:
        pages(f"max_page_count = {before}")
    assert (Touch.objects.count(), DroppedEvent.objects.count()) == (0, 0)
    assert InboxMark.taken_of(door.inbox.epoch) == 0
    assert door.take(at) == 1
    assert (Touch.objects.count(), DroppedEvent.objects.count()) == (10, 0)
