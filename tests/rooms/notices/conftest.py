"""A house with promises, and what its people are told."""

import pytest

from accord.rooms.notices.models import Notice
from accord.rooms.team.models import Member
from tests.post import Post
from tests.rooms.promises.conftest import at, clock_of, handed
from tests.rooms.promises.conftest import enforced as agreed_enforced
from tests.rooms.promises.conftest import pilot as agreed_pilot

__all__ = ["agreed_enforced", "agreed_pilot", "at", "clock_of", "handed", "post"]


@pytest.fixture
def enforced(agreed_enforced):
    return _without_its_own(agreed_enforced)


@pytest.fixture
def pilot(agreed_pilot):
    return _without_its_own(agreed_pilot)


def _without_its_own(version):
    """Nothing is left of what its signers were told of it."""
    Notice.objects.all().delete()
    return version


@pytest.fixture
def post(settings) -> Post:
    settings.HOUSE_URL = "https://accord.house.example"
    return Post().at_house(settings)


def told(member: Member) -> list[str]:
    return list(Notice.objects.visible_to(member).order_by("id").values_list("kind", flat=True))


def unread(member: Member) -> list[str]:
    return list(Notice.objects.visible_to(member).unread().order_by("id").values_list("kind", flat=True))
