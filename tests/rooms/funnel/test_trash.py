"""Leads and deals go to the trash and come back: dated, one at a time, and never so that two passages are open."""

from datetime import timedelta

import pytest

from accord.kernel import clock, journal, search, traits
from accord.kernel.imports import revert
from accord.kernel.ledger import Fact
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, Deal, HasDeals, Lead, LeadInTrash, TakenBack
from accord.rooms.people.models import Company, Contact, Merge
from tests import audited
from tests.audited import DAY, FILES, told, violations

pytestmark = [pytest.mark.both]


@pytest.fixture
def world(db, tmp_path, at):
    return audited.house(tmp_path, at)


@pytest.fixture
def later(at):
    """Four days after the house was told everything, business time stands still."""
    with clock.moved_to(at + 4 * DAY):
        yield at + 4 * DAY


def kinds(since: int) -> list[str]:
    return list(Fact.objects.filter(pk__gt=since).order_by("id").values_list("kind", flat=True))


def last() -> int:
    return Fact.objects.latest("id").pk


def test_a_lead_goes_and_comes_back_with_a_date_and_by_whom(world, later):
    lead, before = world.open_lead, last()
    lead.trash(by=world.ada.pk, at=later)
    assert not Lead.objects.here().filter(pk=lead.pk).exists()
    assert Lead.objects.get(pk=lead.pk).trashed_at == later
    assert violations() == set()
    lead.restore(by=world.saul.pk, at=later)
    assert Lead.objects.open().filter(pk=lead.pk).exists()
    assert violations() == set()
    assert kinds(before) == ["lead_trashed", "values_set", "lead_restored", "values_set"]
    fact = Fact.objects.get(kind="lead_trashed")
    assert (fact.lead_id, fact.contact_id, fact.by_id, fact.occurred_at) == (
        lead.pk,
        world.other.pk,
        world.ada.pk,
        later,
    )
    values = [(t.text, t.by_id) for t in reversed(traits.history("lead", lead.pk)) if t.field == "trashed"]
    assert values == [("true", world.ada.pk), ("false", world.saul.pk)]


def test_what_is_gone_is_not_removed_again_and_what_is_here_not_restored(world, later):
    lead, deal = world.open_lead, world.deal
    lead.trash(by=None, at=later)
    deal.trash(by=None, at=later)
    before = last()
    for record in (lead, deal):
        record.trash(by=None, at=later + timedelta(hours=1))
        assert type(record).objects.get(pk=record.pk).trashed_at == later
    assert last() == before
    lead.restore(by=None, at=later)
    deal.restore(by=None, at=later)
    before = last()
    lead.restore(by=None, at=later)
    deal.restore(by=None, at=later)
    assert last() == before


def test_a_lead_in_the_trash_lets_its_contact_have_another_one(world, later):
    lead = world.open_lead
    lead.trash(by=None, at=later)
    second = Lead.open(world.other, entry="referral", by=None, at=later)
    before = last()
    with pytest.raises(AlreadyOpen) as refused:
        lead.restore(by=None, at=later)
    assert refused.value.args[0] == second
    assert (Lead.objects.get(pk=lead.pk).trashed_at, last()) == (later, before)
    second.move("recycled", reason="later", by=None, at=later)
    lead.restore(by=None, at=later)
    assert Lead.objects.get(pk=lead.pk).trashed_at is None
    assert violations() == set()


def test_an_ended_passage_comes_back_beside_an_open_one(world, later):
    lead = world.open_lead
    lead.move("recycled", reason="later", by=None, at=later)
    lead.trash(by=None, at=later)
    Lead.open(world.other, entry="referral", by=None, at=later)
    lead.restore(by=None, at=later)
    assert Lead.objects.here().filter(contact=world.other).count() == 2
    assert violations() == set()


def test_a_lead_is_removed_only_after_all_its_deals(world, later):
    lead, before = Lead.objects.get(pk=world.lead.pk), last()
    second = Deal.open(lead=lead, values={"name": "Spares"}, by=None, at=later)
    world.deal.trash(by=None, at=later)
    with pytest.raises(HasDeals):
        lead.trash(by=None, at=later)
    assert Lead.objects.get(pk=lead.pk).trashed_at is None
    second.trash(by=None, at=later)
    lead.trash(by=None, at=later)
    assert kinds(before) == [
        "deal_opened", "values_set", "deal_trashed", "values_set", "deal_trashed", "values_set", "lead_trashed",
        "values_set",
    ]  # fmt: skip
    assert violations() == set()


def test_a_deal_comes_back_only_after_its_lead(world, later):
    deal, lead = world.deal, Lead.objects.get(pk=world.lead.pk)
    deal.trash(by=None, at=later)
    lead.trash(by=None, at=later)
    with pytest.raises(LeadInTrash) as refused:
        deal.restore(by=None, at=later)
    assert refused.value.args[0] == lead
    assert Deal.objects.get(pk=deal.pk).trashed_at == later
    lead.restore(by=None, at=later)
    deal.restore(by=None, at=later)
    assert Deal.objects.here().filter(pk=deal.pk, outcome="won").exists()
    assert violations() == set()


def test_a_deal_in_the_trash_is_not_found_nor_closed(world, later):
    deal = Deal.open(lead=None, company=world.company, values={"name": "Mill stone"}, by=None, at=later)
    assert search.find("mill", "deal") == [deal.pk]
    deal.trash(by=world.ada.pk, at=later)
    assert search.find("mill", "deal") == []
    with pytest.raises(AlreadyMoved):
        deal.win(reason="fit", by=None, at=later)
    assert violations() == set()
    fact = Fact.objects.get(kind="deal_trashed")
    assert (fact.deal_id, fact.company_id, fact.by_id) == (deal.pk, world.company.pk, world.ada.pk)
    deal.restore(by=None, at=later)
    assert search.find("mill", "deal") == [deal.pk]
    deal.win(reason="fit", by=None, at=later)
    assert violations() == set()


def test_no_deal_is_opened_of_a_lead_in_the_trash(world, later):
    lead = world.open_lead
    lead.move("to_opportunity", by=None, at=later)
    seen = Lead.objects.get(pk=lead.pk)
    lead.trash(by=None, at=later)
    before = Deal.objects.count()
    with pytest.raises(AlreadyMoved):
        Deal.open(lead=seen, values={"name": "Late"}, by=None, at=later)
    assert Deal.objects.count() == before


def test_a_lead_whose_deals_are_all_in_the_trash_is_joined_like_one_without_any(db, still, at):
    """Two people of one company: the deal of the first was a mistake, the second's goes on."""
    company = Company.create({"name": "Steel"}, by=None, at=at)
    first, second = (
        Lead.open(
            Contact.create({"name": name, "company": company.pk}, by=None, at=at), entry="referral", by=None, at=at
        )
        for name in "AB"
    )
    Deal.open(lead=first, values={"name": "Mistake"}, by=None, at=at).trash(by=None, at=at)
    second.refresh_from_db()
    assert second.stage == "joined"
    second.reopen(by=None, at=at)
    Deal.open(lead=second, values={"name": "Mill"}, by=None, at=at)
    first.refresh_from_db()
    assert first.stage == "joined"
    assert violations() == set()


def test_a_lead_in_the_trash_follows_its_contact_through_a_merge_and_back(world, later):
    lead = world.open_lead
    lead.trash(by=None, at=later)
    merge = Merge.of(world.kim, world.other, reason="same", by=None, at=later)
    journal.drain()
    assert Lead.objects.get(pk=lead.pk).contact == world.kim
    second = Lead.open(world.kim, entry="referral", by=None, at=later)
    with pytest.raises(AlreadyOpen):
        lead.restore(by=None, at=later)
    merge.undo(by=None, at=later)
    journal.drain()
    lead.restore(by=None, at=later)
    assert (Lead.objects.get(pk=lead.pk).contact, Lead.objects.get(pk=second.pk).contact) == (world.other, world.kim)
    assert violations() == set()


@pytest.mark.parametrize("first", ["by hand", "by the import"])
def test_what_a_reverted_import_had_made_does_not_come_back(world, later, first):
    """Nothing says any more that it was ever there: whether or not somebody had removed it before."""
    lead = Lead.objects.get(contact__external_id="c-1")
    deal = Deal.objects.get(lead=lead)
    if first == "by hand":
        deal.trash(by=None, at=later)
        lead.trash(by=None, at=later)
    for kind in ("deals", "leads"):
        revert.revert(world.files[kind], by=None, at=later)
    assert violations() == set()
    for record in (deal, lead):
        assert type(record).objects.get(pk=record.pk).trashed_at == later
        with pytest.raises(TakenBack):
            record.restore(by=None, at=later)
    assert violations() == set()


def test_a_file_that_comes_again_leaves_in_the_trash_what_is_there(world, later, tmp_path):
    deal = Deal.objects.get(contact__external_id="c-1")
    deal.trash(by=None, at=later)
    again = FILES["deals"].replace("1200.00", "1300.00")
    assert audited.take(tmp_path, "deals", again, later).updated == 1
    kept = Deal.objects.get(pk=deal.pk)
    assert (kept.trashed_at, kept.amount_minor) == (later, 130_000)
    assert violations() == set()


@pytest.mark.parametrize("which", ["open_lead", "deal"])
def test_the_audit_sees_a_record_that_is_gone_and_nothing_says_why(world, at, which):
    record = getattr(world, which)
    type(record).objects.filter(pk=record.pk).update(trashed_at=at)
    kind = record._meta.db_table
    found = violations()
    assert ("trash", f"{kind}:{record.pk}") in found
    assert found <= {("trash", f"{kind}:{record.pk}"), ("search", f"{kind}:{record.pk}")}


@pytest.mark.parametrize("which", ["open_lead", "deal"])
def test_the_audit_sees_a_record_that_is_here_although_it_was_removed(world, later, which):
    record = getattr(world, which)
    record.trash(by=None, at=later)
    type(record).objects.filter(pk=record.pk).update(trashed_at=None)
    name = f"{record._meta.db_table}:{record.pk}"
    assert ("trash", name) in violations()
    assert "is here, and its value says otherwise" in told(name)


@pytest.mark.parametrize("which", ["open_lead", "deal"])
def test_the_audit_sees_a_record_that_is_gone_since_another_time(world, later, which):
    record = getattr(world, which)
    record.trash(by=None, at=later)
    type(record).objects.filter(pk=record.pk).update(trashed_at=later - timedelta(hours=1))
    name = f"{record._meta.db_table}:{record.pk}"
    assert violations() == {("trash", name)}
    assert told(name) == [
        "is in the trash since 2026-03-06 08:00:00.000000, and its value says since 2026-03-06 09:00:00.000000"
    ]


def test_the_audit_sees_a_deal_that_stayed_behind(world, at):
    lead = world.lead.pk
    Lead.objects.filter(pk=lead).update(trashed_at=at)
    assert told(f"deal:{world.deal.pk}") == [f"is here, and lead:{lead}, which opened it, is in the trash"]
