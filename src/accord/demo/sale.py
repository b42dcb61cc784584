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

WON_BY = ("Accuracy at low flow", "Service nearby", "Delivery time", "Cost over ten years", "The trial convinced them")
NOT_NOW = ("Project postponed", "No budget this year")
LOST_BY = ("Price", "Another supplier was there already", "No decision", *NOT_NOW)


def offered(rng: Random, who: Person, at: datetime) -> Offered:
    product = weighted(rng, ((name, weight) for name, (_price, weight) in PRODUCTS.items()))
    price, _weight = PRODUCTS[product]
    pieces = max(1, round(rng.lognormvariate(math.log(1 + who.company.employees / 120), 0.5)))
    amount = round(pieces * price * EURO[who.company.place.currency]) * 100
    return Offered(at, who, f"{pieces} × {product}", amount, (at + timedelta(days=rng.choice((30, 45, 60)))).date())


def revisions(rng: Random, deal: Offered, closed: datetime) -> list[Event]:
    """The pipeline stages between the opening and the end; some discount, some delay."""
    length = closed - deal.at
    changed: dict[str, Any] = {"stage": "Negotiation", "amount": round(deal.amount * (1 - rng.choice(DISCOUNTS)))}
    if closed.date() > deal.expected_close or rng.random() < 0.3:
        changed["expected_close"] = deal.expected_close + timedelta(days=30)
    quoted = deal.at + length * rng.uniform(0.1, 0.3)
    bargained = deal.at + length * rng.uniform(0.4, 0.8)
    return [
        Revised(quoted.replace(microsecond=0), deal.who, {"stage": "Offer"}),
        Revised(bargained.replace(microsecond=0), deal.who, changed),
    ]


def lost(rng: Random, who: Person, at: datetime) -> Lost:
    reason = rng.choice(LOST_BY)
    back = (at + timedelta(days=rng.randint(90, 270))).date() if reason in NOT_NOW else None
    return Lost(at, who, reason, back)
