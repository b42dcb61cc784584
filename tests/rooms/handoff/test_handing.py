"""From hand to hand: offered by the agreement, answered by one, passed on when nobody is there."""

from datetime import timedelta

import pytest

from accord.kernel import clock, journal, ledger
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.handoff import rules
from accord.rooms.handoff.models import Answered, Choice, Handoff, NeedsReason, NotAnswerable, Return
from accord.rooms.handoff.passing import pass_on
from accord.rooms.handoff.reactions import HAND_OVER
from accord.rooms.team.models import Member, Team
from tests.audited import violations
from tests.remembered import recalled, remembered
from tests.scenarios import living
from tests.scenarios.living import agreed, contact, on, touch, work

pytestmark = pytest.mark.both

AGREED = """
accord: 1
name: Leads
effective: 2026-01-01
review_by: 2027-12-31
leads: {open_on: {touch: [form, download]}}
scoring: {engagement: [{id: download, points: 10, when: {touch: download}}]}
qualified: {all: [{count: {touch: download}, at_least: 1}]}
handoffs:
  - {id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}
  - {id: to_field, at: sql, from: inside_sales, to: field_sales, answers: [accept, return]}
  - {id: to_service, at: won, from: field_sales, to: service, answers: [accept]}
recycling:
  - {reason: timing, track: wake, wake_after_days: 90, program: stay_in_touch}
  - {reason: no_fit, track: suppress}
"""
ROUTED = (
    AGREED
    + """
routing:
  - {id: owned, when: {field: company.owner, known: true}, to: {owner: company}}
  - {id: logistics, when: {field: company.industry, is: logistics}, to: {team: north, pick: fair}}
  - {id: rest, when: {all: []}, to: {team: sales, pick: fair, overflow_owner: saul@house.example}}
"""
)


@pytest.fixture
def at():
    return on("2025-12-30")


@pytest.fixture
@remembered
def signed(cast):
    return agreed(cast, AGREED, "2026-01-02")


def seller(first: str, role="inside_sales", **more) -> Member:
    at = on("2026-01-01")
    with clock.moved_to(at):
        member = Member.join(
            email=f"{first}@house.example", name=first.title(), role=role, by=None, at=at, password="a long password"
        )
        if more:
            member.change(more, by=None, at=at)
    return member


@recalled
def handed(name="anna", day="2026-02-02") -> Handoff:
    """A download by somebody, and what came of it."""
    anna = contact(name)
    touch(anna, "download", day)
    return Handoff.objects.get(lead__contact=anna)


def test_a_qualified_lead_is_offered_to_inside_sales_and_held_by_who_got_it(cast, signed):
    one = handed()
    assert (one.kind, one.stage, one.state, one.owner) == ("to_inside", "mql", "offered", cast.ines)
    assert one.received_at == one.lead.stage_since == on("2026-02-02")
    assert one.lead.owner == cast.ines
    assert one.lead.contact.owner == cast.ines
    assert len(one.story["touches"]) == 1
    assert one.story["qualification"]


def test_whoever_accepts_has_it_and_the_lead_is_accepted_by_sales(cast, signed):
    one, at = handed(), on("2026-02-03")
    one.accept(by=cast.ines, at=at)
    lead = Lead.objects.get(pk=one.lead_id)
    assert (lead.stage, lead.owner, one.state, one.answered_by, one.answered_at) == (
        "sal", cast.ines, "accepted", cast.ines, at,
    )  # fmt: skip


def test_of_two_who_answer_the_first_wins_and_the_other_is_told_who_it_was(cast, signed):
    one, at = handed(), on("2026-02-03")
    stale = Handoff.objects.get(pk=one.pk)
    one.accept(by=cast.ines, at=at)
    with pytest.raises(Answered) as told:
        stale.give_back("no_fit", by=cast.saul, at=at)
    assert (told.value.who, told.value.state) == (cast.ines, "accepted")
    assert Lead.objects.get(pk=one.lead_id).stage == "sal"
    assert not Return.objects.exists()


def test_a_return_needs_a_reason_and_puts_the_lead_on_its_track(cast, signed):
    one, at = handed(), on("2026-02-03")
    with pytest.raises(NeedsReason):
        one.give_back("  ", by=cast.ines, at=at)
    one.give_back("timing", by=cast.ines, at=at, note="after the summer")
    lead, back = Lead.objects.get(pk=one.lead_id), Return.objects.get()
    assert (lead.stage, lead.owner) == ("engaged", cast.mila)
    assert (back.track, back.program, back.wake_at) == ("wake", "stay_in_touch", at + timedelta(days=90))
    assert Transition.objects.filter(lead_id=lead.pk).latest("id").reason == "timing"
    back.take_up(by=cast.mara, at=at + timedelta(hours=1))
    assert Lead.objects.get(pk=lead.pk).owner == cast.mara
    with pytest.raises(Answered):
        Return.objects.get().take_up(by=cast.mila, at=at + timedelta(hours=2))


def test_what_the_agreement_only_lets_be_accepted_is_not_given_back(cast, signed):
    one = handed()
    Lead.objects.get(pk=one.lead_id).move("won", by=cast.saul.pk, at=on("2026-02-03"), reason="signed")
    work(on("2026-02-03"))
    assert Handoff.objects.get(pk=one.pk).state == "ended"
    service = Handoff.objects.get(kind="to_service")
    assert (service.state, service.owner) == ("offered", cast.sven)
    with pytest.raises(NotAnswerable):
        service.give_back("no_fit", by=cast.sven, at=on("2026-02-04"))
    service.accept(by=cast.sven, at=on("2026-02-04"))
    assert Lead.objects.get(pk=one.lead_id).stage == "won"


def test_a_returned_lead_comes_again_only_on_something_new_and_as_a_new_hand_off(cast, signed):
    one = handed()
    one.give_back("timing", by=cast.ines, at=on("2026-02-03"))
    work(on("2026-02-03"))
    work(on("2026-12-03"))
    assert Handoff.objects.count() == 1
    touch(one.lead.contact, "download", "2026-12-04")
    assert [again.state for again in Handoff.objects.order_by("id")] == ["returned", "offered"]


def test_the_next_hand_off_begins_where_the_first_led(cast, signed):
    one = handed()
    one.accept(by=cast.ines, at=on("2026-02-03"))
    Lead.objects.get(pk=one.lead_id).move("to_sql", by=cast.ines.pk, at=on("2026-02-04"))
    work(on("2026-02-04"))
    assert Handoff.objects.get(state="offered").owner == cast.felix


def test_shares_are_kept_and_the_choice_can_be_read_afterwards(cast, signed):
    with clock.moved_to(on("2026-01-01")):
        cast.ines.change({"weight": 50}, by=None, at=on("2026-01-01"))
    seller("otto")
    got = [handed(f"c{number}", f"2026-02-{number + 1:02}").owner.name for number in range(6)]
    assert sorted(got) == ["Ines Ito"] * 2 + ["Otto"] * 4
    choice = Choice.objects.latest("id")
    assert (choice.why, choice.line, choice.rule) == (rules.FIRST, "role:inside_sales", "")
    assert [(weight, out) for _member, weight, _turn, out in choice.candidates] == [(50, ""), (100, "")]


def test_who_is_away_or_full_is_passed_by(cast, signed):
    otto = seller("otto")
    away, full = seller("vera"), seller("fred", most_open=0)
    with clock.moved_to(on("2026-01-15")):
        away.take_leave(on("2026-02-01"), on("2026-03-01"), by=away.pk, at=on("2026-01-15"))
    got = {handed(f"c{number}", f"2026-02-{number + 1:02}").owner for number in range(4)}
    assert got == {cast.ines, otto}
    outs = {member: out for member, _weight, _turn, out in Choice.objects.latest("id").candidates}
    assert (outs[away.pk], outs[full.pk]) == ("away", "full")


def of_team(name: str, zone: str, first: str) -> Member:
    at = on("2026-01-01")
    with clock.moved_to(at):
        team = Team.form(name=name, side="sales", by=None, at=at)
        team.work(zone=zone, hours="mon-fri 09:00-17:00", by=None, at=at)
    return seller(first, team=team.pk)


def test_who_is_at_work_gets_it_before_who_is_not(cast, signed):
    with clock.moved_to(on("2026-01-01")):
        cast.ines.leave(by=None, at=on("2026-01-01"))
    yuki, otto = of_team("Tokyo", "Asia/Tokyo", "yuki"), of_team("Berlin", "Europe/Berlin", "otto")
    monday = {"01:00": yuki, "02:00": yuki, "03:00": yuki, "10:00": otto, "11:00": otto, "12:00": otto}
    got = {hour: handed(f"at-{hour}", f"2026-02-02T{hour}:00").owner for hour in monday}
    assert got == monday
    outs = {member: out for member, _weight, _turn, out in Choice.objects.latest("id").candidates}
    assert outs == {yuki.pk: "off", otto.pk: ""}
    # At night nobody is at work: it is given by turns, and waits for the morning.
    assert {handed(f"night-{n}", f"2026-02-02T20:0{n}:00").owner for n in range(2)} == {yuki, otto}


def test_what_is_offered_to_somebody_who_goes_away_is_passed_on(cast, signed):
    one, otto = handed(), seller("otto")
    with clock.moved_to(on("2026-02-02")):
        cast.ines.take_leave(on("2026-02-03"), on("2026-02-10"), by=cast.ines.pk, at=on("2026-02-02"))
    work(on("2026-02-03T08:00"))
    one.refresh_from_db()
    assert (one.owner, one.lead.owner, one.received_at) == (otto, otto, on("2026-02-02"))
    assert Choice.objects.latest("id").why == rules.ABSENT
    work(on("2026-02-04"))
    assert Choice.objects.count() == 2


def test_a_lead_that_is_given_to_somebody_takes_its_hand_off_along(cast, signed):
    one = handed()
    Lead.objects.get(pk=one.lead_id).assign(cast.saul, by=cast.saul.pk, at=on("2026-02-03"))
    work(on("2026-02-03"))
    one.refresh_from_db()
    assert one.owner == cast.saul


def test_a_lead_that_is_given_away_while_its_hand_off_is_returned_is_looked_at_again(cast, signed):
    one, when = handed(), on("2026-02-03")
    nina = seller("nina")
    Lead.objects.get(pk=one.lead_id).assign(nina, by=cast.saul.pk, at=when)
    seen = HAND_OVER.plan(Fact.objects.filter(kind="lead_assigned", by_id=cast.saul.pk), when)
    Handoff.objects.get(pk=one.pk).give_back("timing", by=cast.ines, at=when)
    with pytest.raises(journal.Changed), ledger.write(when):
        HAND_OVER.apply(seen, when)
    work(when)
    one.refresh_from_db()
    assert (one.owner, one.state) == (cast.ines, "returned")


def test_what_is_answered_while_it_is_passed_on_stays_and_the_others_go(cast, signed):
    handed("anna")
    handed("berta")
    otto = seller("otto")
    seen = list(Handoff.objects.select_related("lead", "version").order_by("id"))
    Handoff.objects.get(pk=seen[0].pk).accept(by=cast.ines, at=on("2026-02-03"))
    assert pass_on(seen, rules.ABSENT, on("2026-02-03")) == 1
    found = Handoff.objects.order_by("id").values_list("owner", "state")
    assert list(found) == [(cast.ines.pk, "accepted"), (otto.pk, "offered")]


def test_what_was_accepted_goes_to_whom_it_is_given_until_the_lead_goes_on(cast, signed):
    one = handed()
    with clock.moved_to(on("2026-02-02T09:00:00")):
        one.accept(by=cast.ines, at=on("2026-02-02T09:00:00"))
    work(on("2026-02-02T09:00:00"))
    nina = seller("nina")
    Lead.objects.get(pk=one.lead_id).assign(nina, by=cast.saul.pk, at=on("2026-02-03"))
    work(on("2026-02-03"))
    one.refresh_from_db()
    assert (one.owner, one.state, Choice.objects.latest("id").why) == (nina, "accepted", rules.BY_HAND)
    with clock.moved_to(on("2026-02-04")):
        Lead.objects.get(pk=one.lead_id).move("to_sql", by=nina.pk, at=on("2026-02-04"))
    work(on("2026-02-04"))
    Lead.objects.get(pk=one.lead_id).assign(cast.saul, by=cast.saul.pk, at=on("2026-02-05"))
    work(on("2026-02-05"))
    one.refresh_from_db()
    assert one.owner == nina


def test_where_nobody_can_take_it_somebody_answers_for_it_all_the_same(cast, signed):
    with clock.moved_to(on("2026-01-15")):
        cast.ines.take_leave(on("2026-02-01"), on("2026-03-01"), by=cast.ines.pk, at=on("2026-01-15"))
    assert handed().owner == cast.saul


def test_routes_go_by_what_is_known_of_the_company(cast):
    otto = seller("otto", team=None)
    agreed(cast, ROUTED, "2026-01-02")
    owned = living.company(name="Owned", owner="otto@house.example", industry="logistics")
    logistics = living.company(name="Moving", industry="Logistics")
    one = contact("anna", company=owned.pk)
    two = contact("bert", company=logistics.pk)
    for whose in (one, two):
        touch(whose, "download", "2026-02-02")
    chosen = {choice.owner_id: choice.rule for choice in Choice.objects.all()}
    assert Handoff.objects.get(lead__contact=one).owner == otto
    # There is no team north: the next route that holds has somebody.
    assert chosen == {otto.pk: "owned", cast.ines.pk: "rest"}


def test_a_version_that_comes_into_force_brings_so_many_a_day_best_first(cast):
    agreed(cast, AGREED.replace("at_least: 1", "at_least: 9"), "2026-01-02")
    people = [contact(f"c{number}") for number in range(5)]
    for number, whose in enumerate(people):
        for day in range(number + 1):
            touch(whose, "download", f"2026-01-{10 + day}")
    text = AGREED.replace("effective: 2026-01-01", "effective: 2026-02-01")
    agreed(cast, text.replace("leads: {", "leads: {release_per_day: 2, "), "2026-01-20")
    work(on("2026-02-01T06:00"))
    work(on("2026-02-01T06:01"))
    assert Handoff.objects.filter(state="waiting").count() == 3
    best = Handoff.objects.filter(state="offered").values_list("lead__contact", flat=True)
    assert set(best) == {people[4].pk, people[3].pk}
    work(on("2026-02-02T06:00"))
    work(on("2026-02-03T06:00"))
    assert Handoff.objects.filter(state="offered").count() == 5
    assert ours() == set()


def test_the_audit_names_what_is_offered_to_somebody_who_has_left(cast, signed):
    one = handed()
    assert ours() == set()
    with clock.moved_to(on("2026-02-03")):
        cast.ines.leave(by=cast.ada.pk, at=on("2026-02-03"))
    assert ours() == {("accountable", f"handoff:{one.pk}")}
    work(on("2026-02-03"))
    assert ours() == set()


def ours() -> set[tuple[str, str]]:
    """What the audit finds of leads and hand-offs; the cast of tests is put into its teams by hand."""
    return {found for found in violations() if found[0] != "values"}


def by_hand(owner, entry="own_prospecting") -> Lead:
    """A lead that somebody found, and takes to where the agreement hands over."""
    bert = contact("bert")
    with clock.moved_to(on("2026-02-02")):
        lead = Lead.open(bert, entry=entry, owner=owner, by=owner.pk, at=on("2026-02-02"))
        lead.move("to_mql", by=owner.pk, at=on("2026-02-02"))
    work(on("2026-02-02"))
    return lead


def test_who_found_a_lead_and_takes_such_keeps_it(cast, signed):
    otto = seller("otto")
    lead = by_hand(otto)
    assert Handoff.objects.get(lead=lead).owner == otto


def test_what_a_partner_holds_stays_with_the_partner(cast, signed):
    lead = by_hand(cast.paula, entry="partner")
    assert not Handoff.objects.exists()
    assert Lead.objects.get(pk=lead.pk).owner == cast.paula


def test_what_comes_back_belongs_to_whom_the_agreement_names(cast):
    agreed(cast, AGREED.replace("leads: {", "leads: {pool_owner: mara@house.example, "), "2026-01-02")
    one = handed()
    one.give_back("timing", by=cast.ines, at=on("2026-02-03"))
    assert Lead.objects.get(pk=one.lead_id).owner == cast.mara
