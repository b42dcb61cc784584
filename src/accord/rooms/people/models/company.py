from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from accord.kernel import bulk, ledger, traits
from accord.rooms.people import facts
from accord.rooms.people.fields import OURS
from accord.rooms.people.models.kept import Kept, Told
from accord.rooms.team.models import Member


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, member: Member) -> "CompanyQuerySet":
        """The companies that the member may see at all; a partner those of their own contacts."""
        if member.scope == "all":
            return self
        return self.filter(contacts__owner=member).distinct() if member.scope == "own" else self.none()

    def here(self) -> "CompanyQuerySet":
        return self.filter(trashed_at=None)


class Company(Kept):
    """An organisation that contacts belong to."""

    kind = "company"
    told = Told(facts.CompanyCreated, facts.CompanyTrashed, facts.CompanyRestored)

    external_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True)
    name_norm = models.CharField(max_length=255, blank=True, db_index=True)
    sort_key = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True, db_index=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        db_table = "company"
        indexes = [models.Index(fields=["sort_key", "id"], name="company_sorted")]

    def __str__(self) -> str:
        return self.name or self.external_id

    @classmethod
    def create(
        cls, values: Mapping[str, Any], *, by: int | None, at: datetime, external_id: str | None = None
    ) -> "Company":
        with ledger.write(at, by) as writing:
            columns = traits.columns("company", values)
            (pk,) = bulk.reserve(cls, 1)
            company = cls.objects.create(pk=pk, external_id=external_id or f"{OURS}{pk}", created_at=at, **columns)
            writing.record(facts.CompanyCreated(company=company.pk), then=company._first_found)
            traits.put(writing, "company", company.pk, values, at, new=True)
        return company
