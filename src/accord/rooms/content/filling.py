"""What merge fields stand for: the published fields of the contact and its company, who writes, where to book."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields, traits
from accord.rooms.people import personal
from accord.rooms.people.models import Company, Contact
from accord.rooms.team.models import Member

OURS: dict[str, str | Promise] = {
    "member.name": _("Your name"),
    "member.email": _("Your e-mail address"),
    "booking.link": _("Address at which they book a meeting"),
}
KINDS = ("contact", "company")
NEVER = ("trashed",)


def known() -> dict[str, str | Promise]:
    """Every merge field with what it is called."""
    return {field.name: field.label for kind in KINDS for field in _fields(kind)} | OURS


def values_of(contact: Contact, member: Member) -> dict[str, str]:
    """What each stands for in a mail from the member to the contact; empty where nothing is known. Five queries."""
    return {
        **_values("contact", contact),
        **(_values("company", contact.company) if contact.company else {}),
        "member.name": str(member), "member.email": member.email, "booking.link": personal.booking_address(contact),
    }  # fmt: skip


def _fields(kind: str) -> list[fields.Field]:
    return [field for slug, field in fields.of(kind).items() if slug not in NEVER]


def _values(kind: str, record: Contact | Company) -> dict[str, str]:
    rows = traits.FieldNow.objects.filter(kind=kind, record=record.pk)
    held = dict(rows.values_list("field", "text"))
    return {field.name: _text(field, record, held.get(field.slug)) for field in _fields(kind)}


def _text(field: fields.Field, record: Contact | Company, held: str | None) -> str:
    if field.column is None:
        return held or ""
    return str(getattr(record, field.column) or "")
