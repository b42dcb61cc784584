import zlib
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status

from accord.api import contacts, published
from accord.api.auth import Caller, CallerRequest, needs, one, visible
from accord.api.errors import answers, conflict, forbidden, invalid, lost_race
from accord.api.paging import Paging, Sought, page, sought
from accord.api.published import Moment
from accord.api.wire import AskedId, Body, Fields, Id, Reason, RecordId, Whole, Word
from accord.kernel import fields, ledger, traits
from accord.kernel.imports.models import ImportKey
from accord.kernel.text import email_key
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import AlreadyMoved, AlreadyOpen, HasDeals, Lead, NeedsReason, Transition
from accord.rooms.people.models import Contact, LostRace
from accord.rooms.people.models.identity import EMAIL, Identity
from accord.rooms.people.queries import owners
from accord.rooms.team.fields import ROLE_NAMES

router = Router(tags=["leads"])
SOURCE = "api"  # whose external ids the batch keeps

Entry = Literal["marketing", "own_prospecting", "partner", "referral", "second_sale", "import"]
Stage = Literal[
    "inquiry", "engaged", "mql", "sal", "sql", "opportunity", "won", "lost", "recycled", "disqualified", "joined"
]
MoveName = Literal[
    "to_engaged", "to_mql", "to_sal", "to_sql", "to_opportunity",
    "won", "lost", "recycled", "disqualified", "returned", "reopened",
]  # fmt: skip


class Passenger(Schema):
    id: int
    external_id: str
    name: str
    email: str


class LeadOut(Schema):
    id: int
    version: int
    contact: Passenger
    entry: str
    stage: str | None
    stage_since: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    owner: str | None
    fields: dict[str, Any]


class LeadPage(Schema):
    items: list[LeadOut]
    next: str | None


class LeadFilter(Paging):
    stage: Stage | None = None
    owner: Sought | None = None
    email: Sought | None = None
    external_id: Sought | None = None
    contact: AskedId | None = None
    q: Sought | None = None


class ContactRef(Body):
    """By id; or by external id or e-mail address: who is not known yet is created, and the fields given are set."""

    id: Id | None = None
    external_id: Word | None = None
    fields: Fields = {}


class NewLead(Body):
    contact: ContactRef
    entry: Entry
    owner: Word | None = None
    fields: Fields = {}


class LeadChange(Body):
    version: Whole
    owner: Word | None = None
    fields: Fields = {}


class NewMove(Body):
    move: MoveName
    reason: Reason = ""


class MoveOut(Schema):
    move: str
    from_stage: str | None
    to_stage: str
    reason: str
    occurred_at: datetime
    recorded_at: datetime


def show(leads: Sequence[Lead]) -> list[dict[str, Any]]:
    return [_shown(lead, *held) for lead, held in zip(leads, published.now("lead", leads), strict=True)]


def _shown(lead: Lead, values: dict[str, Any], owner: str | None) -> dict[str, Any]:
    contact = lead.contact
    shown = {
        "id": lead.pk,
        "contact": {"id": contact.pk, "external_id": contact.external_id, "name": contact.name, "email": contact.email},
        "entry": lead.entry, "stage": lead.stage, "stage_since": lead.stage_since, "opened_at": lead.opened_at,
        "ended_at": lead.ended_at, "owner": owner, "fields": values,
    }  # fmt: skip
    return {**shown, "version": _version(shown)}


def _version(shown: dict[str, Any]) -> int:
    """A lead has no counter of its changes: its version is a digest of all that can change."""
    changing = (shown["stage"], shown["stage_since"], shown["owner"], sorted(shown["fields"].items()))
    return zlib.crc32(repr(changing).encode())


def _shown_then(lead: Lead, moment: Moment) -> dict[str, Any]:
    past = Transition.objects.filter(lead_id=lead.pk, occurred_at__lte=moment.as_of, recorded_at__lte=moment.known_at)
    last = traits.standing(past, moment.known_at).order_by("occurred_at", "recorded_at", "id").last()
    shown = _shown(lead, *published.then("lead", lead.pk, moment))
    ended = last and last.to_stage in rules.ENDS
    return {
        **shown, "stage": last and last.to_stage, "stage_since": last and last.occurred_at,
        "ended_at": last.occurred_at if last and ended else None,
    }  # fmt: skip


def leads_of(caller: Caller) -> Any:
    return visible(Lead, caller).select_related("contact", "owner")


@router.get("", auth=needs("see_records"), response=answers(LeadPage), url_name="leads")
def list_leads(request: CallerRequest, asked: Query[LeadFilter]) -> Any:
    """Leads in the order of their ids. `external_id` is the one that a batch gave; `email` the contact's."""
    given = {"stage": asked.stage, "contact": asked.contact}
    rows = leads_of(request.auth).filter(
        **{k: v for k, v in given.items() if v is not None}, **contacts.owned_by(asked.owner)
    )
    if asked.email:
        rows = rows.filter(contact__email_norm=email_key(asked.email) or "")
    if asked.external_id:
        rows = rows.filter(
            pk__in=ImportKey.objects.filter(kind="leads", source=SOURCE, key=asked.external_id).values("record")
        )
    return page(request, sought(rows, "contact", asked.q, "contact"), asked, show)


@router.post("", auth=needs("open_lead"), response=answers(LeadOut, 201), url_name="leads")
def create_lead(request: CallerRequest, lead: NewLead) -> Any:
    """Open a passage of a contact. A contact has at most one open lead."""
    caller, at = request.auth, request.now
    owner = published.named(lead.owner)
    values = published.read("lead", lead.fields, caller)
    of_contact = published.read("contact", lead.contact.fields, caller, at="contact.fields")
    with ledger.write(at, caller.by):
        contact = _contact(lead.contact, of_contact, caller, at)
        try:
            made = Lead.open(contact, entry=lead.entry, by=caller.by, at=at, owner=owner, values=values)
        except AlreadyOpen:
            raise conflict("open_lead", _("This contact has an open lead: move that one, or end it first."))
    return Status(HTTPStatus.CREATED, show([made])[0])


def _contact(told: ContactRef, values: dict[str, Any], caller: Caller, at: datetime) -> Contact:
    address = email_key(values.get("email") or "")
    if not told.id and not told.external_id and not address:
        raise invalid({"contact": _("Say whose lead it is: give an id, an external_id or fields.email.")})
    found = _found(told, address, caller)
    if found is None and told.id:
        raise invalid({"contact.id": _("There is no such contact.")})
    if found is None:
        return contacts.make(told.external_id, values, caller.by, at, "contact.external_id")
    return _told_more(found, values, caller, at) if values else found


def _found(told: ContactRef, address: str | None, caller: Caller) -> Contact | None:
    rows = visible(Contact, caller)
    if told.id:
        return rows.filter(pk=told.id).first()
    if told.external_id:
        named = Contact.objects.filter(external_id=told.external_id, trashed_at=None)
        return (
            rows.filter(external_id=told.external_id).first() or rows.filter(pk__in=named.values("merged_into")).first()
        )
    met = Identity.objects.filter(kind=EMAIL, value=address).values_list("id", flat=True)
    return rows.filter(pk__in=[pk for pk in owners(met).values() if pk]).first()


def _told_more(contact: Contact, values: dict[str, Any], caller: Caller, at: datetime) -> Contact:
    """Set those of the values that are new."""
    known, held = fields.of("contact"), _held(contact)
    changed = {
        slug: v
        for slug, v in values.items()
        if fields.value(known[slug], v).text != fields.value(known[slug], held.get(slug)).text
    }
    if changed:
        try:
            contact.edit(changed, seen=contact.version, by=caller.by, at=at)
        except LostRace:
            raise conflict("busy", _("This contact was changed at the same moment: send the request again."))
    return contact


def _held(contact: Contact) -> dict[str, Any]:
    return published.now("contact", [contact])[0][0]


@router.get("/{lead_id}", auth=needs("see_records"), response=answers(LeadOut), url_name="lead")
def see_lead(
    request: CallerRequest, lead_id: RecordId, as_of: published.Instant = None, known_at: published.Instant = None
) -> Any:
    """With `as_of` and `known_at`: the stage and the values that held then, as they were known at that time."""
    lead, moment = one(leads_of(request.auth), lead_id), Moment.of(as_of, known_at)
    return _shown_then(lead, moment) if moment else show([lead])[0]


@router.patch("/{lead_id}", auth=needs("move_lead"), response=answers(LeadOut), url_name="lead")
def change_lead(request: CallerRequest, lead_id: RecordId, change: LeadChange) -> Any:
    """Fields and owner. `version` is that of the lead as it was read: if it has changed since, nothing is written."""
    caller, at = request.auth, request.now
    one(leads_of(caller), lead_id)
    owner = published.named(change.owner)
    if owner and not caller.may("assign_lead"):
        raise forbidden(ROLE_NAMES[caller.role])
    values = published.read("lead", change.fields, caller)
    with ledger.write(at, caller.by) as writing:
        lead = one(leads_of(caller).select_for_update(of=("self",)), lead_id)
        if (current := show([lead])[0])["version"] != change.version:
            raise lost_race(current)
        traits.put(writing, "lead", lead.pk, values, at)
        if owner:
            lead.assign(owner, by=caller.by, at=at)
    return show([one(leads_of(caller), lead_id)])[0]


@router.delete("/{lead_id}", auth=needs("trash_record"), response=answers(None, 204), url_name="lead")
def trash_lead(request: CallerRequest, lead_id: RecordId) -> Any:
    """Into the trash, from where a person can take it back. Not while it has a deal that is not there."""
    try:
        one(leads_of(request.auth), lead_id).trash(by=request.auth.by, at=request.now)
    except HasDeals:
        raise conflict("has_deals", _("This lead has opened a deal: put its deals in the trash first."))
    return Status(HTTPStatus.NO_CONTENT, None)


@router.get("/{lead_id}/moves", auth=needs("see_records"), response=answers(list[MoveOut]), url_name="lead_moves")
def list_moves(request: CallerRequest, lead_id: RecordId) -> Any:
    """How the lead came to where it stands, oldest first."""
    lead = one(leads_of(request.auth), lead_id)
    moves = traits.standing(Transition.objects.filter(lead_id=lead.pk)).order_by("occurred_at", "recorded_at", "id")
    return list(moves.values("move", "from_stage", "to_stage", "reason", "occurred_at", "recorded_at"))


@router.post("/{lead_id}/moves", auth=needs("move_lead"), response=answers(LeadOut, 201), url_name="lead_moves")
def move_lead(request: CallerRequest, lead_id: RecordId, move: NewMove) -> Any:
    """Move the lead on, end it, return it to marketing, or open it again. Ends and returns need a reason."""
    lead = one(leads_of(request.auth), lead_id)
    try:
        if move.move == rules.REOPENED:
            lead.reopen(by=request.auth.by, at=request.now, reason=move.reason)
        else:
            lead.move(move.move, by=request.auth.by, at=request.now, reason=move.reason)
    except NeedsReason:
        raise invalid({"reason": _("This move is made only with a reason.")})
    except AlreadyMoved:
        current = show([one(leads_of(request.auth), lead_id)])[0]
        raise conflict(
            "moved",
            _("The lead does not stand where this move begins. “current” is how it stands now."),
            current=current,
        )
    except AlreadyOpen:
        raise conflict("open_lead", _("This contact has an open lead: move that one, or end it first."))
    return Status(HTTPStatus.CREATED, show([lead])[0])
