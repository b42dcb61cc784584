"""What the room of people shows on the pages of contacts and companies."""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.people import queries
from accord.rooms.people.models import Company, Contact, Identity, Merge
from accord.web.people.forms import NoteForm
from accord.web.people.telling import tell_touch
from accord.web.records import known, timeline, values
from accord.web.records.frame import ACTS, BANNER, HEAD, MAIN, SIDE, Panel, Viewing
from accord.web.records.timeline import Wanted
from accord.web.shell.templatetags.shell import initials

TITLES = {"contact": _("Contact"), "company": _("Company")}
SHOWN = 50  # identities of a contact, children of a company
LISTED = 12  # contacts on the page of a company


def contact_head(viewing: Viewing) -> dict[str, Any]:
    contact = viewing.record
    return {"contact": contact, "title": _text(viewing, "title"), "sign": initials(str(contact))}


def company_head(viewing: Viewing) -> dict[str, Any]:
    parts = [_text(viewing, slug) for slug in ("industry", "city", "country")]
    company = viewing.record
    return {"company": company, "about": " · ".join(part for part in parts if part), "sign": initials(str(company))}


def contact_acts(viewing: Viewing) -> dict[str, Any]:
    contact = viewing.record
    return {
        "record": contact,
        "kind": "contact",
        "here": _here(viewing),
        "may_edit": viewing.member.may("edit_contact"),
        "may_merge": viewing.member.may("merge_contacts"),
        "may_trash": viewing.member.may("trash_record"),
    }


def company_acts(viewing: Viewing) -> dict[str, Any]:
    may = viewing.member.may
    here = _here(viewing)
    return {
        "record": viewing.record,
        "kind": "company",
        "here": here,
        "may_edit": may("edit_company"),
        "may_trash": may("trash_record"),
    }


def merged(viewing: Viewing) -> dict[str, Any] | None:
    """The contact lives on in another one."""
    contact = viewing.record
    if contact.merged_into_id is None:
        return None
    merge = Merge.objects.filter(loser=contact, undone_at=None).select_related("survivor").first()
    return {"merge": merge, "into": contact.merged_into, "may_undo": viewing.member.may("merge_contacts")}


def trashed(viewing: Viewing) -> dict[str, Any] | None:
    if viewing.record.trashed_at is None:
        return None
    address = reverse(f"{viewing.kind}_restoring", args=[viewing.record.pk])
    return {"at": viewing.record.trashed_at, "restoring": address, "may_restore": viewing.member.may("trash_record")}


def duplicates(viewing: Viewing) -> dict[str, Any] | None:
    """Who is probably the same person."""
    contact = viewing.record
    if not _here(viewing):
        return None
    same = Contact.probable_duplicates(name=contact.name, email=contact.email, company=contact.company)
    found = list(same.visible_to(viewing.member).exclude(pk=contact.pk)[:3])
    return {"contact": contact, "found": found} if found else None


def facts(viewing: Viewing) -> dict[str, Any]:
    shown = _values(viewing)
    may_edit = viewing.member.may(f"edit_{viewing.kind}") and _here(viewing)
    return {
        "title": TITLES[viewing.kind],
        "kind": viewing.kind,
        "pk": viewing.record.pk,
        "values": [one for one in shown if one.text],
        "unknown": [one for one in shown if not one.text],
        "history": f"{viewing.kind}_field",
        "edit": reverse(f"{viewing.kind}_edit", args=[viewing.record.pk]) if may_edit else "",
    }


def contact_timeline(viewing: Viewing) -> dict[str, Any]:
    """What passed and what happened: of the contact and of those merged into it."""
    contact = viewing.record
    about = Q(contact_id__in=viewing.once("contacts", lambda: [contact.pk, *queries.merged_away(contact.pk)]))
    told = timeline.told(about, Wanted.of(viewing.request), _touches(_identities(viewing)), tell_touch)
    return {"told": told, "touches": True}


def company_timeline(viewing: Viewing) -> dict[str, Any]:
    return {"told": timeline.told(Q(company_id=viewing.record.pk), Wanted.of(viewing.request)), "touches": False}


def identities(viewing: Viewing) -> dict[str, Any] | None:
    found = list(Identity.objects.filter(pk__in=_identities(viewing)[:SHOWN]).order_by("kind", "value"))
    return {"identities": found} if found else None


def notes(viewing: Viewing) -> dict[str, Any] | None:
    if not _here(viewing):
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


def _touches(identities_of: Iterable[int]) -> QuerySet:
    """Touches of these identities that stand, each with what it is judged to be now."""
    verdicts = traits.standing(Verdict.objects.filter(touch=OuterRef("pk"))).order_by("-recorded_at", "-id")
    judged = Coalesce(Subquery(verdicts.values("machine")[:1]), "machine", output_field=BooleanField())
    return traits.standing(Touch.objects.filter(identity__in=list(identities_of))).annotate(judged=judged)


def _here(viewing: Viewing) -> bool:
    """Neither in the trash nor merged away: there is something to be done with it."""
    return viewing.record.trashed_at is None and not getattr(viewing.record, "merged_into_id", None)


def _identities(viewing: Viewing) -> list[int]:
    return viewing.once("identities", lambda: queries.identities_of(viewing.record.pk))


def _values(viewing: Viewing) -> list[values.Shown]:
    return viewing.once("values", lambda: values.now(viewing.kind, viewing.record.pk))


def _text(viewing: Viewing, slug: str) -> str:
    return next((one.text for one in _values(viewing) if one.field.slug == slug), "")


PANELS = [
    Panel("contact", HEAD, 10, "people/contact_head.html", contact_head),
    Panel("contact", ACTS, 90, "people/acts.html", contact_acts),
    Panel("contact", BANNER, 10, "people/merged.html", merged),
    Panel("contact", BANNER, 20, "people/trashed.html", trashed),
    Panel("contact", BANNER, 30, "people/duplicates.html", duplicates, "merge_contacts"),
    Panel("contact", MAIN, 20, "people/notes.html", notes, "write_note"),
    Panel("contact", MAIN, 90, "records/timeline.html", contact_timeline),
    Panel("contact", SIDE, 20, "records/facts.html", facts),
    Panel("contact", SIDE, 80, "people/identities.html", identities),
    Panel("contact", SIDE, 90, "records/known.html", known.panel),
    Panel("company", HEAD, 10, "people/company_head.html", company_head),
    Panel("company", ACTS, 90, "people/acts.html", company_acts),
    Panel("company", BANNER, 20, "people/trashed.html", trashed),
    Panel("company", MAIN, 20, "people/company_contacts.html", company_contacts),
    Panel("company", MAIN, 90, "records/timeline.html", company_timeline),
    Panel("company", SIDE, 20, "records/facts.html", facts),
    Panel("company", SIDE, 30, "people/hierarchy.html", hierarchy),
    Panel("company", SIDE, 90, "records/known.html", known.panel),
]
