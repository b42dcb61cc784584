"""The pipeline: deals in columns by stage, moved on by dragging, from a menu, or without a script."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.kernel.instants import DAY
from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import steps_of_deals
from accord.rooms.funnel import usual
from accord.rooms.funnel.fields import reason_name
from accord.rooms.funnel.models import Deal, PipelineStage
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.usual import Age, Usuals
from accord.web.funnel import views
from accord.web.funnel.views import Asked, Pile
from accord.web.lists import pages
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest, needs

CARDS = 20  # in a column at most: more than a screen holds; the table has them all
ELSEWHERE = 8  # columns of stages that the pipeline does not know: files may bring thousands
REST = "\n"  # no stage is called so
BACK = 200  # deals to come back that the page names
Sums = list[tuple[str, int]]  # currency and minor units, the largest first


@dataclass(frozen=True)
class Card:
    """`number` and `address` are texts: a template writes a number in the way of a language, each time anew."""

    deal: Deal
    number: str
    address: str
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
    moves: list[str] = field(default_factory=list)  # the menu of its cards, cut where a deal's address belongs

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
    piles = views.piles(asked, rows, request.user, usuals, request.now)
    back = asked.view == views.BACK
    shown = _coming_back(asked, rows, request.now) if back else _board(request, asked, rows, usuals, piles)
    context = {
        "filter": asked, "tabs": views.tabs(asked, rows, piles), "own": asked.own(request.user),
        "chips": pages.chips(asked), "opened": pages.opened(request, asked), "table": _table(asked, request.now),
        "may_begin": request.user.may("edit_deal"), "may_move": request.user.may("edit_deal"), **shown,
    }  # fmt: skip
    return render(request, "funnel/board.html", context)


def _board(
    request: MemberRequest, asked: Asked, rows: QuerySet, usuals: Usuals, piles: Iterable[Pile]
) -> dict[str, Any]:
    """So many queries, however many deals there are."""
    found = views.marked(asked.records(rows.filter(outcome=OPEN)))
    found = found.filter(views.condition(asked.view, request.user, usuals, request.now))
    columns = _columns(_heaps(piles, asked.view, usuals, request.now), asked, request.now)
    for column in columns.values():
        known = usuals.days(column.key)
        column.usual = known.median if known else None
    for card in _cards(found, columns, usuals, request.now):
        columns[card.deal.stage].cards.append(card)
    return {
        "columns": list(columns.values()), "count": sum(one.count for one in columns.values()),
        "sums": _together(one.sums for one in columns.values()),
        "expected": _together(one.expected for one in columns.values()),
    }  # fmt: skip


@dataclass
class Heap:
    """The deals of a stage: how many, their amounts by currency, and what of these is to be expected."""

    count: int = 0
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    expected: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, other: "Heap") -> None:
        self.count += other.count
        for currency, minor in other.sums.items():
            self.sums[currency] += minor
        for currency, likely in other.expected.items():
            self.expected[currency] += likely


def _heaps(piles: Iterable[Pile], view: str, usuals: Usuals, now: datetime) -> dict[str, Heap]:
    """By stage: what is of one currency and came on one day is there once, and so is its chance to win."""
    heaps: dict[str, Heap] = defaultdict(Heap)
    shown = attrgetter(view)
    for pile in piles:
        if not (count := shown(pile)):
            continue
        heap, chance = heaps[pile.stage], usuals.chance(pile.stage, (now - pile.since) // DAY * DAY)
        heap.count += count
        if pile.minor is not None:
            heap.sums[pile.currency] += pile.minor
            if chance is not None:
                heap.expected[pile.currency] += chance * pile.minor
    return heaps


def _columns(heaps: Mapping[str, Heap], asked: Asked, now: datetime) -> dict[str, Column]:
    """The stages of the pipeline, then whatever else a deal stands in: the most frequent, as many as can be taken in.

    What stands elsewhere is counted together, and named in the table. One query.
    """
    every = {stage.key: stage for stage in PipelineStage.every()}
    standing = [key for key, stage in every.items() if stage.retired_at is None or key in heaps]
    unknown = sorted(heaps.keys() - every.keys(), key=lambda key: (-heaps[key].count, key))
    named = [*standing, *unknown[:ELSEWHERE]]
    columns = {
        key: _column(
            key, str(every.get(key, key)), every.get(key), heaps.get(key, Heap()), _table(asked, now, f"stage:is:{key}")
        )
        for key in named
    }
    if rest := unknown[ELSEWHERE:]:
        others = Heap()
        for key in rest:
            others.add(heaps[key])
        columns[REST] = _column(REST, _("Other stages"), None, others, _table(asked, now))
    return columns


def _column(key: str, name: str, stage: PipelineStage | None, heap: Heap, every: str) -> Column:
    expected = {currency: round(minor) for currency, minor in heap.expected.items()}
    return Column(key, name, stage, heap.count, _largest_first(heap.sums), _largest_first(expected), every=every)


def _cards(found: QuerySet, columns: Iterable[str], usuals: Usuals, now: datetime) -> Iterable[Card]:
    """The last moved of each column first. Whole rows of those alone that are shown: a query a column, and four."""
    order = ("-stage_since", "-pk")
    heads = (
        found.filter(stage=key).order_by(*order).values_list("pk", flat=True)[:CARDS] for key in columns if key != REST
    )
    shown = [pk for head in heads for pk in head]
    deals = list(Deal.objects.filter(pk__in=shown).select_related("company", "contact", "owner").order_by(*order))
    steps = steps_of_deals(deals)
    of = usual.industries(deal.company_id for deal in deals)
    return [_card(deal, steps.get(deal.pk), usuals, of.get(deal.company_id or 0, ""), now) for deal in deals]


def _card(deal: Deal, task: Task | None, usuals: Usuals, industry: str, now: datetime) -> Card:
    age = age_of(deal, usuals, industry, now)
    return Card(deal, str(deal.pk), reverse("deal", args=[deal.pk]), age, task, turn(task, now))


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


def _table(asked: Asked, now: datetime, *more: str) -> str:
    """The list of deals by the same filter and tab."""
    params = QueryDict(mutable=True)
    shown = views.as_conditions(asked.view, now)
    params.setlist("f", list(dict.fromkeys([*map(str, asked.conditions), *shown, *more])))
    if asked.sought:
        params["q"] = asked.sought
    return f"{reverse('deals')}?{params.urlencode()}"
