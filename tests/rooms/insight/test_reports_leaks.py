"""Leaks: planted holes are found by name, and what is whole is not."""

import pytest

from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import Question
from accord.rooms.insight.reports import Cell
from accord.rooms.people.models import Contact
from tests.remembered import remembered

pytestmark = pytest.mark.both


@pytest.fixture
@remembered
def leads(cast, still):
    """By name: five leads, each with an owner; those in sales have a call planned."""
    found = {}
    for name in ("whole", "idle", "orphan", "left", "mute"):
        contact = Contact.create({"name": name}, by=None, at=still, external_id=name)
        found[name] = Lead.open(contact, entry="partner", owner=cast.felix, by=cast.felix.pk, at=still)
    for name in ("whole", "idle"):
        found[name].move("to_sal", by=cast.felix.pk, at=still)
    Task.plan(owner=cast.felix, lead=found["whole"], kind="call", due_at=still, by=cast.felix, at=still)
    return found


def told(at, **more):
    answer = reports.answer("leaks", Question.asked(at, **more))
    return {leak.contact: leak.missing for leak in answer.leaks}, answer.open


def test_a_lead_beyond_marketing_without_a_next_date_leaks(leads, at):
    assert told(at) == ({"idle": ("next_date",)}, 5)


def test_leads_without_owner_or_reason_are_named(leads, cast, at):
    Lead.objects.filter(pk=leads["orphan"].pk).update(owner=None)
    leads["left"].assign(cast.ines, by=cast.saul.pk, at=at)
    cast.ines.leave(by=cast.ada.pk, at=at)
    leads["mute"].move("to_sal", by=cast.felix.pk, at=at)
    leads["mute"].move("returned", by=cast.felix.pk, at=at, reason="timing")
    Transition.objects.filter(lead_id=leads["mute"].pk, move="returned").update(reason="")
    assert told(at)[0] == {
        "idle": ("next_date",), "orphan": ("owner",), "left": ("owner",), "mute": ("reason",),
    }  # fmt: skip
    assert reports.records("leaks", Question.asked(at), Cell("reason")) == [leads["mute"].pk]


def test_a_partner_is_told_of_their_own(leads, cast, at):
    assert told(at, viewer=cast.paula) == ({}, 0)
