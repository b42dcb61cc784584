"""What marketing knows of customers like this one: the one page that fits somebody best."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accord.kernel.traits import FieldNow
from accord.rooms.content.models import Asset
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Member

WHO = ("seniority", "department", "title")  # fields of a contact that say who somebody is


@dataclass(frozen=True)
class Brief:
    """`written_at`: since when its text is what it is."""

    asset: Asset
    text: str
    written_at: datetime
    industry: str
    persona: str


def brief_for(contact: Contact, member: Member) -> Brief | None:
    """Of those for their industry and persona, or for any, the one that names most of both, the newest first.

    A fixed number of queries.
    """
    said = _said()
    if not said:
        return None
    industry, who = _of(contact)
    fit = {pk: its for pk, its in said.items() if _fits(its, industry, who)}
    seen = {one.pk: one for one in Asset.objects.visible_to(member).here().select_related("owner").filter(pk__in=fit)}
    best = max(seen, key=lambda pk: (len(fit[pk]), fit[pk]["brief"].occurred_at, pk), default=None)
    if best is None:
        return None
    text, shown = fit[best]["brief"], {slug: row.text or "" for slug, row in fit[best].items()}
    return Brief(seen[best], text.text or "", text.occurred_at, shown.get("industry", ""), shown.get("persona", ""))


def _said() -> dict[int, dict[str, FieldNow]]:
    """What each brief says, and for whom it is."""
    briefs = FieldNow.objects.filter(kind="asset", field="brief", text__isnull=False).values("record")
    rows = FieldNow.objects.filter(kind="asset", record__in=briefs, field__in=("brief", "industry", "persona"))
    said: dict[int, dict[str, FieldNow]] = defaultdict(dict)
    for row in rows.filter(text__isnull=False):
        said[row.record][row.field] = row
    return said


def _of(contact: Contact) -> tuple[str, list[str]]:
    """The industry of their company, and what says who they are, as they are compared."""
    industry = FieldNow.objects.filter(kind="company", record=contact.company_id or 0, field="industry")
    who = FieldNow.objects.filter(kind="contact", record=contact.pk, field__in=WHO, norm__isnull=False)
    return industry.values_list("norm", flat=True).first() or "", [
        norm or "" for norm in who.values_list("norm", flat=True)
    ]


def _fits(said: Mapping[str, FieldNow], industry: str, who: list[str]) -> bool:
    of_industry, persona = ((said[slug].norm or "") if slug in said else "" for slug in ("industry", "persona"))
    return of_industry in ("", industry) and (not persona or any(persona in one for one in who))
