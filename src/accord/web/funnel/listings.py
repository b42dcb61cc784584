"""The lists of leads and deals, for the one list machinery."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import clock
from accord.kernel.fields import NUMBER, REF
from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import deal_planned, steps_of_deals
from accord.rooms.funnel import rules, usual, whys
from accord.rooms.funnel.fields import ENTRY_NAMES, STAGE_NAMES
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.funnel.models.deal import OPEN
from accord.web.lists.columns import AGE, AGED, GRADE, MOMENT, RECENT, RECORD, STAGE, Column, Listing, Sort, View
from accord.web.lists.filters import Filter
from accord.web.shell import wording
from accord.web.shell.templatetags.shell import AGES, age_chip


def _as_called(record: Any, now: datetime) -> str:
    return str(record)


def _age(lead: Lead, now: datetime) -> timedelta:
    return (lead.ended_at or now) - lead.opened_at


def _deal_age(deal: Deal, now: datetime) -> timedelta:
    return (deal.closed_at or now) - deal.opened_at


def _scored(name: str) -> Callable[[Lead, datetime], Any]:
    """What was last worked out of the score of its contact; nothing before any agreement."""

    def value(lead: Lead, now: datetime) -> Any:
        score = getattr(lead.contact, "score", None)
        kept = getattr(score, name, None)
        return round(kept) if isinstance(kept, float) else kept

    return value


def _here(leads: Sequence[Lead], now: datetime) -> dict[int, str]:
    return {pk: age_chip(age) for pk, age in usual.ages(leads, now).items()}


def _marks(leads: Sequence[Lead], now: datetime) -> dict[int, str]:
    return {pk: age.mark for pk, age in usual.ages(leads, now).items()}


def _overdue(leads: QuerySet[Lead], marks: Sequence[str]) -> QuerySet[Lead]:
    return usual.overdue(leads, clock.now(), rules.LONG if rules.LONG in marks else rules.STALLED)


def _past(deals: Sequence[Deal], now: datetime) -> dict[int, str]:
    """Of the open ones those whose expected close is over."""
    today = timezone.localtime(now).date().isoformat()
    mark = format_html('<span class="chip" data-side="handoff">{}</span>', pgettext("of a day", "past"))
    return {deal.pk: mark for deal in deals if deal.outcome == OPEN and "" < deal.expected_close < today}


def _deal_marks(deals: Sequence[Deal], now: datetime) -> dict[int, str]:
    """How long the open ones have stood in their stages, against what is usual there. Two queries."""
    usuals, standing = usual.of("deal"), [deal for deal in deals if deal.outcome == OPEN]
    of = usual.industries(deal.company_id for deal in standing)
    return {
        deal.pk: usuals.mark(deal.stage, now - deal.stage_since, of.get(deal.company_id or 0, "")) for deal in standing
    }


def _deal_overdue(deals: QuerySet[Deal], marks: Sequence[str]) -> QuerySet[Deal]:
    mark = rules.LONG if rules.LONG in marks else rules.STALLED
    standing = usual.in_segments(deals.filter(outcome=OPEN), "company_id")
    return standing.filter(usual.of("deal").overdue(clock.now(), mark=mark))


def _steps(deals: Sequence[Deal], now: datetime) -> dict[int, str]:
    """The next step of the open ones, and that there is none. Two queries."""
    standing = [deal for deal in deals if deal.outcome == OPEN]
    steps, today = steps_of_deals(standing), timezone.localtime(now).date()
    return {deal.pk: _step(step, today) if (step := steps.get(deal.pk)) else UNPLANNED for deal in standing}


def _step(step: Task, today: date) -> str:
    told = {"step": step, "day": wording.day(timezone.localtime(step.due_at).date(), today)}
    return gettext("%(step)s, %(day)s") % told


def _unplanned(deals: QuerySet[Deal], _values: Sequence[str]) -> QuerySet[Deal]:
    return deals.filter(outcome=OPEN).exclude(deal_planned())


def _board(asked: Filter) -> str:
    """The same deals in columns: the board shows the open ones, so that the outcome is not asked for."""
    params = QueryDict(mutable=True)
    params.setlist("f", [str(one) for one in asked.conditions if one.column.slug != "outcome"])
    if asked.sought:
        params["q"] = asked.sought
    params["view"] = "team"
    return f"{reverse('pipeline')}?{params.urlencode()}"


UNPLANNED = "none"
GRADES = {f"{fit}{engagement}": f"{fit}{engagement}" for fit in "ABCD" for engagement in "1234"}

LEADS = Listing(
    kind="lead",
    name="leads",
    record="lead",
    title=_("Leads"),
    nothing=_("Every passage of a contact through the funnel will be here: opened by hand, or brought by a file."),
    begin=pgettext_lazy("new", "Lead"),
    begins="lead_new",
    begin_action="open_lead",
    model=Lead,
    own=(
        Column(
            "name",
            pgettext_lazy("of a person", "Name"),
            look=RECORD,
            path="contact__name",
            norm="contact__name_norm",
            sought="contact",
            key="contact",
            worked_out=_as_called,
        ),
        Column("company", _("Company"), REF, path="contact__company", refers_to="company", nullable=True),
        Column("stage", _("Stage"), look=STAGE, path="stage", choices=STAGE_NAMES),
        Column(
            "grade", _("Grade"), look=GRADE, path="contact__score__grade", choices=GRADES, worked_out=_scored("grade")
        ),
        Column("score", _("Score"), NUMBER, path="contact__score__total", worked_out=_scored("total")),
        Column("why", pgettext_lazy("of a score", "Why"), told=whys.lines, filtered=False),
        Column("entry", _("Entry"), path="entry", choices=ENTRY_NAMES),
        Column("opened", _("Opened"), MOMENT, path="opened_at"),
        Column("stage_since", _("In this stage since"), MOMENT, AGED, path="stage_since", marked=_here, filtered=False),
        Column("usual", _("Age in its stage"), choices=AGES, told=_marks, narrowed=_overdue),
        Column("age", _("Age"), AGE, worked_out=_age, filtered=False),
    ),
    shown=("name", "company", "stage", "grade", "score", "entry", "owner", "opened", "stage_since"),
    sorts=(
        Sort("opened", _("Opened last first"), "opened_at", descending=True),
        Sort("oldest", _("Opened first first"), "opened_at"),
        RECENT,
        Sort("score", _("Highest score first"), "contact__score__total", True, known=True),
    ),
    views=(
        View(_("All")),
        View(_("Open"), ("stage:one_of:" + "|".join(rules.OPEN),)),
        View(_("Mine"), ("owner:is:me",)),
        View(_("Long for its stage"), ("usual:is:long",)),
    ),
    related=("contact__company", "contact__score", "owner"),
    sought="contact",
    key="contact",
)
DEALS = Listing(
    kind="deal",
    name="deals",
    record="deal",
    title=_("Deals"),
    nothing=_("Every chance to sell will be here, with its amount and, in the end, why it was won or lost."),
    begin=pgettext_lazy("new", "Deal"),
    begins="deal_new",
    begin_action="edit_deal",
    model=Deal,
    own=(
        Column("name", _("Name"), look=RECORD, path="name", sought="deal", worked_out=_as_called),
        Column("company", _("Company"), REF, path="company", refers_to="company", nullable=True),
        Column("opened", _("Opened"), MOMENT, path="opened_at", filtered=False),
        Column("usual", _("Age in its stage"), choices=AGES, told=_deal_marks, narrowed=_deal_overdue),
        Column("step", _("Next step"), choices={UNPLANNED: _("none planned")}, told=_steps, narrowed=_unplanned),
        Column("age", _("Age"), AGE, worked_out=_deal_age, filtered=False),
    ),
    shown=("name", "company", "outcome", "stage", "amount", "owner", "expected_close", "step"),
    sorts=(
        RECENT,
        Sort("first", _("Recorded first first")),
    ),
    views=(View(_("All")), View(_("Open"), ("outcome:is:open",)), View(_("Mine"), ("owner:is:me",))),
    related=("company", "contact", "owner"),
    sought="deal",
    marked={"expected_close": _past},
    board=_board,
)
