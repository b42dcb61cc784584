"""Touched: whom touches met, such as those of one campaign or with one piece of content, and what these did afterwards.

What came afterwards need not have come of it: a person meets more than one thing. So people are counted, of whom each
may stand behind many campaigns, and nothing is divided among these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import ibis
import numpy as np
from django.utils.translation import gettext_lazy as _
from ibis import Table as Rows
from ibis import Value

from accord.kernel.intervals import Rate, wilson
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.known import FOREVER
from accord.rooms.capture.norm import ITEM, NAMED, entry
from accord.rooms.content.named import key_of
from accord.rooms.funnel import rules
from accord.rooms.insight import known, passages
from accord.rooms.insight.columns import Columns, Flags, Numbers, Texts, as_rows, found_among, read
from accord.rooms.insight.made import Passages
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports.frame import CONTACT, Cell, Report, Told
from accord.rooms.insight.values import values_by
from accord.rooms.people.models import Contact
from accord.rooms.team.rules import ALL

PEOPLE, FIRST, OPENED, QUALIFIED, WON = "people", "first", "opened", "qualified", "won"
MEASURES = (FIRST, OPENED, QUALIFIED, WON)


@dataclass(frozen=True)
class Touched:
    """`touches` of people, by kind, the most frequent first. Shares are of the people: whose first touch of all it was,
    and for whom a lead was opened, reached MQL or was won at its first touch or later.
    """

    touches: int
    kinds: Mapping[str, int]
    people: int
    first: Rate
    opened: Rate
    qualified: Rate
    won: Rate
    told: Told


@dataclass(frozen=True, eq=False)
class Met(Columns):
    """One entry a contact, in the order of their ids; `since` is the first of the touches asked for, `first` whether
    nothing had touched them before."""

    contacts: Numbers
    since: Numbers
    first: Flags


@dataclass(frozen=True, eq=False)
class Acts(Columns):
    """The touches asked for: one entry a contact and kind, of a contact together; `since` is the first of them."""

    contacts: Numbers
    kinds: Texts
    many: Numbers
    since: Numbers


def answer(generation: Generation, question: Question) -> Touched:
    acts, after = _acts(generation, question), _afterwards(generation, question)
    kinds, people = _by_kind(acts), _met(generation, question).length
    shares = {name: wilson(int(flags.sum()), people) for name, flags in after.items()}
    told = Told.by(generation, question)
    return Touched(touches=int(acts.many.sum()), kinds=kinds, people=people, **shares, told=told)


def lines(touched: Touched) -> list[dict[str, Any]]:
    shares = [(name, getattr(touched, name)) for name in MEASURES]
    counts: list[dict[str, Any]] = [_line("touches", touched.touches), _line(PEOPLE, touched.people)]
    return counts + [_line(name, rate.numerator, rate) for name, rate in shares]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The contacts behind a cell. Measures: people, and those of `MEASURES`."""
    found = _met(generation, question)
    if cell.measure == PEOPLE:
        return [int(contact) for contact in found.contacts]
    if cell.measure not in MEASURES:
        raise CannotAsk(_("Of touches there is no such number."))
    return [int(contact) for contact in found.contacts[_afterwards(generation, question)[cell.measure]]]


def _met(generation: Generation, question: Question) -> Met:
    return generation.remembered(("met", question), lambda: _people(generation, question))


def _people(generation: Generation, question: Question) -> Met:
    acts = _acts(generation, question)
    begins = np.flatnonzero(np.append(True, acts.contacts[1:] != acts.contacts[:-1])[: acts.length])
    if not begins.size:
        return Met(acts.contacts, acts.since, acts.since == 0)
    contacts, since = acts.contacts[begins], np.minimum.reduceat(acts.since, begins)
    return Met(contacts, since, since == _begun(generation, question, contacts))


def _begun(generation: Generation, question: Question, contacts: Numbers) -> Numbers:
    """The first touch of all of each contact."""
    touches = _touches(generation, question).semi_join(as_rows({"contact_id": contacts}), "contact_id")
    begun = touches.group_by("contact_id").aggregate(begun=touches.occurred_at.min())
    return cast(Numbers, read(begun.order_by("contact_id"))["begun"])


def _acts(generation: Generation, question: Question) -> Acts:
    return generation.remembered(("acts", question), lambda: _found(generation, question))


def _found(generation: Generation, question: Question) -> Acts:
    touches = _touches(generation, question)
    asked = touches.filter(_asked(touches, question)).group_by("contact_id", "kind")
    counted = asked.aggregate(many=ibis._.count(), since=ibis._.occurred_at.min())
    acts = Acts(*read(counted.order_by("contact_id", "kind")).values())
    return acts.of(_seen(generation, question, acts.contacts))


def _touches(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    return known.counting(generation, moment, moment)


def _asked(touches: Rows, question: Question) -> Value:
    wanted = ibis.literal(value=True)
    for only in question.only:
        wanted &= touches.norm.contains(entry(NAMED, only.field.slug, key_of(only.value)) + ITEM)
    return wanted


def _seen(generation: Generation, question: Question, contacts: Numbers) -> Flags:
    trashed = values_by(generation, "contact", "trashed", question.moment(generation))
    seen = ~np.isin(contacts, trashed.records[trashed.groups.are("true")])
    if question.viewer is None or passages.scope(question) == ALL:
        return seen
    theirs = Contact.objects.visible_to(question.viewer).here().values_list("pk", flat=True)
    return seen & np.isin(contacts, list(theirs))


def _by_kind(acts: Acts) -> dict[str, int]:
    found = {kind: int(of.many.sum()) for kind, of in acts.parts(acts.kinds) if kind}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _afterwards(generation: Generation, question: Question) -> dict[str, Flags]:
    """Which of the people it was the first touch of, and which did so at their first touch or later."""
    met = _met(generation, question)
    every = replace(question, only=())
    leads = passages.leads(generation, every)
    whose = passages.all_of(generation, every).contacts[leads.places]
    place = found_among(met.contacts, known.lived_on(generation, whose, question.moment(generation)))
    here = place >= 0
    return {FIRST: met.first, **{name: _did(met, place[here], at[here]) for name, at in _instants(leads).items()}}


def _instants(leads: Passages) -> dict[str, Numbers]:
    """When each lead came so far, FOREVER where it has not."""
    won = np.where(leads.stages.are(rules.WON), leads.reached[rules.PLACE[rules.WON]], FOREVER)
    return {OPENED: leads.entered, QUALIFIED: leads.reached[rules.PLACE[rules.MQL]], WON: won}


def _did(met: Met, place: Numbers, at: Numbers) -> Flags:
    flags = np.zeros(met.length, dtype=bool)
    flags[place[(at >= met.since[place]) & (at < FOREVER)]] = True
    return flags


def _line(name: str, count: int, rate: Rate | None = None) -> dict[str, Any]:
    share = {"rate": rate and rate.rate, "low": rate and rate.low, "high": rate and rate.high}
    return {"figure": name, "count": count, **share}


TOUCHED = Report(
    "touched", _("Whom touches met"), ("only", "as-of"), answer, lines, records, CONTACT, ("touch",), "see_content"
)
