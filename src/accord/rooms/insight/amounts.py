"""Amounts of deals by currency, and those of the deals that were won of leads."""

from dataclasses import dataclass

import numpy as np

from accord.kernel.warehouse.generation import Generation
from accord.rooms.funnel import rules
from accord.rooms.insight import passages
from accord.rooms.insight.columns import NONE, Columns, Floats, Numbers, Texts, read
from accord.rooms.insight.deals import deals
from accord.rooms.insight.questions import UNKNOWN, Question


@dataclass(frozen=True)
class Amounts:
    """Of deals in one currency: `sum` and `median` in its minor units. `currency` is "" where none was told."""

    currency: str
    deals: int
    sum: int
    median: float

    @property
    def whole_median(self) -> int:
        return round(self.median)


@dataclass(frozen=True, eq=False)
class Winnings(Columns):
    """One entry a deal that was won, in the group of its lead; amounts in minor units, NaN where none was told."""

    deals: Numbers
    amounts: Floats
    currencies: Texts
    groups: Texts


def winnings(generation: Generation, question: Question) -> Winnings:
    """Of the leads that a question is about, whenever they were won."""
    moment, found = question.moment(generation), passages.leads(generation, question)
    rows = deals(generation, moment, moment)
    rows = rows.filter(rows.outcome == rules.WON, rows.lead_id.notnull()).order_by("deal_id")
    columns = read(rows, "deal_id", "lead_id", "amount", "currency")
    places = found.find(columns["lead_id"].astype(np.int64))
    amounts, groups = columns["amount"].astype(np.float64), found.groups.of_each(places)
    return Winnings(columns["deal_id"], amounts, columns["currency"], groups).of(places != NONE)


def by_currency(amounts: Floats, currencies: Texts) -> list[Amounts]:
    """Of deals that have an amount; the currency of most deals first."""
    priced = ~np.isnan(amounts)
    told, values = currencies.of(priced), amounts[priced]
    each = [(name or UNKNOWN, values[told.are(name)]) for name in told.present()]
    found = [Amounts(name, int(these.size), int(these.sum()), float(np.median(these))) for name, these in each]
    return sorted(found, key=lambda one: (-one.deals, one.currency))
