"""Addresses that one contact alone is given: whoever has one speaks as them, and sees nothing but theirs."""

from django.conf import settings
from django.core.signing import BadSignature, Signer

from accord.rooms.people.models import Contact
from accord.rooms.people.queries import survivor

SIGNER = Signer(salt="accord.personal")


def token_of(contact: Contact) -> str:
    return SIGNER.sign(str(contact.pk))


def contact_of(token: str) -> Contact | None:
    """Whose it is; whoever was merged away lives on in another, and nobody has one who was removed."""
    try:
        contact = int(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Contact.objects.here().filter(pk=survivor(contact)).select_related("company").first()


def booking_address(contact: Contact) -> str:
    """Where they choose a time for a meeting."""
    return f"{settings.HOUSE_URL}/book/{token_of(contact)}/"
