"""Who could take a lead over: teams and roles as lines of members, and why each of them could not just now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Count

from accord.kernel import bulk
from accord.rooms.handoff import rules
from accord.rooms.handoff.models import Choice, Handoff, Turn
from accord.rooms.handoff.rules import Candidate
from accord.rooms.team.models import Member
from accord.rooms.team.queries import pool_owner
from accord.rooms.team.rules import ROLES, SALES_LEAD
from accord.rooms.team.worktimes import absent, at_work


@dataclass
class Roster:
    """Everybody who could be chosen, and how much each holds; what it gives away it counts. Three queries, three more
    for who is at work, and one a line for whose turn it is."""

    at: datetime
    members: Mapping[int, Member]
    away: set[int]
    held: dict[int, int]
    named: Mapping[str, int]
    turns: dict[str, dict[int, int]] = field(default_factory=dict)
    _teams: dict[tuple[str, str], list[Member]] = field(default_factory=dict, init=False)

    @cached_property
    def working(self) -> set[int]:
        return at_work(self.members.values(), self.at)

    @classmethod
    def of(cls, at: datetime) -> "Roster":
        members = {one.pk: one for one in Member.objects.filter(is_active=True).select_related("team").order_by("id")}
        counts = Handoff.objects.offered().values_list("owner").annotate(Count("id"))
        named = {slug: one.pk for one in members.values() for slug in (one.slug, one.email) if slug}
        return cls(at, members, absent(members, at), defaultdict(int, dict(counts)), named)

    def called(self, name: str) -> int | None:
        """A member by slug or e-mail address, where they are here."""
        pk = self.named.get(name.strip().lower())
        return None if pk in self.away else pk

    def of_team(self, slug: str, taker: str) -> list[Member]:
        """The members of a team that can take such a hand-off: of its role, where it names one."""
        if (slug, taker) not in self._teams:
            team = [one for one in self.members.values() if one.team and one.team.slug == slug]
            self._teams[slug, taker] = [one for one in team if taker not in ROLES or one.role == taker]
        return self._teams[slug, taker]

    def of_taker(self, taker: str) -> list[Member]:
        """Who a hand-off goes to where no route names somebody: all of a role, or of a team."""
        return self._roles.get(taker, []) if taker in ROLES else self.of_team(taker, taker)

    @cached_property
    def _roles(self) -> Mapping[str, list[Member]]:
        roles: dict[str, list[Member]] = defaultdict(list)
        for one in self.members.values():
            roles[one.role].append(one)
        return roles

    def pick(self, line: str, members: Iterable[Member], rule: str, without: Iterable[int] = ()) -> Choice | None:
        """The one whose turn it is; None where nobody of them can."""
        candidates = self._candidates(list(members), set(without))
        turns = self._turns(line)
        before = [[one.member, one.weight, turns.get(one.member, 0), one.out] for one in candidates]
        picked = rules.fair(candidates, turns)
        if picked.member is None:
            return None
        self.turns[line] = dict(picked.turns)
        self.held[picked.member] += 1
        return Choice(owner_id=picked.member, rule=rule, line=line, candidates=before)

    def given(self, member: int, rule: str) -> Choice:
        """To somebody by name."""
        self.held[member] += 1
        return Choice(owner_id=member, rule=rule, line="", candidates=[])

    @cached_property
    def accountable(self) -> int:
        """Who answers for what nobody can take: the first sales lead who is here, else the owner of the pool.

        Raises LookupError where the house has nobody at all.
        """
        leads = [one.pk for one in self.members.values() if one.role == SALES_LEAD]
        pool = pool_owner()
        here = [pk for pk in leads if pk not in self.away]
        line = [*here, *([pool.pk] if pool else []), *leads, *self.members]
        if not line:
            raise LookupError("a house without members")
        return line[0]

    def can(self, member: Member) -> bool:
        """Whether they can take one more."""
        return not self._out(member, set())

    def keep(self) -> None:
        """Write down whose turn it is now. The rows are locked from the first look on."""
        rows = [(line, *turn) for line, turns in self.turns.items() for turn in turns.items()]
        bulk.values(
            Turn, ("line", "member_id", "standing"), rows,
            "ON CONFLICT (line, member_id) DO UPDATE SET standing = excluded.standing",
        )  # fmt: skip

    def _candidates(self, members: Sequence[Member], had: set[int]) -> list[Candidate]:
        """Who is at work comes before who is not; where nobody is, it waits for whoever's turn it is."""
        out = {one.pk: self._out(one, had) for one in members}
        free = {pk for pk, why in out.items() if not why}
        if free & self.working:
            out |= dict.fromkeys(free - self.working, rules.OFF)
        return [Candidate(one.pk, one.weight, out[one.pk]) for one in members]

    def _out(self, member: Member, had: set[int]) -> str:
        if member.pk in self.away:
            return rules.AWAY
        if member.pk in had:
            return rules.HAD_IT
        if member.most_open is not None and self.held[member.pk] >= member.most_open:
            return rules.FULL
        return rules.NO_SHARE if member.weight <= 0 else ""

    def _turns(self, line: str) -> dict[int, int]:
        """Where everybody stands in the line; whoever chooses in it next waits."""
        if line not in self.turns:
            Turn.objects.bulk_create(
                [Turn(line=line, member=one) for one in self.members.values()], ignore_conflicts=True
            )
            rows = Turn.objects.select_for_update().filter(line=line).order_by("id")
            self.turns[line] = dict(rows.values_list("member_id", "standing"))
        return self.turns[line]


def line_of(members: Sequence[Member], name: str) -> str:
    return f"{'team' if members and members[0].team and members[0].team.slug == name else 'role'}:{name}"
