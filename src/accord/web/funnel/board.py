"""The pipeline: deals in columns by stage, moved on by dragging, from a menu, or without a script."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import steps_of_deals
from accord.rooms.funnel import usual
from accord.rooms.funnel.fields import reason_name
from accord.rooms.funnel.models import Deal, PipelineStage
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.usual import Age, Usuals
from accord.web.funnel import views
from accord.web.funnel.views import Asked
from accord.web.lists import pages
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest, needs

CARDS = 30  # in a column at most; the table has them all
ELSEWHERE = 8  # columns of stages that the pipeline does not know: files may bring thousands
REST = "\n"  # no stage is called so
BACK = 200  # deals to come back that the page names
Sums = list[tuple[str, int]]  # currency and minor units, the largest first


@dataclass(frozen=True)
class Card:
    deal: Deal
    age: Age
    task: Task | None
    turn: str  # of the next step: none, today, set


@dataclass
class Column:
    """`stage` is None where no stage of the pipeline is called so."""

    key: str
    name: str
    stage: PipelineStage | None
    count: int = 0
    sums: Sums = field(default_factory=list)
    expected: Sums = field(default_factory=list)
    usual: float | None = None
    cards: list[Card] = field(default_factory=list)
    every: str = ""

    @property
    def takes(self) -> bool:
        return self.stage is not None and self.stage.retired_at is None


@needs("see_records")
@require_GET
def pipeline(request: MemberRequest) -> HttpResponse:
    asked = Asked.here(request.GET, request.user)
    if request.GET.get("field") and "op" in request.GET:
        return HttpResponseRedirect(request.path + pages.with_new(request, asked))
    rows, usuals = Deal.objects.visible_to(request.user).here(), usual.of("deal")
    shown = _coming_back(asked, rows, request.now) if asked.view == views.BACK else _board(request, asked, rows, usuals)
    context = {
        "filter": asked, "tabs": views.tabs(asked, rows, request.user, usuals, request.now),
        "chips": pages.chips(asked), "opened": pages.opened(request, asked), "table": _table(asked),
        "may_begin": request.user.may("edit_deal"), "may_move": request.user.may("edit_deal"), **shown,
    }  # fmt: skip
    return render(request, "funnel/board.html", context)


def _board(request: MemberRequest, asked: Asked, rows: QuerySet, usuals: Usuals) -> dict[str, Any]:
    """So many queries, however many deals there are."""
    found = views.marked(asked.records(rows.filter(outcome=OPEN)))
    found = found.filter(views.condition(asked.view, request.user, usuals, request.now))
    columns = _columns(found, asked)
    _expect(columns, found, usuals, request.now)
    for column in columns.values():
        known = usuals.days(column.key)
        column.usual = known.median if known else None
    for card in _cards(found.filter(stage__in=columns), usuals, request.now):
        columns[card.deal.stage].cards.append(card)
    return {
        "columns": list(columns.values()), "count": sum(one.count for one in columns.values()),
        "sums": _together(one.sums for one in columns.values()),
        "expected": _together(one.expected for one in columns.values()),
    }  # fmt: skip


def _columns(found: QuerySet, asked: Asked) -> dict[str, Column]:
    """The stages of the pipeline, then whatever else a deal stands in: the most frequent, as many as can be taken in.

    What stands elsewhere is counted together, and named in the table. Two queries.
    """
    totals: dict[str, dict[str, int]] = defaultdict(dict)
    counts: dict[str, int] = defaultdict(int)
    for key, currency, count, total in (
        found.order_by().values_list("stage", "currency").annotate(Count("pk"), Sum("amount_minor"))
    ):
        counts[key] += count
        if total is not None:
            totals[key][currency] = total
    every = {stage.key: stage for stage in PipelineStage.every()}
    standing = [key for key, stage in every.items() if stage.retired_at is None or key in counts]
    unknown = sorted(counts.keys() - every.keys(), key=lambda key: (-counts[key], key))
    named = [*standing, *unknown[:ELSEWHERE]]
    columns = {
        key: Column(
            key, str(every.get(key, key)), every.get(key), counts[key], _largest_first(totals[key]),
            every=_table(asked, f"stage:is:{key}"),
        )
        for key in named
    }  # fmt: skip
    if rest := unknown[ELSEWHERE:]:
        sums = _together(list(totals[key].items()) for key in rest)
        count = sum(counts[key] for key in rest)
        columns[REST] = Column(REST, _("Other stages"), None, count, sums, every=_table(asked))
    return columns


def _expect(columns: Mapping[str, Column], found: QuerySet, usuals: Usuals, now: datetime) -> None:
    """What of the sums is to be expected, by the chance to win at the age of each deal. One query."""
    expected: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    amounts = found.order_by().filter(amount_minor__isnull=False)
    for key, currency, minor, since in amounts.values_list("stage", "currency", "amount_minor", "stage_since"):
        if (chance := usuals.chance(key, now - since)) is not None:
            expected[key if key in columns else REST][currency] += chance * minor
    for key, sums in expected.items():
        columns[key].expected = _largest_first({currency: round(total) for currency, total in sums.items()})


def _cards(found: QuerySet, usuals: Usuals, now: datetime) -> Iterable[Card]:
    """The last moved first. Five queries: whole rows of those alone that are shown."""
    order = [F("stage_since").desc(), F("pk").desc()]
    turn = Window(RowNumber(), partition_by=[F("stage")], order_by=order)
    shown = list(found.annotate(turn=turn).filter(turn__lte=CARDS).values_list("pk", flat=True))
    deals = list(found.filter(pk__in=shown).select_related("company", "contact", "owner").order_by(*order))
    steps = steps_of_deals(deals)
    of = usual.industries(deal.company_id for deal in deals)
    return [_card(deal, steps.get(deal.pk), usuals, of.get(deal.company_id or 0, ""), now) for deal in deals]


def _card(deal: Deal, task: Task | None, usuals: Usuals, industry: str, now: datetime) -> Card:
    return Card(deal, age_of(deal, usuals, industry, now), task, turn(task, now))


def age_of(deal: Deal, usuals: Usuals, industry: str, now: datetime) -> Age:
    here, found = now - deal.stage_since, usuals.days(deal.stage, industry)
    return Age(here, usuals.mark(deal.stage, here, industry), found.median if found else None)


def turn(task: Task | None, now: datetime) -> str:
    """Whether there is a next step, and whether it is due today."""
    if task is None:
        return "none"
    return "today" if timezone.localtime(task.due_at).date() <= timezone.localtime(now).date() else "set"


def _coming_back(asked: Asked, rows: QuerySet, now: datetime) -> dict[str, Any]:
    found = views.coming_back(asked.records(rows)).select_related("company", "contact", "owner")
    today = timezone.localtime(now).date()
    back = [(deal, date.fromisoformat(deal.back_on)) for deal in found.order_by("back_on", "pk")[:BACK]]
    return {
        "coming": [(deal, wording.day(day, today), day <= today, reason_name(deal.reason)) for deal, day in back],
        "count": len(back), "sums": _largest_first(_summed(deal for deal, _day in back)),
    }  # fmt: skip


def _summed(deals: Iterable[Deal]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for deal in deals:
        if deal.amount_minor is not None:
            sums[deal.currency] += deal.amount_minor
    return sums


def _together(several: Iterable[Sums]) -> Sums:
    sums: dict[str, int] = defaultdict(int)
    for currency, minor in (one for each in several for one in each):
        sums[currency] += minor
    return _largest_first(sums)


def _largest_first(sums: Mapping[str, int]) -> Sums:
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))


def _table(asked: Asked, *more: str) -> str:
    """The list of deals by the same filter."""
    params = QueryDict(mutable=True)
    params.setlist("f", list(dict.fromkeys([*map(str, asked.conditions), "outcome:is:open", *more])))
    if asked.sought:
        params["q"] = asked.sought
    return f"{reverse('deals')}?{params.urlencode()}"
