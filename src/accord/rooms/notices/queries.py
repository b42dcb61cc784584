"""What the bell shows."""

from accord.rooms.notices.models import Notice
from accord.rooms.team.models import Member


def unread(member: Member) -> int:
    """How many notices wait at the bell. One query, from the index of the unread."""
    return Notice.objects.visible_to(member).here().unread().count()
