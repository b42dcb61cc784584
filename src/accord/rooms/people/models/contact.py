from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from accord.kernel import bulk, ledger, traits
from accord.kernel.text import email_key, normalise
from accord.rooms.people import facts
from accord.rooms.people.fields import OURS
from accord.rooms.people.models.company import Company
from accord.rooms.people.models.identity import EMAIL, USER, Identity, owners
from accord.rooms.people.models.kept import Kept, Told
from accord.rooms.team.models import Member


class AlreadyThere(Exception):
    """A contact with that external id exists."""


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, member: Member) -> "ContactQuerySet":
        """The contacts that the member may see at all; a partner those that they own."""
        if member.scope == "all":
            return self
        return self.filter(owner=member) if member.scope == "own" else self.none()

    def here(self) -> "ContactQuerySet":
        return self.filter(trashed_at=None, merged_into=None)


class Contact(Kept):
    """A person, known by name or only by an id somebody else gave."""

    kind = "contact"
    told = Told(facts.ContactCreated, facts.ContactTrashed, facts.ContactRestored)

    external_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True)
    name_norm = models.CharField(max_length=255, blank=True)
    sort_key = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=255, blank=True)
    email_norm = models.CharField(max_length=255, null=True, db_index=True)
    phone = models.CharField(max_length=60, blank=True)
    company = models.ForeignKey(Company, models.SET_NULL, null=True, related_name="contacts")
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged_away", db_index=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        db_table = "contact"
        indexes = [
            models.Index(fields=["sort_key", "id"], name="contact_sorted"),
            models.Index(fields=["name_norm"], name="contact_name"),
            models.Index(fields=["owner", "id"], name="contact_owner", condition=Q(owner__isnull=False)),
            models.Index(fields=["merged_into"], name="contact_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id

    @classmethod
    def create(
        cls, values: Mapping[str, Any], *, by: int | None, at: datetime, external_id: str | None = None
    ) -> "Contact":
        """Keep a new contact. Raises AlreadyThere where the external id is taken."""
        with ledger.write(at, by) as writing:
            if external_id and cls.objects.filter(external_id=external_id).exists():
                raise AlreadyThere(external_id)
            columns = traits.columns("contact", values)
            (pk,) = bulk.reserve(cls, 1)
            contact = cls.objects.create(pk=pk, external_id=external_id or f"{OURS}{pk}", created_at=at, **columns)
            writing.record(facts.ContactCreated(contact=contact.pk), then=contact._first_found)
            traits.put(writing, "contact", contact.pk, values, at, new=True)
            Identity.of(USER, contact.external_id).link(contact.pk, by=by, at=at, from_beginning=True)
            contact._follow(values, by, at)
        return contact

    @classmethod
    def probable_duplicates(cls, *, name: str, email: str, company: Company | None) -> "ContactQuerySet":
        """Contacts that are probably the same person: the same address, or the same name at the same company."""
        same = Q(email_norm=email_key(email)) if email_key(email) else Q(pk=None)
        if name.strip():
            from_name = Q(name_norm=normalise(name))
            same |= from_name & (Q(company=company) if company else Q(company=None))
        return cls.objects.here().filter(same)

    def _follow(self, values: Mapping[str, Any], by: int | None, at: datetime) -> None:
        """An address that is nobody's becomes theirs."""
        if address := email_key(str(values.get("email") or "")):
            identity = Identity.of(EMAIL, address)
            if owners([identity.pk]).get(identity.pk) is None:
                identity.link(self.pk, by=by, at=at)
