"""What was won of the leads of each source, against the records of deals added up in plain Python."""

from collections import Counter, defaultdict
from datetime import timedelta
from random import Random

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports.sources import SOURCES
from accord.rooms.people.models import Contact

ORIGINS = ("fair", "mail", None)
ENDS = ("open", "lost", "won", "won")


@pytest.fixture
def sold(cast, still):
    """Sixty leads of two origins and of none, most of them with a deal in one of two currencies, or without one."""
    dice, ada, came = Random(7), cast.ada.pk, {}
    for number in range(60):
        origin = dice.choice(ORIGINS)
        contact = Contact.create({"name": f"P{number}"}, by=ada, at=still)
        lead = Lead.open(
            contact, entry="marketing", values={"origin": origin} if origin else {}, owner=cast.felix, by=ada, at=still
        )
        came[lead.pk] = origin
        if dice.random() < 0.2:
            continue
        deal = Deal.open(lead=lead, values={"name": "Pump"}, by=ada, at=still)
        if dice.random() < 0.8:
            told = {"amount": dice.randrange(1_000, 90_000), "currency": dice.choice(("EUR", "CNY"))}
            deal.edit(told, seen=0, by=ada, at=still)
        end = dice.choice(ENDS)
        if end != "open":
            at = still + timedelta(days=number)
            with clock.moved_to(at):
                (deal.win if end == "won" else deal.lose)(reason="price", by=ada, at=at)
    return came


def added_up(came: dict[int, str | None]) -> tuple[dict[str | None, Counter], Counter]:
    sums: dict[str | None, Counter] = defaultdict(Counter)
    many: Counter = Counter()
    for deal in Deal.objects.filter(outcome="won"):
        origin = came[deal.lead_id]
        many[origin] += 1
        if deal.amount_minor is not None:
            sums[origin][deal.currency] += deal.amount_minor
    return sums, many


def test_amounts_of_each_source_are_those_of_its_deals(sold, still):
    at = still + timedelta(days=90)
    with clock.moved_to(at):
        report = reports.answer("sources", Question.asked(at))
    sums, many = added_up(sold)
    assert {one.value: {e.currency: e.sum for e in one.earned} for one in report.sources} == sums
    assert {one.value: one.deals for one in report.sources} == many
    assert {e.currency: e.sum for e in report.all.earned} == sum(sums.values(), Counter())
    assert report.all.deals == sum(many.values()) > 20
    lines = {line["source"]: line for line in SOURCES.lines(report)}
    assert lines["fair"]["earned_EUR"] * 100 == sums["fair"]["EUR"]


def test_of_a_past_day_what_was_won_by_then(sold, still):
    at = still + timedelta(days=90)
    with clock.moved_to(at):
        report = reports.answer("sources", Question.asked(at, as_of=f"{still + timedelta(days=20):%Y-%m-%d}"))
    first = Deal.objects.filter(outcome="won").order_by("pk")
    midnight = (still + timedelta(days=20)).replace(hour=0, minute=0, second=0, microsecond=0)
    then = [deal for deal in first if deal.closed_at < midnight]
    assert report.all.deals == len(then)
    assert 0 < len(then) < len(first)


def test_a_partner_is_told_of_their_own_leads_alone(sold, cast, still):
    at = still + timedelta(days=90)
    with clock.moved_to(at):
        assert reports.answer("sources", Question.asked(at, viewer=cast.paula)).all.deals == 0
