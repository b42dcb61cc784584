"""Overrides as their page shows them: beside the leads of the rule, by person, reason and field, and the latest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.rooms.funnel.models import Lead
from accord.rooms.insight.questions import UNKNOWN
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.overrides import PLACED, RULE, Overrides, Part, Placed, Tally
from accord.rooms.team.models import Member
from accord.web.insight import figures
from accord.web.insight.asking import FROM, TO, Asked
from accord.web.insight.figures import Figure
from accord.web.insight.flowing import Number
from accord.web.shell.gate import MemberRequest

OUTCOMES: dict[str, Promise] = {
    rules.WON: gettext_lazy("Won"),
    rules.LOST: gettext_lazy("Left"),
    rules.RETURNED: gettext_lazy("Returned"),
    "open": gettext_lazy("Still open"),
}
TITLES: dict[str, Promise] = {
    PLACED: gettext_lazy("Leads that were placed"),
    rules.WON: gettext_lazy("Leads that were placed, and won"),
    rules.LOST: gettext_lazy("Leads that were placed, and left"),
    rules.RETURNED: gettext_lazy("Leads that were placed, and returned"),
    "open": gettext_lazy("Leads that were placed, and are open"),
}


@dataclass(frozen=True)
class Line:
    label: str
    alone: str
    tally: Tally
    numbers: Mapping[str, Number]
    rate: Figure | None
    share: Figure | None


@dataclass(frozen=True)
class Latest:
    placed: Placed
    lead: Lead
    by: Member | None
    stage: str | Promise
    outcome: str | Promise


def page(request: MemberRequest, asked: Asked, overrides: Overrides) -> dict[str, Any]:
    people, reasons = (
        [_part(asked, overrides, part) for part in of] for of in (overrides.people, overrides.reasons)
    )  # fmt: skip
    return {
        "overrides": overrides,
        "ends": OUTCOMES.values(),
        "all": _line(asked, overrides, _("Placed by people"), overrides.all),
        "rule": _line(asked, overrides, _("Qualified by the rule"), overrides.rule, RULE),
        "apart": _words(overrides),
        "people": people,
        "reasons": reasons,
        "groups": [_group(asked, overrides, part) for part in overrides.groups],
        "latest": _latest(request, overrides),
    }


def title(cell: Cell) -> str:
    return str(TITLES[cell.measure])


def days(asked: Asked, cell: Cell) -> str:
    """By whom or why, and when, as it was typed."""
    kind, _colon, value = (cell.stage or "").partition(":")
    said = {"person": str(Member.objects.filter(pk=value).first() or "") if value.isdigit() else "", "reason": value}
    parts = [_("Qualified by the rule")] if kind == RULE else [said.get(kind, "")]
    since, until = asked.typed.get(FROM, ""), asked.typed.get(TO, "")
    if since or until:
        parts.append(_("Placed from %(first)s to %(last)s") % {"first": since or "…", "last": until or "…"})
    return " · ".join(part for part in parts if part) or _("Whenever it was")


def _line(
    asked: Asked, overrides: Overrides, label: str, of: Tally, key: str | None = None, group: str | None = None,
    alone: str = "",
) -> Line:  # fmt: skip
    numbers = {
        name: Number(getattr(of, name), asked.leads(overrides.told, Cell(name, key, group)))
        for name in (PLACED, *OUTCOMES)
    }
    return Line(label, alone, of, numbers, figures.of_rate(of.rate), figures.of_share(of.won_share, of.placed))


def _part(asked: Asked, overrides: Overrides, part: Part) -> Line:
    return _line(asked, overrides, part.label, part, part.key)


def _group(asked: Asked, overrides: Overrides, part: Part) -> Line:
    group = UNKNOWN if part.value is None else part.value
    return _line(asked, overrides, part.label, part, group=group, alone=asked.narrowed(part.value))


def _words(overrides: Overrides) -> str:
    """By how much the shares differ; empty where one of them is too early."""
    apart = overrides.difference
    if apart is None or overrides.all.too_early or overrides.rule.too_early:
        return ""
    return figures.points(apart.value, apart.low, apart.high)


def _latest(request: MemberRequest, overrides: Overrides) -> list[Latest]:
    leads = Lead.objects.visible_to(request.user).here().select_related("contact__company")
    found = leads.in_bulk({one.lead for one in overrides.latest})
    members = Member.objects.in_bulk({one.by for one in overrides.latest if one.by})
    return [
        Latest(one, found[one.lead], members.get(one.by or 0), STAGE_NAMES[one.stage], OUTCOMES[one.outcome])
        for one in overrides.latest
        if one.lead in found
    ]
