"""Search over everything that has a page: by any part of a name, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accord.kernel import search
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.rooms.content.named import Named
from accord.rooms.funnel.fields import OUTCOME_NAMES, STAGE_NAMES
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact
from accord.rooms.team.models import Member
from accord.web.shell import places

Row = TypeVar("Row", bound=models.Model)
# Hits that the member does not see are dropped after the index has answered, so it is asked for more.
ASKED, SHOWN = 200, 20


@dataclass(frozen=True)
class Hit:
    name: str
    address: str
    icon: str
    more: str = ""
    hint: str | Promise = ""


@dataclass(frozen=True)
class Group:
    """`rest` is the list that shows what is not among the rows; empty where there is no more."""

    title: str
    rows: list[Hit] = field(default_factory=list)
    rest: str = ""


def everything(query: str, member: Member, most: int = SHOWN) -> list[Group]:
    """What holds every word of the query: contacts and companies, leads of the contacts, deals by name or by either,
    campaigns and content."""
    people, firms = _ids(query, "contact"), _ids(query, "company")
    found: list[tuple[str, str, list[Hit]]] = [
        ("contacts", _("Contacts"), [_contact(row) for row in _contacts(people, member)[: most + 1]]),
        ("companies", _("Companies"), [_company(row) for row in _in_order(_companies(member), firms)[: most + 1]]),
        ("leads", _("Leads"), [_lead(row) for row in _leads(people, member)[: most + 1]]),
        ("deals", _("Deals"), [_deal(row) for row in _deals(_ids(query, "deal"), people, firms, member, most + 1)]),
        ("campaigns", _("Campaigns"), _named_hits(_kept(Campaign, query, member)[: most + 1], "megaphone")),
        ("assets", _("Content"), _named_hits(_kept(Asset, query, member)[: most + 1], "files")),
    ]
    listed = {name for name, _title, hits in found if len(hits) > most}
    if people or firms:
        listed.discard("deals")  # their list knows them by their own names alone
    return [
        Group(title, hits[:most], reverse(name, query={"q": query}) if name in listed else "")
        for name, title, hits in found
    ]


def go_and_begin(query: str, member: Member) -> list[Group]:
    """Pages and beginnings whose name holds what was typed."""
    goes = places.open_to(member, places.RAIL + places.ELSEWHERE + places.FOOT)
    begins = places.open_to(member, places.BEGIN)
    return [Group(_("Go to"), _named(goes, query)), Group(_("Create"), _named(begins, query))]


def _named(shown: Iterable[places.Place], query: str) -> list[Hit]:
    sought = query.casefold()
    return [Hit(str(p.label), p.path, p.icon) for p in shown if sought in str(p.label).casefold()]


def _ids(query: str, kind: str) -> list[int]:
    return search.find(query, kind, ASKED)


def _in_order(rows: "models.QuerySet[Row]", ids: list[int]) -> list[Row]:
    found = rows.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _contacts(ids: list[int], member: Member) -> list[Contact]:
    return _in_order(Contact.objects.visible_to(member).here().select_related("company"), ids)


def _companies(member: Member) -> "models.QuerySet[Company]":
    return Company.objects.visible_to(member).here()


def _leads(contacts: list[int], member: Member) -> list[Lead]:
    rows = Lead.objects.visible_to(member).here().filter(contact__in=contacts).select_related("contact__company")
    place = {pk: number for number, pk in enumerate(contacts)}
    return sorted(rows, key=lambda lead: (place[lead.contact_id], -lead.pk))


def _deals(ids: list[int], people: list[int], firms: list[int], member: Member, most: int) -> list[Deal]:
    """The newest of those so called, or of those people and companies."""
    seen = Deal.objects.visible_to(member).here()
    # Each by its own index, and cut here: asked for the newest of all, PostgreSQL reads every deal from the end on.
    named, *others = (
        seen.filter(**by).values_list("pk", flat=True)
        for by in ({"pk__in": ids}, {"contact__in": people}, {"company__in": firms})
    )
    newest = sorted(named.union(*others), reverse=True)[:most]
    return _in_order(seen.select_related("company", "contact"), newest)


def _kept(model: type[Named], query: str, member: Member) -> list[Named]:
    return _in_order(model.objects.visible_to(member).here(), _ids(query, model.kind))


def _named_hits(records: Iterable[Named], icon: str) -> list[Hit]:
    return [Hit(str(record), reverse(record.kind, args=[record.pk]), icon) for record in records]


def _contact(contact: Contact) -> Hit:
    more = " · ".join(str(part) for part in (contact.email, contact.company) if part)
    return Hit(str(contact), f"/contacts/{contact.pk}/", "user-round", more)


def _company(company: Company) -> Hit:
    return Hit(str(company), f"/companies/{company.pk}/", "building-2", company.domain)


def _lead(lead: Lead) -> Hit:
    company = str(lead.contact.company or "")
    return Hit(str(lead.contact), f"/leads/{lead.pk}/", "target", company, STAGE_NAMES[lead.stage])


def _deal(deal: Deal) -> Hit:
    owner = str(deal.company or deal.contact or "")
    return Hit(str(deal), f"/deals/{deal.pk}/", "square-kanban", owner, OUTCOME_NAMES[deal.outcome])
