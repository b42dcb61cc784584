"""The funnel, against figures counted by hand."""

from datetime import timedelta

import pytest

from accord.kernel import clock, fields, ledger, traits
from accord.kernel.ledger import Fact, Retraction
from accord.kernel.traits import Given
from accord.rooms.funnel.facts import LeadMoved, LeadTrashed
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import questions, reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.people.models import Company, Contact
from tests.remembered import remembered
from tests.rooms.insight.conftest import day

STAGES = ("inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won")


def funnel(**asked):
    return reports.answer("funnel", Question.asked(day("2026-03-02"), **asked))


def entered(part):
    return {stage.stage: stage.entered for stage in part.stages}


def now(part):
    return {stage.stage: stage.now for stage in part.stages}


def listed(question, *cell, **more):
    return reports.records("funnel", question, reports.Cell(*cell, **more))


@pytest.fixture
@remembered
def six(cast, still):
    """A waits, B is qualified, C skipped to a deal and won, D was returned, E is disqualified, F is a partner's."""
    ada = cast.ada.pk
    people = [Contact.create({"name": name}, by=ada, at=still) for name in "ABCDEF"]
    leads = [
        Lead.open(
            c,
            entry="partner" if c.name == "F" else "marketing",
            owner=cast.paula if c.name == "F" else None,
            by=ada,
            at=still,
        )
        for c in people
    ]
    _, b, c, d, e, _ = leads
    b.move("to_engaged", by=ada, at=still)
    b.move("to_mql", by=ada, at=still)
    Deal.open(lead=c, values={"name": "C"}, by=ada, at=still).win(reason="price", by=ada, at=still)
    d.move("to_sql", by=ada, at=still)
    d.move("returned", reason="no budget", by=ada, at=still)
    e.move("disqualified", reason="student", by=ada, at=still)
    return [lead.pk for lead in leads]


def test_a_lead_that_skipped_stages_has_passed_them_and_a_return_takes_nothing_back(six):
    report = funnel()
    assert entered(report) == dict(zip(STAGES, (6, 3, 3, 2, 2, 1, 1), strict=True))
    assert now(report) == dict(zip(STAGES, (2, 1, 1, 0, 0, 0, 1), strict=True))
    assert (report.won, report.here, report.early) == (1, 4, 0)
    assert report.exits == {"lost": 0, "recycled": 0, "disqualified": 1, "joined": 0}
    assert (report.entered, report.unaccounted) == (6, 0)


def test_each_step_has_its_share_with_wilsons_interval(six):
    stages = {stage.stage: stage.from_previous for stage in funnel().stages}
    assert stages["inquiry"] is None
    # 3 of 6: (n p + z²/2 ± z √(n p q + z²/4)) / (n + z²) with z² = 3.841459; 3 of 3: from n / (n + z²) to 1.
    half = stages["engaged"]
    assert (half.numerator, half.denominator, half.rate) == (3, 6, 0.5)
    assert (half.low, half.high) == (pytest.approx(0.187616, abs=1e-6), pytest.approx(0.812384, abs=1e-6))
    every = stages["mql"]
    assert (every.numerator, every.denominator, every.rate) == (3, 3, 1.0)
    assert (every.low, every.high) == (pytest.approx(0.438503, abs=1e-6), 1.0)


def test_json_has_what_the_contract_says(six):
    told = reports.as_json(funnel())
    assert [stage["stage"] for stage in told["stages"]] == list(STAGES)
    assert told["won"] == 1
    assert set(told["stages"][1]) >= {"stage", "entered", "now", "from_previous"}
    assert set(told["stages"][1]["from_previous"]) == {"numerator", "denominator", "rate", "low", "high"}


def test_behind_every_number_stands_its_list(six):
    a, b, c, d, e, f = six
    question = Question.asked(day("2026-03-02"))
    assert listed(question, "entered", "sql") == [c, d]
    assert listed(question, "now", "inquiry") == [a, f]
    assert listed(question, "now", "engaged") == [d]
    assert listed(question, "exits", "disqualified") == [e]
    assert listed(question, "won") == [c]
    assert listed(question, "short", "engaged") == [a, e, f]
    assert listed(question, "short", "sal") == [b]
    report = funnel()
    assert {s.stage: len(listed(question, "entered", s.stage)) for s in report.stages} == entered(report)


def test_split_by_the_way_in(six):
    report = funnel(by="lead.entry")
    assert [(group.value, group.label, group.entered) for group in report.groups] == [
        ("marketing", "Marketing", 5),
        ("partner", "Partner", 1),
    ]
    assert listed(Question.asked(day("2026-03-02"), by="lead.entry"), "leads", group="partner") == [six[5]]


def test_a_partner_counts_their_own_leads_and_lists_no_others(six, cast):
    question = Question.asked(day("2026-03-02"), viewer=cast.paula)
    assert reports.answer("funnel", question).entered == 1
    assert listed(question, "leads") == [six[5]]


def test_somebody_who_left_sees_nothing(six, cast, still):
    cast.mara.leave(by=None, at=still)
    assert reports.answer("funnel", Question.asked(still, viewer=cast.mara)).entered == 0


def test_split_by_a_field_of_the_company_with_the_unknown_apart(cast, still):
    ada = cast.ada.pk
    steel = Company.create({"name": "Steel", "industry": "Metal Works"}, by=ada, at=still)
    other = Company.create({"name": "Other", "industry": "metal works"}, by=ada, at=still)
    contacts = [
        Contact.create({"name": name, **({"company": company.pk} if company else {})}, by=ada, at=still)
        for name, company in (("A", steel), ("B", other), ("C", None))
    ]
    leads = [Lead.open(contact, entry="marketing", by=ada, at=still).pk for contact in contacts]
    report = funnel(by="company.industry")
    assert [(group.label, group.entered) for group in report.groups] == [("Metal Works", 2), ("not known", 1)]
    assert listed(Question.asked(still, by="company.industry"), "leads", group="") == [leads[2]]


def test_as_of_a_past_day_tells_what_was_known_then(past):
    past("2026-01-01", ("2026-01-10", "mql"), ("2026-02-10", "won"))
    past("2026-01-05", recorded_at="2026-02-20")
    past("2026-02-01")
    report = funnel(as_of="2026-01-31")
    assert entered(report) == dict(zip(STAGES, (1, 1, 1, 0, 0, 0, 0), strict=True))
    assert now(report)["mql"] == 1
    # All three were written on 2 March; two of the four rows known by then say that they were known in January.
    assert report.told.history_since == 2


def test_what_is_known_now_includes_the_last_instant_of_the_ledger(six, still):
    report = funnel()
    assert report.told.as_of == report.told.known_at > still
    assert report.told.history_since == 0


def test_a_period_limits_by_the_day_of_entry(past):
    past("2026-01-31T23:59:59", ("2026-02-03", "won"))
    first, last = past("2026-02-01"), past("2026-02-28T23:59:59", ("2026-03-01", "won"))
    past("2026-03-01")
    report = funnel(since="2026-02-01", until="2026-02-28")
    assert (report.entered, report.won) == (2, 1)
    assert listed(Question.asked(day("2026-03-02"), since="2026-02-01", until="2026-02-28"), "leads") == [first, last]


def test_days_of_a_period_are_days_of_the_house(past, house, at):
    house.settle({"zone": "Asia/Shanghai"}, by=None, at=at)
    past("2026-01-31T15:59:59")
    inside = past("2026-01-31T16:00:00")
    assert listed(Question.asked(at, since="2026-02-01", until="2026-02-28"), "leads") == [inside]


def test_rows_of_a_retracted_fact_were_never_there(past, at):
    past("2026-01-01", ("2026-01-02", "won"))
    kept = past("2026-01-01")
    wrong = Fact.objects.filter(kind="lead_opened").order_by("id")[0].pk
    with ledger.write(at) as writing:
        writing.record(LeadMoved(1, 1, "reverted", ""), [Retraction(retracted_fact_id=wrong, reason="revert")])
    assert (funnel().entered, funnel().won) == (1, 0)
    assert listed(Question.asked(at), "leads") == [kept]
    # It was retracted on 2 March; as of February it stood.
    assert funnel(as_of="2026-02-15").won == 1


def test_a_win_dated_before_the_first_contact_is_a_win_and_is_marked(past):
    lead = past("2026-01-10", ("2026-01-08", "won"))
    past("2026-01-10", ("2026-01-12", "won"))
    report = funnel()
    assert (report.won, report.early, report.unaccounted) == (2, 1, 0)
    assert listed(Question.asked(day("2026-03-02")), "early") == [lead]


def test_history_may_be_written_in_any_order(past):
    past("2026-01-01", ("2026-01-20", "won"), ("2026-01-05", "engaged"), ("2026-01-10", "mql"))
    report = funnel()
    assert (report.won, report.here) == (1, 0)


def test_usual_days_in_a_stage_count_those_still_there_and_not_the_skipped(past, watched):
    # Days in inquiry: 2, 4 and 6 until they moved, one joined after 3 (censored), one there for 10 days until today.
    past("2026-01-01", ("2026-01-03", "mql"))
    past("2026-01-01", ("2026-01-05", "lost"))
    past("2026-01-01", ("2026-01-07", "won"))
    past("2026-01-01", ("2026-01-04", "joined"))
    past("2026-02-20")
    past("2026-01-01", ("2026-01-01", "engaged"))  # written as moved on at once: skipped inquiry
    days = {stage.stage: stage.days for stage in funnel().stages}["inquiry"]
    # Kaplan-Meier: 4/5 after day 2 (5 at risk), the joined one leaves, 8/15 after day 4 (3 at risk), 4/15 after day 6.
    assert (days.entered, days.left, days.median, days.p75) == (5, 3, 6.0, None)


def test_joined_leads_are_an_exit_of_their_own(past):
    past("2026-01-01", ("2026-01-04", "mql"), ("2026-01-05", "joined"))
    report = funnel()
    assert report.exits["joined"] == 1
    assert entered(report)["mql"] == 1
    assert report.unaccounted == 0


def test_a_lead_that_was_opened_again_is_here(past):
    past("2026-01-01", ("2026-01-04", "opportunity"), ("2026-01-05", "lost"), ("2026-01-06", "reopened", "opportunity"))
    report = funnel()
    assert (report.here, report.exits["lost"]) == (1, 0)
    assert now(report)["opportunity"] == 1


def test_nothing_is_an_answer_too(house):
    report = funnel()
    assert entered(report) == dict.fromkeys(STAGES, 0)
    assert [stage.from_previous and stage.from_previous.rate for stage in report.stages] == [None] * 7


def test_a_table_has_one_line_a_stage_and_group(six):
    report = funnel(by="lead.entry")
    table = reports.NAMES["funnel"].lines(report)
    assert len(table) == 3 * 7
    assert {(line["group"], line["entered"]) for line in table if line["stage"] == "inquiry"} == {
        ("", 6), ("Marketing", 5), ("Partner", 1),
    }  # fmt: skip


@pytest.mark.parametrize("by", ["lead.nothing", "deal.amount", "origin", ""])
def test_an_unknown_field_is_refused_in_words(house, at, by):
    if not by:
        assert Question.asked(at, by=by).by is None
        return
    with pytest.raises(CannotAsk, match=by):
        Question.asked(at, by=by)


def test_a_day_that_is_none_is_refused_in_words(house, at):
    with pytest.raises(CannotAsk, match=r"31\.02"):
        Question.asked(at, since="2026-31.02")


def test_a_number_that_the_funnel_does_not_have_is_refused(house, at):
    with pytest.raises(CannotAsk):
        listed(Question.asked(at + timedelta(days=1)), "entered", "nowhere")


def removed(lead: int, when: str, *, back: str = "", recorded_at: str = "") -> None:
    """The lead went to the trash on that day, and came back on that other one."""
    known, told = fields.of("lead")["trashed"], [(when, True), *([(back, False)] if back else [])]
    given = [Given(lead, known, fields.value(known, v), day(d), day(recorded_at or d)) for d, v in told]
    with ledger.write(day("2026-03-02")) as writing:
        writing.record(LeadTrashed(lead=lead, contact=lead), [traits.rows(given)])


def test_a_lead_in_the_trash_counts_until_the_day_on_which_it_went_there(past):
    """Of three that came in January, the won one is removed on the 10th of February."""
    past("2026-01-05", ("2026-01-20", "won"))
    kept, other = past("2026-01-06", ("2026-01-07", "mql")), past("2026-01-08")
    removed(1, "2026-02-10")
    before, after = funnel(as_of="2026-02-09"), funnel(as_of="2026-02-10")
    assert (before.entered, before.won, now(before)["mql"], now(before)["inquiry"]) == (3, 1, 1, 1)
    assert (after.entered, after.won, now(after)["mql"], now(after)["inquiry"]) == (2, 0, 1, 1)
    assert (after.here, after.unaccounted) == (2, 0)
    assert entered(before)["mql"] == 2  # the won one passed it
    assert entered(after)["mql"] == 1
    assert listed(Question.asked(day("2026-03-02"), as_of="2026-02-09"), "leads") == [1, kept, other]
    assert listed(Question.asked(day("2026-03-02")), "leads") == [kept, other]


def test_a_lead_that_came_back_counts_again_and_was_gone_in_between(past):
    past("2026-01-05")
    removed(1, "2026-02-01", back="2026-02-20")
    counted = {text: funnel(as_of=text).entered for text in ("2026-01-31", "2026-02-01", "2026-02-19", "2026-02-20")}
    assert counted == {"2026-01-31": 1, "2026-02-01": 0, "2026-02-19": 0, "2026-02-20": 1}


def test_a_removal_that_was_learnt_later_does_not_change_what_was_told_before(past):
    """It was removed on the 1st, and the house was told on the 15th."""
    past("2026-01-05")
    removed(1, "2026-02-01", recorded_at="2026-02-15")
    counted = {text: funnel(as_of=text).entered for text in ("2026-02-05", "2026-02-14", "2026-02-15")}
    assert counted == {"2026-02-05": 1, "2026-02-14": 1, "2026-02-15": 0}


def test_usual_days_in_a_stage_leave_out_what_is_in_the_trash(past, watched):
    """One was ten days an inquiry, the other forty; the second is removed."""
    past("2026-01-01", ("2026-01-11", "mql"))
    past("2026-01-01", ("2026-02-10", "mql"))
    removed(2, "2026-02-20")
    days = {stage.stage: stage.days for stage in funnel().stages}
    assert (days["inquiry"].median, days["inquiry"].entered) == (10.0, 1)


def test_the_verbs_are_what_the_funnel_reads(six, cast, still):
    """A waits and goes to the trash; of C the deal goes first."""
    a, c = six[0], six[2]
    with clock.moved_to(still + timedelta(days=10)):
        at = clock.now()
        Lead.objects.get(pk=a).trash(by=cast.ada.pk, at=at)
        Deal.objects.get(lead=c).trash(by=cast.ada.pk, at=at)
        Lead.objects.get(pk=c).trash(by=cast.ada.pk, at=at)
        moments = {"ninth day": "2026-03-11T10:00:00Z", "tenth day": "2026-03-12T10:00:00Z"}
        told = {d: reports.answer("funnel", Question.asked(at, as_of=moment)) for d, moment in moments.items()}
        assert {d: (report.entered, report.won, now(report)["inquiry"]) for d, report in told.items()} == {
            "ninth day": (6, 1, 2),
            "tenth day": (4, 0, 1),
        }
        Lead.objects.get(pk=a).restore(by=cast.ada.pk, at=at)
        assert reports.answer("funnel", Question.asked(at)).entered == 5


def test_whether_it_is_in_the_trash_is_nothing_to_split_by(house):
    assert [field.name for field in questions.dimensions() if field.slug == "trashed"] == []
