"""Addresses that one contact alone is given: whoever has one speaks as them, and sees nothing but theirs."""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner

from accord.rooms.people.models import Contact
from accord.rooms.people.queries import survivor

SIGNER, VISITS = Signer(salt="accord.personal"), TimestampSigner(salt="accord.visit")
VISIT = timedelta(days=1)


def token_of(contact: Contact) -> str:
    return SIGNER.sign(str(contact.pk))


def contact_of(token: str) -> Contact | None:
    """Whose it is; whoever was merged away lives on in another, and nobody has one who was removed."""
    try:
        return _here(SIGNER.unsign(token))
    except BadSignature:
        return None


def visit_of(contact: Contact) -> str:
    """For whoever says that they are this contact, which nobody can know: for a day, and it shows nothing of theirs."""
    return VISITS.sign(str(contact.pk))


def visitor(token: str) -> Contact | None:
    try:
        return _here(VISITS.unsign(token, max_age=VISIT))
    except BadSignature:
        return None


def _here(contact: str) -> Contact | None:
    return Contact.objects.here().filter(pk=survivor(int(contact))).select_related("company").first()


def booking_path(contact: Contact) -> str:
    """Where they choose a time for a meeting."""
    return f"/book/{token_of(contact)}/"


def booking_address(contact: Contact) -> str:
    """The same for what leaves the house without anybody's browser, such as a letter."""
    return f"{settings.HOUSE_URL}{booking_path(contact)}"
