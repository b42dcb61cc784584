"""The story as the house finds it: told once for the tests that only look."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import Count, F, Max
from django.test import Client

from accord.demo import season, straight
from accord.demo.events import Merged, Offered, Parted
from accord.demo.story import tell
from accord.kernel import traits
from accord.kernel.audit import invariants
from accord.kernel.instants import to_micros
from accord.kernel.journal import Parked, Pending
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.kernel.warehouse.generation import Generation, generation
from accord.kernel.warehouse.tables import TRAITS
from accord.rooms.agreement.models import Version
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import DroppedEvent, Touch, Verdict
from accord.rooms.capture.tables import TOUCHES
from accord.rooms.content.models import Asset
from accord.rooms.desk.queue import queue
from accord.rooms.funnel.models import Deal, Lead, Qualification, Transition
from accord.rooms.funnel.rules import BY_RULE, EXITS, STAGES
from accord.rooms.funnel.tables import TRANSITIONS
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.people.models import Company, Contact, Link, Merge, Note
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Absence, House, Member
from accord.rooms.team.rules import ROLES

UNTIL = datetime(2026, 11, 25, tzinfo=UTC)
BEGIN = datetime(2026, 8, 25, tzinfo=UTC)
CONTACTS, SEED = 220, 7
PASSWORD = "pumps that never drift"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    progress = []
    with django_db_blocker.unblock(), transaction.atomic():
        signs = tell(
            password=PASSWORD, until=UNTIL, contacts=CONTACTS, months=3, seed=SEED,
            shown=lambda done, total: progress.append((done, total)),
        )  # fmt: skip
        yield signs, progress
        transaction.set_rollback(True)


def test_the_house_is_full(told):
    assert Contact.objects.count() == 220
    assert 50 <= Company.objects.count() <= 80
    assert Lead.objects.count() > 100
    offered = [event for event in season.story(SEED, CONTACTS, BEGIN, UNTIL).events if isinstance(event, Offered)]
    assert Deal.objects.count() == len(offered) > 5
    assert Note.objects.exists()
    assert House.get().name == "Tarnbeck Dosing"
    assert House.get().zone == "Europe/Berlin"


def test_every_stage_and_every_way_out_has_a_lead(told):
    assert set(Lead.objects.values_list("stage", flat=True)) == {*STAGES, *EXITS}
    assert set(Deal.objects.values_list("outcome", flat=True)) == {"open", "won", "lost"}


def test_the_teams_signed_twice_and_sales_accepts_more_since(told):
    """The first definition hands over whoever asks; the second, of the other half, only who suits and is ready."""
    generous, better = Version.objects.order_by("number")
    assert [one.signatures.count() for one in (generous, better)] == [2, 2]
    assert (generous.status, better.status) == ("superseded", "in_force")
    modes = [{term.id: term.mode for term in one.document.promises.sales} for one in (generous, better)]
    assert [one["first_contact"] for one in modes] == ["pilot", "enforced"]
    shares = []
    for version in (generous, better):
        answered = Handoff.objects.filter(version=version, kind="to_inside", state__in=["accepted", "returned"])
        assert answered.count() >= 20
        shares.append(answered.filter(state="accepted").count() / answered.count())
    assert shares[0] < shares[1]
    months = {at.month for at in Handoff.objects.values_list("received_at", flat=True)}
    assert months >= {9, 10, 11}


def test_promises_are_kept_late_and_broken(told):
    states = Counter(Clock.objects.values_list("promise", "state"))
    for promise in ("first_contact", "take_up", "verdict"):
        assert states[promise, "kept"] >= 10
    assert states["first_contact", "broken"] >= 5
    assert Return.objects.exclude(taken_up_at=None).count() > Return.objects.filter(taken_up_at=None).count()
    assert Return.objects.values("reason").distinct().count() >= 4


def test_what_the_broken_form_sent_is_dropped_with_the_reason(told):
    dropped = DroppedEvent.objects.all()
    assert dropped.count() >= 3
    assert set(dropped.values_list("reason", flat=True)) == {"nobody"}
    first, last = (dropped.order_by(name).first().received_at for name in ("received_at", "-received_at"))
    assert last - first < timedelta(days=7)


def test_somebody_was_away(told):
    assert Absence.objects.count() == 3


def test_who_was_returned_and_asks_again_is_qualified_again(told):
    assert Qualification.objects.values("lead").annotate(times=Count("id")).filter(times__gt=1).exists()


def test_whoever_gave_up_said_why(told):
    for outcome in (Deal.objects.exclude(outcome="open"), Transition.objects.filter(move__in=["lost", "returned"])):
        assert outcome.exists()
        assert not outcome.filter(reason="").exists()


def test_nothing_happens_after_the_end(told):
    dates = {
        Fact: ("occurred_at", "recorded_at", "stored_at"),
        Touch: ("occurred_at", "recorded_at", "stored_at"),
        Trait: ("occurred_at", "recorded_at", "stored_at"),
        Transition: ("occurred_at", "recorded_at", "stored_at"),
        Link: ("recorded_at", "stored_at"),
        Lead: ("opened_at", "stage_since", "ended_at"),
        Deal: ("opened_at", "closed_at"),
        Contact: ("created_at",),
        Note: ("written_at",),
    }
    for model, names in dates.items():
        last = model.objects.aggregate(**{f"last_{name}": Max(name) for name in names})
        assert all(at < UNTIL for at in last.values()), model


def test_the_first_day_is_months_before_the_last(told):
    first = Fact.objects.order_by("id").first()
    assert (first.kind, first.recorded_at) == ("member_joined", BEGIN)
    assert Fact.objects.filter(recorded_at__lt=BEGIN).count() == 0
    assert UNTIL - Fact.objects.aggregate(last=Max("recorded_at"))["last"] < timedelta(days=5)


def test_the_audit_finds_nothing_wrong(told):
    findings = invariants.run()
    assert findings.checked > 10_000
    assert findings.violations == []


def test_the_journal_is_drained(told):
    assert Pending.objects.count() == 0
    assert Parked.objects.count() == 0


def test_somebody_of_every_role_can_sign_in(told):
    signs, _progress = told
    assert {one.role for one in signs} == set(ROLES)
    for one in signs:
        browser = Client()
        assert browser.login(email=one.email, password=one.password), one
    members = {member.email: member for member in Member.objects.all()}
    assert {one.email: (one.name, one.role) for one in signs} == {m.email: (m.name, m.role) for m in members.values()}
    teams = {member.team.side for member in members.values() if member.team}
    assert teams == {"marketing", "sales"}


def test_campaigns_and_papers_were_planned_before_anybody_met_one(told):
    for model in (Asset, Campaign):
        planned = model.objects.filter(by_event=False)
        assert {one.created_at for one in planned} == {BEGIN}
        assert None not in {one.owner for one in planned}
    met = set(Touch.objects.exclude(campaign=None).values_list("campaign", flat=True))
    assert met - set(Campaign.objects.filter(by_event=False).values_list("name", flat=True)) == {"Letter 0"}
    papers = set(Touch.objects.exclude(asset=None).values_list("asset", flat=True))
    assert papers <= set(Asset.objects.filter(by_event=False).values_list("name", flat=True))


def test_whoever_reads_english_and_has_most_to_do_signs_in_first(told):
    signs, _progress = told
    members = {member.email: member for member in Member.objects.all()}
    for role in ROLES:
        first, *others = [members[one.email] for one in signs if one.role == role]
        assert first.language == ""
        waits = [queue(one, UNTIL).count for one in (first, *others) if one.language == ""]
        assert waits == sorted(waits, reverse=True)
    assert any(queue(members[one.email], UNTIL).count for one in signs)


def test_people_have_names_in_three_scripts(told):
    signs, _progress = told
    names = " ".join(one.name for one in signs)
    assert any("一" <= letter <= "鿿" for letter in names)
    assert any("А" <= letter <= "я" for letter in names)
    assert any("A" <= letter <= "z" for letter in names)


def test_the_progress_ends_with_all(told):
    _signs, progress = told
    assert progress[-1][0] == progress[-1][1] == len(progress)


def test_an_open_passage_belongs_to_somebody_whom_its_contact_knows(told):
    assert Lead.objects.open().filter(owner=None).count() == 0
    assert Lead.objects.open().exclude(contact__owner=F("owner")).count() == 0
    assert Lead.objects.filter(entry="partner").exclude(owner__role="partner").count() == 0


def test_two_merges_one_of_them_undone(told):
    kept, undone_one = Merge.objects.order_by("id")
    assert kept.undone_at is None
    assert kept.loser.merged_into == kept.survivor
    entered = Transition.objects.get(move="entered", contact_id=kept.loser.pk)
    assert Lead.objects.get(pk=entered.lead_id).stage == "joined"
    assert undone_one.undone_at is not None
    assert undone_one.loser.merged_into is None
    assert undone_one.loser.leads.get().is_open


def test_a_colleague_is_joined_to_the_deal_of_the_company(told):
    joined = Transition.objects.filter(move="joined", reason="deal")
    assert joined.exists()
    for step in joined:
        assert Deal.objects.get(pk=step.deal_id).company == Lead.objects.get(pk=step.lead_id).contact.company


def test_a_visitor_is_known_from_the_form_on_and_the_visits_before_stay(told):
    forms = Link.objects.filter(identity__kind="anonymous", identity__touches__kind="form").distinct()
    assert forms.exists()
    before = Touch.objects.filter(identity__links__recorded_at__gt=F("occurred_at"), identity__kind="anonymous")
    assert before.exclude(kind="form").exists()


def test_machines_open_mails_and_some_are_found_out_later(told):
    assert Touch.objects.filter(kind="email_open", machine=True).exists()
    assert Verdict.objects.filter(machine=True, touch__machine=False).count() == 3


def test_some_values_are_learnt_late(told):
    """On that day we knew something else than we know today about the same day."""
    late = Trait.objects.filter(kind="contact", field="title", recorded_at__gt=F("occurred_at") + 10 * 86_400 * 10**6)
    assert late.exists()
    one = late.order_by("-occurred_at").first()
    as_of = one.occurred_at
    assert traits.known("contact", one.record, as_of, one.recorded_at)["title"].text == one.text
    then = traits.known("contact", one.record, as_of, one.recorded_at - timedelta(microseconds=1))
    assert then["title"].pk != one.pk


# What the house itself logs and says beside what the law decides.
BY_HAND = ("call_out", "meeting", "verified", "booking", "email_sent")


def test_both_drivers_tell_the_same_of_what_the_law_decides(told, tmp_path):
    law = season.story(SEED, CONTACTS, BEGIN, UNTIL)
    # A merge is the house's own doing: it says again of one record what was said of another.
    merges = {to_micros(event.at) for event in law.events if isinstance(event, Merged | Parted)}
    written = decided(straight.generation(law, UNTIL, tmp_path), merges)
    with generation() as read:
        lived = decided(read, merges)
    assert {what: (lived[what] - of, of - lived[what]) for what, of in written.items() if of != lived[what]} == {}
    assert all(written.values())


def decided(read: Generation, but: set[int]) -> dict[str, Counter]:
    """Touches, values, leads and deals, without the numbers that records have."""
    touches, values, steps = (
        [row for row in read.table(of).to_pyarrow().to_pylist() if row["recorded_at"] not in but]
        for of in (TOUCHES, TRAITS, TRANSITIONS)
    )
    said = [row for row in values if (row["kind"], row["field"]) in LAW_SAYS and row["text"]]
    closed = [row for row in steps if row["deal_id"] and row["move"] in ("won", "lost")]
    return {
        "touches": Counter(
            (row["kind"], row["asset"], row["campaign"], row["channel"], row["machine"], row["occurred_at"])
            for row in touches
            if row["kind"] not in BY_HAND
        ),
        "values": Counter((row["kind"], row["field"], row["text"], row["occurred_at"]) for row in said),
        "leads": Counter(
            (row["entry"], row["occurred_at"]) for row in steps if row["entry"] and row["reason"] != BY_RULE
        ),
        "deals": Counter((row["move"], row["reason"], row["occurred_at"]) for row in closed),
    }


LAW_SAYS = {
    *(("contact", slug) for slug in ("name", "email", "title", "seniority", "department", "country", "language")),
    *(("company", slug) for slug in ("name", "domain", "industry", "employees", "country", "city", "tier")),
    *(("lead", slug) for slug in ("origin", "channel", "campaign")),
    *(("deal", slug) for slug in ("amount", "currency", "expected_close", "outcome", "reason", "come_back_on")),
}  # fmt: skip
