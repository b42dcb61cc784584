"""Meetings that somebody outside books: with whoever has their lead, else with whom the agreement's routing names."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accord.kernel import ledger
from accord.kernel.worktime import Interval
from accord.rooms.agreement.models import Version
from accord.rooms.capture.named import by_events
from accord.rooms.capture.rules import OUTSIDE, TOLD_BY
from accord.rooms.desk import calls, facts, inviting, rules
from accord.rooms.desk.models import Booking, Task
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.steps import MARKETING
from accord.rooms.handoff import choosing
from accord.rooms.handoff.choosing import Due, Line
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.roster import Roster
from accord.rooms.people.models import Company, Contact
from accord.rooms.people.models.identity import EMAIL, Identity
from accord.rooms.people.queries import companies_named, owners, survivor
from accord.rooms.team.models import Absence, Member
from accord.rooms.team.rules import PARTNER, SELLERS, SERVICE
from accord.rooms.team.worktimes import calendars

HOLDERS = SELLERS | {PARTNER, SERVICE}  # with whoever of them has the lead it is, whatever the routing would say


class Taken(Exception):
    """Nobody has time then any more."""


@dataclass(frozen=True)
class Host:
    """With whom a meeting is, and by whose routing."""

    member: Member
    version: Version | None = None
    route: str = ""


def times(contact: Contact, at: datetime) -> list[datetime]:
    """When a meeting can begin that they book now, in order: of the first line of the routing that has any time."""
    for line in _lines(_lead(contact), at):
        if free := _free(line.members, at):
            return sorted(free)
    return []


def holder(contact: Contact) -> Member | None:
    """With whom a meeting is for certain; None where the routing says it."""
    return _holder(_lead(contact))


def book(contact: Contact, begins: datetime, *, note: str, zone: str, language: str, at: datetime) -> Booking:
    """Book a time of `times`, or move what they had booked to it: with its task, its touch and mails to both.

    A lead is opened where there is none, and given to whoever the routing has chosen. Raises Taken.
    """
    with ledger.write(at):
        Contact.objects.select_for_update().get(pk=contact.pk)  # of two clicks the second finds what the first booked
        standing = Booking.of(contact, at)
        if standing and standing.task.due_at == begins:
            return standing
        lead = Lead.objects.open().filter(contact=contact).select_related("owner").first()
        lead = lead or Lead.open(contact, entry=MARKETING, by=None, at=at)
        host = _host(lead, begins, at)
        if lead.owner_id != host.member.pk and not Handoff.objects.open().filter(lead=lead).exists():
            lead.assign(host.member, by=None, at=at)
        if standing:
            return _moved(standing, begins, host, at)
        return _booked(lead, begins, host, note, Booking(zone=zone, language=language, booked_at=at), at)


def call_off(booking: Booking, at: datetime) -> None:
    """The guest cannot come. Once."""
    with ledger.write(at):
        if booking.call_off(at=at):
            inviting.called_off_by_guest(booking, at)


def met(name: str, email: str, company: str, *, campaign: str | None, channel: str | None, at: datetime) -> Contact:
    """Whoever asks for a meeting on a page that everybody can reach, known by the e-mail address.

    Of somebody who is known already it changes nothing: anybody can write down anybody's address.
    """
    with ledger.write(at) as writing:
        address = Identity.of(EMAIL, email)  # whoever asks with the same address at the same time waits
        known = owners([address.pk]).get(address.pk)
        contact = Contact.objects.here().filter(pk=survivor(known)).first() if known else None
        contact = contact or _new(name, email, company, at)
        by_events(writing, [(None, campaign)])
        calls.touched(contact, "form", {"form": "meeting"}, by=None, at=at, campaign=campaign, channel=channel)
    return contact


def _new(name: str, email: str, company: str, at: datetime) -> Contact:
    values: dict[str, Any] = {"name": name, "email": email}
    if company:
        there = companies_named(company).first() or Company.create({"name": company}, by=None, at=at)
        values["company"] = there.pk
    return Contact.create(values, by=None, at=at)


def _booked(lead: Lead, begins: datetime, host: Host, note: str, booking: Booking, at: datetime) -> Booking:
    with ledger.write(at) as writing:
        booking.task = Task.plan(
            owner=host.member, lead=lead, kind=rules.MEETING, what=note, due_at=begins, by=None, at=at
        )
        booking.version, booking.route = host.version, host.route
        booking.save(force_insert=True)
        named = {"booking": booking.pk, "task": booking.task_id, "lead": lead.pk, "contact": lead.contact_id}
        writing.record(facts.MeetingBooked(**named, owner=host.member.pk))
        told = {"outcome": rules.BOOKED, "with": host.member.pk, "begins": begins.isoformat(), TOLD_BY: OUTSIDE}
        calls.touched(lead.contact, "meeting", {**told, "note": note}, by=None, at=at)
        inviting.booked(booking, at)
    return booking


def _moved(booking: Booking, begins: datetime, host: Host, at: datetime) -> Booking:
    with ledger.write(at):
        Task.objects.filter(pk=booking.task_id).update(owner=host.member)
        booking.task.snooze(begins, by=None, at=at)
        inviting.moved_by_guest(booking, at)
    return booking


def _lead(contact: Contact) -> Lead:
    """The open one, else one as it would be opened."""
    there = Lead.objects.open().filter(contact=contact).select_related("owner").first()
    return there or Lead(contact=contact)


def _lines(lead: Lead, at: datetime) -> Iterator[Line]:
    """Who could be met, the first first; those who are away today among them, for they come back."""
    if holder := _holder(lead):
        yield Line([holder])
        return
    roster = replace(Roster.of(at), away=set())
    if due := choosing.foreseen(lead, at):
        yield from (replace(line, members=_able(roster, line)) for line in choosing.lines(roster, due))
    yield Line([roster.members[roster.accountable]])


def _able(roster: Roster, line: Line) -> Sequence[Member]:
    return [member for member in line.members if roster.can(member)] if line.name else line.members


def _holder(lead: Lead) -> Member | None:
    """Who answers for its hand-off, else who of sales has it."""
    handed = Handoff.objects.open().filter(lead=lead.pk).select_related("owner").first() if lead.pk else None
    held = handed.owner if handed else lead.owner
    return held if held and held.is_active and held.role in HOLDERS else None


def _host(lead: Lead, begins: datetime, at: datetime) -> Host:
    """Who takes it, locked until it is written down: two guests may want the same time of the same member."""
    if holder := _holder(lead):
        if not _has_time(holder, begins, at):
            raise Taken
        return Host(holder)
    due, roster, busy = choosing.foreseen(lead, at), Roster.of(begins), set[int]()
    if due:
        free = _free(roster.members.values(), at)
        busy = set(roster.members) - free.get(begins, set())
    while True:
        member, route = _choose(roster, due, busy)
        if _has_time(member, begins, at):
            roster.keep()
            return Host(member, due.version if due else None, route)
        if due is None or member.pk in busy:
            raise Taken
        busy.add(member.pk)


def _choose(roster: Roster, due: Due | None, busy: Collection[int]) -> tuple[Member, str]:
    if due is None:
        return roster.members[roster.accountable], ""
    choice = choosing.choose(roster, due, busy)
    return roster.members[choice.owner_id], choice.rule


def _has_time(member: Member, begins: datetime, at: datetime) -> bool:
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    return begins in _free([member], at)


def _free(members: Collection[Member], at: datetime) -> Mapping[datetime, set[int]]:
    """When a meeting can begin, and who of them has time then. Five queries, however many they are."""
    first, last = at + rules.NOTICE, at + rules.AHEAD
    working = calendars({member.team_id for member in members})
    worked = {team: list(calendar.intervals(first, last)) for team, calendar in working.items()}
    taken = _taken([member.pk for member in members], first, last)
    free: dict[datetime, set[int]] = defaultdict(set)
    for member in members:
        for begins in rules.beginnings(worked[member.team_id], taken[member.pk]):
            free[begins].add(member.pk)
    return free


def _taken(members: Sequence[int], first: datetime, last: datetime) -> Mapping[int, list[Interval]]:
    """When each of them is away or meets somebody."""
    taken: dict[int, list[Interval]] = defaultdict(list)
    away = Absence.objects.filter(member__in=members, called_off_at=None, since__lt=last, until__gt=first)
    for member, since, until in away.values_list("member_id", "since", "until"):
        taken[member].append((since, until))
    meetings = Task.objects.here().open().filter(kind=rules.MEETING, owner__in=members)
    span = meetings.filter(due_at__gt=first - rules.LENGTH, due_at__lt=last)
    for member, begins in span.values_list("owner_id", "due_at"):
        taken[member].append((begins, begins + rules.LENGTH))
    return taken
