"""Leads by the thousand: judged one by one, written set-based in one transaction, known again by ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import Field, ValidationError, WrapValidator

from accord.api import published
from accord.api.auth import Caller, CallerRequest, needs
from accord.api.errors import Said, answers, conflict, place, said_of
from accord.api.leads import SOURCE, Entry
from accord.api.wire import NO_NUL, Body, Fields, Word
from accord.kernel import fields, ledger, traits
from accord.kernel.imports import memory
from accord.kernel.imports.kinds import Row
from accord.kernel.imports.memory import Decided, Outcome
from accord.kernel.text import email_key
from accord.rooms.people.fields import OURS
from accord.rooms.people.models import Contact
from accord.rooms.people.models.identity import EMAIL, Identity
from accord.rooms.people.queries import owners
from accord.rooms.team.models import ApiKey

router = Router(tags=["leads"])
NEW = "accord:new:"  # stands for the one that a contact gets when it is written

Key = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]


class BatchContact(Body):
    """By external id or e-mail address: who is not known yet is created, and the fields given are set."""

    external_id: Word | None = None
    company: Annotated[Word | None, Field(description="A company's external id or name.")] = None
    fields: Fields = {}


class BatchLead(Body):
    external_id: Key
    contact: BatchContact
    entry: Entry
    owner: Word | None = None
    fields: Fields = {}


@dataclass(frozen=True)
class Unreadable:
    """An item that is no lead: what it calls itself, if anything, and why."""

    external_id: str | None
    reason: str


def _or_unreadable(given: Any, read: Any) -> Any:
    """One bad item does not keep the others out."""
    try:
        return read(given)
    except ValidationError as wrong:
        key = given.get("external_id") if isinstance(given, dict) else None
        found = {place(e["loc"]): said_of(e) for e in wrong.errors(include_url=False)}
        return Unreadable(key if isinstance(key, str) else None, _reason(found))


Item = Annotated[BatchLead, WrapValidator(_or_unreadable)]


class NewBatch(Body):
    leads: Annotated[list[Item], Field(min_length=1, max_length=1000)]


class ResultOut(Schema):
    external_id: str | None
    result: str
    id: int | None
    reason: str | None


class BatchOut(Schema):
    created: int
    updated: int
    unchanged: int
    rejected: int
    results: list[ResultOut]


@dataclass
class _Sorting:
    """The items of a batch on their way: rejected ones with a reason, the others as rows of contacts and of leads."""

    caller: Caller
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    contacts: dict[int, Row] = field(default_factory=dict)
    leads: dict[int, Row] = field(default_factory=dict)

    def reject(self, line: int, reason: str) -> None:
        self.outcomes[line] = Outcome(memory.REJECTED, None, reason)


@router.post("/leads:batch", auth=needs("open_lead"), response=answers(BatchOut), url_name="leads_batch")
def take_leads(request: CallerRequest, batch: NewBatch) -> Any:
    """Up to 1,000 leads. Each is created, updated, left unchanged or rejected; sent again, it changes nothing."""
    caller, at = request.auth, request.now
    sorting = _sort(batch.leads, caller)
    contacts = memory.decide("contacts", SOURCE, sorting.contacts.values(), by=caller.by, at=at)
    leads = memory.decide("leads", SOURCE, _of_good_contacts(sorting, contacts), by=caller.by, at=at)
    if refused := {row.line for row, _reason in leads.plan.rejected}:
        wanted = [row for line, row in sorting.contacts.items() if line in sorting.leads and line not in refused]
        contacts = memory.decide("contacts", SOURCE, wanted, by=caller.by, at=at)
    name = ApiKey.objects.values_list("name", flat=True).get(pk=caller.key)
    try:
        # COPY on PostgreSQL raises the driver's own errors.
        with connection.wrap_database_errors, ledger.write(at, caller.by) as writing:
            memory.apply(writing, contacts, name)
            _point_at(sorting, contacts)
            memory.apply(writing, leads, name)
    except IntegrityError:
        raise conflict(
            "busy", _("Somebody wrote one of these at the same moment: nothing was written, send the batch again.")
        )
    return _answer(batch.leads, sorting.outcomes | leads.outcomes())


def _sort(items: Iterable[Any], caller: Caller) -> _Sorting:
    sorting = _Sorting(caller)
    known = {kind: fields.of(kind) for kind in ("lead", "contact")}
    good: dict[int, tuple[BatchLead, dict[str, Any], dict[str, Any]]] = {}
    for line, item in enumerate(items, 1):
        if isinstance(item, Unreadable):
            sorting.reject(line, item.reason)
            continue
        of_lead, wrong = published.sorted_out(known["lead"], item.fields, caller, "fields")
        told = {slug: value for slug, value in item.contact.fields.items() if slug != "company"}
        of_contact, more = published.sorted_out(known["contact"], told, caller, "contact.fields")
        if wrong := {**wrong, **more, **_unnamed(item, of_contact)}:
            sorting.reject(line, _reason(wrong))
        else:
            good[line] = (item, of_lead, of_contact)
    _lay_out(sorting, good)
    return sorting


def _unnamed(item: BatchLead, of_contact: Mapping[str, Any]) -> dict[str, Said]:
    if "company" in item.contact.fields:
        return {"contact.fields.company": _("Here a company is given as contact.company, by its external id or name.")}
    if not item.contact.external_id and not of_contact.get("email"):
        return {"contact": _("Say whose lead it is: give an external_id or fields.email.")}
    return {}


def _lay_out(sorting: _Sorting, good: Mapping[int, tuple[BatchLead, dict[str, Any], dict[str, Any]]]) -> None:
    """Each item as a row of contacts and one of leads."""
    met = _external_ids(email_key(c["email"]) or "" for i, _l, c in good.values() if not i.contact.external_id)
    ours = _standing(i.contact.external_id for i, _l, _c in good.values() if i.contact.external_id)
    for line, (item, of_lead, of_contact) in good.items():
        address = email_key(of_contact.get("email") or "")
        external = item.contact.external_id or met.get(address or "")
        if external and external.startswith(OURS) and external not in ours and external not in met.values():
            sorting.reject(line, _reason({"contact.external_id": _("There is no such contact.")}))
            continue
        cells = {"external_id": external, "company": item.contact.company} | {
            f"contact.{s}": v for s, v in of_contact.items()
        }
        key = item.contact.external_id or address or ""
        sorting.contacts[line] = memory.row(line, cells, key, item.contact.model_dump_json().encode())
        cells = {"contact": external or NEW + key, "entry": item.entry, "owner": item.owner} | {
            f"lead.{s}": v for s, v in of_lead.items()
        }
        sorting.leads[line] = memory.row(line, cells, item.external_id, item.model_dump_json().encode())


def _external_ids(addresses: Iterable[str]) -> dict[str, str]:
    """The external ids of those to whom the addresses belong."""
    identities = {
        pk: value
        for chunk in traits.chunked(set(addresses))
        for pk, value in Identity.objects.filter(kind=EMAIL, value__in=chunk).values_list("id", "value")
    }
    found = {identities[identity]: contact for identity, contact in owners(identities).items() if contact}
    named = _named(found.values(), Contact.objects.here())
    return {address: named[contact] for address, contact in found.items() if contact in named}


def _standing(external_ids: Iterable[str]) -> set[str]:
    """Those external ids of our own making that there are."""
    ours = [external for external in set(external_ids) if external.startswith(OURS)]
    return {
        e
        for chunk in traits.chunked(ours)
        for e in Contact.objects.filter(external_id__in=chunk).values_list("external_id", flat=True)
    }


def _of_good_contacts(sorting: _Sorting, contacts: Decided) -> list[Row]:
    for row, reason in contacts.plan.rejected:
        sorting.reject(row.line, str(reason))
        del sorting.leads[row.line]
    return list(sorting.leads.values())


def _point_at(sorting: _Sorting, contacts: Decided) -> None:
    """Contacts that were met by address alone have a record now, if not by this batch, then by one before."""
    records = {line: one.record for line, one in contacts.outcomes().items() if one.record}
    # One that is in the trash comes out of it with its lead, as one that was named by its own external id does.
    named = _named(records.values(), Contact.objects.all())
    for line, row in sorting.leads.items():
        if row.cells["contact"].startswith(NEW) and line in records:
            row.cells["contact"] = named[records[line]]


def _named(contacts: Iterable[int], among: QuerySet[Contact]) -> dict[int, str]:
    """Their external ids."""
    named: dict[int, str] = {}
    for chunk in traits.chunked(set(contacts)):
        named.update(among.filter(pk__in=chunk).values_list("id", "external_id"))
    return named


def _reason(wrong: Mapping[str, Said]) -> str:
    return "; ".join(f"{where}: {said}" if where else str(said) for where, said in wrong.items())


def _answer(items: Iterable[Any], outcomes: Mapping[int, Outcome]) -> dict[str, Any]:
    results = [
        {"external_id": item.external_id, "result": o.result, "id": o.record, "reason": o.reason}
        for line, item in enumerate(items, 1)
        if (o := outcomes[line])
    ]
    names = (memory.CREATED, memory.UPDATED, memory.UNCHANGED, memory.REJECTED)
    return {name: sum(1 for r in results if r["result"] == name) for name in names} | {"results": results}
