"""How each event of the story is told: one verb, or a few in one transaction."""

import json
from collections.abc import Callable
from typing import Any

from accord.demo import events, house
from accord.demo.events import ADDRESS, DEVICE, Act, Event, Together
from accord.demo.population import Company as Employer
from accord.demo.population import Person
from accord.demo.sale import RIVALS
from accord.kernel import journal, ledger, traits
from accord.kernel.instants import to_micros
from accord.kernel.ledger import Writing
from accord.rooms.capture import named
from accord.rooms.capture.inbox import Waiting
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.capture.taking import take_in
from accord.rooms.content.models import Competitor, Product
from accord.rooms.desk import calls
from accord.rooms.funnel import checks, rules
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.funnel.queries import open_deal
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.handoff.rules import ACCEPTED, RETURN, WITH_SALES
from accord.rooms.people.models import Company, Contact, Identity, Merge, Note
from accord.rooms.people.models.identity import ANONYMOUS, EMAIL
from accord.rooms.team.models import ApiKey, Member
from accord.rooms.team.rules import FIELD, INSIDE, MARKETING, MARKETING_LEAD, SALES_LEAD

BESIDE = ("Rang me and asked for an offer", "Met at a customer's", "Knows us from the plant before")
TOUCH = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")


class Telling:
    """Remembers who became which record."""

    def __init__(self, members: dict[str, Member]) -> None:
        self.members = members
        self.by_id = {member.pk: member for member in members.values()}
        self.companies: dict[int, Company] = {}
        self.contacts: dict[int, Contact] = {}
        self.leads: dict[int, Lead] = {}
        self.deals: dict[int, Deal] = {}
        self.merges: dict[tuple[int, int], Merge] = {}
        self.identities: dict[tuple[str, int], int] = {}
        self.recognised: set[int] = set()
        self.tells: dict[type[Event], Callable[[Any], None]] = {
            events.Met: self.met,
            events.Opened: self.opened,
            events.Moved: self.moved,
            events.Answered: self.answered,
            events.Called: self.called,
            events.Checked: self.checked,
            events.TakenUp: self.taken_up,
            events.Stepped: self.left_to_the_house,
            events.Joined: self.left_to_the_house,
            events.Broken: self.broken,
            events.Away: self.away,
            events.Reopened: self.reopened,
            events.Assigned: self.assigned,
            events.Offered: self.offered,
            events.Revised: self.revised,
            events.Won: self.won,
            events.Lost: self.lost,
            events.Wrote: self.wrote,
            events.Learnt: self.learnt,
            events.Seen: self.seen,
            events.Logged: self.logged,
            events.Recognised: self.was_recognised,
            events.Judged: self.judged,
            events.Merged: self.merged,
            events.Parted: self.parted,
            events.Together: self.together,
        }

    def tell(self, event: Event) -> None:
        self.tells[type(event)](event)

    def together(self, event: Together) -> None:
        """Written in one transaction; the columns that its end fills are read again after it."""
        people = [part.who for part in event.parts if isinstance(part, events.Met | events.Opened)]
        with ledger.write(event.at, self._by(event.by, people)):
            for part in event.parts:
                self.tell(part)
        for who in {who.number for who in people}:
            self.contacts[who].refresh_from_db()

    def met(self, event: events.Met) -> None:
        who = event.who
        company = self._company(who.company, event)
        values = house.said_of(who) | {"company": company.pk}
        self.contacts[who.number] = Contact.create(values, by=None, at=event.at)

    def opened(self, event: events.Opened) -> None:
        who, before = event.who, self.leads.get(event.who.number)
        if before and self._now(before).stage != rules.WON:
            return
        owner = self._colleague(event.owner, who)
        self.leads[who.number] = Lead.open(
            self.contacts[who.number], entry=event.entry, owner=owner, by=owner.pk, at=event.at, values=event.values
        )

    def moved(self, event: events.Moved) -> None:
        lead = self._now(self.leads[event.who.number])
        # Once the teams have signed, a rule decides who is qualified, and nobody overrides it here.
        if lead.stage in rules.MOVES[event.move].sources and not lead.overrides(event.move, event.at):
            lead.move(event.move, by=lead.owner_id, at=event.at, reason=event.reason)

    def answered(self, event: events.Answered) -> None:
        if not (lead := self.leads.get(event.who.number)):
            return
        if one := self._offered(lead):
            if event.accepts:
                one.accept(by=one.owner, at=event.at)
            elif RETURN in one.answers:
                one.give_back(event.reason, by=one.owner, at=event.at)
        elif not event.accepts and (held := self._held(lead)):
            held.hand_back(event.reason, by=held.owner, at=event.at)
        elif event.instead:
            self.moved(events.Moved(event.at, event.who, event.instead, event.words))

    def called(self, event: events.Called) -> None:
        if (lead := self._going_on(event.who)) and lead.owner:
            calls.log(lead, "call_out", event.outcome, by=lead.owner, at=event.at)

    def checked(self, event: events.Checked) -> None:
        lead = self._going_on(event.who)
        if lead and lead.stage == rules.SAL and lead.owner:
            contact = self.contacts[event.who.number]
            checks.check(contact, result=checks.PASSED, answers=event.answers, note="", by=lead.owner, at=event.at)

    def taken_up(self, event: events.TakenUp) -> None:
        waiting = Return.objects.filter(lead=self.leads[event.who.number], taken_up_at=None, at__lt=event.at)
        if back := waiting.order_by("id").last():
            back.take_up(by=self._colleague(MARKETING, event.who), at=event.at)

    def _offered(self, lead: Lead) -> Handoff | None:
        return Handoff.objects.offered().filter(lead=lead).select_related("owner", "lead").order_by("id").last()

    def _held(self, lead: Lead) -> Handoff | None:
        """What sales has accepted and can still give back."""
        if self._now(lead).stage not in WITH_SALES or open_deal(lead):
            return None
        newest = Handoff.objects.filter(lead=lead).select_related("owner", "lead").order_by("id").last()
        return newest if newest and newest.state == ACCEPTED and newest.may_return else None

    def left_to_the_house(self, event: Event) -> None:
        """Nobody does it: the house's own rules say what a step is, and which passages a deal takes along."""

    def broken(self, event: events.Broken) -> None:
        """What the website sends then, without a name: taken in like everything, and dropped with the reason."""
        sent = {
            "type": "track", "event": "Form Submitted", "messageId": f"{event.who.device} {event.at.isoformat()}",
            "timestamp": event.at.isoformat(), "properties": {"form": event.about},
        }  # fmt: skip
        website = ApiKey.objects.get(name=house.WEBSITE)
        take_in([Waiting(0, website.pk, to_micros(event.at), None, [json.dumps(sent).encode()])], event.at)

    def away(self, event: events.Away) -> None:
        member = self.members[event.who]
        member.take_leave(event.since, event.until, by=member.pk, at=event.at)

    def reopened(self, event: events.Reopened) -> None:
        lead = self._now(self.leads[event.who.number])
        if lead.stage == rules.RECYCLED:
            lead.reopen(by=lead.owner_id, at=event.at)

    def assigned(self, event: events.Assigned) -> None:
        if lead := self._going_on(event.who):
            by = self._colleague(SALES_LEAD, event.who)
            lead.assign(self._colleague(event.role, event.who), by=by.pk, at=event.at)

    def offered(self, event: events.Offered) -> None:
        who = event.who
        lead = self._now(self.leads[who.number])
        if lead.stage not in WITH_SALES:
            lead = self._past_the_rule(lead, event)
        values = {
            "name": f"{event.pieces} × {event.product}, {who.company.name}", "amount": event.amount,
            "currency": who.company.place.currency, "expected_close": event.expected_close, "owner": lead.owner_id,
        }  # fmt: skip
        deal = self.deals[who.number] = Deal.open(lead=lead, values=values, by=lead.owner_id, at=event.at)
        with ledger.write(event.at, lead.owner_id) as writing:
            product = Product.called(writing, event.product)
            told = {"quantity": event.pieces, "amount_minor": event.amount}
            deal.add_product(product, **told, by=lead.owner_id, at=event.at)
            deal.add_contact(self.contacts[who.number], "champion", by=lead.owner_id, at=event.at)
            self._rival(writing, deal, event)

    def _past_the_rule(self, lead: Lead, event: events.Offered) -> Lead:
        """Sales sells to somebody whom the rule has not passed on, or marketing has again, and says why."""
        seller = self._colleague(FIELD, event.who)
        lead.assign(seller, by=seller.pk, at=event.at)
        why = BESIDE[event.who.number % len(BESIDE)]
        lead.move("to_opportunity", by=seller.pk, at=event.at, reason=why)
        return self._now(lead)

    def _rival(self, writing: Writing, deal: Deal, event: events.Offered) -> None:
        """One in three deals is fought for."""
        if event.who.number % 3 == 0:
            name = RIVALS[event.who.number % len(RIVALS)]
            rival = Competitor.called(writing, name)
            deal.add_competitor(rival, by=writing.by, at=event.at)

    def revised(self, event: events.Revised) -> None:
        if deal := self._open_deal(event.who):
            deal.edit(event.values, seen=deal.version, by=deal.owner_id, at=event.at)

    def won(self, event: events.Won) -> None:
        if deal := self._open_deal(event.who):
            deal.win(reason=event.reason, note=event.note, by=deal.owner_id, at=event.at)

    def lost(self, event: events.Lost) -> None:
        if deal := self._open_deal(event.who):
            deal.lose(
                reason=event.reason, note=event.note, come_back_on=event.come_back_on, by=deal.owner_id, at=event.at
            )

    def wrote(self, event: events.Wrote) -> None:
        contact = self.contacts[event.who.number]
        Note.write(contact, event.text, by=self._talks_to(event.who), at=event.at)

    def learnt(self, event: events.Learnt) -> None:
        record = self.contacts[event.who.number] if event.of == "contact" else self.companies[event.who.company.number]
        with ledger.write(event.at, self._talks_to(event.who).pk) as writing:
            traits.put(writing, event.of, record.pk, event.values, event.since)

    def seen(self, event: events.Seen) -> None:
        rows = Touch.rows(TOUCH, [self._touch(act) for act in event.acts])
        with ledger.write(event.at) as writing:
            named.by_events(writing, [(act.asset, act.campaign) for act in event.acts])
            Touch.take(rows, source=event.source, at=event.at)

    def logged(self, event: events.Logged) -> None:
        if not self._going_on(event.who):
            return
        act = Act(
            event.who,
            event.kind,
            event.at,
            ADDRESS,
            channel="phone" if event.kind == "call_out" else None,
            properties=event.properties,
        )
        rows, contact = Touch.rows(TOUCH, [self._touch(act)]), self.contacts[event.who.number].pk
        Touch.log(contact, event.kind, rows, by=self._talks_to(event.who).pk, at=event.at)

    def was_recognised(self, event: events.Recognised) -> None:
        who = event.who.number
        if who in self.recognised:
            return
        self.recognised.add(who)
        Identity.of(ANONYMOUS, event.who.device).link(self.contacts[who].pk, by=None, at=event.at)

    def judged(self, event: events.Judged) -> None:
        opens = Touch.objects.filter(identity=self._identity(event.who, ADDRESS), kind="email_open", machine=False)
        Verdict.give(opens.order_by("id").values_list("id", flat=True), machine=True, source="mail", at=event.at)

    def merged(self, event: events.Merged) -> None:
        survivor, loser = self.contacts[event.who.number], self.contacts[event.loser.number]
        by = self._colleague(MARKETING_LEAD, event.who)
        merge = Merge.of(survivor, loser, reason=event.reason, by=by.pk, at=event.at)
        self.merges[event.who.number, event.loser.number] = merge
        journal.drain()

    def parted(self, event: events.Parted) -> None:
        by = self._colleague(MARKETING_LEAD, event.who)
        self.merges[event.who.number, event.loser.number].undo(by=by.pk, at=event.at)
        journal.drain()

    def _company(self, employer: Employer, event: events.Met) -> Company:
        """The company, kept when the first of its people is met."""
        if employer.number not in self.companies:
            values = house.said_of_company(employer)
            self.companies[employer.number] = Company.create(values, by=None, at=event.at)
        return self.companies[employer.number]

    def _touch(self, act: Act) -> tuple[Any, ...]:
        identity = self._identity(act.who, act.via)
        return (identity, act.kind, act.at, act.machine, act.asset, act.campaign, act.channel, dict(act.properties))

    def _identity(self, who: Person, via: str) -> int:
        if (via, who.number) not in self.identities:
            kind, value = (ANONYMOUS, who.device) if via == DEVICE else (EMAIL, who.email)
            self.identities[via, who.number] = Identity.of(kind, value).pk
        return self.identities[via, who.number]

    def _now(self, lead: Lead) -> Lead:
        """Others may have moved it: a deal of the same company joins it, a merge too."""
        lead.refresh_from_db()
        return lead

    def _going_on(self, who: Person) -> Lead | None:
        lead = self._now(self.leads[who.number])
        return lead if lead.is_open else None

    def _open_deal(self, who: Person) -> Deal | None:
        deal = self.deals.get(who.number)
        return deal if deal and deal.closed_at is None else None

    def _talks_to(self, who: Person) -> Member:
        lead = self.leads.get(who.number)
        return self.by_id[lead.owner_id] if lead and lead.owner_id else self._colleague(INSIDE, who)

    def _colleague(self, role: str, who: Person) -> Member:
        return self.members[house.looking_after(role, who.company).key]

    def _by(self, role: str | None, people: list[Person]) -> int | None:
        return self._colleague(role, people[0]).pk if role and people else None
