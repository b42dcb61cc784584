"""A house in which one day follows the other: its clock is moved, and its worker does what a worker does."""

from datetime import UTC, datetime, timedelta

from accord.kernel import clock, journal, ledger
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import house as known_here
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.people.models import Company, Contact, Identity
from accord.schedule import TABLE

COLUMNS = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
SWEEPS = [entry for entry in TABLE if entry.every <= timedelta(seconds=5)]

# The worked example of the agreement's text.
EXAMPLE = """
accord: 1
name: Qualified leads
effective: 2026-01-01
review_by: 2026-04-01
segments:
  target_industry: {field: company.industry, in: [logistics, manufacturing]}
leads: {open_on: {touch: [form, download, call_in, event_signup, event_attended, reply, meeting]}}
scoring:
  fit:
    - {id: industry, points: 20, when: {segment: target_industry}}
    - {id: decision_maker, points: 25, when: {field: contact.seniority, in: [director, vp, c_level]}}
  engagement:
    - {id: download, group: content, points: 8, half_life_days: 30, cap: 24, when: {touch: download}}
    - {id: pricing, group: intent, points: 15, half_life_days: 14,
       when: {touch: page, where: [{property: path, starts_with: /pricing}]}}
    - {id: webinar, points: 15, once: true, when: {touch: event_attended}}
  groups: {content: {cap: 40}}
  engagement_cap: 100
  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}
qualified:
  any:
    - all: [{count: {touch: download}, at_least: 3, within_days: 30}, {field: contact.seniority, in: [director]}]
    - all: [{count: {touch: download}, at_least: 1}, {segment: target_industry}, {verified: inside_sales}]
    - all: [{score: total, at_least: 60}, {score: fit, at_least: 20}]
"""

# A rule without scores, so that expectations need no arithmetic.
SIMPLE = """
accord: 1
name: {name}
effective: {effective}
review_by: 2027-12-31
scope: {scope}
leads: {{open_on: {{touch: [form, download]}}, requalify: {{wait_days: {wait}}}}}
scoring: {{engagement: [{{id: download, points: 10, when: {{touch: download}}}}]}}
qualified: {{all: [{{count: {{touch: download}}, at_least: {downloads}}}]}}
"""


def simple(downloads: int, *, name="Leads", effective="2026-01-01", scope="{all: []}", wait=0) -> str:
    return SIMPLE.format(downloads=downloads, name=name, effective=effective, scope=scope, wait=wait)


def on(day: str) -> datetime:
    return datetime.fromisoformat(day if "T" in day else f"{day}T00:00:00").replace(tzinfo=UTC)


def work(day: datetime) -> None:
    """What the worker does at that time."""
    with clock.moved_to(day):
        for sweep in SWEEPS:
            sweep.run()
        journal.drain()


def agreed(cast, text: str, day: str) -> Version:
    """Signed by both on that day."""
    at = on(day)
    with clock.moved_to(at):
        version = Version.draft(read(text, known_here(strict=False)), by=cast.mila.pk, at=at)
        version.propose(by=cast.mila.pk, at=at)
        for lead in (cast.mila, cast.saul):
            version.sign(lead, hash=version.hash, at=at)
    work(at)
    version.refresh_from_db()
    return version


def contact(name: str, day: str = "2025-12-31", **values) -> Contact:
    with clock.moved_to(on(day)):
        return Contact.create({"name": name, **values}, by=None, at=on(day), external_id=name)


def company(day: str = "2025-12-31", **values) -> Company:
    with clock.moved_to(on(day)):
        return Company.create(values, by=None, at=on(day))


def touch(whose: Contact | str, kind: str, day: str, *, recorded: str | None = None, **said) -> None:
    """By a contact, or by the anonymous visitor of that id."""
    known = on(recorded or day)
    named = ("anonymous", whose) if isinstance(whose, str) else ("user", whose.external_id)
    with clock.moved_to(known):
        rows = [(Identity.of(*named).pk, kind, on(day), False, None, None, None, said)]
        Touch.take(Touch.rows(COLUMNS, rows), source="house", at=known)
    work(known)


def became(contact: Contact, day: str, *, recorded: str | None = None, **values) -> None:
    known = on(recorded or day)
    with clock.moved_to(known):
        contact.refresh_from_db()
        contact.edit(values, seen=contact.version, by=None, at=on(day))
    work(known)


def moved(contact: Contact, move: str, day: str) -> None:
    with clock.moved_to(on(day)):
        Lead.objects.open().get(contact=contact).move(move, by=None, at=on(day), reason="no budget")
    work(on(day))


def qualified(contact: Contact) -> list[datetime]:
    return list(Qualification.objects.filter(contact_id=contact.pk).order_by("at").values_list("at", flat=True))


def recorded_last() -> datetime:
    return ledger.latest() or clock.now()
