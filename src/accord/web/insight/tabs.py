from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.rooms.insight import reports
from accord.web.insight.asking import CONTROLS, Asked

register = template.Library()

# The reports that have a page, in the order in which they are read, as their tabs are called.
TABS: dict[str, str | Promise] = {
    "funnel": _("Funnel"),
    "flow": _("Flow"),
    "velocity": _("Velocity"),
    "cohorts": _("Cohorts"),
    "sources": _("Sources"),
    "winloss": _("Wins and losses"),
    "nudges": _("Nudges"),
    "leaks": _("Leaks"),
}
OF_ENTRY = ("funnel", "cohorts", "sources")  # their period is when leads entered; the others have one of their own


@register.inclusion_tag("insight/tabs.html")
def insight_tabs(here: str, asked: Asked | None = None) -> dict[str, Any]:
    """Every report; what is asked of this one is asked of those that can be asked the same."""
    return {"here": here, "tabs": [(name, label, _address(name, here, asked)) for name, label in TABS.items()]}


def _address(name: str, here: str, asked: Asked | None) -> str:
    kept = asked.kept if asked and (name == here or {name, here} <= set(OF_ENTRY)) else {}
    known = {CONTROLS[option] for option in reports.NAMES[name].options if option in CONTROLS}
    query = urlencode({control: said for control, said in kept.items() if control in known}, doseq=True)
    return reverse(name) + (f"?{query}" if query else "")
