"""Wins and losses, against figures counted by hand and against a plain reading of the ledger's rows."""

import pytest

from accord.kernel import ledger
from accord.kernel.ledger import Fact, Retraction
from accord.rooms.funnel.facts import DealTrashed
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.people.models import Company, Contact
from tests.rooms.insight.conftest import day

KINDS = reports.NAMES["winloss"].kinds


def question(**asked):
    return Question.asked(day("2026-03-02"), kinds=KINDS, **asked)


def told(**asked):
    return reports.answer("winloss", question(**asked))


def listed(measure, stage=None, group=None, **asked):
    return reports.records("winloss", question(**asked), reports.Cell(measure, stage, group))


def because(ending):
    return [(reason.value, reason.share.numerator, reason.share.denominator) for reason in ending.reasons]


@pytest.fixture
def five(sale):
    """Won for 500 €, lost on price for 300 €, lost to no word of why, opened again after a loss and won, open."""
    return [
        sale("2026-01-01", ("2026-01-11", "won", "fit"), amount=50_000, currency="EUR"),
        sale("2026-01-05", ("2026-01-08", "lost", "Price"), amount=30_000, currency="EUR"),
        sale("2026-01-05", ("2026-02-04", "lost"), amount=700, currency="JPY"),
        sale("2026-01-10", ("2026-01-20", "lost", "not_now"), ("2026-02-01", "open"), ("2026-02-09", "won", "price")),
        sale("2026-02-10", amount=10_000, currency="EUR"),
    ]


def test_a_deal_that_was_opened_again_is_one_deal_and_counts_by_its_last_word(five):
    report = told()
    assert (report.all.closed, report.all.won, report.all.lost) == (4, 2, 2)
    assert (report.all.cohort.opened, report.all.cohort.won, report.all.cohort.open) == (5, 2, 1)
    assert (report.all.rate.rate, report.all.too_early) == (0.5, True)
    # Wilson of 2 of 4: (2 n p + z² ± z √(z² + 4 n p q)) / (2 (n + z²)) with z² = 3.841459.
    assert (report.all.rate.low, report.all.rate.high) == (
        pytest.approx(0.150039, abs=1e-6),
        pytest.approx(0.849961, abs=1e-6),
    )
    assert listed("won") == [five[0], five[3]]
    assert listed("lost") == five[1:3]
    assert listed("opened_open") == [five[4]]


def test_reasons_of_each_end_and_what_a_loss_points_to(five):
    report = told()
    assert because(report.won) == [("fit", 1, 2), ("price", 1, 2)]
    assert because(report.lost) == [("price", 1, 2), (None, 1, 2)]
    assert [(reason.label, reason.problem) for reason in report.lost.reasons][1] == ("not known", "")
    assert report.lost.reasons[0].problem == "targeting"
    assert [reason.problem for reason in report.won.reasons] == ["", ""]
    assert listed("lost_because", "price") == [five[1]]
    assert listed("lost_because", "") == [five[2]]
    assert listed("won_because", "price") == [five[3]]


@pytest.mark.parametrize(
    ("reason", "problem"),
    [("terms", "targeting"), ("competitor", "handling"), ("no_decision", "handling"), ("not_now", ""), ("rain", "")],
)
def test_price_and_terms_are_a_matter_of_whom_one_asks_objections_of_how_one_answers(sale, reason, problem):
    sale("2026-01-01", ("2026-01-02", "lost", reason))
    assert [found.problem for found in told().lost.reasons] == [problem]


def test_amounts_are_told_by_currency_and_never_added_across(five, sale):
    sale("2026-01-01", ("2026-01-11", "won", "fit"), amount=20_000, currency="EUR")
    report = told()
    assert [(a.currency, a.deals, a.sum, a.median) for a in report.won.amounts] == [("EUR", 2, 70_000, 35_000)]
    assert report.won.unpriced == 1
    assert [(a.currency, a.sum) for a in report.lost.amounts] == [("EUR", 30_000), ("JPY", 700)]
    assert listed("lost_in", "JPY") == [five[2]]
    assert listed("won_unpriced") == [five[3]]
    lines = [line for line in reports.NAMES["winloss"].lines(report) if line["figure"] == "lost_amount"]
    assert [(line["currency"], line["sum"]) for line in lines] == [("EUR", 300.0), ("JPY", 700.0)]


def test_the_period_is_when_deals_were_closed_and_of_the_others_when_they_were_opened(five):
    report = told(since="2026-02-01", until="2026-02-28")
    assert (report.all.closed, report.all.won, report.all.cohort.opened) == (2, 1, 1)
    assert listed("closed", since="2026-02-01", until="2026-02-28") == five[2:4]
    assert listed("opened", since="2026-02-01", until="2026-02-28") == [five[4]]


def test_days_of_a_period_are_days_of_the_house(sale, house, at):
    house.settle({"zone": "Asia/Shanghai"}, by=None, at=at)
    sale("2026-01-01", ("2026-01-31T15:59:59", "won", "fit"))
    inside = sale("2026-01-01", ("2026-01-31T16:00:00", "won", "fit"))
    assert listed("won", since="2026-02-01", until="2026-02-28") == [inside]


def test_as_of_a_past_day_tells_what_was_known_then(five, sale):
    before = {text: told(as_of=text) for text in ("2026-01-15", "2026-01-25", "2026-02-05")}
    counted = {text: (report.all.won, report.all.lost, report.all.cohort.open) for text, report in before.items()}
    assert counted == {"2026-01-15": (1, 1, 2), "2026-01-25": (1, 2, 1), "2026-02-05": (1, 2, 1)}
    assert listed("lost_because", "not_now", as_of="2026-01-25") == [five[3]]
    sale("2026-01-02", ("2026-01-03", "lost", "price"), recorded_at="2026-02-20")
    assert {text: told(as_of=text).lost for text in before} == {text: report.lost for text, report in before.items()}
    assert told(as_of="2026-02-21").all.lost == 3


def test_what_was_retracted_was_never_there_from_that_day_on(five, still):
    wrong = Fact.objects.filter(kind="deal_opened", deal_id=five[0]).get().pk
    with ledger.write(still) as writing:
        writing.record(DealTrashed(five[0], None, None, None), [Retraction(retracted_fact_id=wrong, reason="revert")])
    assert listed("won") == [five[3]]
    assert listed("won", as_of="2026-02-20") == [five[0], five[3]]


def test_a_deal_in_the_trash_counts_until_the_day_on_which_it_went_there(sale):
    deal = sale("2026-01-01", ("2026-01-11", "won", "fit"), trashed=[("2026-02-01", True), ("2026-02-20", False)])
    assert [listed("won", as_of=text) for text in ("2026-01-31", "2026-02-02", "2026-02-20")] == [[deal], [], [deal]]


def test_days_open_count_those_that_are_open_still(five):
    # Days: 10, 3, 30 and 30 until they were closed (the second win after 30), one open for 20 until today.
    days = told().all.cohort.days
    # Kaplan-Meier: 4/5 after day 3, 3/5 after day 10, the open one leaves, nobody after day 30.
    assert (days.entered, days.left, days.median, days.p75) == (5, 4, 30.0, 30.0)


def test_the_share_won_by_one_age_counts_open_deals_for_as_long_as_they_were_watched(five):
    report = told()
    # 61, 56, 56, 51 and 20 days old: at least half are 30 days old.
    assert (report.age, report.all.cohort.observed) == (30, 0.8)
    # Lost on day 3 (5 at risk), won on day 10 (4): 4/5 · 1/4; the open one leaves on day 20; on day 30 of two one
    # is won, one lost: 3/5 · 1/2.
    assert report.all.cohort.won_share.rate == pytest.approx(0.2 + 0.3)
    assert report.all.cohort.shares[7].rate == 0
    assert 90 not in report.all.cohort.shares
    assert report.all.cohort.expected is None


def test_missed_is_not_lost(sale, five, still):
    steel = Company.create({"name": "Steel"}, by=None, at=still).pk
    a, b, c = (Contact.create({"name": name}, by=None, at=still).pk for name in "ABC")
    dated = sale("2026-01-03", ("2026-01-09", "lost", "not_now"), come_back_on="2026-06-01", company=steel, contact=a)
    later = sale("2026-02-01", ("2026-02-20", "won", "fit"), company=steel, contact=b)
    again = sale("2026-01-03", ("2026-01-09", "lost", "price"), contact=c)
    sale("2026-01-05", ("2026-02-20", "won", "fit"), contact=c)  # was open already when the other was lost
    report = told()
    assert (report.missed.lost, report.missed.dated.numerator, report.missed.dated.denominator) == (4, 1, 4)
    assert (report.missed.regained.numerator, report.missed.regained.denominator) == (2, 5)
    assert listed("dated") == [dated]
    assert listed("missed") == [*five[1:4], dated, again]
    assert listed("regained") == [five[3], dated]
    assert later in listed("won")


def test_split_by_who_sells_and_nobody_is_ranked_on_fewer_than_twenty(sale, cast):
    felix, ines = cast.felix.pk, cast.ines.pk
    for n in range(21):
        sale("2026-01-01", ("2026-01-11", "won" if n < 7 else "lost", "price"), owner=felix)
    for _ in range(19):
        sale("2026-01-01", ("2026-01-11", "won", "price"), owner=ines)
    report = told(by="deal.owner")
    assert [(p.label, p.closed, p.won, p.unranked) for p in report.groups] == [
        ("Felix Roth", 21, 7, False),
        ("Ines Ito", 19, 19, True),
    ]
    assert report.groups[0].rate.rate == pytest.approx(1 / 3)
    assert (report.groups[1].rate, report.groups[1].cohort.won_share) == (None, None)
    assert listed("won", group=str(felix), by="deal.owner") == list(range(1, 8))


def test_a_group_that_differs_from_all_others_by_more_than_chance_is_marked(sale):
    """Steel wins 30 of 40, wood 20 of 40, paper 9 of 40: Fisher against the other 80 gives .00009, 1 and .00004."""
    for stage, won in (("steel", 30), ("wood", 20), ("paper", 9)):
        for n in range(40):
            sale("2026-01-01", ("2026-01-11", "won" if n < won else "lost", "price"), stage=stage)
    groups = {part.value: part for part in told(by="deal.stage").groups}
    assert {name: part.differs for name, part in groups.items()} == {"steel": True, "wood": False, "paper": True}
    assert groups["steel"].against.value == pytest.approx(30 / 40 - 29 / 80)
    assert groups["steel"].against.low > 0 > groups["paper"].against.high


def test_split_by_the_company_the_lead_and_the_way_in(cast, still, past):
    ada = cast.ada.pk
    steel = Company.create({"name": "Steel", "industry": "Metal Works"}, by=ada, at=still)
    contact = Contact.create({"name": "A", "company": steel.pk}, by=ada, at=still)
    lead = Lead.open(contact, entry="referral", values={"origin": "fair"}, by=ada, at=still)
    won = Deal.open(lead=lead, values={"name": "One"}, by=ada, at=still)
    won.win(reason="price", by=ada, at=still)
    bare = Deal.open(lead=None, company=steel, values={"name": "Two"}, by=ada, at=still)
    bare.lose(reason="price", by=ada, at=still)
    found = {
        by: [(p.label, p.won, p.lost) for p in told(by=by).groups]
        for by in ("company.industry", "lead.origin", "lead.entry")
    }
    assert found == {
        "company.industry": [("Metal Works", 1, 1)],
        "lead.origin": [("fair", 1, 0), ("not known", 0, 1)],
        "lead.entry": [("Referral", 1, 0), ("not known", 0, 1)],
    }
    assert listed("lost", group="", by="lead.origin") == [bare.pk]
    assert listed("won", only=["lead.origin:fair"]) == [won.pk]


def test_a_partner_counts_the_deals_that_were_their_own_then(sale, cast):
    paula, felix = cast.paula.pk, cast.felix.pk
    given = sale("2026-01-01", ("2026-01-11", "won", "fit"), owner=[("2026-01-01", felix), ("2026-02-01", paula)])
    sale("2026-01-01", ("2026-01-11", "lost", "price"), owner=felix)
    before, after = ({"as_of": text, "viewer": cast.paula} for text in ("2026-01-20", "2026-02-02"))
    assert [told(**asked).all.closed for asked in (before, after)] == [0, 1]
    assert (listed("won", **before), listed("won", **after)) == ([], [given])
    assert told(viewer=cast.saul).all.closed == 2


def test_without_deals_nothing_is_told(house):
    report = told()
    assert (report.all.closed, report.all.rate.rate, report.groups, report.missed.regained.rate) == (0, None, [], None)
    assert (report.won.reasons, report.lost.amounts, report.all.cohort.days) == ([], [], None)


def test_a_number_that_is_not_there_is_refused(house):
    with pytest.raises(CannotAsk):
        listed("nothing")
