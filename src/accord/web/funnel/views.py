"""The tabs of the pipeline: which open deals each of them shows, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple, cast

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import DayOf
from accord.kernel.traits import FieldNow
from accord.rooms.desk.queue import deal_planned
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal
from accord.rooms.funnel.models.deal import LOST, OPEN
from accord.rooms.funnel.usual import Usuals, in_segments
from accord.rooms.team.models import Member
from accord.rooms.team.rules import FIELD, INSIDE
from accord.web.funnel.listings import DEALS, UNPLANNED
from accord.web.lists.filters import Filter, read

TEAM, MINE, IDLE, LONG, MONTH, BACK = "team", "mine", "idle", "long", "month", "back"
NAMES = {
    TEAM: _("Team"), MINE: _("Mine"), IDLE: _("No next step"), LONG: _("Long for its stage"),
    MONTH: _("Closing this month"), BACK: _("To come back"),
}  # fmt: skip

LANDING = (INSIDE, FIELD)  # who sells, and leads nobody: their own deals come first
OPEN_VIEWS = (TEAM, MINE, IDLE, LONG, MONTH)
NONE = Q(pk__lt=0)  # a condition that holds of no deal and can be counted, which `pk__in=[]` cannot


@dataclass(frozen=True)
class Asked(Filter):
    """A filter of deals, and the tab that it is looked at through. `lands`: the tab where no address says which."""

    view: str = TEAM
    lands: str = TEAM

    @classmethod
    def here(cls, params: QueryDict, member: Member) -> "Asked":
        asked = cast("Asked", cls.of(DEALS, params, member, DEALS.shown))
        lands = MINE if member.role in LANDING and _holds(member) else TEAM
        view = params.get("view", TEAM if params else lands)
        return replace(asked, view=view if view in NAMES else TEAM, lands=lands)

    def own(self, member: Member) -> str:
        """The address of those among these that the member owns; empty where owners are asked for already."""
        if self.view == MINE or any(one.column.slug == "owner" for one in self.conditions):
            return ""
        return self.query(conditions=(*self.conditions, read("owner:is:me", self.columns, member)))

    def query(self, **changes: Any) -> str:
        view = changes.pop("view", self.view)
        address = super().query(**changes)
        if view == TEAM == self.lands:
            return address
        return f"{address.rstrip('?&')}{'&' if address != '?' else '?'}view={view}"


def _holds(member: Member) -> bool:
    """Whether the member has open deals of their own. One query."""
    return Deal.objects.here().filter(owner=member, outcome=OPEN).exists()


def as_conditions(view: str, now: datetime) -> list[str]:
    """What a tab shows, as the list of deals is asked for it."""
    if view == BACK:
        return ["outcome:is:lost", "come_back_on:known"]
    first, last = _month(timezone.localtime(now).date())
    asked = {
        MINE: ["owner:is:me"], IDLE: [f"step:is:{UNPLANNED}"], LONG: [f"usual:is:{rules.LONG}"],
        MONTH: [f"expected_close:at_least:{first}", f"expected_close:at_most:{last}"],
    }  # fmt: skip
    return [*asked.get(view, []), "outcome:is:open"]


@dataclass(frozen=True)
class Tab:
    label: str | Promise
    address: str
    count: int
    here: bool


class Pile(NamedTuple):
    """Open deals of one stage and one currency that came there at `since`, the beginning of a day in UTC.

    `minor`: the units of those that the present tab shows; None where no amount of these is known. Then how many each
    tab shows of them.
    """

    stage: str
    currency: str
    since: datetime
    minor: int | None
    team: int
    mine: int
    idle: int
    long: int
    month: int


def piles(asked: Asked, rows: QuerySet, member: Member, usuals: Usuals, now: datetime) -> list[Pile]:
    """What tabs and columns are counted from. One query, which reads every deal once."""
    counted = {one: Count("pk", filter=condition(one, member, usuals, now)) for one in OPEN_VIEWS[1:]}
    of_view = condition(asked.view, member, usuals, now) or None
    still = marked(asked.records(rows.filter(outcome=OPEN))).order_by()
    alike = still.annotate(since=DayOf("stage_since")).values("stage", "currency", "since")  # in the order of an index
    found = alike.annotate(**{TEAM: Count("pk")}, **counted, minor=Sum("amount_minor", filter=of_view))
    return list(map(Pile._make, found.values_list(*Pile._fields)))


def tabs(asked: Asked, rows: QuerySet, found: Sequence[Pile]) -> list[Tab]:
    """One query, for the deals to come back."""
    counts = {view: sum(map(attrgetter(view), found)) for view in OPEN_VIEWS}
    counts[BACK] = coming_back(asked.records(rows)).count()
    return [Tab(NAMES[one], asked.query(view=one), counts[one], one == asked.view) for one in NAMES]


def marked(rows: QuerySet) -> QuerySet:
    """Deals with what the conditions of the tabs look at."""
    planned = ExpressionWrapper(deal_planned(), output_field=BooleanField())
    return in_segments(rows, "company_id").alias(planned=planned)


def condition(view: str, member: Member, usuals: Usuals, now: datetime) -> Q:
    """Of open deals, once `marked`."""
    if view == MINE:
        return Q(owner=member)
    if view == IDLE:
        return Q(planned=False)
    if view == LONG:
        return usuals.overdue(now) | NONE
    if view == MONTH:
        first, last = _month(timezone.localtime(now).date())
        return Q(expected_close__gte=first.isoformat(), expected_close__lte=last.isoformat())
    return Q()


def coming_back(rows: QuerySet) -> QuerySet:
    """Lost deals with a day to come back on, as `back_on`."""
    said = FieldNow.objects.filter(kind="deal", field="come_back_on", record=OuterRef("pk"), text__isnull=False)
    return rows.filter(outcome=LOST).annotate(back_on=Subquery(said.values("text")[:1])).filter(back_on__isnull=False)


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
