"""Published fields in JSON: how the values of a record are shown, and how given ones are read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, cast

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from accord.api.auth import Caller, visible
from accord.api.errors import SAID, Said, invalid
from accord.kernel import fields, traits
from accord.kernel.fields import BOOL, DATE, MONEY, NUMBER, REF, TEXT, Field
from accord.kernel.instants import FOREVER
from accord.kernel.money import Money, exponent
from accord.kernel.text import email_key
from accord.rooms.people.models import Company
from accord.rooms.team.models import House, Member
from accord.rooms.team.queries import members_named

HIDDEN = {"trashed", "owner"}  # the owner stands beside the fields
BY_VERB = {"outcome", "reason", "note", "lost_to", "come_back_on"}  # set by winning and losing a deal
EXACT = 2**53  # as far as whole numbers are kept exactly
CURRENCY = re.compile(r"[A-Z]{3}")


def _written_out(given: Any) -> Any:
    """The seconds of a machine are no time that a person could check."""
    if isinstance(given, str) and given.count("-") < 2:
        raise ValueError(SAID["datetime_parsing"])
    return given


def _in_utc(at: datetime) -> datetime:
    """Raises ValueError at the ends of the calendar, where there is no such instant."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(_("This time is out of range."))


AnInstant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
Instant = Annotated[AnInstant | None, Query()]


@dataclass(frozen=True)
class Moment:
    """As of when the values are asked, and what was known when."""

    as_of: datetime
    known_at: datetime

    @classmethod
    def of(cls, as_of: datetime | None, known_at: datetime | None) -> "Moment | None":
        """With one of the two: as it was known then; or what today is known of then."""
        if as_of is None and known_at is None:
            return None
        return cls(as_of or known_at or FOREVER, known_at or FOREVER)


Values = dict[str, Any]


def now(kind: str, records: Sequence[Any]) -> list[tuple[Values, str | None]]:
    """Fields and owner of each record. Two queries, however many records, where the owners came with them."""
    known, held = fields.of(kind), traits.now(kind, [record.pk for record in records])
    raw = [{f.slug: _of_record(f, record, held[record.pk]) for f in known.values()} for record in records]
    by_member = known["owner"].type == REF
    return [
        (_shown(known, v), r.owner.email if by_member and r.owner else None) for v, r in zip(raw, records, strict=True)
    ]


def then(kind: str, record: int, moment: Moment) -> tuple[Values, str | None]:
    """Fields and owner of a record as they were known."""
    known, held = fields.of(kind), traits.known(kind, record, moment.as_of, moment.known_at)
    values = {f.slug: _kept(f, held.get(f.slug)) for f in known.values()}
    owner = Member.objects.filter(pk=values["owner"]).first() if known["owner"].type == REF else None
    return _shown(known, values), owner.email if owner else None


def _of_record(field: Field, record: models.Model, held: Mapping[str, Any]) -> Any:
    if not field.column:
        return _kept(field, held.get(field.slug))
    value = getattr(record, cast(models.Field, record._meta.get_field(field.column)).attname)
    return None if value == "" else value


def _kept(field: Field, held: Any) -> Any:
    """The value of a trait, or of its cache."""
    if held is None or held.text is None:
        return None
    if field.type == NUMBER:
        return int(held.number) if held.number.is_integer() and abs(held.number) < EXACT else held.number
    if field.type == BOOL:
        return held.text == "true"
    return int(held.text) if field.type in (MONEY, REF) else held.text


def _shown(known: Mapping[str, Field], values: Values) -> Values:
    for slug, field in known.items():
        if field.type == MONEY and values[slug] is not None:
            values[slug] = f"{Money(values[slug], values.get('currency') or '').amount:f}"
    hidden = HIDDEN if known["owner"].type == REF else HIDDEN - {"owner"}
    return {slug: value for slug, value in values.items() if slug not in hidden}


def read(kind: str, given: Mapping[str, Any], caller: Caller, record: Any = None, at: str = "fields") -> Values:
    """What was given for a record's fields, as its verbs take it. Raises the refusal that names what is wrong."""
    currency = _currency(given, record) if kind == "deal" else ""
    values, wrong = sorted_out(fields.of(kind) if given else {}, given, caller, at, currency)
    if kind == "deal" and not wrong:
        wrong = _apart(given, record)
    if wrong:
        raise invalid(wrong)
    return values


def sorted_out(
    known: Mapping[str, Field], given: Mapping[str, Any], caller: Caller, at: str, currency: str = ""
) -> tuple[Values, dict[str, Said]]:
    """What can be kept of what was given, and what is wrong with the rest."""
    values, wrong = {}, {}
    for slug, value in given.items():
        try:
            values[slug] = _read(_writable(known.get(slug)), value, caller, currency)
        except ValueError as refused:
            wrong[f"{at}.{slug}"] = refused.args[0]
    return values, wrong


def named(name: str | None, at: str = "owner") -> Member | None:
    """The member that an e-mail address names."""
    if name is None:
        return None
    found = members_named({name})
    if name not in found:
        raise invalid({at: _nobody(name)})
    return Member.objects.get(pk=found[name])


def _nobody(name: str) -> Said:
    return format_lazy(_("Nobody here is called “{name}”: give the e-mail address of a member."), name=name)


def _writable(field: Field | None) -> Field:
    if field is None:
        raise ValueError(_("There is no such field: an administrator can define it in the settings."))
    if field.kind == "deal" and field.slug in BY_VERB:
        raise ValueError(_("This is set by winning or losing the deal."))
    if field.slug == "trashed" or (field.slug == "owner" and field.type == REF):
        raise ValueError(_("This is not set as a field."))
    return field


def _read(field: Field, value: Any, caller: Caller, currency: str) -> Any:
    if value is None or value == "":
        return None
    if field.type == TEXT:
        return _text(field, value)
    if field.type == NUMBER and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(_("This must be a number."))
    if field.type == BOOL and not isinstance(value, bool):
        raise ValueError(_("This must be true or false."))
    if field.type == DATE and not isinstance(value, str):
        raise ValueError(_("This must be a day like 2026-03-02."))
    if field.type == MONEY:
        return _minor(value, currency)
    if field.type == REF:
        return _company(value, caller)
    return fields.value(field, value).text if field.type == DATE else value


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("This must be a text."))
    if field.name == "contact.email" and not email_key(value):
        raise ValueError(_("This is no e-mail address: write it like name@company.com, or leave it empty."))
    if field.name == "deal.currency" and not CURRENCY.fullmatch(value):
        raise ValueError(_("This is no currency: write its three letters, like EUR."))
    if (longest := fields.longest(field)) and len(value) > longest:
        raise ValueError(format_lazy(_("This must have at most {max_length} characters."), max_length=longest))
    return value


def _minor(value: Any, currency: str) -> int:
    try:
        exact = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        minor = exact.scaleb(exponent(currency))
    except InvalidOperation:
        minor = Decimal("NaN")
    if not minor.is_finite() or minor != minor.to_integral_value():
        message = _("This is not an amount in {currency}: write it like 1234.50.")
        raise ValueError(format_lazy(message, currency=currency))
    if abs(minor) >= EXACT:
        raise ValueError(SAID["less_than"])
    return int(minor)


def _company(value: Any, caller: Caller) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not visible(Company, caller).filter(pk=value).exists():
        raise ValueError(_("There is no such company: give the id of one."))
    return value


def _currency(given: Mapping[str, Any], record: Any) -> str:
    told = given.get("currency")
    return (told if isinstance(told, str) else "") or (record and record.currency) or House.get().currency


def _apart(given: Mapping[str, Any], record: Any) -> dict[str, Said]:
    """An amount of one currency does not become the same number of another."""
    changed = (
        record is not None
        and record.amount_minor is not None
        and given.get("currency", record.currency) != record.currency
    )
    return (
        {"fields.amount": _("Give the amount together with its currency.")} if changed and "amount" not in given else {}
    )
