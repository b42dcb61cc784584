"""Whose is it? Links read at an instant, set-based; and by which words people and companies are found."""

from collections.abc import Sequence

from django.db import connection, models
from django.db.models import OuterRef, Q, Subquery

from accord.kernel import traits
from accord.kernel.text import normalise
from accord.rooms.people.models.company import Company, CompanyQuerySet
from accord.rooms.people.models.contact import Contact
from accord.rooms.people.models.identity import Link, owners

__all__ = ["company_words", "contact_words", "identities_of", "met", "owners", "selves"]
Words = list[tuple[int, Sequence[str | None]]]


def identities_of(contact: int) -> list[int]:
    """The identities that belong to a contact."""
    return sorted(met(Contact.objects.filter(pk=contact)).values_list("identity_id", flat=True))


def met(contacts: models.QuerySet[Contact]) -> models.QuerySet[Link]:
    """By which identities these contacts are met: the newest standing link of each that leads to one of them."""
    newest = traits.standing(Link.objects.filter(identity=OuterRef("identity"))).order_by("-recorded_at", "-id")
    return Link.objects.filter(contact__in=contacts.values("pk"), pk=Subquery(newest.values("pk")[:1]))


def selves(contact: int) -> list[int]:
    """A contact and all that were merged into it, at any remove. One query."""
    return selves_of([contact])[contact]


def selves_of(contacts: Sequence[int]) -> dict[int, list[int]]:
    """Each of these contacts with all that were merged into it, at any remove. One query."""
    found = {contact: [contact] for contact in contacts}
    if not found:
        return found
    marks = ", ".join(["%s"] * len(found))
    sql = (
        f"WITH RECURSIVE self(root, id) AS (SELECT id, id FROM contact WHERE id IN ({marks}) UNION "
        "SELECT s.root, c.id FROM self s JOIN contact c ON c.merged_into_id = s.id) "
        "SELECT root, id FROM self WHERE root <> id ORDER BY root, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, list(found))
        for root, one in cursor.fetchall():
            found[root].append(one)
    return found


def survivor(contact: int) -> int:
    """In whom a contact lives on: itself, where it was not merged away."""
    while (into := Contact.objects.filter(pk=contact).values_list("merged_into_id", flat=True).first()) is not None:
        contact = into
    return contact


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


def company_owners(contacts: Sequence[int]) -> dict[int, str]:
    """Who owns the company of each contact, as the company says it: an e-mail address or a slug. Two queries."""
    employer = dict(Contact.objects.filter(pk__in=contacts, company__isnull=False).values_list("pk", "company_id"))
    held = traits.FieldNow.objects.filter(kind="company", field="owner", record__in=set(employer.values()))
    owner = {record: text for record, text in held.values_list("record", "text") if text}
    return {contact: owner[company] for contact, company in employer.items() if company in owner}
