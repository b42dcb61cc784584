"""Totals: what is there, without what went away."""

import pytest

from accord.kernel import ledger
from accord.kernel.ledger import Retraction
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.people.models import Company, Contact, Identity, Merge
from tests.remembered import remembered

NAMES = (
    "raw_events", "dropped_events", "contacts", "companies", "touches", "leads", "handoffs", "clocks", "mails", "deals",
    "won", "lost", "open",
)  # fmt: skip


@pytest.fixture
@remembered
def some(cast, still):
    ada = cast.ada.pk
    company = Company.create({"name": "Steel"}, by=ada, at=still)
    Company.create({"name": "Gone"}, by=ada, at=still).trash(by=ada, at=still)
    people = [Contact.create({"name": name, "company": company.pk}, by=ada, at=still) for name in "ABCD"]
    people[2].trash(by=ada, at=still)
    Merge.of(people[0], people[3], reason="same", by=ada, at=still)
    lead = Lead.open(people[0], entry="partner", owner=cast.paula, by=ada, at=still)
    Deal.open(lead=lead, values={"name": "One", "owner": cast.paula.pk}, by=ada, at=still).win(
        reason="price", by=ada, at=still
    )
    Deal.open(lead=None, company=company, values={"name": "Two"}, by=ada, at=still).lose(
        reason="price", by=ada, at=still
    )
    Deal.open(lead=None, company=company, values={"name": "Three"}, by=ada, at=still)
    logged(people[0], still)
    logged(people[1], still)
    logged(people[1], still)
    with ledger.write(still) as writing:
        retraction = Retraction(table="touch", row_id=Touch.objects.order_by("id").last().pk, reason="wrong")
        writing.record(TouchLogged(people[1].pk, "call_in"), [retraction])
    return lead


def logged(contact, at):
    touch = Touch(identity_id=Identity.of("user", contact.external_id).pk, kind="call_in", occurred_at=at)
    with ledger.write(at) as writing:
        writing.record(TouchLogged(contact.pk, "call_in"), [touch])


def test_what_is_here_is_counted(some, at):
    told = reports.as_json(reports.answer("totals", Question.asked(at)))
    assert tuple(told) == NAMES
    assert told == dict(
        zip(NAMES, (0, 0, 2, 1, 2, 1, 0, 0, 0, 3, 1, 1, 1), strict=True)
    )  # fmt: skip


def test_a_partner_is_told_of_their_own(some, cast, at):
    told = reports.answer("totals", Question.asked(at, viewer=cast.paula))
    assert (told.contacts, told.companies, told.touches, told.leads, told.deals, told.won, told.open) == (
        1,
        1,
        1,
        1,
        1,
        1,
        0,
    )


def test_behind_a_count_stands_its_list(some, at):
    assert reports.records("totals", Question.asked(at), reports.Cell("leads")) == [some.pk]
    with pytest.raises(CannotAsk):
        reports.records("totals", Question.asked(at), reports.Cell("touches"))


def test_reports_are_known_by_name():
    told = [
        "totals",
        "funnel",
        "flow",
        "velocity",
        "cohorts",
        "sources",
        "sla",
        "winloss",
        "nudges",
        "overrides",
        "leaks",
        "usual",
        "touched",
    ]
    assert list(reports.NAMES) == told
