"""What is offered, for how much, and how a deal goes on."""

import math
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accord.demo.events import Event, Lost, Offered, Revised
from accord.demo.population import Person, weighted

PRODUCTS = {
    "Wren 5": (1_900, 5),
    "Wren 20": (3_400, 6),
    "Heron 90": (6_800, 3),
    "Polymer station": (24_000, 1),
}  # euros a piece, how often asked for
EURO = {"EUR": 1.0, "GBP": 0.86, "CHF": 0.94, "CNY": 7.8}
DISCOUNTS = (0, 0, 0, 0.03, 0.05, 0.1)

# How often of a hundred lost ones: most decide nothing at all.
LOST_FOR = {"no_decision": 40, "price": 22, "competitor": 18, "not_now": 12, "no_budget": 8}

# Why, as reports count it; and in the buyer's words.
WON_BY = {
    "fit": "Accuracy at low flow",
    "service": "Service nearby",
    "speed": "Delivery time",
    "price": "Cost over ten years",
    "reference": "The trial at the neighbour's plant convinced them",
}
LOST_BY = {
    "price": "A third cheaper elsewhere",
    "competitor": "Another supplier was there already",
    "no_decision": "Nobody there wants to decide",
    "not_now": "Project postponed",
    "no_budget": "No budget this year",
}
NOT_NOW = ("not_now", "no_budget")
RIVALS = ("Castor Dosing", "Brightflow")


def offered(rng: Random, who: Person, at: datetime) -> Offered:
    product = weighted(rng, ((name, weight) for name, (_price, weight) in PRODUCTS.items()))
    price, _weight = PRODUCTS[product]
    pieces = max(1, round(rng.lognormvariate(math.log(1 + who.company.employees / 120), 0.5)))
    amount = round(pieces * price * EURO[who.company.place.currency]) * 100
    return Offered(at, who, product, pieces, amount, (at + timedelta(days=rng.choice((30, 45, 60)))).date())


def revisions(rng: Random, deal: Offered, closed: datetime) -> list[Event]:
    """The pipeline stages between the opening and the end; some discount, some delay."""
    length = closed - deal.at
    changed: dict[str, Any] = {"stage": "negotiation", "amount": round(deal.amount * (1 - rng.choice(DISCOUNTS)))}
    delayed = closed.date() > deal.expected_close or rng.random() < 0.3
    quoted = deal.at + length * rng.uniform(0.1, 0.3)
    bargained = deal.at + length * rng.uniform(0.4, 0.8)
    if delayed:
        changed["expected_close"] = max(deal.expected_close, bargained.date()) + timedelta(days=30)
    understood = deal.at + (quoted - deal.at) * 0.4
    steps = [(understood, {"stage": "discovery"}), (quoted, {"stage": "proposal"}), (bargained, changed)]
    return [Revised(at.replace(microsecond=0), deal.who, values) for at, values in steps]


def agreed(who: Person, bargained: datetime, closed: datetime) -> Revised:
    at = bargained + (closed - bargained) * 0.6
    return Revised(at.replace(microsecond=0), who, {"stage": "signing"})


def lost(rng: Random, who: Person, at: datetime) -> Lost:
    reason = weighted(rng, LOST_FOR.items())
    back = (at + timedelta(days=rng.randint(90, 270))).date() if reason in NOT_NOW else None
    return Lost(at, who, reason, LOST_BY[reason], back)
