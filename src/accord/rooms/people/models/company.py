from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F

from accord.kernel import bulk, fields, ledger, search, traits
from accord.kernel.instants import InstantField
from accord.rooms.people import facts
from accord.rooms.people.models.races import guard
from accord.rooms.team.models import Member


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, member: Member) -> "CompanyQuerySet":
        """The companies that the member may see at all; a partner those of their own contacts."""
        if member.scope == "all":
            return self
        return self.filter(contacts__owner=member).distinct() if member.scope == "own" else self.none()

    def here(self) -> "CompanyQuerySet":
        return self.filter(trashed_at=None)


class Company(models.Model):
    """An organisation that contacts belong to."""

    external_id = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=255, blank=True)
    name_norm = models.CharField(max_length=255, blank=True, db_index=True)
    sort_key = models.CharField(max_length=255, blank=True)
    domain = models.CharField(max_length=255, blank=True, db_index=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    version = models.PositiveIntegerField(default=0)
    created_at = InstantField()
    trashed_at = InstantField(null=True)

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
            company = cls.objects.create(pk=pk, external_id=external_id or f"accord:{pk}", created_at=at, **columns)
            writing.record(facts.CompanyCreated(company=company.pk), then=company._first_found)
            traits.put(writing, "company", company.pk, values, at, new=True)
        return company

    def edit(self, values: Mapping[str, Any], *, seen: int, by: int | None, at: datetime) -> None:
        """Set fields. Raises LostRace where somebody else has changed the record since version `seen`."""
        with ledger.write(at, by) as writing:
            guard(Company.objects.filter(pk=self.pk, version=seen).update(version=F("version") + 1))
            traits.put(writing, "company", self.pk, values, at)
        self.refresh_from_db()

    def trash(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if Company.objects.filter(pk=self.pk, trashed_at=None).update(trashed_at=at):
                search.drop("company", [self.pk])
                writing.record(facts.CompanyTrashed(company=self.pk))
                traits.put(writing, "company", self.pk, {"trashed": True}, at)

    def restore(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if Company.objects.filter(pk=self.pk, trashed_at__isnull=False).update(trashed_at=None):
                writing.record(facts.CompanyRestored(company=self.pk), then=self._find)
                traits.put(writing, "company", self.pk, {"trashed": False}, at)

    def _first_found(self, _fact: int) -> None:
        search.put_many("company", fields.words_of("company", [self.pk]), fresh=True)

    def _find(self, _fact: int) -> None:
        search.put_many("company", fields.words_of("company", [self.pk]))
