"""Who gets a lead: the routes of the document that hold for it, and whose turn it is of those whom they name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accord.kernel import ledger
from accord.rooms.agreement.document.model import Handoff as Term
from accord.rooms.agreement.document.model import Route, ToOwner
from accord.rooms.agreement.models import Version
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.whys import judge_of
from accord.rooms.handoff.models import Choice
from accord.rooms.handoff.roster import Roster, line_of
from accord.rooms.people.queries import company_owners
from accord.rooms.scoring.routing import routes
from accord.rooms.team.models import Member


@dataclass(frozen=True)
class Due:
    """A lead that is to be handed over, by which term of which version, and which routes hold for it."""

    lead: Lead
    version: Version
    term: Term
    routes: tuple[Route, ...] = ()
    company_owner: str = ""
    story: Mapping[str, Any] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """It qualified because the version came into force: such leads are offered some a day, best first."""
        begun = self.version.in_force_from
        return bool(self.version.document.leads.release_per_day) and self.lead.stage_since == begun


@dataclass(frozen=True)
class Line:
    """Members of whom one gets the lead by a route: whose turn it is, or the only one, to whom it goes by name.

    `name`: the line whose turn is asked. `again`: they get it even if they have had it.
    """

    members: Sequence[Member]
    route: str = ""
    name: str = ""
    again: bool = False

    def pick(self, roster: Roster, had: Sequence[int]) -> Choice | None:
        if self.name:
            return roster.pick(self.name, self.members, self.route, had)
        (member,) = self.members
        return roster.given(member.pk, self.route) if self.again or member.pk not in had else None


def choose(roster: Roster, one: Due, without: Iterable[int] = ()) -> Choice:
    """The first route that holds and has somebody for such a hand-off; else whose turn it is of all who take such."""
    had = list(without)
    found = (line.pick(roster, had) for line in lines(roster, one))
    return next(filter(None, found), None) or roster.given(roster.accountable, "")


def lines(roster: Roster, one: Due) -> Iterator[Line]:
    """To whom it could go, the first first."""
    members = roster.of_taker(one.term.to)
    # Who found it, and takes such, has it already.
    if mine := [member for member in members if member.pk == one.lead.owner_id and member.pk not in roster.away]:
        yield Line(mine)
    for route in one.routes:
        yield from _by_route(roster, one, route)
    yield Line(members, name=line_of(members, one.term.to))


def foreseen(lead: Lead, at: datetime) -> Due | None:
    """How a lead that is not handed over yet would be, by the version that judges its contact; None without one."""
    version = judge_of([lead.contact_id], at).get(lead.contact_id)
    if version is None or not version.document.handoffs:
        return None
    terms = version.document.handoffs
    term = next((one for one in terms if one.at == lead.stage), terms[0])
    return routed([Due(lead, version, term)], at)[0]


def _by_route(roster: Roster, one: Due, route: Route) -> Iterator[Line]:
    if isinstance(route.to, ToOwner):
        of_company = route.to.owner == "company"
        name = one.company_owner if of_company else route.to.owner
        member = roster.members[pk] if name and (pk := roster.called(name)) else None
        # Who looks after a company takes no hand-off from themselves to those who come next.
        if member and (not of_company or member in roster.of_taker(one.term.to)):
            yield Line([member], route.id)
        return
    members = roster.of_team(route.to.team, one.term.to)
    yield Line(members, route.id, f"team:{route.to.team}")
    overflow = roster.called(route.to.overflow_owner) if members and route.to.overflow_owner else None
    if overflow:
        yield Line([roster.members[overflow]], route.id, again=True)


def routed(wanted: Sequence[Due], at: datetime) -> list[Due]:
    """The same, each with the routes that hold for it now and who owns its company."""
    owners = company_owners([one.lead.contact_id for one in wanted])
    by_version: dict[Version, list[int]] = defaultdict(list)
    for one in wanted:
        by_version[one.version].append(one.lead.contact_id)
    held = {version: routes(version.text, contacts, _now(at)) for version, contacts in by_version.items()}
    return [
        replace(
            one, company_owner=owners.get(one.lead.contact_id, ""),
            routes=_holding(one.version, held[one.version].get(one.lead.contact_id, ())),
        )
        for one in wanted
    ]  # fmt: skip


def _holding(version: Version, held: Collection[str]) -> tuple[Route, ...]:
    return tuple(route for route in version.document.routing if route.id in held)


def _now(at: datetime) -> datetime:
    return max(at, ledger.latest() or at)
