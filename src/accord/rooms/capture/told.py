"""What `identify` and `group` tell of a contact and of its company: traits as values of fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from accord.kernel import fields, traits
from accord.kernel.fields import BOOL, DATE, NUMBER, TEXT, Field, Value
from accord.kernel.imports.kinds import Written
from accord.kernel.ledger import Rows
from accord.kernel.text import email_key
from accord.kernel.traits import Given
from accord.rooms.capture.events import LONGEST_ID, Event
from accord.rooms.capture.persons import Person, contact_of
from accord.rooms.capture.rules import instant, snake
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import Held, companies_now, contacts_now

MOST_FIELDS = 200  # of a kind of record that events may add: whoever has the write key is nobody we know
LONGEST = 2000
LARGEST = 10**15  # beyond it a number is not exact
# Traits of the public specification that have another name here.
OF_CONTACT = {"job_title": "title", "position": "title", "role": "title", "mobile": "phone"}
OF_COMPANY = {"website": "domain", "employee_count": "employees", "plan": "tier", "annual_revenue": "revenue"}
NEVER = {"trashed", "owner", "company", "parent", "id", "avatar", "first_name", "last_name", "address", "created_at"}


class Telling(Protocol):
    """An event that may tell something, whose person is known."""

    event: Event
    person: Person | None
    occurred_at: datetime


def values(taken: Sequence[Telling], written: Written, at: datetime) -> tuple[Rows, Callable[[], None]]:
    """The values that events tell, as trait rows, and what is to be done once they are written.

    Only what differs from what is known is kept: a client identifies on every page.
    """
    told = [(one, *_said(one)) for one in taken if one.event.type in ("identify", "group")]
    told = [(one, of_contact, company, of_company) for one, of_contact, company, of_company in told if one.person]
    if not told:
        return traits.rows([]), lambda: None
    named = [company for _one, _v, company, _o in told if company]
    companies = people.ensure_companies(named, min(one.occurred_at for one, *_more in told), written)
    known = {kind: fields.of(kind) for kind in ("contact", "company")}
    held = {
        "contact": contacts_now({contact_of(one.person) or 0 for one, *_more in told}),
        "company": companies_now(companies.values()),
    }
    given: list[Given] = []
    for one, of_contact, company, of_company in told:
        contact = contact_of(one.person) or 0
        if company:
            of_contact = {**of_contact, "company": companies[company]}
            given += _given(known, held, "company", companies[company], of_company, one.occurred_at)
        given += _given(known, held, "contact", contact, of_contact, one.occurred_at)
    return traits.rows(given), lambda: traits.cache(given)


def _said(one: Telling) -> tuple[dict[str, Any], str | None, dict[str, Any]]:
    if one.event.type == "identify":
        in_context = (one.event.context or {}).get("traits")  # where some clients have them
        return identified({**(in_context if isinstance(in_context, dict) else {}), **(one.event.traits or {})})
    return {}, str(one.event.group_id).strip(), grouped(one.event.traits or {})


def _given(
    known: dict[str, dict[str, Field]], held: dict[str, Held], kind: str, record: int, said: Mapping[str, Any],
    at: datetime,
) -> list[Given]:  # fmt: skip
    now = held[kind].setdefault(record, {})
    found = []
    for slug, given in said.items():
        value = value_of(known[kind], kind, slug, given, at)
        if value is not None and value.known and value.text != now.get(slug):
            now[slug] = value.text
            found.append(Given(record, known[kind][slug], value, at))
    return found


def identified(traits: Mapping[str, Any]) -> tuple[dict[str, Any], str | None, dict[str, Any]]:
    """What traits of a person say: values of the contact, the company's external id, values of the company."""
    values: dict[str, Any] = _plain(traits, OF_CONTACT)
    if "name" not in values and (full := _full_name(traits)):
        values["name"] = full
    company, of_company = _company(traits.get("company"))
    return values, company, of_company


def grouped(traits: Mapping[str, Any]) -> dict[str, Any]:
    return _plain(traits, OF_COMPANY)


def value_of(known: dict[str, Field], kind: str, slug: str, given: Any, at: datetime) -> Value | None:
    """The value as kept; a trait that is new becomes a field of the house's own. None where it cannot be kept."""
    if slug == "email" and kind == "contact" and not email_key(str(given)):
        return None
    if slug not in known:
        if sum(1 for one in known.values() if one.custom) >= MOST_FIELDS:
            return None
        known[slug] = fields.add(kind, slug, at, type=_type(given))
    try:
        return fields.value(known[slug], _fitting(known[slug], given))
    except ValueError:
        return None


def _fitting(field: Field, given: Any) -> Any:
    """A day that a machine counts in seconds as a time; a text no longer than the record's own column."""
    if field.type == DATE and not isinstance(given, str):
        return instant(given)
    return given[: fields.longest(field)] if isinstance(given, str) else given


def _plain(traits: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for slug, given in _flat(traits):
        slug = renamed.get(slug, slug)
        if not slug or slug in NEVER:
            continue
        if isinstance(given, str):
            found[slug] = given[:LONGEST]
        elif isinstance(given, int | float) and abs(given) < LARGEST:
            found[slug] = given
    return found


def _flat(traits: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, given in traits.items():
        yield snake(name), given
    address = traits.get("address")
    if isinstance(address, Mapping):
        yield from ((name, address[name]) for name in ("country", "city", "region") if name in address)


def _full_name(traits: Mapping[str, Any]) -> str:
    parts = [
        traits.get(one) or traits.get(other) for one, other in (("firstName", "first_name"), ("lastName", "last_name"))
    ]
    return " ".join(part.strip() for part in parts if isinstance(part, str)).strip()


def _company(given: Any) -> tuple[str | None, dict[str, Any]]:
    if isinstance(given, str) and given.strip():
        return given.strip()[:LONGEST_ID], {}
    if not isinstance(given, Mapping):
        return None, {}
    named = given.get("id") or given.get("name")
    return (
        (str(named)[:LONGEST_ID], grouped(given)) if isinstance(named, str | int) and str(named).strip() else (None, {})
    )


def _type(given: Any) -> str:
    if isinstance(given, bool):
        return BOOL
    return NUMBER if isinstance(given, int | float) else TEXT
