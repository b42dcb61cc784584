"""Deals in their pipeline: what moves them, what they hold, how they end, and what is refused on the way."""

from datetime import date, timedelta

import pytest

from accord.kernel import journal, traits
from accord.kernel.fields import Refused
from accord.kernel.ledger import Fact
from accord.rooms.content.models import Competitor, Product
from accord.rooms.funnel.models import AlreadyMoved, Deal, InTrash, Lead, NeedsReason, Transition, UnknownStage
from accord.rooms.people.models import Contact, Merge
from tests.remembered import remembered

DAY = timedelta(days=1)
pytestmark = pytest.mark.both


@pytest.fixture
@remembered
def lead(cast, at) -> Lead:
    anna = Contact.create({"name": "Anna"}, by=None, at=at)
    return Lead.open(anna, entry="referral", owner=cast.felix, by=None, at=at)


@pytest.fixture
def deal(lead, cast, at) -> Deal:
    values = {"name": "Six pumps", "amount": 24_000_00, "currency": "EUR"}
    return Deal.open(lead=lead, values=values, by=cast.felix.pk, at=at)


def stages(deal: Deal) -> list[str]:
    return [t.text for t in reversed(traits.history("deal", deal.pk)) if t.field == "stage"]


def test_a_new_deal_stands_in_the_first_stage(deal, at):
    assert (deal.stage, deal.stage_since, stages(deal)) == ("qualified", at, ["qualified"])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("proposal", "proposal"), ("Proposal ", "proposal"), ("NEGOTIATION", "negotiation"),
        ("Waiting for the board", "Waiting for the board"),
    ],
)  # fmt: skip
def test_a_stage_is_known_by_its_key_or_its_name_in_any_language(lead, at, said, kept):
    assert Deal.open(lead=lead, values={"stage": said}, by=None, at=at).stage == kept


def test_a_deal_moves_on_and_back(deal, cast, at):
    deal.advance("proposal", by=cast.felix.pk, at=at + DAY)
    deal.advance("discovery", by=cast.felix.pk, at=at + 3 * DAY)
    deal = Deal.objects.get()
    assert (deal.stage, deal.stage_since, deal.version) == ("discovery", at + 3 * DAY, 2)
    assert stages(deal) == ["qualified", "proposal", "discovery"]
    moved = Fact.objects.filter(kind="deal_moved", deal_id=deal.pk).order_by("id")
    assert [fact.payload for fact in moved] == [{"stage": "proposal"}, {"stage": "discovery"}]


def test_a_move_to_where_it_stands_is_none(deal, at):
    deal.advance("qualified", by=None, at=at + DAY)
    assert stages(deal) == ["qualified"]
    assert not Fact.objects.filter(kind="deal_moved").exists()


def test_who_saw_it_elsewhere_is_told_where_it_stands(deal, at):
    mine, theirs = Deal.objects.get(), Deal.objects.get()
    theirs.advance("proposal", by=None, at=at)
    with pytest.raises(AlreadyMoved, match="proposal"):
        mine.advance("discovery", by=None, at=at)
    assert stages(deal) == ["qualified", "proposal"]


def test_a_closed_deal_does_not_move(deal, at):
    deal.win(reason="fit", by=None, at=at)
    with pytest.raises(AlreadyMoved, match="won"):
        Deal.objects.get().advance("proposal", by=None, at=at)
    with pytest.raises(Refused) as refused:
        Deal.objects.get().edit({"stage": "proposal"}, seen=Deal.objects.get().version, by=None, at=at)
    assert refused.value.fields.keys() == {"stage"}


def test_a_stage_that_is_none_of_the_pipeline_is_refused(deal, at):
    with pytest.raises(UnknownStage):
        deal.advance("limbo", by=None, at=at)


def test_a_stage_set_with_other_fields_is_a_move_as_well(deal, at):
    deal.edit({"stage": "Signing", "amount": 20_000_00}, seen=0, by=None, at=at + DAY)
    assert (deal.stage, deal.stage_since) == ("signing", at + DAY)
    assert Fact.objects.get(kind="deal_moved").payload == {"stage": "signing"}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"amount": -1}, {"amount"}),
        ({"currency": "EUX"}, {"currency"}),
        ({"expected_close": "2026-03-01"}, {"expected_close"}),
        ({"amount": -1, "expected_close": date(2026, 3, 1)}, {"amount", "expected_close"}),
    ],
)
def test_what_an_open_deal_cannot_have_is_refused_by_field(lead, deal, at, values, wrong):
    for act in (
        lambda: deal.edit(values, seen=0, by=None, at=at),
        lambda: Deal.open(lead=lead, values={"name": "Spares", **values}, by=None, at=at),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.fields.keys() == wrong
    assert (Deal.objects.get().version, Deal.objects.get().amount_minor) == (0, 24_000_00)


def test_today_is_no_day_of_the_past_and_a_currency_may_stand_alone(deal, at):
    deal.edit({"expected_close": "2026-03-02", "currency": "CNY", "amount": None}, seen=0, by=None, at=at)
    assert (deal.expected_close, deal.currency, deal.amount_minor) == ("2026-03-02", "CNY", None)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"reason": "too dear"}, {"reason"}),
        ({"reason": "fit"}, {"reason"}),
        ({"reason": "other"}, {"note"}),
        ({"reason": "other", "note": "  "}, {"note"}),
        ({"reason": "not_now"}, {"come_back_on"}),
        ({"reason": "price", "come_back_on": date(2026, 3, 2)}, {"come_back_on"}),
        ({"reason": "price", "come_back_on": date(2025, 3, 2)}, {"come_back_on"}),
    ],
)
def test_a_loss_that_is_said_badly_changes_nothing(deal, lead, at, said, wrong):
    with pytest.raises(Refused) as refused:
        deal.lose(**said, by=None, at=at)
    assert refused.value.fields.keys() == wrong
    lead.refresh_from_db()
    assert (Deal.objects.get().outcome, lead.stage) == ("open", "opportunity")


def test_a_win_knows_other_reasons_than_a_loss(deal, at):
    with pytest.raises(Refused):
        deal.win(reason="no_budget", by=None, at=at)
    with pytest.raises(NeedsReason):
        deal.win(reason="", by=None, at=at)
    deal.win(reason="other", note="The plant manager knew us", by=None, at=at)
    said = traits.now("deal", [deal.pk])[deal.pk]
    assert (Deal.objects.get().reason, said["note"].text) == ("other", "The plant manager knew us")


def test_given_back_its_lead_is_recycled_for_what_the_agreement_calls_so(deal, lead, at):
    deal.give_back(reason="not_now", come_back_on=date(2026, 9, 1), note="After the rebuilding", by=None, at=at)
    lead.refresh_from_db()
    last = Transition.objects.filter(lead_id=lead.pk).latest("id")
    assert (deal.outcome, lead.stage, last.reason, last.deal_id) == ("lost", "recycled", "timing", deal.pk)
    assert Fact.objects.filter(kind="deal_lost", deal_id=deal.pk).count() == 1


def test_reopened_it_is_a_deal_like_any_other(deal, lead, at):
    deal.give_back(reason="not_now", come_back_on=date(2026, 9, 1), by=None, at=at)
    deal.reopen(by=None, at=at + DAY)
    lead.refresh_from_db()
    said = traits.now("deal", [deal.pk])[deal.pk]
    assert (deal.outcome, deal.reason, said["come_back_on"].text, deal.stage_since) == ("open", "", None, at + DAY)
    assert (lead.stage, lead.is_open) == ("opportunity", True)


def test_its_lead_is_lost_only_with_the_last_of_its_deals(deal, lead, at):
    spares = Deal.open(lead=lead, values={"name": "Spares"}, by=None, at=at)
    deal.lose(reason="price", by=None, at=at)
    lead.refresh_from_db()
    assert lead.stage == "opportunity"
    spares.win(reason="fit", by=None, at=at)
    lead.refresh_from_db()
    assert lead.stage == "won"
    Deal.objects.get(pk=deal.pk).reopen(by=None, at=at + DAY)
    lead.refresh_from_db()
    assert (lead.stage, Deal.objects.get(pk=deal.pk).outcome) == ("won", "open")


def test_opened_by_hand_on_a_contact_it_begins_a_passage(cast, at):
    bert = Contact.create({"name": "Bert"}, by=None, at=at)
    deal = Deal.open_by_hand(bert, owner=cast.felix, values={"name": "Valves"}, by=cast.felix.pk, at=at)
    lead = deal.lead
    assert (lead.entry, lead.stage, lead.owner) == ("own_prospecting", "opportunity", cast.felix)
    again = Deal.open_by_hand(bert, owner=cast.felix, values={"name": "More valves"}, by=cast.felix.pk, at=at)
    assert again.lead == lead
    deal.win(reason="fit", by=None, at=at)
    again.lose(reason="price", by=None, at=at)
    second = Deal.open_by_hand(bert, owner=cast.felix, values={"name": "Spares"}, by=cast.felix.pk, at=at + DAY)
    assert (second.lead.entry, second.lead_id == lead.pk) == ("second_sale", False)


def test_what_a_deal_holds_is_said_once_and_kept_when_it_ends(deal, cast, at):
    bert = Contact.create({"name": "Bert"}, by=None, at=at)
    role = deal.add_contact(bert, "champion", by=cast.felix.pk, at=at)
    assert deal.add_contact(bert, "champion", by=cast.felix.pk, at=at) == role
    deal.add_contact(bert, "user", by=cast.felix.pk, at=at)
    assert deal.remove_contact(role, by=cast.felix.pk, at=at + DAY)
    assert not deal.remove_contact(role, by=cast.felix.pk, at=at + DAY)
    assert list(deal.contacts.order_by("id").values_list("role", "until")) == [("champion", at + DAY), ("user", None)]
    told = Fact.objects.filter(kind="deal_contact_added", contact_id=bert.pk, deal_id=deal.pk)
    assert [fact.payload["role"] for fact in told.order_by("id")] == ["champion", "user"]
    with pytest.raises(ValueError, match="friend"):
        deal.add_contact(bert, "friend", by=None, at=at)


def test_another_quantity_of_a_product_replaces_the_one_before(deal, at):
    pump = Product.create({"name": "DX-60"}, by=None, at=at)
    deal.add_product(pump, quantity=2, by=None, at=at)
    deal.add_product(pump, quantity=2, by=None, at=at)
    deal.add_product(pump, quantity=3, amount_minor=18_000_00, by=None, at=at + DAY)
    rows = deal.products.order_by("id").values_list("quantity", "amount_minor", "until")
    assert list(rows) == [(2, None, at + DAY), (3, 18_000_00, None)]
    with pytest.raises(Refused):
        deal.add_product(pump, amount_minor=-5, by=None, at=at)


def test_a_competitor_comes_and_goes(deal, at):
    rival = Competitor.create({"name": "Grundig Flow"}, by=None, at=at)
    link = deal.add_competitor(rival, by=None, at=at)
    assert deal.add_competitor(rival, by=None, at=at) == link
    assert deal.remove_competitor(link, by=None, at=at + DAY)
    kinds = Fact.objects.filter(deal_id=deal.pk, kind__startswith="deal_competitor").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["deal_competitor_added", "deal_competitor_removed"]


def test_a_deal_in_the_trash_holds_what_it_held(deal, lead, at):
    deal.trash(by=None, at=at)
    with pytest.raises(InTrash):
        deal.add_contact(lead.contact, "user", by=None, at=at)


def test_a_merge_takes_the_roles_along_and_parting_gives_them_back(deal, at):
    bert, twin = (Contact.create({"name": name}, by=None, at=at) for name in ("Bert", "B. Bert"))
    deal.add_contact(bert, "user", by=None, at=at)
    deal.add_contact(twin, "champion", by=None, at=at)
    merge = Merge.of(bert, twin, reason="same", by=None, at=at)
    journal.drain()
    assert dict(deal.contacts.values_list("role", "contact")) == {"user": bert.pk, "champion": bert.pk}
    merge.undo(by=None, at=at + DAY)
    journal.drain()
    assert dict(deal.contacts.values_list("role", "contact")) == {"user": bert.pk, "champion": twin.pk}
