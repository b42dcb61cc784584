"""A house with promises, and what its people are told."""

import pytest

from accord.rooms.notices.models import Notice
from accord.rooms.team.models import Member
from tests.post import Post
from tests.rooms.promises.conftest import at, clock_of, enforced, handed, pilot

__all__ = ["at", "clock_of", "enforced", "handed", "pilot", "post"]


@pytest.fixture
def post(settings) -> Post:
    settings.HOUSE_URL = "https://accord.house.example"
    return Post().at_house(settings)


def told(member: Member) -> list[str]:
    return list(Notice.objects.visible_to(member).order_by("id").values_list("kind", flat=True))


def unread(member: Member) -> list[str]:
    return list(Notice.objects.visible_to(member).unread().order_by("id").values_list("kind", flat=True))
