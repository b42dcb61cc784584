from collections.abc import Callable, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status

from accord.api import contacts, published
from accord.api.auth import Caller, CallerRequest, needs, one, visible
from accord.api.errors import Refusal, answers, conflict, invalid, lost_race
from accord.api.paging import Paging, Sought, page, sought
from accord.api.published import Moment
from accord.api.wire import AskedId, Body, Fields, Id, Reason, RecordId, Text, Whole, Word
from accord.kernel.fields import Refused
from accord.kernel.text import email_key
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, Deal, Lead, NeedsReason, UnknownStage
from accord.rooms.funnel.models.pipeline import known_as
from accord.rooms.people.models import Company, Contact, LostRace
from accord.rooms.team.models import House

router = Router(tags=["deals"])


class DealOut(Schema):
    id: int
    version: int
    lead: int | None
    contact: int | None
    company: int | None
    opened_at: datetime
    closed_at: datetime | None
    owner: str | None
    fields: dict[str, Any]


class DealPage(Schema):
    items: list[DealOut]
    next: str | None


class DealFilter(Paging):
    stage: Sought | None = None
    outcome: Literal["open", "won", "lost"] | None = None
    owner: Sought | None = None
    email: Sought | None = None
    lead: AskedId | None = None
    contact: AskedId | None = None
    company: AskedId | None = None
    q: Sought | None = None


class NewDeal(Body):
    lead: Id | None = None
    contact: Id | None = None
    company: Id | None = None
    owner: Word | None = None
    fields: Fields = {}


class DealChange(Body):
    version: Whole
    owner: Word | None = None
    fields: Fields = {}


class Moving(Body):
    stage: Word
    seen: Word | None = None


class Winning(Body):
    reason: Reason
    note: Text = ""


class Losing(Body):
    reason: Reason
    note: Text = ""
    come_back_on: date | None = None


class GivingBack(Body):
    reason: Reason
    note: Text = ""
    come_back_on: date


def show(deals: Sequence[Deal]) -> list[dict[str, Any]]:
    return [_shown(deal, *held) for deal, held in zip(deals, published.now("deal", deals), strict=True)]


def _shown(deal: Deal, values: dict[str, Any], owner: str | None) -> dict[str, Any]:
    return {
        "id": deal.pk, "version": deal.version, "lead": deal.lead_id, "contact": deal.contact_id,
        "company": deal.company_id, "opened_at": deal.opened_at, "closed_at": deal.closed_at, "owner": owner,
        "fields": values,
    }  # fmt: skip


def deals_of(caller: Caller) -> Any:
    return visible(Deal, caller).select_related("owner")


@router.get("", auth=needs("see_records"), response=answers(DealPage), url_name="deals")
def list_deals(request: CallerRequest, asked: Query[DealFilter]) -> Any:
    """Deals in the order of their ids."""
    exact = ("stage", "outcome", "lead", "contact", "company")
    given = {name: getattr(asked, name) for name in exact if getattr(asked, name) is not None}
    rows = deals_of(request.auth).filter(**given, **contacts.owned_by(asked.owner))
    if asked.email:
        rows = rows.filter(contact__email_norm=email_key(asked.email) or "")
    return page(request, sought(rows, "deal", asked.q), asked, show)


@router.post("", auth=needs("edit_deal"), response=answers(DealOut, 201), url_name="deals")
def create_deal(request: CallerRequest, deal: NewDeal) -> Any:
    """Open a deal, of a lead, a contact or a company. Its lead becomes an opportunity."""
    caller = request.auth
    if not deal.lead and not deal.contact and not deal.company:
        raise invalid({"lead": _("Say whose deal it is: give a lead, a contact or a company.")})
    values = published.read("deal", deal.fields, caller) | _owner(deal.owner)
    values["currency"] = values.get("currency") or House.get().currency
    lead = _named(visible(Lead, caller).select_related("contact__company"), deal.lead, "lead")
    contact = _named(visible(Contact, caller), deal.contact, "contact")
    company = _named(visible(Company, caller), deal.company, "company")
    if lead and contact and lead.contact_id != contact.pk:
        raise invalid({"contact": _("The lead is another contact's: leave the contact out.")})
    try:
        made = Deal.open(lead=lead, contact=contact, company=company, values=values, by=caller.by, at=request.now)
    except Refused as refused:
        raise _wrong_fields(refused)
    except AlreadyMoved:
        raise conflict("moved", _("The lead was moved at the same moment: send the request again."))
    return Status(HTTPStatus.CREATED, show([made])[0])


def _named(rows: QuerySet, pk: int | None, at: str) -> Any:
    found = rows.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise invalid({at: _("There is no such record, or this key does not see it.")})
    return found


def _owner(name: str | None) -> dict[str, Any]:
    owner = published.named(name)
    return {"owner": owner.pk} if owner else {}


@router.get("/{deal_id}", auth=needs("see_records"), response=answers(DealOut), url_name="deal")
def see_deal(
    request: CallerRequest, deal_id: RecordId, as_of: published.Instant = None, known_at: published.Instant = None
) -> Any:
    """With `as_of` and `known_at`: the values that held then, as they were known at that time."""
    deal, moment = one(deals_of(request.auth), deal_id), Moment.of(as_of, known_at)
    return _shown(deal, *published.then("deal", deal.pk, moment)) if moment else show([deal])[0]


@router.patch("/{deal_id}", auth=needs("edit_deal"), response=answers(DealOut), url_name="deal")
def change_deal(request: CallerRequest, deal_id: RecordId, change: DealChange) -> Any:
    """`version` is that of the deal as it was read: if it has changed since, nothing is written."""
    deal = one(deals_of(request.auth), deal_id)
    values = published.read("deal", change.fields, request.auth, deal) | _owner(change.owner)
    try:
        deal.edit(values, seen=change.version, by=request.auth.by, at=request.now)
    except Refused as refused:
        raise _wrong_fields(refused)
    except LostRace:
        deal.refresh_from_db()
        raise lost_race(show([deal])[0])
    return show([deal])[0]


@router.delete("/{deal_id}", auth=needs("trash_record"), response=answers(None, 204), url_name="deal")
def trash_deal(request: CallerRequest, deal_id: RecordId) -> Any:
    """Into the trash, from where a person can take it back. Its lead stays where it is."""
    one(deals_of(request.auth), deal_id).trash(by=request.auth.by, at=request.now)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/{deal_id}/moves", auth=needs("edit_deal"), response=answers(DealOut, 201), url_name="deal_moves")
def move_deal(request: CallerRequest, deal_id: RecordId, moving: Moving) -> Any:
    """To another stage of the pipeline, by its key or name; with `seen` only from that one."""
    known = known_as({moving.stage, moving.seen or ""})

    def advance(deal: Deal) -> None:
        seen = known[moving.seen] if moving.seen else None
        deal.advance(known[moving.stage], seen=seen, by=request.auth.by, at=request.now)

    return _changed(request, deal_id, advance)


@router.post("/{deal_id}/winning", auth=needs("edit_deal"), response=answers(DealOut, 201), url_name="deal_winning")
def win_deal(request: CallerRequest, deal_id: RecordId, winning: Winning) -> Any:
    """Its lead is won with it. `reason`: fit, price, relationship, reference, speed, service; other with a `note`."""
    return _changed(request, deal_id, lambda deal: deal.win(**winning.dict(), by=request.auth.by, at=request.now))


@router.post("/{deal_id}/losing", auth=needs("edit_deal"), response=answers(DealOut, 201), url_name="deal_losing")
def lose_deal(request: CallerRequest, deal_id: RecordId, losing: Losing) -> Any:
    """Its lead is lost with it. Not now is not never: `come_back_on` is a day to try again, which not_now needs.

    `reason`: price, terms, competitor, no_decision, not_now, no_budget, no_need, no_answer, lost_contact, or other
    with a `note`.
    """
    return _changed(request, deal_id, lambda deal: deal.lose(**losing.dict(), by=request.auth.by, at=request.now))


@router.post(
    "/{deal_id}/giving-back", auth=needs("edit_deal"), response=answers(DealOut, 201), url_name="deal_giving_back"
)
def give_deal_back(request: CallerRequest, deal_id: RecordId, giving: GivingBack) -> Any:
    """Lost until a day to come back: its lead is recycled, as the agreement says. Reasons as of a loss."""
    return _changed(request, deal_id, lambda deal: deal.give_back(**giving.dict(), by=request.auth.by, at=request.now))


@router.post("/{deal_id}/reopening", auth=needs("edit_deal"), response=answers(DealOut, 201), url_name="deal_reopening")
def reopen_deal(request: CallerRequest, deal_id: RecordId) -> Any:
    """A lost deal goes on, and its lead with it."""
    return _changed(request, deal_id, lambda deal: deal.reopen(by=request.auth.by, at=request.now))


def _changed(request: CallerRequest, deal_id: int, act: Callable[[Deal], None]) -> Status:
    deal = one(deals_of(request.auth).select_related("lead__contact"), deal_id)
    try:
        act(deal)
    except NeedsReason:
        raise invalid({"reason": _("A deal is closed only with a reason.")})
    except UnknownStage:
        raise invalid({"stage": _("The pipeline has no such stage: give its short name or its name.")})
    except Refused as refused:
        raise invalid(refused.fields)
    except AlreadyMoved:
        current = show([one(deals_of(request.auth), deal_id)])[0]
        raise conflict(
            "moved",
            _("The deal, or its lead, does not stand where this begins. “current” is how the deal stands."),
            current=current,
        )
    except AlreadyOpen:
        raise conflict("open_lead", _("Its contact has another open lead: end that one first."))
    return Status(HTTPStatus.CREATED, show([one(deals_of(request.auth), deal_id)])[0])


def _wrong_fields(refused: Refused) -> Refusal:
    return invalid({f"fields.{name}": words for name, words in refused.fields.items()})
