"""What a row says about a record's fields."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields, traits
from accord.kernel.fields import Field, Value
from accord.kernel.imports.kinds import Row
from accord.kernel.imports.maps import TOO_LONG
from accord.kernel.traits import Given
from accord.rooms.people.models import Company, Contact

LABELS = ("name", "email", "phone")
Held = dict[int, dict[str, str | None]]  # record -> field -> text


def said(row: Row, fields: Mapping[str, Field]) -> dict[str, Value]:
    """The values of a row for fields by target. Raises ValueError naming the field."""
    return {fields[target].slug: _told(fields[target], text) for target, text in row.cells.items() if target in fields}


def kept(field: Field, text: str | None) -> Value:
    """The value of a field. Raises ValueError, also where the record's own column is too short for it."""
    value, longest = fields.value(field, text), fields.longest(field)
    if longest and value.text and len(value.text) > longest:
        raise ValueError(format_lazy(TOO_LONG, max_length=longest))
    return value


def _told(field: Field, text: str) -> Value:
    try:
        return kept(field, text)
    except ValueError as wrong:
        raise ValueError(format_lazy(_("{field}: {wrong}"), field=field.label, wrong=wrong)) from wrong


def changed(values: Mapping[str, Value], held: Mapping[str, str | None]) -> dict[str, Value]:
    """Those of the values that differ from what the record holds now."""
    return {slug: value for slug, value in values.items() if value.text != held.get(slug)}


def contacts_now(contacts: Iterable[int]) -> Held:
    """What contacts hold now, by field."""
    held: Held = {}
    for chunk in traits.chunked(contacts):
        now = traits.now("contact", chunk)
        for pk, company, *labels in Contact.objects.filter(pk__in=chunk).values_list("id", "company", *LABELS):
            texts = {slug: value.text for slug, value in now[pk].items()}
            held[pk] = {**texts, **dict(zip(LABELS, labels, strict=True)), "company": str(company) if company else None}
    return held


def companies_now(companies: Iterable[int]) -> Held:
    """What companies hold now, by field."""
    held: Held = {}
    for chunk in traits.chunked(set(companies)):
        now = traits.now("company", chunk)
        for pk, name, domain in Company.objects.filter(pk__in=chunk).values_list("id", "name", "domain"):
            held[pk] = {**{slug: value.text for slug, value in now[pk].items()}, "name": name, "domain": domain}
    return held


def once(given: Sequence[Given]) -> list[Given]:
    """Without what the same batch says twice of a record, as every row of a company's people does of the company."""
    return list({(g.field.name, g.record, g.value, g.occurred_at, g.recorded_at): g for g in given}.values())


def reference(record: int) -> Value:
    """The value of a field that refers to a record."""
    return Value(str(record), str(record), record)
