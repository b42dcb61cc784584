"""What an executive and the leads of the teams look at: what was won, what is open, what came in; what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.funnel.fields import ENTRY_NAMES
from accord.rooms.funnel.fields import reason_name as why_closed
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.funnel.rules import WON
from accord.rooms.handoff.fields import reason_name as why_returned
from accord.rooms.insight.changing import BREACHED, CAME, LOST, RETURNED, Changes, Measure, changes
from accord.rooms.insight.changing import WON as DEALS_WON
from accord.rooms.insight.questions import midnight
from accord.rooms.team.models import SIDES
from accord.rooms.team.rules import ADMIN, EXECUTIVE, LEADS, MARKETERS
from accord.web.shell import wording as words
from accord.web.today.frame import Looking, Section, Sheet

OVERSEERS = LEADS | {EXECUTIVE, ADMIN}
SAID = {
    CAME: gettext_lazy("Leads that came by “%(what)s”: %(count)s last week, usual %(low)s to %(high)s."),
    RETURNED: gettext_lazy("Returned for “%(what)s”: %(count)s last week, usual %(low)s to %(high)s."),
    DEALS_WON: gettext_lazy("Deals won: %(count)s last week, usual %(low)s to %(high)s."),
    LOST: gettext_lazy("Deals lost for “%(what)s”: %(count)s last week, usual %(low)s to %(high)s."),
    BREACHED: gettext_lazy("Promises of %(what)s broken: %(count)s last week, usual %(low)s to %(high)s."),
}


@dataclass(frozen=True)
class Amount:
    """An amount of one currency in its minor units, and of how many deals."""

    minor: int
    currency: str


@dataclass(frozen=True)
class Figure:
    """A number of the house. `sums`: amounts by currency, the largest group first; without them the `count` is it."""

    label: Any
    count: int
    address: str
    said: Any
    sums: Sequence[Amount] = ()


def figures(looking: Looking) -> Sheet | None:
    """Since the quarter and the month began, beside the same days of the ones before."""
    today = looking.now.astimezone(ZoneInfo(looking.house.zone)).date()
    told = [_won(looking, today), _open(looking), _came(looking, today)]
    if not any(one.count for one in told):
        return None
    return Sheet(
        _("How it stands"), _("so far; each number opens what is behind it"), told=told, template="today/figures.html"
    )


def _won(looking: Looking, today: date) -> Figure:
    first = quarter(today, looking.house.fiscal_year_start)
    deals = Deal.objects.visible_to(looking.member).here().filter(outcome=WON)
    mine = _between(deals, looking, first, today, "closed_at")
    before = quarter(first - timedelta(days=1), looking.house.fiscal_year_start)
    was = _between(deals, looking, before, before + (today - first), "closed_at")
    said = {"deals": words.number(mine.count()), "before": words.number(was.count())}
    return Figure(
        _("Won this quarter"), mine.count(), _deals_won(first, today),
        _("deals: %(deals)s; by the same day of the quarter before: %(before)s") % said, _sums(mine),
    )  # fmt: skip


def _open(looking: Looking) -> Figure:
    deals = Deal.objects.visible_to(looking.member).here().filter(outcome="open")
    said = _("deals: %(deals)s, as they stand now") % {"deals": words.number(deals.count())}
    return Figure(_("In the pipeline"), deals.count(), reverse("pipeline"), said, _sums(deals))


def _came(looking: Looking, today: date) -> Figure:
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    leads = Lead.objects.visible_to(looking.member).here()
    came = _between(leads, looking, first, today, "opened_at").count()
    was = _between(leads, looking, before, before + (today - first), "opened_at").count()
    said = _("by the same day of the month before: %(before)s") % {"before": words.number(was)}
    return Figure(_("Leads that came in this month"), came, _period("funnel", first, today), said)


def _between(rows: QuerySet, looking: Looking, first: date, last: date, moment: str) -> QuerySet:
    zone = looking.house.zone
    until = min(midnight(last + timedelta(days=1), zone), looking.now)
    return rows.filter(**{f"{moment}__gte": midnight(first, zone), f"{moment}__lt": until})


def quarter(day: date, year_starts: int) -> date:
    """The first day of the quarter in which a day lies; `year_starts`: the month in which the fiscal year does."""
    year, month = divmod(12 * day.year + day.month - 1 - (day.month - year_starts) % 3, 12)
    return date(year, month + 1, 1)


def _period(report: str, first: date, last: date) -> str:
    return f"{reverse(report)}?{urlencode({'from': first.isoformat(), 'to': last.isoformat()})}"


def _deals_won(first: date, last: date) -> str:
    asked = {"report": "winloss", "measure": WON, "from": first.isoformat(), "to": last.isoformat()}
    return f"{reverse('insight_leads')}?{urlencode(asked)}"


def _sums(deals: QuerySet) -> list[Amount]:
    rows = (
        deals.exclude(amount_minor=None).order_by().values_list("currency").annotate(Sum("amount_minor"), Count("id"))
    )
    return [Amount(minor, currency) for currency, minor, _deals in sorted(rows, key=lambda row: (-row[2], row[0]))]


@dataclass(frozen=True)
class Change:
    said: str
    grounds: str
    address: str


def changed(looking: Looking) -> Sheet | None:
    found = changes(looking.member, looking.now)
    if not found.watched:
        return None
    hint = _("%(changed)s of %(watched)s measures")
    counts = {"changed": words.number(len(found.changed)), "watched": words.number(found.watched)}
    return Sheet(
        _("Changed beyond chance"), hint % counts, told=[_change(found, one) for one in found.changed],
        template="today/changed.html",
    )  # fmt: skip


def _change(found: Changes, one: Measure) -> Change:
    week = one.week
    said = {"what": _called(one), "count": words.number(week.count)}
    said |= {"low": words.number(week.low), "high": words.number(week.high)}
    said |= {"first": words.day(found.first), "last": words.day(found.last), "all": words.number(found.watched)}
    grounds = _("%(first)s to %(last)s beside the twelve weeks before; corrected for watching %(all)s measures.") % said
    return Change(str(SAID[one.kind]) % said, grounds, _behind(found, one))


def _called(one: Measure) -> Any:
    names = {CAME: ENTRY_NAMES, BREACHED: SIDES}.get(one.kind)
    if names:
        return names[one.key]
    return why_returned(one.key) if one.kind == RETURNED else why_closed(one.key)


def _behind(found: Changes, one: Measure) -> str:
    """The leads, deals or clocks of that week."""
    period = {"from": found.first.isoformat(), "to": found.last.isoformat()}
    if one.kind == CAME:
        return f"{reverse('funnel')}?{urlencode({**period, 'only': f'lead.entry:{one.key}'})}"
    if one.kind == RETURNED:
        return f"{reverse('today_leads')}?{urlencode({**period, 'which': 'came_back', 'reason': one.key})}"
    if one.kind == BREACHED:
        return f"{reverse('today_leads')}?{urlencode({**period, 'which': 'broken', 'side': one.key})}"
    return f"{reverse('winloss')}?{urlencode(period)}"


SECTIONS = [
    Section(OVERSEERS, 2, figures),
    Section(OVERSEERS | MARKETERS, 80, changed, aside=True),
]
