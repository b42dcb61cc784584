"""What the room of people shows on the pages of contacts and companies."""

from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accord.rooms.capture.models import Touch
from accord.rooms.people import queries
from accord.rooms.people.models import Company, Contact, Hold, Identity, Merge, Suppression, Veto
from accord.web.people.forms import NoteForm
from accord.web.records import known, panels, timeline
from accord.web.records.frame import ACTS, BANNER, HEAD, MAIN, SIDE, Panel, Viewing
from accord.web.records.panels import here, text_of
from accord.web.records.timeline import Wanted
from accord.web.records.touches import judged, touches_told
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
    about = Q(contact_id__in=_persons(viewing))
    done = judged(Touch.objects.filter(identity__in=_identities(viewing)))
    told = timeline.told(about, Wanted.of(viewing.request), done, touches_told(viewing.member))
    return {"told": told, "touches": True}


def company_timeline(viewing: Viewing) -> dict[str, Any]:
    return {"told": timeline.told(Q(company_id=viewing.record.pk), Wanted.of(viewing.request)), "touches": False}


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
