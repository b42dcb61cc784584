"""Wins and losses of random pasts, against a slow reading of the ledger's rows in plain Python; and METHODS R9."""

from collections import Counter
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.kernel import fields, ledger
from accord.kernel.ledger import Retraction, Rows
from accord.kernel.traits import Trait
from accord.kernel.warehouse.generation import generation
from accord.rooms.funnel.facts import DealTrashed
from accord.rooms.funnel.models import Deal
from accord.rooms.insight.questions import Only, Question
from accord.rooms.insight.reports.frame import Cell
from accord.rooms.insight.reports.winloss import WINLOSS
from accord.rooms.people.models import Company
from tests.rooms.insight.conftest import day

START, NOW = day("2026-01-01"), day("2026-03-02")
AGES = (7, 30, 90, 180, 270, 365)

days = st.integers(0, 58)
values = {
    "outcome": st.sampled_from(["open", "won", "lost"]),
    "reason": st.sampled_from(["price", "Fit", "", None]),
    "amount": st.sampled_from([100, 2_500, None]),
    "currency": st.sampled_from(["EUR", "JPY", None]),
    "owner": st.sampled_from([1, 2]),
    "come_back_on": st.sampled_from(["2026-06-01", None]),
    "trashed": st.booleans(),
    "stage": st.sampled_from(["Proposal", "proposal", None]),
}
# Of one deal, on a day something became so, learnt so many days later.
word = st.one_of(
    *(
        st.tuples(st.just(field), of, days, st.sampled_from([0, 0, 0, 9]))
        for field, of in [*values.items(), ("outcome", values["outcome"]), ("outcome", values["outcome"])]
    )
)
pasts = st.lists(
    st.tuples(st.sampled_from([None, 1, 2]), st.lists(word, min_size=1, max_size=7)), min_size=1, max_size=7
)
questions = st.fixed_dictionaries(
    {
        "as_of": st.sampled_from([None, 20, 45]),
        "start": st.sampled_from([None, 10]),
        "end": st.sampled_from([None, 40]),
        "by": st.sampled_from([None, "deal.stage", "deal.owner", "company.industry"]),
        "only": st.sampled_from([None, ("deal.currency", "eur"), ("deal.stage", "")]),
        "partner": st.booleans(),
    }
)


def later(number):
    return START + timedelta(days=number)


def write(past, taken_back, still):
    """Companies 1 and 2 of an industry each; the trait of each number in `taken_back` is retracted on its day."""
    known, written = fields.of("deal"), []
    for industry in ("Steel", "Wood"):
        Company.create({"name": industry, "industry": industry}, by=None, at=still)
    companies = list(Company.objects.order_by("id").values_list("id", flat=True))
    deals = []
    for company, words in past:
        deal = Deal.objects.create(company_id=company and companies[company - 1], opened_at=still)
        deals.append(deal.pk)
        written += [
            (deal.pk, "deal", field, *fields.value(known[field], value), False, later(on), later(min(on + delay, 59)))
            for field, value, on, delay in words
        ]
    columns = ["record", "kind", "field", "text", "norm", "number", "asserted", "occurred_at", "recorded_at"]
    with ledger.write(still) as writing:
        writing.record(DealTrashed(0, None, None, None), [Rows(Trait, columns, written)])
    rows = list(Trait.objects.filter(kind="deal").order_by("id").values_list("id", flat=True))
    with ledger.write(still) as writing:
        gone = [
            Retraction(table="trait", row_id=rows[number % len(rows)], reason="wrong", recorded_at=later(on))
            for number, on in taken_back
        ]
        writing.record(DealTrashed(0, None, None, None), gone)
    return deals


def read_plainly(moment):
    """What every deal was at `moment` by what was known then, from the rows of the ledger."""
    gone = {r.row_id for r in Retraction.objects.filter(table="trait") if r.recorded_at <= moment}
    rows = [r for r in Trait.objects.order_by("id") if r.recorded_at <= moment and r.pk not in gone]
    traits = [r for r in rows if r.kind == "deal"]
    industry = {r.record: r.norm for r in rows if r.kind == "company" and r.field == "industry"}
    found = {}
    for deal in Deal.objects.all():
        said = [r for r in traits if r.record == deal.pk and r.occurred_at <= moment]
        now = {}
        for r in sorted(said, key=lambda r: (r.occurred_at, r.recorded_at, r.pk)):
            now[r.field] = r
        outcomes = [r for r in said if r.field == "outcome"]
        if not outcomes or (now.get("trashed") and now["trashed"].norm == "true"):
            continue
        lost = [r.occurred_at for r in outcomes if r.norm == "lost"]
        found[deal.pk] = {
            "opened": min(r.occurred_at for r in outcomes),
            "closed": now["outcome"].occurred_at,
            "first_lost": min(lost, default=None),
            "company": deal.company_id,
            "company.industry": industry.get(deal.company_id),
            **{f"deal.{field}": r.norm for field, r in now.items()},
            **{field: (r.norm, r.number) for field, r in now.items()},
        }
    return found


def value(deal, field):
    return deal[field][0] if field in deal else None


def within(instant, asked):
    return (asked.start is None or instant >= asked.start) and (asked.end is None or instant < asked.end)


def regained(deal, every):
    if value(deal, "outcome") == "won":
        return True
    return any(
        value(other, "outcome") == "won"
        and other["company"] == deal["company"]
        and other["opened"] > deal["first_lost"]
        for other in every
        if deal["company"] is not None
    )


def won_by(deals, age, watched):
    """Aalen-Johansen, in fractions."""
    spent = [
        (
            max((d["closed"] if value(d, "outcome") != "open" else watched) - d["opened"], timedelta()),
            value(d, "outcome"),
        )
        for d in deals
    ]
    still, won = Fraction(1), Fraction(0)
    for at in sorted({s for s, outcome in spent if outcome != "open" and s <= timedelta(days=age)}):
        risk = sum(s >= at for s, _ in spent)
        ended = Counter(outcome for s, outcome in spent if s == at and outcome != "open")
        won += still * Fraction(ended["won"], risk)
        still *= 1 - Fraction(ended.total(), risk)
    return won


class Told:
    """The report with its lists, of one generation."""

    def __init__(self, read, question):
        self.read, self.question = read, question
        self.report = WINLOSS.answer(read, question)

    def listed(self, measure, stage=None, group=None):
        return WINLOSS.records(self.read, self.question, Cell(measure, stage, group))


def put(asked, cast):
    known = {**{f"deal.{slug}": field for slug, field in fields.of("deal").items()}}
    known["company.industry"] = fields.of("company")["industry"]
    instants = {name: None if asked[name] is None else later(asked[name]) for name in ("as_of", "start", "end")}
    only = (Only(known[asked["only"][0]], asked["only"][1]),) if asked["only"] else ()
    viewer = cast.paula if asked["partner"] else None
    return Question(at=NOW, **instants, by=known.get(asked["by"]), only=only, viewer=viewer)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(past=pasts, taken_back=st.lists(st.tuples(st.integers(0, 20), days), max_size=2), asked=questions)
def test_it_is_what_the_rows_of_the_ledger_say(cast, still, past, taken_back, asked):
    owners = {1: cast.paula.pk, 2: cast.felix.pk}
    past = [(c, [(f, owners[v] if f == "owner" else v, *when) for f, v, *when in words]) for c, words in past]
    with transaction.atomic():
        write(past, taken_back, still)
        question = put(asked, cast)
        with generation() as read:
            told = Told(read, question)
            every, seen = read_for(question, asked["only"], told.report.told.as_of)
            agrees_on_ends(told, seen)
            agrees_on_losses(told, every, seen)
            agrees_on_openings(told, seen)
            agrees_on_groups(told, seen, asked["by"])
        transaction.set_rollback(True)


def read_for(question, only, moment):
    """All that the viewer sees, and of these the ones that the question is about."""
    every = read_plainly(moment)
    if question.viewer:
        every = {pk: deal for pk, deal in every.items() if deal.get("owner", (0, 0))[1] == question.viewer.pk}
    return every, {pk: deal for pk, deal in every.items() if not only or (deal.get(only[0]) or "") == only[1]}


def ended(told, seen, outcome):
    closed = {pk: deal for pk, deal in seen.items() if within(deal["closed"], told.question)}
    return {pk: deal for pk, deal in closed.items() if value(deal, "outcome") == outcome}


def agrees_on_ends(told, seen):
    for outcome in ("won", "lost"):
        those, ending = ended(told, seen, outcome), getattr(told.report, outcome)
        assert told.listed(outcome) == list(those)
        assert ending.deals == getattr(told.report.all, outcome) == len(those)
        reasons = Counter(value(deal, "reason") for deal in those.values())
        assert {reason.value: reason.share.numerator for reason in ending.reasons} == dict(reasons)
        for reason, count in reasons.items():
            assert len(told.listed(f"{outcome}_because", reason or "")) == count
        agrees_on_amounts(told, outcome, those)


def agrees_on_amounts(told, outcome, those):
    ending = getattr(told.report, outcome)
    priced = [deal for deal in those.values() if "amount" in deal and deal["amount"][1] is not None]
    sums, counts = Counter(), Counter()
    for deal in priced:
        currency = (value(deal, "currency") or "").upper()
        sums[currency] += int(deal["amount"][1])
        counts[currency] += 1
    assert {amounts.currency: amounts.sum for amounts in ending.amounts} == dict(sums)
    assert {name: len(told.listed(f"{outcome}_in", name)) for name in counts} == dict(counts)
    assert ending.unpriced == len(those) - len(priced) == len(told.listed(f"{outcome}_unpriced"))


def agrees_on_losses(told, every, seen):
    assert told.listed("dated") == [pk for pk, deal in ended(told, seen, "lost").items() if value(deal, "come_back_on")]
    missed = {pk: d for pk, d in seen.items() if d["first_lost"] and within(d["first_lost"], told.question)}
    again = [pk for pk, deal in missed.items() if regained(deal, every.values())]
    assert (told.listed("missed"), told.listed("regained")) == (list(missed), again)
    share = told.report.missed.regained
    assert (share.numerator, share.denominator) == (len(again), len(missed))


def agrees_on_openings(told, seen):
    opened = {pk: deal for pk, deal in seen.items() if within(deal["opened"], told.question)}
    assert told.listed("opened") == list(opened)
    cohort, watched = told.report.all.cohort, told.report.told.watched_until
    reached = [age for age in AGES if any(watched - d["opened"] >= timedelta(days=age) for d in opened.values())]
    assert list(cohort.shares) == reached
    for age, share in cohort.shares.items():
        assert share.rate == pytest.approx(float(won_by(opened.values(), age, watched)))
    assert cohort.open == len([deal for deal in opened.values() if value(deal, "outcome") == "open"])


def agrees_on_groups(told, seen, by):
    if not by:
        return
    closed = [*ended(told, seen, "won").values(), *ended(told, seen, "lost").values()]
    sizes = Counter(deal.get(by) for deal in closed)
    assert {part.value: part.closed for part in told.report.groups if part.closed} == dict(sizes)
    for part in told.report.groups:
        assert len(told.listed("closed", group=part.value or "")) == part.closed
        assert len(told.listed("opened", group=part.value or "")) == part.cohort.opened


def test_closed_deals_mislead_where_losing_is_quicker_and_those_that_were_opened_do_not(db, still):
    """R9: a quarter is won, after Gamma(4, 30 days); losses take Exp(30 days); volume grows for a year.

    Closed in all are 72 % of 20,000: the standard error of a share of them is at most .0031. By 270 days 98.1 % of
    the wins would be there: 1 - e⁻⁹ (1 + 9 + 9²/2 + 9³/6).
    """
    rng, count = np.random.default_rng(9), 20_000
    followed = 365 - 365 * np.sqrt(rng.random(count))
    wins = rng.random(count) < 0.25
    lag = np.where(wins, rng.gamma(4, 30, count), rng.exponential(30, count))
    sold = [(NOW - timedelta(days=f), "open") for f in followed]
    ends = [
        (NOW - timedelta(days=f - spent), "won" if won else "lost")
        for f, spent, won in zip(followed, lag, wins, strict=True)
    ]
    written = [
        (deal, "deal", "outcome", word, word, False, when, when)
        for deal, rows in enumerate(zip(sold, ends, strict=True))
        for when, word in rows
        if when <= NOW
    ]
    columns = ["record", "kind", "field", "text", "norm", "asserted", "occurred_at", "recorded_at"]
    with ledger.write(still) as writing:
        writing.record(DealTrashed(0, None, None, None), [Rows(Trait, columns, written)])
    with generation() as read:
        report = WINLOSS.answer(read, Question(at=NOW))
    cohort = report.all.cohort
    assert report.all.rate.rate == pytest.approx(0.158, abs=4 * 0.0031)
    assert cohort.won / cohort.opened == pytest.approx(0.119, abs=4 * 0.0023)
    assert cohort.shares[270].rate == pytest.approx(0.25 * 0.979, abs=0.02)
    # No family of the curve is a gamma: it comes out a point too high, where closed deals are nine too low.
    assert cohort.expected.wins / count == pytest.approx(0.25, abs=0.015)
    assert (report.age, cohort.expected.fitted_on) == (90, "cohort")
