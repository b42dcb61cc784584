"""A house that has signed what a qualified lead is, and people who did something."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from accord.kernel import clock, journal
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import house as known_here
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Company, Contact, Identity
from tests.remembered import remembered

COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
DOCUMENT = """
accord: 1
name: Qualified leads
effective: 2026-01-01
review_by: 2026-04-01
segments: {target: {field: company.industry, in: [logistics]}}
readiness:
  - {id: budget_named, label: {en: Budget named, zh-hans: 预算明确}, when: {field: contact.budget, known: true}}
  - {id: decider, when: {field: contact.seniority, known: true}}
leads: {open_on: {touch: [form, download, event_attended]}}
scoring:
  fit:
    - {id: industry, label: Target industry, points: 20, when: {segment: target}}
    - {id: decision_maker, points: 25, when: {field: contact.seniority, in: [director, vp]}}
  engagement:
    - {id: download, group: content, points: 8, half_life_days: 30, cap: 12, when: {touch: download}}
    - {id: webinar, points: 15, once: true, when: {touch: event_attended}}
    - {id: unsubscribe, points: -30, once: true, when: {touch: unsubscribe}}
  groups: {content: {cap: 10, label: Reading}}
  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}
qualified:
  any:
    - all: [{count: {touch: download}, at_least: 5}, {score: fit, at_least: 20}]
    - all: [{count: {touch: download}, at_least: 1}, {segment: target}, {verified: inside_sales}]
    - {score: total, at_least: 60}
"""


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"2026-{day}T00:00:00").replace(tzinfo=UTC)


@pytest.fixture
def at():
    """The house is a day older than its agreement."""
    return on("01-01") - timedelta(days=1)


def sign(cast, text=DOCUMENT, day="01-01") -> Version:
    with clock.moved_to(on(day)):
        version = Version.draft(read(text, known_here()), by=cast.mila.pk, at=on(day))
        version.propose(by=cast.mila.pk, at=on(day))
        version.sign(cast.mila, hash=version.hash, at=on(day))
        version.sign(cast.saul, hash=version.hash, at=on(day))
        journal.drain()
    version.refresh_from_db()
    return version


@pytest.fixture
@remembered
def signed(cast):
    return sign(cast)


@pytest.fixture
@remembered
def k1(signed):
    """A contact at a company of the target industry."""
    with clock.moved_to(on("01-01")):
        company = Company.create({"name": "Zeta", "industry": "Logistics"}, by=None, at=on("01-01"))
        return Contact.create({"name": "Kim One", "company": company.pk}, by=None, at=on("01-01"))


def touched(contact: Contact, kind: str, day: str, *, machine: bool = False, **said) -> Touch:
    with clock.moved_to(on(day)):
        identity = Identity.of("user", contact.external_id)
        if not identity.links.exists():
            identity.link(contact.pk, by=None, at=on(day), from_beginning=True)
        rows = Touch.rows(COLUMNS, [(identity.pk, kind, on(day), machine, None, None, None, said)])
        Touch.log(contact.pk, kind, rows, by=None, at=on(day))
        journal.drain()
    return Touch.objects.latest("id")


def judged_machine(touch: Touch, day: str, *, machine: bool = True) -> None:
    with clock.moved_to(on(day)):
        Verdict.give([touch.pk], machine=machine, source="test", at=on(day))
        journal.drain()


@pytest.fixture
@remembered
def opened(k1):
    """K1's lead: two downloads on the second and the third of January; nothing is qualified."""
    touched(k1, "download", "01-02", path="/guide")
    touched(k1, "download", "01-03")
    return SimpleNamespace(contact=k1, lead=Lead.objects.get(contact=k1))


@pytest.fixture
@remembered
def k_free(cast, at):
    """A contact of a house without an agreement."""
    with clock.moved_to(at):
        return Contact.create({"name": "Nobody Yet"}, by=None, at=at)
