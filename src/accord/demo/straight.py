"""The second driver: what the law decides, written straight into the tables that reports are read from.

For many seeds, where the first driver would take minutes each. Nothing of what the house does is in it: hand-offs,
promises and scores exist in the told story alone, and a lead stands where the law has it, not where a rule puts it.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from accord.demo import events, house
from accord.demo.events import DEVICE, Event, Together
from accord.demo.house import COLLEAGUES
from accord.demo.population import Company, Person
from accord.demo.season import Story
from accord.kernel import fields
from accord.kernel.instants import BEGINNING, to_micros
from accord.kernel.warehouse.engine import Engine
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.manifest import File, Kept, Manifest
from accord.kernel.warehouse.tables import FACTS, TRAITS, Table, kept
from accord.rooms.capture.tables import TOUCHES
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import DEALS, TRANSITIONS
from accord.rooms.people.tables import LINKS
from accord.rooms.team.rules import INSIDE
from accord.rooms.team.tables import MEMBERS

ONE_FACT = 0  # what no report asks of these rows


def generation(story: Story, until: datetime, folder: Path) -> Generation:
    """What is known at `until`, as a refresh of the mirror would leave it in `folder`."""
    rows = _Rows(story)
    written = {}
    for table in kept():
        path = folder / f"{table.name}.parquet"
        made = table.arrow(rows.of[table])
        pq.write_table(made, path)
        written[table.name] = Kept(list(table.names), [File(path.name, made.num_rows, 0, made.num_rows)])
    return Generation(Manifest(1, to_micros(until), tables=written), folder, Engine(folder / "spill"))


class _Rows:
    def __init__(self, story: Story) -> None:
        self.of: dict[Table, list[tuple]] = defaultdict(list)
        self.leads: dict[Person, int] = {}
        self.deals: dict[Person, int] = {}
        self.stages: dict[Person, str] = {}
        self.known: set[Person | Company] = set()
        self.numbers = {one.key: number for number, one in enumerate(COLLEAGUES, 1)}
        self.of[MEMBERS] = [(self.numbers[one.key], one.name, one.role, None) for one in COLLEAGUES]
        self.new = count(1)
        self.fields = {kind: fields.of(kind) for kind in ("contact", "company", "lead", "deal")}
        self.writes: dict[type[Event], Callable[[Any], None]] = {
            events.Met: self.met,
            events.Opened: self.opened,
            events.Stepped: self.stepped,
            events.Moved: self.moved,
            events.Answered: self.answered,
            events.Joined: self.joined,
            events.Reopened: self.reopened,
            events.Offered: self.offered,
            events.Revised: self.revised,
            events.Won: self.won,
            events.Lost: self.lost,
            events.Learnt: self.learnt,
            events.Seen: self.seen,
            events.Recognised: self.recognised,
        }
        for event in story.events:
            self.write(event)

    def write(self, event: Event) -> None:
        for part in event.parts if isinstance(event, Together) else (event,):
            if writes := self.writes.get(type(part)):
                writes(part)

    def met(self, event: events.Met) -> None:
        who, at = event.who, event.at
        company = self._company(who.company, at)
        self.values("contact", who.number + 1, {**house.said_of(who), "company": company}, at)
        self._link(who, events.ADDRESS, BEGINNING)

    def opened(self, event: events.Opened) -> None:
        who = event.who
        self.leads[who], self.stages[who] = next(self.new), rules.INQUIRY
        owner = self.numbers[house.looking_after(event.owner, who.company).key]
        self._transition(who, rules.ENTERED, rules.INQUIRY, event.at, entry=event.entry)
        self.values("lead", self.leads[who], {**event.values, "owner": owner}, event.at)

    def stepped(self, event: events.Stepped) -> None:
        move = rules.MOVES[event.move]
        if self.stages[event.who] in move.sources and move.target != rules.OPPORTUNITY:
            self._transition(event.who, event.move, move.target, event.at)

    def moved(self, event: events.Moved) -> None:
        """Ends and returns alone: what a step forward is, `Stepped` says."""
        move = rules.MOVES[event.move]
        if event.move in rules.NEEDS_REASON and self.stages[event.who] in move.sources:
            self._transition(event.who, event.move, move.target, event.at, reason=event.reason)

    def answered(self, event: events.Answered) -> None:
        if not event.accepts and self.stages[event.who] in (rules.MQL, rules.SAL, rules.SQL):
            self._transition(event.who, rules.RETURNED, rules.ENGAGED, event.at, reason=event.reason)

    def joined(self, event: events.Joined) -> None:
        self._transition(event.who, rules.JOINED, rules.JOINED, event.at, reason=rules.BY_DEAL)

    def reopened(self, event: events.Reopened) -> None:
        self._transition(event.who, rules.REOPENED, rules.INQUIRY, event.at)

    def offered(self, event: events.Offered) -> None:
        who = event.who
        deal = self.deals[who] = next(self.new)
        self.of[DEALS].append((deal, self.leads[who], who.company.number + 1))
        self._transition(who, "to_opportunity", rules.OPPORTUNITY, event.at, deal=deal)
        said = {
            "amount": event.amount, "currency": who.company.place.currency, "expected_close": event.expected_close,
            "owner": self.numbers[house.looking_after(INSIDE, who.company).key], "outcome": "open",
        }  # fmt: skip
        self.values("deal", deal, said, event.at)
        self._fact("deal_opened", who, event.at)

    def revised(self, event: events.Revised) -> None:
        self.values("deal", self.deals[event.who], event.values, event.at)

    def won(self, event: events.Won) -> None:
        self._closed(event.who, rules.WON, event.reason, event.at)

    def lost(self, event: events.Lost) -> None:
        self._closed(event.who, rules.LOST, event.reason, event.at)
        if event.come_back_on:
            self.values("deal", self.deals[event.who], {"come_back_on": event.come_back_on}, event.at)

    def learnt(self, event: events.Learnt) -> None:
        record = (event.who if event.of == "contact" else event.who.company).number + 1
        self.values(event.of, record, event.values, event.since, event.at)

    def seen(self, event: events.Seen) -> None:
        known = to_micros(event.at)
        self.of[TOUCHES] += [
            (
                next(self.new), ONE_FACT, self._identity(act.who, act.via), act.kind, act.machine, act.asset,
                act.campaign, act.channel, _json(act.properties), None, to_micros(act.at), known, known,
            )
            for act in event.acts
        ]  # fmt: skip

    def recognised(self, event: events.Recognised) -> None:
        self._link(event.who, DEVICE, event.at)

    def values(
        self, kind: str, record: int, said: Mapping[str, Any], at: datetime, known_at: datetime | None = None
    ) -> None:
        happened, known = to_micros(at), to_micros(known_at or at)
        for slug, given in said.items():
            value = fields.value(self.fields[kind][slug], given)
            row = (next(self.new), ONE_FACT, kind, record, slug, *value, False, None, happened, known, known)
            self.of[TRAITS].append(row)

    def _closed(self, who: Person, outcome: str, reason: str, at: datetime) -> None:
        deal = self.deals[who]
        self._transition(who, outcome, outcome, at, reason=reason, deal=deal)
        self.values("deal", deal, {"outcome": outcome, "reason": reason}, at)
        self._fact(f"deal_{outcome}", who, at)

    def _company(self, company: Company, at: datetime) -> int:
        number = company.number + 1
        if company not in self.known:
            self.known.add(company)
            self.values("company", number, house.said_of_company(company), at)
        return number

    def _link(self, who: Person, via: str, at: datetime) -> None:
        moment = to_micros(at)
        row = (next(self.new), ONE_FACT, self._identity(who, via), who.number + 1, moment, moment)
        self.of[LINKS].append(row)

    def _identity(self, who: Person, via: str) -> int:
        return 2 * who.number + 1 + (via == DEVICE)

    def _transition(self, who: Person, move: str, stage: str, at: datetime, **more: Any) -> None:
        moment, before = to_micros(at), self.stages[who]
        self.stages[who] = stage
        row = {
            "id": next(self.new), "fact_id": ONE_FACT, "lead_id": self.leads[who], "contact_id": who.number + 1,
            "entry": more.get("entry", ""), "move": move, "from_stage": None if move == rules.ENTERED else before,
            "to_stage": stage, "deal_id": more.get("deal"), "reason": more.get("reason", ""), "early": False,
            "occurred_at": moment, "recorded_at": moment, "stored_at": moment,
        }  # fmt: skip
        self.of[TRANSITIONS].append(_in_order(TRANSITIONS, row))

    def _fact(self, kind: str, who: Person, at: datetime) -> None:
        moment, deal = to_micros(at), self.deals[who]
        row = {
            "id": next(self.new), "kind": kind, "subject": "deal", "subject_id": deal, "contact_id": who.number + 1,
            "company_id": who.company.number + 1, "lead_id": self.leads[who], "deal_id": deal, "payload": "{}",
            "occurred_at": moment, "recorded_at": moment, "stored_at": moment,
        }  # fmt: skip
        self.of[FACTS].append(_in_order(FACTS, row))


def _json(properties: Mapping[str, Any]) -> str:
    return json.dumps(dict(properties)) if properties else "{}"


def _in_order(table: Table, row: Mapping[str, Any]) -> tuple:
    return tuple(row.get(name) for name in table.names)
