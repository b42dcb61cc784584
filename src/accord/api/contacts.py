from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status

from accord.api import published
from accord.api.auth import Caller, CallerRequest, needs, one, visible
from accord.api.errors import answers, conflict, invalid, lost_race
from accord.api.paging import Paging, Sought, page, sought
from accord.api.published import Moment
from accord.api.wire import AskedId, Body, Fields, Id, Reason, RecordId, Whole, Word
from accord.kernel.text import email_key
from accord.rooms.people.fields import OURS
from accord.rooms.people.models import Contact, LostRace, Merge
from accord.rooms.people.models.contact import AlreadyThere
from accord.rooms.people.models.merge import CannotMerge
from accord.rooms.team.queries import members_named

router = Router(tags=["contacts"])
NOT_OURS = _("Ids that begin with “accord:” are given by Accord: leave it out, or use one of yours.")


class ContactOut(Schema):
    id: int
    external_id: str
    version: int
    created_at: datetime
    owner: str | None
    fields: dict[str, Any]


class ContactPage(Schema):
    items: list[ContactOut]
    next: str | None


class ContactFilter(Paging):
    email: Sought | None = None
    external_id: Sought | None = None
    owner: Sought | None = None
    company: AskedId | None = None
    q: Sought | None = None


class NewContact(Body):
    external_id: Word | None = None
    fields: Fields = {}


class ContactChange(Body):
    version: Whole
    fields: Fields


class NewMerge(Body):
    loser: Id
    reason: Reason = ""


class MergeOut(Schema):
    id: int
    survivor: int
    loser: int
    reason: str
    merged_at: datetime
    undone_at: datetime | None


def show(contacts: Sequence[Contact]) -> list[dict[str, Any]]:
    return [_shown(c, *held) for c, held in zip(contacts, published.now("contact", contacts), strict=True)]


def shown_then(contact: Contact, moment: Moment | None) -> dict[str, Any]:
    return _shown(contact, *published.then("contact", contact.pk, moment)) if moment else show([contact])[0]


def _shown(contact: Contact, values: dict[str, Any], owner: str | None) -> dict[str, Any]:
    return {
        "id": contact.pk, "external_id": contact.external_id, "version": contact.version,
        "created_at": contact.created_at, "owner": owner, "fields": values,
    }  # fmt: skip


def contacts_of(caller: Caller) -> Any:
    return visible(Contact, caller).select_related("owner")


def owned_by(owner: str | None) -> dict[str, Any]:
    """A condition: the rows of the member of that address."""
    return {"owner": members_named({owner}).get(owner, 0)} if owner else {}


@router.get("", auth=needs("see_records"), response=answers(ContactPage), url_name="contacts")
def list_contacts(request: CallerRequest, asked: Query[ContactFilter]) -> Any:
    """Contacts in the order of their ids."""
    given = {
        "email_norm": email_key(asked.email) or "" if asked.email else None,
        "external_id": asked.external_id,
        "company": asked.company,
    }
    rows = contacts_of(request.auth).filter(
        **{k: v for k, v in given.items() if v is not None}, **owned_by(asked.owner)
    )
    return page(request, sought(rows, "contact", asked.q), asked, show)


@router.post("", auth=needs("edit_contact"), response=answers(ContactOut, 201), url_name="contacts")
def create_contact(request: CallerRequest, contact: NewContact) -> Any:
    """A contact without an external id gets one of ours."""
    values = published.read("contact", contact.fields, request.auth)
    if not contact.external_id and not any(values.get(label) for label in ("name", "email", "phone")):
        raise invalid({"fields": _("A contact needs an external id, a name, an e-mail address or a phone number.")})
    return Status(HTTPStatus.CREATED, show([make(contact.external_id, values, request.auth.by, request.now)])[0])


def make(
    external_id: str | None, values: dict[str, Any], by: int | None, at: datetime, where: str = "external_id"
) -> Contact:
    if external_id and external_id.startswith(OURS):
        raise invalid({where: NOT_OURS})
    try:
        return Contact.create(values, by=by, at=at, external_id=external_id)
    except (AlreadyThere, IntegrityError):
        raise conflict("exists", _("A contact with this external id exists: change that one."))


@router.get("/{contact_id}", auth=needs("see_records"), response=answers(ContactOut), url_name="contact")
def see_contact(
    request: CallerRequest, contact_id: RecordId, as_of: published.Instant = None, known_at: published.Instant = None
) -> Any:
    """With `as_of` and `known_at`: the values that held then, as they were known at that time."""
    return shown_then(one(contacts_of(request.auth), contact_id), Moment.of(as_of, known_at))


@router.patch("/{contact_id}", auth=needs("edit_contact"), response=answers(ContactOut), url_name="contact")
def change_contact(request: CallerRequest, contact_id: RecordId, change: ContactChange) -> Any:
    """`version` is that of the contact as it was read: if it has changed since, nothing is written."""
    contact = one(contacts_of(request.auth), contact_id)
    values = published.read("contact", change.fields, request.auth, contact)
    try:
        contact.edit(values, seen=change.version, by=request.auth.by, at=request.now)
    except LostRace:
        contact.refresh_from_db()
        raise lost_race(show([contact])[0])
    return show([contact])[0]


@router.delete("/{contact_id}", auth=needs("trash_record"), response=answers(None, 204), url_name="contact")
def trash_contact(request: CallerRequest, contact_id: RecordId) -> Any:
    """Into the trash, from where a person can take it back."""
    one(contacts_of(request.auth), contact_id).trash(by=request.auth.by, at=request.now)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post(
    "/{contact_id}/merges", auth=needs("merge_contacts"), response=answers(MergeOut, 201), url_name="contact_merges"
)
def merge_contact(request: CallerRequest, contact_id: RecordId, merge: NewMerge) -> Any:
    """The loser's identities and values go to this contact."""
    rows = contacts_of(request.auth)
    survivor, loser = one(rows, contact_id), rows.filter(pk=merge.loser).first()
    if loser is None:
        raise invalid({"loser": _("There is no such contact.")})
    try:
        made = Merge.of(survivor, loser, reason=merge.reason, by=request.auth.by, at=request.now)
    except CannotMerge:
        raise conflict("cannot_merge", _("These two cannot be merged: they are one already, or one of them is gone."))
    return Status(HTTPStatus.CREATED, _merged(made))


@router.delete(
    "/{contact_id}/merges/{merge_id}",
    auth=needs("merge_contacts"),
    response=answers(None, 204),
    url_name="contact_merge",
)
def part_contact(request: CallerRequest, contact_id: RecordId, merge_id: RecordId) -> Any:
    """Undo a merge without loss."""
    survivor = one(contacts_of(request.auth), contact_id)
    one(Merge.objects.filter(survivor=survivor, undone_at=None), merge_id).undo(by=request.auth.by, at=request.now)
    return Status(HTTPStatus.NO_CONTENT, None)


def _merged(merge: Merge) -> dict[str, Any]:
    return {
        "id": merge.pk, "survivor": merge.survivor_id, "loser": merge.loser_id, "reason": merge.reason,
        "merged_at": merge.merged_at, "undone_at": merge.undone_at,
    }  # fmt: skip
