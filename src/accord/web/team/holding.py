"""What members hold that goes on while they are away: each number opens what is behind it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member
from accord.rooms.team.queries import by_owner


@dataclass(frozen=True)
class Held:
    """`timed`: leads with which a clock of theirs runs."""

    member: Member
    leads: int
    steps: int
    timed: int


def held(members: Collection[Member], viewer: Member) -> dict[int, Held]:
    """By member. Three queries."""
    ids = [member.pk for member in members]
    leads = by_owner(Lead.objects.visible_to(viewer).open(), ids)
    steps = by_owner(Task.objects.visible_to(viewer).here().open(), ids)
    clocks = Clock.objects.visible_to(viewer).here().going().filter(owner__in=ids)
    timed = Counter(owner for owner, _lead in set(clocks.values_list("owner_id", "lead_id")))
    return {one.pk: Held(one, leads[one.pk], steps[one.pk], timed[one.pk]) for one in members}
