"""Overrides, by hand and against a plain recount of random placements."""

from datetime import timedelta
from random import Random

import pytest

from accord.kernel import ledger
from accord.rooms.funnel.facts import LeadOpened
from accord.rooms.funnel.models import Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from tests.remembered import remembered
from tests.rooms.insight.conftest import day

ENDS = {"won": "won", "lost": "lost", "recycled": "recycled"}


def overrides(now="2026-03-02", **asked):
    return reports.answer("overrides", Question.asked(day(now), **asked))


def listed(cell, now="2026-03-02", **asked):
    return reports.records("overrides", Question.asked(day(now), **asked), cell)


def counts(tally):
    return tuple(getattr(tally, name) for name in ("placed", "won", "lost", "returned", "open"))


def told(at, histories):
    """Each history: entry, then (day, move, from, to, reason, by); the lead is its place, from 1 on."""
    rows, entered = [], ("2026-01-01", "entered", None, "inquiry", "", None)
    for lead, (entry, *steps) in enumerate(histories, start=1):
        for place, (when, move, before, after, reason, by) in enumerate([entered, *steps]):
            rows.append(
                Transition(
                    lead_id=lead, contact_id=lead, entry=None if place else entry, move=move,
                    from_stage=before, to_stage=after,
                    reason=reason, by_id=by, version_id=1, occurred_at=day(when), recorded_at=day(when),
                )
            )  # fmt: skip
    with ledger.write(at) as writing:
        writing.record(LeadOpened(lead=1, contact=1, entry="import"), rows)


@pytest.fixture
@remembered
def five(cast, still, watched):
    """Placed by Felix and won, returned and placed again and open; by Saul and lost; by the rule; from a partner."""
    felix, saul = cast.felix.pk, cast.saul.pk
    felix_won = ("2026-01-20", "won", "sal", "won", "", felix)
    back = ("2026-01-10", "returned", "mql", "engaged", "timing", saul)
    gone = ("2026-01-09", "lost", "sql", "lost", "no", saul)
    saul_won = ("2026-02-02", "won", "mql", "won", "", saul)
    told(still, [
        ("marketing", ("2026-01-05", "to_sal", "inquiry", "sal", "Fair", felix), felix_won),
        ("marketing", ("2026-01-06", "to_mql", "inquiry", "mql", "Fair", felix), back,
         ("2026-02-01", "to_mql", "engaged", "mql", "Called", felix)),
        ("import", ("2026-01-07", "to_sql", "engaged", "sql", "Fair", saul), gone),
        ("marketing", ("2026-01-08", "to_mql", "engaged", "mql", "by_rule", None), saul_won),
        ("partner", ("2026-01-08", "to_sal", "inquiry", "sal", "Fair", felix)),
    ])  # fmt: skip


def test_by_person_reason_and_outcome_beside_the_rule(five, cast):
    report = overrides()
    # The lead that came back counts once as returned and once, placed again, as open.
    assert counts(report.all) == (4, 1, 1, 1, 1)
    assert counts(report.rule) == (1, 1, 0, 0, 0)
    assert [(part.label, counts(part)) for part in report.people] == [
        (str(cast.felix), (3, 1, 0, 1, 1)), (str(cast.saul), (1, 0, 1, 0, 0)),
    ]  # fmt: skip
    assert [(part.label, counts(part)) for part in report.reasons] == [
        ("Fair", (3, 1, 1, 1, 0)), ("Called", (1, 0, 0, 0, 1)),
    ]  # fmt: skip
    assert (report.all.rate.rate, report.all.too_early) == (0.25, True)
    # Five placements of 54, 53, 54, 53 and 29 days: half are 30 days old. 1/4 after 15 days, the lost and the returned
    # one have gone before that: 1/4 · (1 - 2/4) / (2/4) = 1/4 of four.
    assert report.age == 30
    assert report.all.won_share.rate == pytest.approx(0.25)
    assert report.rule.won_share.rate == 1.0
    assert report.difference.value == pytest.approx(-0.75)
    assert [(one.lead, one.outcome) for one in report.latest] == [(2, "open"), (3, "lost"), (2, "returned"), (1, "won")]


def test_behind_each_number_stand_its_leads(five, cast):
    cell = reports.Cell
    assert listed(cell("placed")) == [2, 3, 2, 1]
    assert listed(cell("won")) == [1]
    assert listed(cell("won", "rule")) == [4]
    assert listed(cell("placed", f"person:{cast.saul.pk}")) == [3]
    assert listed(cell("placed", "reason:Fair")) == [3, 2, 1]
    assert listed(cell("open", group="marketing"), by="lead.entry") == [2]
    with pytest.raises(CannotAsk, match="no such number"):
        listed(cell("noses"))


def test_period_moment_filter_and_scope(five, cast):
    assert counts(overrides(since="2026-01-06", until="2026-01-07").all) == (2, 0, 1, 1, 0)
    # As of the eighth nothing had come of them yet.
    assert counts(overrides(as_of="2026-01-08").all) == (3, 0, 0, 0, 3)
    assert counts(overrides(only=["lead.entry:import"]).all) == (1, 0, 1, 0, 0)
    assert [part.label for part in overrides(by="lead.entry").groups] == ["Marketing", "Import"]
    assert counts(overrides(viewer=cast.paula).all) == (0, 0, 0, 0, 0)
    assert len(reports.NAMES["overrides"].lines(overrides(by="lead.entry"))) == 2 + 2 + 2 + 2


@pytest.mark.parametrize("seed", [1, 2])
def test_random_placements_are_told_as_a_plain_recount_tells_them(cast, still, watched, seed):
    random = Random(seed)
    histories = [random_history(random, (cast.felix.pk, cast.saul.pk)) for _each in range(25)]
    told(still, histories)
    for moment in ("2026-01-15", "2026-02-10", "2026-03-01"):
        report = overrides(as_of=moment)
        found = list(recounted(histories, day(moment)))
        people = [one for one in found if one[1] != "by_rule"]
        assert counts(report.all) == plainly(people)
        assert counts(report.rule) == plainly([one for one in found if one[1] == "by_rule"])
        assert {part.value: counts(part) for part in report.reasons} == {
            reason: plainly([one for one in people if one[1] == reason]) for reason in {one[1] for one in people}
        }


def plainly(found):
    outcomes = [outcome for *_more, outcome in found]
    return (len(found), *(outcomes.count(name) for name in ("won", "lost", "returned", "open")))


def random_history(random, people):
    steps, stage, when = [], random.choice(["inquiry", "engaged"]), day("2026-01-02")
    for _each in range(random.randrange(5)):
        when += timedelta(days=random.randrange(1, 16))
        name = when.isoformat()[:10]
        if stage in ENDS:
            break
        if stage in ("inquiry", "engaged"):
            after = random.choice(["mql", "sal", "sql"])
            reason = random.choice(["Fair", "Call", "by_rule", ""])
            steps.append((name, f"to_{after}", stage, after, reason, random.choice(people)))
        else:
            after = random.choice(["returned", *ENDS])
            steps.append((name, after, stage, ENDS.get(after, "engaged"), "because", random.choice(people)))
        stage = steps[-1][3]
    return (random.choice(["marketing", "import", "partner"]), *steps)


def recounted(histories, moment):
    """(lead, reason, outcome) of each placement that was known by then."""
    for lead, (entry, *steps) in enumerate(histories, start=1):
        known = [step for step in steps if day(step[0]) <= moment]
        for place, (_when, move, before, _after, reason, _by) in enumerate(known):
            if entry == "partner" or not reason or before not in ("inquiry", "engaged") or not move.startswith("to_"):
                continue
            last = known[-1][3]
            later = [step[1] for step in known[place + 1 :]]
            outcome = (
                "won" if last == "won" else "lost" if last in ENDS else "returned" if "returned" in later else "open"
            )
            yield lead, reason, outcome
