"""The live judge: the worked examples of the agreement's text, told as they happen."""

from datetime import UTC, datetime, timedelta

import pytest

from accord.kernel import clock, journal
from accord.kernel.ledger import Fact
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import house as known_here
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.funnel import coming
from accord.rooms.funnel.models import Lead, Qualification, Transition
from accord.rooms.people.models import Company, Contact, Identity
from accord.rooms.scoring import rescoring
from accord.rooms.scoring.models import ScoreNow
from tests.scenarios.living import agreed, contact, simple

COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
DOCUMENT = """
accord: 1
name: Qualified leads
effective: 2026-01-01
review_by: 2026-04-01
leads: {open_on: {touch: [form, download, event_attended]}}
scoring:
  fit:
    - {id: industry, points: 20, when: {field: company.industry, in: [logistics]}}
    - {id: decision_maker, points: 25, when: {field: contact.seniority, in: [director, vp]}}
  engagement:
    - {id: download, group: content, points: 8, half_life_days: 30, cap: 24, when: {touch: download}}
    - {id: pricing, group: intent, points: 15, half_life_days: 14,
       when: {touch: page, where: [{property: path, starts_with: /pricing}]}}
    - {id: webinar, points: 15, once: true, when: {touch: event_attended}}
  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}
qualified: {all: [{score: total, at_least: 60}, {score: fit, at_least: 20}]}
"""


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"2026-{day}T00:00:00").replace(tzinfo=UTC)


@pytest.fixture
def at():
    """The house is a day older than its agreement."""
    return on("01-01") - timedelta(days=1)


@pytest.fixture
def signed(cast, settings, tmp_path):
    """The definition above, in force from the first of January."""
    with clock.moved_to(on("01-01")):
        version = Version.draft(read(DOCUMENT, known_here()), by=cast.mila.pk, at=on("01-01"))
        version.propose(by=cast.mila.pk, at=on("01-01"))
        version.sign(cast.mila, hash=version.hash, at=on("01-01"))
        version.sign(cast.saul, hash=version.hash, at=on("01-01"))
        Version.come_into_force(on("01-01"))
        journal.drain()
    version.refresh_from_db()
    return version


@pytest.fixture
def k1(signed):
    """A director at a company of the right industry."""
    with clock.moved_to(on("01-01")):
        company = Company.create({"name": "Zeta", "industry": "Logistics"}, by=None, at=on("01-01"))
        return Contact.create({"name": "K. One", "company": company.pk}, by=None, at=on("01-01"))


def touched(contact: Contact, kind: str, day: str, **said) -> None:
    with clock.moved_to(on(day)):
        identity = Identity.of("user", contact.external_id)
        if not identity.links.exists():
            identity.link(contact.pk, by=None, at=on(day), from_beginning=True)
        rows = Touch.rows(COLUMNS, [(identity.pk, kind, on(day), False, None, None, None, said)])
        Touch.log(contact.pk, kind, rows, by=None, at=on(day))
        journal.drain()


def became(contact: Contact, day: str, **values) -> None:
    with clock.moved_to(on(day)):
        contact.edit(values, seen=contact.version, by=None, at=on(day))
        journal.drain()


def qualified(contact: Contact) -> list[str]:
    instants = Qualification.objects.filter(contact_id=contact.pk).order_by("at").values_list("at", flat=True)
    return [at.date().isoformat() for at in instants]


@pytest.mark.both
def test_a_lead_opens_and_qualifies_at_the_touch_that_makes_the_rule_true(k1, signed):
    touched(k1, "page", "01-01", path="/blog")
    assert not Lead.objects.exists()
    touched(k1, "download", "01-02")
    # A document without stages has the usual ones: two touches engage, and the page was one.
    lead = Lead.objects.get()
    assert (lead.opened_at, lead.stage, lead.entry) == (on("01-02"), "engaged", "marketing")
    touched(k1, "download", "01-09")
    touched(k1, "page", "01-15", path="/Pricing/eu")
    assert qualified(k1) == []
    touched(k1, "event_attended", "01-16")
    lead.refresh_from_db()
    # 20 + 8·2^(-14/30) + 8·2^(-7/30) + 15·2^(-1/14) + 15 = 61.87
    assert (qualified(k1), lead.stage, lead.stage_since) == (["2026-01-16"], "mql", on("01-16"))
    moves = Transition.objects.filter(lead_id=lead.pk).order_by("id").values_list("move", "version_id")
    assert list(moves) == [("entered", signed.pk), ("to_engaged", signed.pk), ("to_mql", signed.pk)]


@pytest.mark.both
def test_a_qualification_that_rests_on_a_machine_is_doubtful_until_a_human_is_believed_again(k1, signed):
    for kind, day in (("download", "01-02"), ("download", "01-09"), ("event_attended", "01-10")):
        touched(k1, kind, day)
    became(k1, "01-11", seniority="director")
    # 45 + 8·2^(-9/30) + 8·2^(-2/30) + 15 = 74.1; without the two downloads no touch but the attendance: 60
    assert qualified(k1) == ["2026-01-11"]
    judge_touches("download", machine=True, day="01-12")
    assert doubts() == [""]
    judge_touches("event_attended", machine=True, day="01-13")
    assert doubts() == ["machine"]
    assert Fact.objects.filter(kind="qualification_doubted").count() == 1
    judge_touches("event_attended", machine=False, day="01-14")
    assert doubts() == [""]


def judge_touches(kind: str, *, machine: bool, day: str) -> None:
    with clock.moved_to(on(day)):
        Verdict.give(
            Touch.objects.filter(kind=kind).values_list("id", flat=True), machine=machine, source="t", at=on(day)
        )
        journal.drain()


def doubts() -> list[str]:
    return list(Qualification.objects.values_list("doubtful", flat=True))


def test_grades_that_time_has_changed_are_written_back_and_no_others(k1, signed):
    touched(k1, "download", "01-02")
    touched(k1, "event_attended", "01-02")
    # 20 + 8 + 15; the download fades to 8·2^(-98/30) = 0.83 by April, and 15.83 is under 20
    assert grade(k1) == ("B2", 20.0, pytest.approx(23.0))
    assert rescoring.rescore(on("01-02")) == 0
    assert rescoring.rescore(on("04-10")) == 1
    assert grade(k1) == ("B3", 20.0, pytest.approx(15 + 8 * 2 ** (-98 / 30)))


def test_whoever_is_in_no_scope_is_scored_by_the_agreement_that_was_signed_last(cast):
    earlier, later = (
        agreed(cast, simple(1, name=who, scope=f"{{field: contact.seniority, in: [{who}]}}"), "2026-01-01")
        for who in ("director", "vp")
    )
    people = [contact("Dora", seniority="director"), contact("Vic", seniority="vp"), contact("Ned")]
    ScoreNow.objects.all().delete()
    assert rescoring.rescore(on("01-02")) == 3
    under = dict(ScoreNow.objects.values_list("contact_id", "version_id"))
    assert [under[one.pk] for one in people] == [earlier.pk, later.pk, later.pk]


def grade(contact: Contact) -> tuple[str, float, float]:
    return ScoreNow.objects.values_list("grade", "fit", "engagement").get(contact=contact)


def test_a_draft_says_which_open_leads_would_qualify_the_best_first(k1, signed):
    touched(k1, "download", "01-02")
    with clock.moved_to(on("01-03")):
        other = Contact.create({"name": "K. Two", "company": k1.company_id}, by=None, at=on("01-03"))
    for kind in ("download", "event_attended"):
        touched(other, kind, "01-03")
    first, second = Lead.objects.order_by("id")
    lower = DOCUMENT.replace("score: total, at_least: 60", "score: total, at_least: 25")
    with clock.moved_to(on("01-03")):
        draft = Version.draft(read(lower, known_here()), by=None, at=on("01-03"))
    # 20 + 8·2^(-1/30) = 27.8 and 20 + 8 + 15 = 43 on the third
    assert coming.would_qualify(draft, on("01-03")) == [second.pk, first.pk]
    # and 20 + 8·2^(-19/30) = 25.2 before, 20 + 8·2^(-29/30) = 24.1 by the end of the month
    assert coming.would_qualify(draft, on("01-31")) == [second.pk]
