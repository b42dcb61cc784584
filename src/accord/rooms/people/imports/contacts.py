"""Files of contacts: one row a person, by external id or by e-mail address; further columns are fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.kernel import bulk, traits
from accord.kernel.fields import Value
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Writing
from accord.kernel.text import HAN, email_key
from accord.kernel.traits import Given
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import LABELS, Held, changed, companies_now, contacts_now, once, reference, said
from accord.rooms.people.models import Contact
from accord.rooms.people.models.identity import EMAIL, Identity
from accord.rooms.people.queries import owners


def targets() -> list[Target]:
    return [
        Target("external_id", _("External id"), "text", False),
        Target("contact.name", pgettext_lazy("of a person", "Name"), "text", False),
        Target("first_name", _("First name, put together with the last name"), "text", False),
        Target("last_name", _("Last name, put together with the first name"), "text", False),
        Target("contact.email", _("E-mail"), "text", False),
        Target("contact.phone", _("Phone"), "text", False),
        Target("company", _("Company"), "text", False),
        Target("created_at", _("Created on"), "date", False),
        Target("occurred_at", _("Valid since"), "date", False),
        Target("recorded_at", _("Known since"), "date", False),
    ]


@dataclass
class _Decided:
    """A row with the record it stands for and what it says of it."""

    row: Row
    contact: int | None
    values: dict[str, Value]
    company_values: dict[str, Value]
    company: str | None
    called: str | None  # by this two rows of a file mean the same person


def identity(row: Row) -> str | None:
    return row.get("external_id") or email_key(row.get("contact.email", ""))


def plan(batch: Batch) -> Plan:
    made = Plan()
    known = _known(batch.rows)
    decided = [d for row in batch.rows if (d := _decide(row, known, batch, made))]
    companies = people.company_ids([d.company for d in decided if d.company])
    standing = contacts_now([d.contact for d in decided if d.contact])
    of_companies = companies_now(companies[d.company] for d in decided if d.company in companies)
    new: dict[str | None, dict[str, str | None]] = {}
    kept = [d for d in decided if _settle(d, standing, new, companies, of_companies, made)]
    made.asserted = sum(len(d.values) for d in kept if batch.history and not d.row.get("recorded_at"))
    made.apply = lambda writing: _apply(writing, kept, companies, batch)
    return made


def _known(rows: Iterable[Row]) -> dict[str, int]:
    """Contacts by external id, and by address where a row has nothing else."""
    known = people.contact_ids(row.cells["external_id"] for row in rows if "external_id" in row.cells)
    addresses = {
        key for row in rows if "external_id" not in row.cells and (key := email_key(row.get("contact.email", "")))
    }
    found = bulk.look_up(Identity, "value", addresses, ("id", "value", "kind"))
    met = {pk: value for pk, value, kind in found if kind == EMAIL}
    return known | {met[identity]: contact for identity, contact in owners(met).items() if contact}


def _decide(row: Row, known: dict[str, int], batch: Batch, made: Plan) -> _Decided | None:
    address = email_key(row.get("contact.email", ""))
    if row.get("contact.email") and not address:
        made.reject(row, _("This is no e-mail address: write it like name@company.com, or leave it empty."))
        return None
    if "external_id" not in row.cells and not address:
        made.reject(row, _("The row has neither an external id nor an e-mail address: give one of them."))
        return None
    if name := _whole_name(row):
        row.cells["contact.name"] = name
    try:
        values = said(row, batch.by_target["contact"])
        company_values = said(row, batch.by_target["company"])
    except ValueError as wrong:
        made.reject(row, wrong)
        return None
    if company_values and not row.get("company"):
        made.reject(row, _("The row tells something of a company, but not of which: fill in the company."))
        return None
    called = row.get("external_id") or address
    return _Decided(row, known.get(called or ""), values, company_values, row.get("company"), called)


def _whole_name(row: Row) -> str:
    """Of both parts, the family name first where it is in Han characters. A column called just "name" may hold the
    first name alone: then the last one is not in it.
    """
    name, first, last = (row.get(target, "").strip() for target in ("contact.name", "first_name", "last_name"))
    if name and (first or not last or last in name):
        return name
    parts = [part for part in (name or first, last) if part]
    return "".join(reversed(parts)) if HAN.search("".join(parts)) else " ".join(parts)


def _settle(
    d: _Decided,
    standing: Held,
    new: dict[str | None, dict[str, str | None]],
    companies: dict[str, int],
    of: Held,
    made: Plan,
) -> bool:
    """New, changed or the same? An empty cell says nothing. `new` holds what earlier rows said of people they bring."""
    if d.company in companies:
        d.company_values = changed(d.company_values, of[companies[d.company]])
    d.row.record = d.row.record or d.contact
    before = standing[d.contact] if d.contact else new.get(d.called)
    if before is None:
        new[d.called] = {slug: value.text for slug, value in d.values.items()} | {"company": d.company}
        made.created.append(d.row)
        return True
    d.values = changed(d.values, before)
    company = str(companies.get(d.company)) if d.contact and d.company else d.company
    moved = company is not None and company != before["company"]
    before.update((slug, value.text) for slug, value in d.values.items())
    differs = bool(d.values or moved or d.company_values)
    (made.updated if differs else made.unchanged).append(d.row)
    return differs or d.contact is None


def _apply(writing: Writing, kept: list[_Decided], companies: dict[str, int], batch: Batch) -> Written:
    written = Written()
    missing = [d.company for d in kept if d.company not in companies]
    companies = companies | people.ensure_companies(missing, batch.at, written, history=batch.history)
    fresh = {d.called: d for d in reversed(kept) if d.contact is None}
    new = people.make_contacts([_new(d, companies, batch) for d in fresh.values()], written)
    contacts = dict(zip(fresh, new, strict=True))
    given_new: list[Given] = []
    given_known: list[Given] = []
    for d in kept:
        contact = d.contact or contacts[d.called]
        written.records[d.row.key] = contact
        given = _given(d, contact, companies, batch)
        first = fresh.get(d.called) is d
        for g in given:
            (given_new if first and g.field.kind == "contact" else given_known).append(g)
        if d.contact is not None:
            written.touched.append(("contact", contact, False))
    _update(given_known, kept, written)
    given_known = once(given_known)
    written.rows.append(traits.rows([*given_new, *given_known], writing.by))
    written.then += [lambda: traits.fill(given_new), lambda: traits.cache(given_known)]
    return written


def _new(d: _Decided, companies: dict[str, int], batch: Batch) -> people.NewContact:
    labels = {label: d.values[label].text or "" for label in LABELS if label in d.values}
    created = d.row.get("created_at") or (batch.happened(d.row) if batch.history else batch.at)
    known_at, _asserted = batch.learnt(d.row, batch.happened(d.row, "created_at"))
    company = companies[d.company] if d.company else None
    return people.NewContact(d.row.get("external_id"), created, labels, company, known_at)


def _given(d: _Decided, contact: int, companies: dict[str, int], batch: Batch) -> list[Given]:
    occurred = batch.happened(d.row, "occurred_at" if "occurred_at" in d.row.cells else "created_at")
    learnt, asserted = batch.learnt(d.row, occurred)
    of_contact, of_company = batch.fields["contact"], batch.fields["company"]
    given = [Given(contact, of_contact[slug], value, occurred, learnt, asserted) for slug, value in d.values.items()]
    if d.company:
        company = companies[d.company]
        given.append(Given(contact, of_contact["company"], reference(company), occurred, learnt, asserted))
        given += [Given(company, of_company[s], v, occurred, learnt, asserted) for s, v in d.company_values.items()]
    return given


def _update(given: list[Given], kept: list[_Decided], written: Written) -> None:
    for chunk in traits.chunked({g.record for g in given if g.field.kind == "contact"}):
        Contact.objects.filter(pk__in=chunk).update(version=F("version") + 1)
    addresses = [(d.contact, d.values["email"].text or "", None) for d in kept if d.contact and "email" in d.values]
    written.rows.append(people.link_addresses(addresses))


KIND = Kind("contacts", _("Contacts"), targets, plan, identity, "contact", ("contact", "company"))
