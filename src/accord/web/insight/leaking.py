"""Leads that leak, as their page shows them: each with what it is without."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.rooms.funnel.models import Lead
from accord.rooms.insight.reports.leaks import NEXT_DATE, OWNER, REASON, Leak, Leaks
from accord.web.shell.addresses import number
from accord.web.shell.gate import MemberRequest

PAGE = 50
MISSING: dict[str, Promise] = {
    OWNER: _("Nobody answers for it"),
    REASON: _("No reason for its last step"),
    NEXT_DATE: _("No next date"),
}


@dataclass(frozen=True)
class Line:
    lead: Lead
    missing: tuple[Promise, ...]


def page(request: MemberRequest, answered: Leaks) -> dict[str, Any]:
    """A page of them, in the order of their leads, behind the last one of the page before."""
    after, only = number(request.GET.get("after")) or 0, request.GET.get("missing", "")
    chosen = [leak for leak in answered.leaks if only not in MISSING or only in leak.missing]
    rest = [leak for leak in chosen if leak.lead > after]
    here = rest[:PAGE]
    leads = Lead.objects.visible_to(request.user).here().select_related("contact__company", "owner")
    found = leads.in_bulk([leak.lead for leak in here])
    missing = Counter(what for leak in answered.leaks for what in leak.missing)
    return {
        "answered": answered,
        "total": len(answered.leaks),
        "chosen": len(chosen),
        "only": only if only in MISSING else "",
        "lines": [_line(found[leak.lead], leak) for leak in here if leak.lead in found],
        "counts": [(what, label, missing[what]) for what, label in MISSING.items()],
        "following": here[-1].lead if len(rest) > PAGE else None,
        "shown": len(chosen) - len(rest) + len(here),
    }


def _line(lead: Lead, leak: Leak) -> Line:
    return Line(lead, tuple(MISSING[one] for one in leak.missing))
