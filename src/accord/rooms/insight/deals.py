"""Deals as of an instant, from their traits: when each was opened, what became of it and when, and why.

One row a deal, however often it was opened again: what holds is the last word on its outcome. A deal whose every
outcome was retracted, or that is in the trash, has no row.
"""

from dataclasses import dataclass
from functools import cached_property

import ibis
import numpy as np
from ibis import Table as Rows

from accord.kernel.fields import Field
from accord.kernel.warehouse import known
from accord.kernel.warehouse.generation import Generation
from accord.kernel.warehouse.tables import FACTS, TRAITS
from accord.rooms.funnel import rules
from accord.rooms.funnel.tables import DEALS
from accord.rooms.insight import passages
from accord.rooms.insight.columns import Columns, Flags, Floats, Numbers, Texts, read
from accord.rooms.insight.fates import DAY
from accord.rooms.insight.made import made
from accord.rooms.insight.questions import Question
from accord.rooms.insight.rules import Cure, mixture_cure
from accord.rooms.insight.values import compared_by, field_values, with_values

CLOSED = (rules.WON, rules.LOST)
# Columns of a deal by the field that they are the latest value of: as it is compared, as written, or as a number.
VALUES = {
    "outcome": ("outcome", "norm"),
    "reason": ("reason", "norm"),
    "reason_shown": ("reason", "text"),
    "amount": ("amount", "number"),
    "currency": ("currency", "text"),
    "owner": ("owner", "number"),
    "come_back_on": ("come_back_on", "text"),
    "trashed": ("trashed", "norm"),
}
READ = (
    "deal_id", "opened", "closed", "outcome", "first_lost", "regained", "reason", "reason_shown", "amount", "currency",
    "come_back_on", "group",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Endings(Columns):
    """One entry a deal. `days` until it was closed, or as long as an open one was watched; `age` from its opening to
    the end of the watch. Instants are microseconds; `first_lost` is NaN where a deal never was.
    """

    deals: Numbers
    opened: Numbers
    closed: Numbers
    days: Floats
    age: Floats
    outcomes: Texts
    first_lost: Floats
    regained: Flags
    reasons: Texts
    reasons_shown: Texts
    amounts: Floats
    currencies: Texts
    come_back_on: Texts
    groups: Texts

    @property
    def count(self) -> int:
        return int(self.deals.size)

    @property
    def won(self) -> Flags:
        return self.outcomes.are(rules.WON)

    @property
    def lost(self) -> Flags:
        return self.outcomes.are(rules.LOST)

    @property
    def ended(self) -> Flags:
        return self.won | self.lost

    @cached_property
    def cure(self) -> Cure:
        """The mixture-cure fit; lost deals count with their age, as in the fates of leads."""
        return mixture_cure(np.where(self.won, self.days, self.age), self.won)


def deals(generation: Generation, t: int, k: int) -> Rows:
    """opened, outcome, closed (FOREVER while it is open), reason, amount in minor units, currency, owner, first_lost.

    `lead_id`, `contact_id` and `company_id` are those that it was opened with, `entry` how that lead came in.
    """
    return generation.once(("deals", t, k), lambda: _deals(generation, t, k))


def asked(generation: Generation, question: Question) -> Rows:
    """Deals that a question is about whatever its period, with `group` to compare by and `shown` as written.

    `regained`: one that was lost, and has been won since, or followed by another that was won.
    """
    return passages.settled(generation, "deals", question, lambda: _asked(generation, question))


def _asked(generation: Generation, question: Question) -> Rows:
    moment = question.moment(generation)
    seen = passages.seen(
        deals(generation, moment, moment), question, lambda rows, viewer: rows.filter(rows.owner == float(viewer))
    )
    return passages.narrowed(_regained(seen), question, lambda rows, by: _grouped(generation, rows, by, moment))


def endings(generation: Generation, question: Question) -> Endings:
    until = watched_until(generation, question)
    columns = read(asked(generation, question).select(*READ).order_by("deal_id"))
    ended = columns["outcome"].are(*CLOSED)
    spent = np.where(ended, columns["closed"], until) - columns["opened"]
    return Endings(
        deals=columns["deal_id"],
        opened=columns["opened"],
        closed=columns["closed"],
        days=np.maximum(spent, 0) / DAY,
        age=np.maximum(until - columns["opened"], 0) / DAY,
        outcomes=columns["outcome"],
        first_lost=columns["first_lost"].astype(np.float64),
        regained=columns["regained"].astype(bool),
        reasons=columns["reason"],
        reasons_shown=columns["reason_shown"],
        amounts=columns["amount"].astype(np.float64),
        currencies=columns["currency"],
        come_back_on=columns["come_back_on"],
        groups=columns["group"],
    )


def watched_until(generation: Generation, question: Question) -> int:
    """As passages say it, or where the told past of deals ends if that is later."""
    moment, of_leads = question.moment(generation), passages.watched_until(generation, question)
    said = _outcomes(generation, moment)
    if said.filter(said.recorded_at == said.stored_at).limit(1).count().execute():
        return moment
    told = said.recorded_at.max().to_pyarrow().as_py()
    return of_leads if told is None else max(of_leads, min(moment, told))


def _deals(generation: Generation, t: int, k: int) -> Rows:
    said = _outcomes(generation, k)
    said = said.filter(said.occurred_at <= known.instant(t), said.norm.notnull())
    lost = ibis.ifelse(said.norm == rules.LOST, said.occurred_at, None)
    spells = said.group_by("record").aggregate(opened=said.occurred_at.min(), first_lost=lost.min())
    valued = spells.inner_join(_values(generation, t, k), "record")
    valued = valued.filter(valued.outcome.notnull(), valued.trashed.fill_null("false") != "true")
    return _subjects(generation, t, k, valued.drop("trashed").rename(deal_id="record"))


def _values(generation: Generation, t: int, k: int) -> Rows:
    latest = known.values(known.standing(generation, TRAITS, k), t, kind="deal")
    columns = {
        name: ibis.ifelse(latest.field == field, latest[column], None).max() for name, (field, column) in VALUES.items()
    }
    closing = (latest.field == "outcome") & latest.norm.isin(CLOSED)
    closed = ibis.ifelse(closing, latest.occurred_at, None).max().fill_null(known.FOREVER)
    return latest.group_by("record").aggregate(**columns, closed=closed)


def _subjects(generation: Generation, t: int, k: int, found: Rows) -> Rows:
    """Whose each deal is. The contact is the one whose lead it was, whoever they were merged with since; without a
    lead, the one for whom it was opened.
    """
    kept = generation.table(DEALS).select("lead_id", "company_id", of="id")
    found = found.left_join(kept, found.deal_id == kept.of)
    leads = made(generation, t, k).rows.select("entry", came="lead_id", whose="contact_id")
    found = found.left_join(leads, found.lead_id == leads.came)
    facts = known.recorded(generation.table(FACTS), k)
    opened = facts.filter(facts.kind == "deal_opened").select(said="deal_id", opened_for="contact_id")
    found = found.left_join(opened, found.deal_id == opened.said)
    found = found.mutate(contact_id=ibis.coalesce(found.whose, found.opened_for))
    return found.drop("of", "came", "whose", "said", "opened_for")


def _regained(found: Rows) -> Rows:
    """The same deal was won after all, or one of the same contact or company that was opened after the loss."""
    won = found.filter(found.outcome == rules.WON)
    of_contact = won.filter(won.contact_id.notnull()).group_by(buyer="contact_id").aggregate(last=won.opened.max())
    of_company = won.filter(won.company_id.notnull()).group_by(firm="company_id").aggregate(latest=won.opened.max())
    placed = found.left_join(of_contact, found.contact_id == of_contact.buyer)
    placed = placed.left_join(of_company, placed.company_id == of_company.firm)
    since = ibis.greatest(placed.last.fill_null(0), placed.latest.fill_null(0))
    later = (placed.outcome == rules.WON) | (since > placed.first_lost)
    return placed.mutate(regained=placed.first_lost.notnull() & later).drop("buyer", "firm", "last", "latest")


def _outcomes(generation: Generation, k: int) -> Rows:
    said = known.standing(generation, TRAITS, k)
    return said.filter(said.kind == "deal", said.field == "outcome")


def _grouped(generation: Generation, found: Rows, by: Field | None, moment: int) -> Rows:
    """As leads are, but by fields of the deal too; and its company is the one that it was opened for."""
    if by is None or by.kind not in ("deal", "company"):
        return with_values(generation, found, by, moment)
    values = field_values(generation, by.kind, by.slug, moment)
    values = values.select(of="record", group=compared_by(by.kind, by.slug), shown="text")
    if by.kind == "deal":
        return found.left_join(values, found.deal_id == values.of).drop("of")
    members = field_values(generation, "contact", "company", moment)
    members = members.select(member="record", employer=members.number.cast("int64"))
    placed = found.left_join(members, found.contact_id == members.member)
    placed = placed.mutate(employer=ibis.coalesce(placed.company_id, placed.employer))
    return placed.left_join(values, placed.employer == values.of).drop("of", "member", "employer")
