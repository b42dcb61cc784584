"""Who is told of a fact, and of what kind that is to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accord.kernel.ledger import Fact
from accord.rooms.agreement.models import Signature, Version
from accord.rooms.agreement.queries import pool_owner
from accord.rooms.desk.models import Nudge
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.roster import Roster
from accord.rooms.handoff.rules import ABSENT, ACCEPTED, BY_HAND
from accord.rooms.notices import rules
from accord.rooms.notices.models import Notice
from accord.rooms.promises.models import Clock
from accord.rooms.promises.rules import MARKETING, PILOT
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import LEADS, MARKETING_LEAD

Heard = Iterator[tuple[int | None, str]]  # who, and the kind to them


@dataclass
class Facts:
    """Some facts with the records that they are about. A fixed number of queries."""

    facts: Sequence[Fact]
    at: datetime

    @cached_property
    def handoffs(self) -> Mapping[int, Handoff]:
        found = Handoff.objects.filter(pk__in=concerned(self.facts))
        return {one.pk: one for one in found.select_related("lead")}

    @cached_property
    def clocks(self) -> Mapping[int, Clock]:
        return Clock.objects.in_bulk(about("clock", self.facts))

    @cached_property
    def nudges(self) -> Mapping[int, Nudge]:
        found = Nudge.objects.filter(pk__in=about("nudge", self.facts))
        return {one.pk: one for one in found.select_related("lead")}

    @cached_property
    def versions(self) -> Mapping[int, Version]:
        return Version.objects.in_bulk(about("version", self.facts))

    @cached_property
    def signers(self) -> Mapping[int, str]:
        """Who may sign, each with their side."""
        house = House.get()
        members = Member.objects.filter(is_active=True, role__in=LEADS).order_by("pk")
        return {one.pk: one.side(house) for one in members}

    @cached_property
    def signed_last(self) -> Mapping[int, str]:
        rows = Signature.objects.filter(version__in=list(self.versions)).order_by("pk")
        return dict(rows.values_list("version_id", "side"))

    @cached_property
    def roster(self) -> Roster:
        return Roster.of(self.at)

    @cached_property
    def pool(self) -> Member | None:
        """Who owns leads that nobody took."""
        return pool_owner(self.at)

    @cached_property
    def assigners(self) -> Mapping[int, list[tuple[int, int | None]]]:
        """By lead: the facts by which somebody gave it to somebody, each with who did."""
        leads = {fact.lead_id for fact in self.facts if _by_hand(fact)}
        rows = Fact.objects.filter(kind="lead_assigned", lead_id__in=leads).order_by("id")
        given: dict[int, list[tuple[int, int | None]]] = {}
        for pk, lead, by in rows.values_list("id", "lead_id", "by_id"):
            given.setdefault(lead or 0, []).append((pk, by))
        return given

    @cached_property
    def accepted(self) -> Mapping[int, list[Handoff]]:
        """By lead: the hand-offs of it that were accepted, in their order."""
        leads = {fact.lead_id for fact in self.facts if fact.kind == "handoff_returned"}
        held: dict[int, list[Handoff]] = {}
        for one in Handoff.objects.filter(lead__in=leads, state=ACCEPTED).order_by("id"):
            held.setdefault(one.lead_id, []).append(one)
        return held

    def actor(self, fact: Fact) -> int | None:
        """Who did it. A hand-off that follows its lead is passed on by whoever assigned the lead."""
        if fact.by_id is not None or not _by_hand(fact):
            return fact.by_id
        before = [by for pk, by in self.assigners.get(fact.lead_id or 0, []) if pk < fact.pk]
        return before[-1] if before else None


def notices(facts: Sequence[Fact], at: datetime) -> list[Notice]:
    """What these facts are to whom. Nobody is told what they did themselves."""
    known = Facts([fact for fact in facts if fact.kind in TELLS], at)
    made: dict[tuple[int, int], Notice] = {}
    for notice in (*_of_nudges(known), *_of_versions(known)):
        made[notice.member_id, notice.fact_id] = notice
    for fact in known.facts:
        clock = known.clocks.get(fact.subject_id or 0) if fact.subject == "clock" else None
        handoff = known.handoffs.get(clock.handoff_id if clock else fact.subject_id or 0)
        if handoff is None or handoff.lead.trashed_at or (clock and clock.mode == PILOT):
            continue
        for member, kind in TELLS[fact.kind](fact, known):
            if member is not None and member != known.actor(fact):
                notice = Notice(member_id=member, kind=kind, fact_id=fact.pk, handoff=handoff, clock=clock)
                made.setdefault((member, fact.pk), notice)
    return list(made.values())


def _of_nudges(known: Facts) -> Iterator[Notice]:
    """To whoever answers for the lead, and back to whoever had proposed it."""
    for fact in known.facts:
        nudge = known.nudges.get(fact.subject_id or 0) if fact.subject == "nudge" else None
        if nudge is None or nudge.lead.trashed_at:
            continue
        for member, kind in TELLS[fact.kind](fact, known):
            if member is not None and member != fact.by_id:
                yield Notice(member_id=member, kind=kind, fact_id=fact.pk, nudge=nudge)


def _of_versions(known: Facts) -> Iterator[Notice]:
    """To whoever may sign."""
    for fact in known.facts:
        version = known.versions.get(fact.subject_id or 0) if fact.subject == "version" else None
        if version is None:
            continue
        for member, kind in TELLS[fact.kind](fact, known):
            if member is not None and member != fact.by_id:
                yield Notice(member_id=member, kind=kind, fact_id=fact.pk, version=version)


def concerned(facts: Sequence[Fact]) -> set[int]:
    """The hand-offs of these facts, of whose notices some may be settled."""
    of_clocks = Clock.objects.filter(pk__in=about("clock", facts)).values_list("handoff_id", flat=True)
    return about("handoff", facts) | set(of_clocks)


def about(subject: str, facts: Iterable[Fact]) -> set[int]:
    return {fact.subject_id for fact in facts if fact.subject == subject and fact.subject_id}


def _by_hand(fact: Fact) -> bool:
    return fact.kind == "handoff_reassigned" and fact.payload["why"] == BY_HAND and fact.by_id is None


def _offered(fact: Fact, known: Facts) -> Heard:
    yield fact.payload["owner"], rules.OFFERED


def _reassigned(fact: Fact, known: Facts) -> Heard:
    yield fact.payload["owner"], rules.PASSED_ON
    if fact.payload["why"] != ABSENT:  # whoever is away has passed it on by being away
        yield fact.payload["before"], rules.TAKEN_AWAY


def _returned(fact: Fact, known: Facts) -> Heard:
    """To whoever owns what nobody took, and to whoever had handed it on."""
    lead = known.handoffs[fact.subject_id or 0].lead
    yield (known.pool.pk if known.pool else lead.owner_id), rules.RETURNED
    before = [one for one in known.accepted.get(lead.pk, []) if one.pk < (fact.subject_id or 0)]
    if before:
        yield before[-1].owner_id, rules.RETURNED


def _reminded(fact: Fact, known: Facts) -> Heard:
    yield fact.payload["owner"], rules.DUE_SOON


def _broken(fact: Fact, known: Facts) -> Heard:
    yield fact.payload["owner"], rules.BROKEN


def _escalated(fact: Fact, known: Facts) -> Heard:
    """To the first lead of its side who is here and does not answer for it already."""
    others = (pk for pk in _leads(known, fact) if pk != fact.payload["owner"])
    yield next(others, None), rules.ESCALATED


def _leads(known: Facts, fact: Fact) -> Iterable[int]:
    if known.clocks[fact.subject_id or 0].side != MARKETING:
        return [known.roster.accountable]
    members = known.roster.members.values()
    here = [one.pk for one in members if one.role == MARKETING_LEAD and one.pk not in known.roster.away]
    return [*here, *([known.pool.pk] if known.pool else [])]


def _nudged(fact: Fact, known: Facts) -> Heard:
    yield known.nudges[fact.subject_id or 0].lead.owner_id, rules.NUDGED


def _nudge_answered(fact: Fact, known: Facts) -> Heard:
    yield known.nudges[fact.subject_id or 0].by_id, rules.NUDGE_ANSWERED


def _proposed(fact: Fact, known: Facts) -> Heard:
    if known.versions[fact.subject_id or 0].is_proposed:
        yield from ((member, rules.TO_SIGN) for member in known.signers)


def _signed(fact: Fact, known: Facts) -> Heard:
    """To the other side: it is to sign still, or what it has signed is binding now. The last signature says it all."""
    side = fact.payload["side"]
    if known.signed_last[fact.subject_id or 0] == side:
        yield from ((member, rules.SIGNED) for member, own in known.signers.items() if own != side)


TELLS: Mapping[str, Callable[[Fact, Facts], Heard]] = {
    "handoff_offered": _offered,
    "handoff_reassigned": _reassigned,
    "handoff_returned": _returned,
    "clock_reminded": _reminded,
    "promise_broken": _broken,
    "clock_escalated": _escalated,
    "nudge_proposed": _nudged,
    "nudge_accepted": _nudge_answered,
    "nudge_declined": _nudge_answered,
    "version_proposed": _proposed,
    "version_signed": _signed,
}
