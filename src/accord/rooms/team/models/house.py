from datetime import datetime
from typing import Any

from django.db import models

from accord.kernel import fields, ledger, traits
from accord.kernel.fields import CustomField, Field
from accord.rooms.team import facts


class FieldTaken(Exception):
    """The kind of record has a field of that slug; the argument is the slug."""


class House(models.Model):
    """The company that runs this Accord: one row. What reports depend on is a trait of it."""

    name = models.CharField(max_length=120, default="Accord")
    zone = models.CharField(max_length=60, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    fiscal_year_start = models.PositiveSmallIntegerField(default=1)
    calendar = models.CharField(max_length=10, default="DE")
    inside_sales_side = models.CharField(max_length=10, default="sales")

    class Meta:
        db_table = "house"

    @classmethod
    def get(cls) -> "House":
        return cls.objects.get_or_create(pk=1)[0]

    def rename(self, name: str) -> None:
        House.objects.filter(pk=self.pk).update(name=name)

    def settle(self, values: dict[str, Any], *, by: int | None, at: datetime) -> None:
        """Set zone, currency, fiscal_year_start, calendar or inside_sales_side, dated."""
        with ledger.write(at, by) as writing:
            traits.put(writing, "house", self.pk, values, at)

    def edit(self, *, name: str, values: dict[str, Any], by: int | None, at: datetime) -> None:
        """The name, and what is settled anew, at once."""
        with ledger.write(at, by):
            self.rename(name)
            if values:
                self.settle(values, by=by, at=at)

    def define_field(self, kind: str, slug: str, *, by: int | None, at: datetime, **described: Any) -> Field:
        """Add a field of the house's own: label, type, definition, owner, personal. Raises FieldTaken."""
        with ledger.write(at, by) as writing:
            if slug in fields.of(kind):
                raise FieldTaken(slug)
            field = fields.add(kind, slug, at, **described)
            writing.record(facts.FieldDefined(house=self.pk, of=kind, field=slug))
        return field

    def describe_field(self, kind: str, slug: str, *, by: int | None, at: datetime, **described: Any) -> None:
        """Change what is said about a field of the house's own. Its slug and its type never change."""
        with ledger.write(at, by) as writing:
            if CustomField.objects.filter(kind=kind, slug=slug).update(**described):
                writing.record(facts.FieldDescribed(house=self.pk, of=kind, field=slug))
