from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.rooms.insight import reports
from accord.web.insight.asking import AS_OF, CONTROLS, FROM, TO, Asked

register = template.Library()

# The reports that have a page, in the order in which they are read, as their tabs are called.
TABS: dict[str, str | Promise] = {
    "funnel": _("Funnel"),
    "flow": _("Flow"),
    "velocity": _("Velocity"),
    "cohorts": _("Cohorts"),
    "sources": _("Sources"),
    "sla": _("Promises kept"),
    "winloss": _("Wins and losses"),
    "nudges": _("Nudges"),
    "overrides": _("Overrides"),
    "leaks": _("Leaks"),
}
OF_ENTRY = ("funnel", "cohorts", "sources")  # they are split and narrowed by the same
DAYS = {FROM, TO, AS_OF}


@register.inclusion_tag("insight/tabs.html", takes_context=True)
def insight_tabs(context: Context, here: str, asked: Asked | None = None) -> dict[str, Any]:
    """Every report that one may see, for the same days; what else is asked is asked of those that can be asked it."""
    member = context["request"].user
    seen = [(name, label) for name, label in TABS.items() if member.may(reports.NAMES[name].needs)]
    return {"here": here, "tabs": [(name, label, _address(name, here, asked)) for name, label in seen]}


def _address(name: str, here: str, asked: Asked | None) -> str:
    kept = asked.kept if asked else {}
    if not (name == here or {name, here} <= set(OF_ENTRY)):
        kept = {control: said for control, said in kept.items() if control in DAYS}
    known = {CONTROLS[option] for option in reports.NAMES[name].options if option in CONTROLS}
    known |= set(asked.own) if asked and name == here else set()
    query = urlencode({control: said for control, said in kept.items() if control in known}, doseq=True)
    return reverse(name) + (f"?{query}" if query else "")
