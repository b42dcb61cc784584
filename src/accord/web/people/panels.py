"""What the room of people shows on the pages of contacts and companies."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.kernel.ledger import Fact
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Deal
from accord.rooms.people import queries
from accord.rooms.people.models import Company, Contact, Hold, Identity, Merge, Suppression, Veto
from accord.web.people.forms import NoteForm
from accord.web.records import imported, known, panels, timeline, touches
from accord.web.records.frame import ACTS, BANNER, HEAD, MAIN, SIDE, Panel, Viewing
from accord.web.records.panels import here, text_of
from accord.web.records.timeline import Several, Wanted
from accord.web.shell.templatetags.shell import initials

SHOWN = 50  # identities of a contact, children of a company
LISTED = 12  # contacts on the page of a company


def contact_head(viewing: Viewing) -> dict[str, Any]:
    contact = viewing.record
    return {"contact": contact, "title": text_of(viewing, "title"), "sign": initials(str(contact))}


def company_head(viewing: Viewing) -> dict[str, Any]:
    parts = [text_of(viewing, slug) for slug in ("industry", "city", "country")]
    company = viewing.record
    return {"company": company, "about": " · ".join(part for part in parts if part), "sign": initials(str(company))}


def contact_acts(viewing: Viewing) -> dict[str, Any]:
    merge = panels.address(viewing, "merge", "merge_contacts")
    veto = panels.address(viewing, "veto", "veto_marketing")
    lead = viewing.open.get("lead")
    if veto and _limited(viewing)[0]:
        veto = ""
    return {
        **panels.acts("edit_contact")(viewing), "merge": merge,
        "veto": f"{veto}?lead={lead.pk}" if veto and lead else veto,
    }  # fmt: skip


def merged(viewing: Viewing) -> dict[str, Any] | None:
    """The contact lives on in another one."""
    contact = viewing.record
    if contact.merged_into_id is None:
        return None
    merge = Merge.objects.filter(loser=contact, undone_at=None).select_related("survivor").first()
    return {"merge": merge, "into": contact.merged_into, "may_undo": viewing.member.may("merge_contacts")}


def duplicates(viewing: Viewing) -> dict[str, Any] | None:
    """Who is probably the same person."""
    contact = viewing.record
    if not here(viewing):
        return None
    same = Contact.probable_duplicates(name=contact.name, email=contact.email, company=contact.company)
    found = list(same.visible_to(viewing.member).exclude(pk=contact.pk)[:3])
    return {"contact": contact, "found": found} if found else None


def marketing(viewing: Viewing) -> dict[str, Any] | None:
    """What speaks against marketing to them: sales' veto, an open conversation, an address that takes no mail."""
    contact = viewing.record
    if not here(viewing):
        return None
    vetoed, held, suppressed = _limited(viewing)
    if not (vetoed or held or suppressed):
        return None
    found = {
        "veto": _vetoes(viewing).select_related("by").order_by("since").first() if vetoed else None,
        "hold": _holds(viewing).order_by("laid_at").first() if held else None,
        "suppressed": _suppressions(viewing).order_by("since") if suppressed else (),
    }
    may, lead = viewing.member.may("veto_marketing"), viewing.open.get("lead")
    return {**found, "contact": contact, "lead": lead, "may": may}


def contact_timeline(viewing: Viewing) -> dict[str, Any]:
    """What passed and what happened: of the contact and of those merged into it."""
    persons, member = _persons(viewing), viewing.member
    done = touches.source(Touch.objects.filter(identity__in=_identities(viewing)), member)
    sources = [done, imported.source("contact", persons, member)]
    return {"told": timeline.told(Q(contact_id__in=persons), Wanted.of(viewing.request), sources), "touches": True}


def company_timeline(viewing: Viewing) -> dict[str, Any]:
    """What happened to the company, to its deals, and to those who work there, each by name; and their touches."""
    member, pk, wanted = viewing.member, viewing.record.pk, Wanted.of(viewing.request)
    seen = Contact.objects.visible_to(member).filter(trashed_at=None)
    deals = Deal.objects.visible_to(member)
    own = Q(company_id=pk) & _seen("contact_id", seen) & _seen("deal_id", deals)
    theirs = Q(contact_id__in=seen.filter(company=pk).values("pk")) & _seen("deal_id", deals)
    sold = Q(deal_id__in=deals.filter(company=pk).values("pk")) & _seen("contact_id", seen)
    whose = _met_last(seen.filter(company=pk), wanted)
    sources = [
        touches.source(Touch.objects.filter(identity__in=list(whose)), member),
        imported.source("company", [pk], member),
    ]
    several = Several(lambda row: _whose(row, whose), seen)
    return {"told": timeline.told(own, wanted, sources, also=[theirs, sold], several=several), "touches": True}


def _seen(column: str, rows: QuerySet) -> Q:
    """About none of them, or about one that may be seen."""
    return Q(**{column: None}) | Q(Exists(rows.filter(pk=OuterRef(column))))


def _met_last(contacts: QuerySet[Contact], wanted: Wanted) -> dict[int, int]:
    """The identities whose touches can be on this page, and whose they are: as many as it has lines, however many
    work there."""
    done = Touch.objects.filter(wanted.from_here(timeline.TOUCHES), identity=OuterRef("identity"))
    newest = traits.standing(done).order_by("-occurred_at", "-pk")
    at, touch = (Subquery(newest.values(column)[:1]) for column in ("occurred_at", "pk"))
    latest = (F("at").desc(nulls_last=True), F("touch").desc(nulls_last=True))
    links = queries.met(contacts).annotate(at=at, touch=touch).order_by(*latest)
    rows = links.values_list("identity_id", "contact_id", "touch")[: timeline.PAGE + 1]
    return {identity: contact for identity, contact, touch in rows if touch}


def _whose(row: Any, met: Mapping[int, int]) -> int | None:
    if isinstance(row, Touch):
        return met[row.identity_id]
    return row.contact_id if isinstance(row, Fact) else None


def identities(viewing: Viewing) -> dict[str, Any] | None:
    found = list(Identity.objects.filter(pk__in=_identities(viewing)[:SHOWN]).order_by("kind", "value"))
    return {"identities": found} if found else None


def notes(viewing: Viewing) -> dict[str, Any] | None:
    if not here(viewing):
        return None
    return {"contact": viewing.record, "form": viewing.open.get("note_form") or NoteForm()}


def company_contacts(viewing: Viewing) -> dict[str, Any]:
    rows = Contact.objects.visible_to(viewing.member).here().filter(company=viewing.record).order_by("sort_key", "pk")
    found = list(rows[: LISTED + 1])
    return {"contacts": found[:LISTED], "more": len(found) > LISTED, "company": viewing.record}


def hierarchy(viewing: Viewing) -> dict[str, Any] | None:
    company = viewing.record
    rows = Company.objects.visible_to(viewing.member).here()
    children = list(rows.filter(parent=company).order_by("sort_key", "pk")[:SHOWN])
    parent = rows.filter(pk=company.parent_id).first() if company.parent_id else None
    return {"parent": parent, "children": children} if parent or children else None


def _persons(viewing: Viewing) -> list[int]:
    """The contact and those merged into it."""
    return viewing.once("contacts", lambda: queries.selves(viewing.record.pk))


def _vetoes(viewing: Viewing) -> QuerySet[Veto]:
    return Veto.objects.filter(contact__in=_persons(viewing), lifted_at=None)


def _holds(viewing: Viewing) -> QuerySet[Hold]:
    return Hold.objects.here().filter(contact__in=_persons(viewing))


def _suppressions(viewing: Viewing) -> QuerySet[Suppression]:
    return Suppression.objects.here().filter(address=viewing.record.email_norm or "")


def _limited(viewing: Viewing) -> tuple[bool, bool, bool]:
    """Whether sales has vetoed marketing, whether it holds still, and whether the address takes no mail. One query."""
    asked = [Exists(rows(viewing)) for rows in (_vetoes, _holds, _suppressions)]
    return viewing.once("limited", lambda: Contact.objects.filter(pk=viewing.record.pk).values_list(*asked)[0])


def _identities(viewing: Viewing) -> list[int]:
    return viewing.once("identities", lambda: queries.identities_of(viewing.record.pk))


PANELS = [
    Panel("contact", HEAD, 10, "people/contact_head.html", contact_head),
    Panel("contact", ACTS, 90, "records/acts.html", contact_acts),
    Panel("contact", BANNER, 10, "people/merged.html", merged),
    Panel("contact", BANNER, 15, "people/marketing.html", marketing),
    Panel("contact", BANNER, 20, "records/trashed.html", panels.trashed),
    Panel("contact", BANNER, 30, "people/duplicates.html", duplicates, "merge_contacts"),
    Panel("contact", MAIN, 20, "people/notes.html", notes, "write_note"),
    Panel("contact", MAIN, 90, "records/timeline.html", contact_timeline),
    Panel("contact", SIDE, 20, "records/facts.html", panels.facts(_("Contact"), "edit_contact")),
    Panel("contact", SIDE, 80, "people/identities.html", identities),
    Panel("contact", SIDE, 90, "records/known.html", known.panel),
    Panel("company", HEAD, 10, "people/company_head.html", company_head),
    Panel("company", ACTS, 90, "records/acts.html", panels.acts("edit_company")),
    Panel("company", BANNER, 20, "records/trashed.html", panels.trashed),
    Panel("company", MAIN, 20, "people/company_contacts.html", company_contacts),
    Panel("company", MAIN, 90, "records/timeline.html", company_timeline),
    Panel("company", SIDE, 20, "records/facts.html", panels.facts(_("Company"), "edit_company")),
    Panel("company", SIDE, 30, "people/hierarchy.html", hierarchy),
    Panel("company", SIDE, 90, "records/known.html", known.panel),
]
