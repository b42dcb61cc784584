"""Whose is it? Links read at an instant, set-based; and by which words people and companies are found."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from accord.kernel import traits
from accord.kernel.text import normalise
from accord.rooms.people.models.company import Company, CompanyQuerySet
from accord.rooms.people.models.contact import Contact
from accord.rooms.people.models.identity import Link

Words = list[tuple[int, Sequence[str | None]]]


def owners(identities: Iterable[int], known_at: datetime | None = None) -> dict[int, int | None]:
    """To which contact each identity belongs, by its newest standing link (known at an instant)."""
    by_then = Q(recorded_at__lte=known_at) if known_at else Q()
    newest: dict[int, int | None] = {}
    for chunk in traits.chunked(set(identities)):
        links = traits.standing(Link.objects.filter(by_then, identity__in=chunk), known_at)
        newest.update(links.order_by("recorded_at", "id").values_list("identity_id", "contact_id"))
    return newest


def identities_of(contact: int, known_at: datetime | None = None) -> list[int]:
    """The identities that belong to a contact."""
    ever = Link.objects.filter(contact=contact).values_list("identity_id", flat=True).distinct()
    return sorted(identity for identity, owner in owners(ever, known_at).items() if owner == contact)


def contact_words(contacts: Sequence[int]) -> Words:
    found: Words = []
    for chunk in traits.chunked(contacts):
        rows = Contact.objects.filter(pk__in=chunk).values_list("id", "name", "email", "phone", "external_id")
        found.extend((pk, words) for pk, *words in rows)
    return found


def company_words(companies: Sequence[int]) -> Words:
    found: Words = []
    for chunk in traits.chunked(companies):
        rows = Company.objects.filter(pk__in=chunk).values_list("id", "name", "domain")
        found.extend((pk, words) for pk, *words in rows)
    return found


def merged_away(contact: int) -> list[int]:
    """The contacts that live on in this one, at first or second hand."""
    found: list[int] = []
    layer = [contact]
    while layer:
        layer = list(Contact.objects.filter(merged_into__in=layer).values_list("pk", flat=True))
        found += layer
    return found


def companies_named(name: str) -> CompanyQuerySet:
    """Companies of exactly that name, whatever its case and width, the oldest first."""
    return Company.objects.here().filter(name_norm=normalise(name)).order_by("pk")


def similar_companies(name: str, domain: str) -> CompanyQuerySet:
    """Companies that are probably the same: of the same name or the same domain."""
    same = Q(pk=None)
    if name.strip():
        same |= Q(name_norm=normalise(name))
    if domain.strip():
        same |= Q(domain=domain.strip())
    return Company.objects.here().filter(same)
