"""Leads that leak, as their page shows them: each with what it is without."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.rooms.funnel.models import Lead
from accord.rooms.insight.reports.leaks import NEXT_DATE, OWNER, REASON, Leaks
from accord.web.shell.gate import MemberRequest

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
    wanted = [leak.lead for leak in answered.leaks]
    leads = Lead.objects.visible_to(request.user).here().select_related("contact__company", "owner").in_bulk(wanted)
    lines = [Line(leads[leak.lead], tuple(MISSING[one] for one in leak.missing)) for leak in answered.leaks]
    counts = [(label, sum(what in leak.missing for leak in answered.leaks)) for what, label in MISSING.items()]
    return {"answered": answered, "lines": lines, "counts": counts}
