"""What a deal holds: contacts in their roles, products, competitors."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema, Status
from pydantic import Field

from accord.api.auth import CallerRequest, needs, one, visible
from accord.api.deals import deals_of
from accord.api.errors import answers, conflict, invalid, not_found
from accord.api.wire import Body, Id, RecordId, Word
from accord.kernel import ledger
from accord.kernel.fields import Refused
from accord.kernel.money import Money, parse_amount
from accord.rooms.content.models import Competitor, Product
from accord.rooms.content.named import key_of
from accord.rooms.funnel.models import Deal, DealCompetitor, DealContact, DealProduct, InTrash
from accord.rooms.people.models import Contact

router = Router(tags=["deals"])
Role = Literal["decision_maker", "economic_buyer", "champion", "user", "influencer", "gatekeeper", "other"]
MOST = 1_000_000_000


class DealContactOut(Schema):
    id: int
    contact: int
    role: str
    since: datetime


class DealProductOut(Schema):
    id: int
    product: str
    quantity: int
    amount: str | None
    since: datetime


class DealCompetitorOut(Schema):
    id: int
    competitor: str
    since: datetime


class NewDealContact(Body):
    contact: Id
    role: Role


class NewDealProduct(Body):
    """`amount`: for all of them together, in the currency of the deal."""

    product: Word
    quantity: Annotated[int, Field(ge=1, le=MOST, strict=True)] = 1
    amount: Word | None = None


class NewDealCompetitor(Body):
    competitor: Word


@router.get(
    "/{deal_id}/contacts", auth=needs("see_records"), response=answers(list[DealContactOut]), url_name="deal_contacts"
)
def list_contacts(request: CallerRequest, deal_id: RecordId) -> Any:
    deal = one(deals_of(request.auth), deal_id)
    return [_contact(link) for link in DealContact.objects.filter(deal=deal, until=None).order_by("id")]


@router.post(
    "/{deal_id}/contacts", auth=needs("edit_deal"), response=answers(DealContactOut, 201), url_name="deal_contacts"
)
def add_contact(request: CallerRequest, deal_id: RecordId, new: NewDealContact) -> Any:
    """A contact may have several roles; the same one twice is said once."""
    deal = one(deals_of(request.auth), deal_id)
    contact = visible(Contact, request.auth).filter(pk=new.contact).first()
    if contact is None:
        raise invalid({"contact": _("There is no such record, or this key does not see it.")})
    link = _held(lambda: deal.add_contact(contact, new.role, by=request.auth.by, at=request.now))
    return Status(HTTPStatus.CREATED, _contact(link))


@router.delete(
    "/{deal_id}/contacts/{link_id}", auth=needs("edit_deal"), response=answers(None, 204), url_name="deal_contact"
)
def remove_contact(request: CallerRequest, deal_id: RecordId, link_id: RecordId) -> Any:
    return _removed(request, deal_id, DealContact, link_id, Deal.remove_contact)


@router.get(
    "/{deal_id}/products", auth=needs("see_records"), response=answers(list[DealProductOut]), url_name="deal_products"
)
def list_products(request: CallerRequest, deal_id: RecordId) -> Any:
    deal = one(deals_of(request.auth), deal_id)
    links = DealProduct.objects.filter(deal=deal, until=None).select_related("product").order_by("id")
    return [_product(link, deal) for link in links]


@router.post(
    "/{deal_id}/products", auth=needs("edit_deal"), response=answers(DealProductOut, 201), url_name="deal_products"
)
def add_product(request: CallerRequest, deal_id: RecordId, new: NewDealProduct) -> Any:
    """The product is found by its name, and kept as a new one where nothing is called so."""
    deal = one(deals_of(request.auth), deal_id)
    amount = _amount(new.amount, deal)

    def add() -> DealProduct:
        with ledger.write(request.now, request.auth.by) as writing:
            product = Product.called(writing, _name(new.product, "product"))
            added: DealProduct = deal.add_product(
                product, quantity=new.quantity, amount_minor=amount, by=request.auth.by, at=request.now
            )
        return added

    return Status(HTTPStatus.CREATED, _product(_held(add), deal))


@router.delete(
    "/{deal_id}/products/{link_id}", auth=needs("edit_deal"), response=answers(None, 204), url_name="deal_product"
)
def remove_product(request: CallerRequest, deal_id: RecordId, link_id: RecordId) -> Any:
    return _removed(request, deal_id, DealProduct, link_id, Deal.remove_product)


@router.get(
    "/{deal_id}/competitors", auth=needs("see_records"), response=answers(list[DealCompetitorOut]),
    url_name="deal_competitors",
)  # fmt: skip
def list_competitors(request: CallerRequest, deal_id: RecordId) -> Any:
    deal = one(deals_of(request.auth), deal_id)
    links = DealCompetitor.objects.filter(deal=deal, until=None).select_related("competitor").order_by("id")
    return [_competitor(link) for link in links]


@router.post(
    "/{deal_id}/competitors", auth=needs("edit_deal"), response=answers(DealCompetitorOut, 201),
    url_name="deal_competitors",
)  # fmt: skip
def add_competitor(request: CallerRequest, deal_id: RecordId, new: NewDealCompetitor) -> Any:
    """The competitor is found by its name, and kept as a new one where nothing is called so."""
    deal = one(deals_of(request.auth), deal_id)

    def add() -> DealCompetitor:
        with ledger.write(request.now, request.auth.by) as writing:
            rival = Competitor.called(writing, _name(new.competitor, "competitor"))
            added: DealCompetitor = deal.add_competitor(rival, by=request.auth.by, at=request.now)
        return added

    return Status(HTTPStatus.CREATED, _competitor(_held(add)))


@router.delete(
    "/{deal_id}/competitors/{link_id}", auth=needs("edit_deal"), response=answers(None, 204),
    url_name="deal_competitor",
)  # fmt: skip
def remove_competitor(request: CallerRequest, deal_id: RecordId, link_id: RecordId) -> Any:
    return _removed(request, deal_id, DealCompetitor, link_id, Deal.remove_competitor)


def _contact(link: DealContact) -> dict[str, Any]:
    return {"id": link.pk, "contact": link.contact_id, "role": link.role, "since": link.since}


def _product(link: DealProduct, deal: Deal) -> dict[str, Any]:
    amount = None if link.amount_minor is None else f"{Money(link.amount_minor, deal.currency).amount:f}"
    return {
        "id": link.pk, "product": str(link.product), "quantity": link.quantity, "amount": amount, "since": link.since
    }  # fmt: skip


def _competitor(link: DealCompetitor) -> dict[str, Any]:
    return {"id": link.pk, "competitor": str(link.competitor), "since": link.since}


def _amount(said: str | None, deal: Deal) -> int | None:
    if said is None:
        return None
    if not deal.currency:
        raise invalid({"amount": _("An amount needs its currency: give the deal one first.")})
    try:
        return parse_amount(said, deal.currency)
    except ValueError as refused:
        raise invalid({"amount": refused.args[0]})


def _name(said: str, at: str) -> str:
    if not key_of(said):
        raise invalid({at: _("This names nothing: write a name.")})
    return said


def _held(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Refused as refused:
        raise invalid(refused.fields)
    except InTrash:
        raise conflict("trashed", _("The deal is in the trash: take it back first."))


def _removed(request: CallerRequest, deal_id: int, kind: Any, link_id: int, act: Callable[..., bool]) -> Any:
    deal = one(deals_of(request.auth), deal_id)
    link = kind.objects.filter(deal=deal, until=None, pk=link_id).first()
    if link is None:
        raise not_found()
    _held(lambda: act(deal, link, by=request.auth.by, at=request.now))
    return Status(HTTPStatus.NO_CONTENT, None)
