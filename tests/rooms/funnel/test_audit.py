from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection

from accord.kernel import clock, journal
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.people.models import Contact, Merge
from tests import audited
from tests.audited import house_once, told, violations

__all__ = ["house_once"]

pytestmark = [pytest.mark.both]
NOBODY = 10**9


@pytest.fixture
def world(house_once, db):
    return deepcopy(house_once)


def last(model, **of):
    return model.objects.filter(**of).order_by("-id").first()


def test_a_lead_in_another_stage_than_its_transitions_put_it(world):
    lead = world.open_lead.pk
    Lead.objects.filter(pk=lead).update(stage="sal")
    assert violations() == {
        ("one_stage", f"lead:{lead}"),
        ("conservation", "stage:inquiry"),
        ("conservation", "stage:sal"),
    }
    assert told("stage:sal") == ["1 leads stand here; 0 came in and did not leave"]


@pytest.mark.parametrize("column", ["stage_since", "opened_at"])
def test_a_lead_since_another_time(world, column):
    lead = world.open_lead
    Lead.objects.filter(pk=lead.pk).update(**{column: lead.opened_at + timedelta(hours=1)})
    assert violations() == {("one_stage", f"lead:{lead.pk}")}


def test_a_lead_that_has_ended_and_stands_in_an_open_stage(world, at):
    Lead.objects.filter(pk=world.open_lead.pk).update(ended_at=at)
    assert violations() == {("one_stage", f"lead:{world.open_lead.pk}")}


def test_a_lead_that_is_won_and_has_not_ended(world):
    Lead.objects.filter(pk=world.lead.pk).update(ended_at=None)
    assert violations() == {("one_stage", f"lead:{world.lead.pk}")}


def test_a_lead_that_came_in_another_way(world):
    Lead.objects.filter(pk=world.lead.pk).update(entry="marketing")
    assert violations() == {("one_stage", f"lead:{world.lead.pk}")}


def test_a_lead_without_any_transition(world):
    Transition.objects.filter(lead_id=world.open_lead.pk).delete()
    assert violations() == {("one_stage", f"lead:{world.open_lead.pk}"), ("conservation", "stage:inquiry")}
    assert told(f"lead:{world.open_lead.pk}") == ["stands in inquiry, and no transition that stands put it there"]


def test_a_transition_that_was_taken_back_counts_no_longer(world):
    """The only one of a lead."""
    row = Transition.objects.get(lead_id=world.open_lead.pk)
    audited.take_back(last(Fact), table="transition", row_id=row.pk)
    assert violations() == {("one_stage", f"lead:{world.open_lead.pk}"), ("conservation", "stage:inquiry")}


def test_a_lead_whose_first_move_is_not_its_entry(world):
    first = Transition.objects.filter(lead_id=world.open_lead.pk)
    first.update(move="returned")
    assert violations() == {("one_stage", f"lead:{world.open_lead.pk}")}
    assert told(f"lead:{world.open_lead.pk}") == ["begins with returned, and entered 0 times"]


def test_a_lead_that_leaves_a_stage_in_which_it_was_not(world):
    """In two steps the lead went from inquiry to mql to opportunity; now the second is told to start elsewhere."""
    row = Transition.objects.get(lead_id=world.lead.pk, move="to_opportunity")
    assert row.from_stage == "mql"
    Transition.objects.filter(pk=row.pk).update(from_stage="sql")
    assert violations() == {
        ("conservation", f"lead:{world.lead.pk}"),
        ("conservation", "stage:mql"),
        ("conservation", "stage:sql"),
    }
    assert told(f"lead:{world.lead.pk}") == ["on 2026-03-02 to_opportunity took it out of sql, and it was in mql"]


def test_two_open_passages_of_a_contact(world):
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX lead_open_once")
    Lead.objects.filter(pk=world.lead.pk).update(contact=world.other, ended_at=None)
    assert ("one_open_passage", f"contact:{world.other.pk}") in violations()


def test_two_open_passages_of_a_person_whose_contacts_were_merged(world, at):
    """One each before the merge; the journal joins them, and until then nobody complains."""
    with clock.moved_to(at + timedelta(days=3)):
        third = Contact.create({"name": "Chen S."}, by=None, at=at)
        younger = Lead.open(third, entry="partner", by=None, at=at + timedelta(days=1))
        Merge.of(world.other, third, reason="same", by=None, at=at + timedelta(days=2))
        assert violations() == set()
        journal.drain()
    assert violations() == set()
    assert Lead.objects.get(pk=younger.pk).stage == "joined"
    assert Lead.objects.get(pk=younger.pk).contact == world.other


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"deal_id": NOBODY}, f"names deal:{NOBODY}, which does not exist"),
        ({"contact_id": NOBODY}, f"is of contact:{NOBODY}, and moves lead:%(lead)s of contact:%(contact)s"),
    ],
)
def test_a_transition_of_what_does_not_exist(world, wrong, what):
    row = Transition.objects.get(lead_id=world.open_lead.pk)
    Transition.objects.filter(pk=row.pk).update(**wrong)
    assert violations() == {("transitions", f"transition:{row.pk}")}
    assert told(f"transition:{row.pk}") == [what % {"lead": world.open_lead.pk, "contact": world.other.pk}]


def test_a_transition_of_a_lead_that_does_not_exist(world):
    row = last(Transition)
    assert row.lead_id
    Transition.objects.filter(pk=row.pk).update(lead_id=NOBODY)
    assert told(f"transition:{row.pk}") == [f"moves lead:{NOBODY}, which does not exist"]


def test_a_deal_that_is_won_and_not_closed(world):
    Deal.objects.filter(pk=world.deal.pk).update(closed_at=None)
    assert violations() == {("deals", f"deal:{world.deal.pk}")}
    assert told(f"deal:{world.deal.pk}") == ["is won, closed none"]


def test_a_deal_closed_at_another_time_than_its_outcome_tells(world):
    Deal.objects.filter(pk=world.deal.pk).update(closed_at=world.deal.closed_at + timedelta(hours=1))
    assert violations() == {("deals", f"deal:{world.deal.pk}")}


def test_a_deal_closed_before_it_was_opened_unless_it_is_marked_early(world):
    deal = Deal.objects.get(contact__external_id="c-1")
    Deal.objects.filter(pk=deal.pk).update(opened_at=deal.closed_at + timedelta(hours=1))
    assert violations() == {("deals", f"deal:{deal.pk}")}
    Transition.objects.filter(deal_id=deal.pk, move="won").update(early=True)
    assert violations() == set()


def test_a_deal_that_is_won_and_its_lead_is_not(world):
    """The lead's ending names no deal any more, and is none."""
    ending = Transition.objects.get(lead_id=world.lead.pk, move="won")
    Transition.objects.filter(pk=ending.pk).update(deal_id=None)
    assert violations() == set()  # it ended otherwise, so the deal had nothing to end
    Transition.objects.filter(pk=ending.pk).update(deal_id=world.deal.pk, to_stage="lost")
    assert ("deals", f"deal:{world.deal.pk}") in violations()
    assert told(f"deal:{world.deal.pk}") == [f"is won, and lead:{world.lead.pk}, which opened it, is won"]


def test_a_deal_that_is_open_and_has_ended_its_lead(world):
    deal = world.deal
    Trait.objects.filter(kind="deal", record=deal.pk, field="outcome", text="won").update(text="open", norm="open")
    Deal.objects.filter(pk=deal.pk).update(outcome="open", closed_at=None)
    assert violations() == {("deals", f"deal:{deal.pk}")}
    assert told(f"deal:{deal.pk}") == [f"is open, and lead:{world.lead.pk}, which opened it, is won"]


@pytest.mark.parametrize(
    ("which", "kind", "fact"), [("open_lead", "lead", "lead_opened"), ("deal", "deal", "deal_opened")]
)
def test_a_lead_or_deal_that_nothing_opened(world, which, kind, fact):
    record = getattr(world, which).pk
    Fact.objects.filter(kind=fact, **{f"{kind}_id": record}).update(kind="lead_moved")
    assert violations() == {("origin", f"{kind}:{record}")}
