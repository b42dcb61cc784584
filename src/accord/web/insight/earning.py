"""What came of a campaign or of a piece of content: its page tells what reports say that are asked for it alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.kernel import traits
from accord.kernel.intervals import Rate, wilson
from accord.kernel.money import exponent, format_money
from accord.kernel.warehouse.generation import Generation, generation
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.rooms.content.named import Named
from accord.rooms.insight import reports
from accord.rooms.insight.amounts import Amounts
from accord.rooms.insight.questions import UNKNOWN, Question
from accord.rooms.insight.reports import Cell, touched
from accord.rooms.insight.reports.frame import Told
from accord.rooms.insight.reports.sources import Source, Sources
from accord.rooms.insight.reports.touched import Touched
from accord.rooms.team.models import House, Member
from accord.web.insight import figures
from accord.web.insight.asking import Asked
from accord.web.insight.figures import Figure
from accord.web.records import panels
from accord.web.records.frame import MAIN, Panel, Viewing
from accord.web.records.touches import kind_name
from accord.web.shell.gate import MemberRequest, needs, visible_or_404
from accord.web.shell.wording import day, number, percent

MODELS: dict[str, type[Named]] = {"campaign": Campaign, "asset": Asset}
TITLES: dict[str, Promise] = {
    touched.PEOPLE: gettext_lazy("People whom it touched"),
    touched.FIRST: gettext_lazy("People whose first touch it was"),
    touched.OPENED: gettext_lazy("People for whom a lead was opened afterwards"),
    touched.QUALIFIED: gettext_lazy("People whose lead qualified afterwards"),
    touched.WON: gettext_lazy("People whose lead was won afterwards"),
}


@dataclass(frozen=True)
class Line:
    """A number as it is said, with its list; beside it its share, beneath its name what else is to be said of it, each
    with a list where there is one."""

    label: str | Promise
    said: str = ""
    address: str = ""
    share: Figure | None = None
    notes: Sequence[tuple[str, str]] = ()
    shared: bool = False


@dataclass(frozen=True)
class Answered:
    """What a report says, and where its lists are."""

    asked: Asked
    answer: Any

    def list(self, measure: str, stage: str | None = None) -> str:
        told: Told = self.answer.told
        return self.asked.leads(told, Cell(measure, stage))

    def line(self, label: str | Promise, count: int, measure: str, rate: Rate | None = None, **more: Any) -> Line:
        share = figures.of_rate(rate)
        return Line(label, number(count), self.list(measure), share, shared=rate is not None, **more)


def title(cell: Cell) -> str:
    return str(TITLES[cell.measure])


def record(asked: Asked, viewer: Member) -> Named:
    """Whose page tells the number that a list stands behind."""
    for only in asked.question.only:
        return get_object_or_404(MODELS[only.field.slug].objects.visible_to(viewer), key=only.value)
    raise Http404


@needs("see_content")
@needs("see_insight")
@require_GET
def of_campaign(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = visible_or_404(Campaign.objects.visible_to(request.user), pk)
    return _page(request, campaign, _of_campaign(request, campaign))


@needs("see_content")
@needs("see_insight")
@require_GET
def of_asset(request: MemberRequest, pk: int) -> HttpResponse:
    asset = visible_or_404(Asset.objects.visible_to(request.user), pk)
    with generation() as read:
        met = _ask(read, request, "touched", f"touch.asset:{asset.key}")
    return _page(request, asset, _met(met))


def _page(request: MemberRequest, of: Named, told: dict[str, Any]) -> HttpResponse:
    """A part of the page of the record; or a page of its own, where no script asks for the part."""
    template = "insight/earned.html" if request.htmx else "insight/earned_page.html"
    may = {"may_source": request.user.may("see_sources")}
    return render(request, template, {"of": of, "campaign": of.kind == Campaign.kind, **may, **told})


def _of_campaign(request: MemberRequest, campaign: Campaign) -> dict[str, Any]:
    only = f"lead.campaign:{campaign.key}"
    with generation() as read:
        met = _ask(read, request, "touched", f"touch.campaign:{campaign.key}")
        came, closed = (_ask(read, request, name, only) for name in ("sources", "winloss"))
    said = traits.now("campaign", [campaign.pk])[campaign.pk]
    ends, budget = (said[name].text if name in said else None for name in ("ends_on", "budget"))
    money = [*_won(closed), *(_budget(said["budget"].number or 0, came.answer.all) if budget else ())]
    return {
        **_met(met),
        "leads": came.answer.all.leads,
        "lines": _came(came),
        "money": money,
        "planned": budget,
        "runs_until": day(date.fromisoformat(ends)) if ends and date.fromisoformat(ends) >= _today(request) else "",
        "report": reverse("sources") + came.asked.query,
    }


def _ask(read: Generation, request: MemberRequest, name: str, only: str) -> Answered:
    report = reports.NAMES[name]
    question = Question.asked(request.now, only=[only], viewer=request.user, kinds=report.kinds)
    return Answered(Asked(name, {}, {}, question), report.answer(read, question))


def _today(request: MemberRequest) -> date:
    return request.now.astimezone(ZoneInfo(House.get().zone)).date()


def _met(met: Answered) -> dict[str, Any]:
    found: Touched = met.answer
    kinds = [(f"{kind_name(kind)} {number(many)}", "") for kind, many in found.kinds.items()]
    shares = {
        touched.FIRST: (_("Whose first touch it was"), found.first),
        touched.OPENED: (_("A lead was opened afterwards"), found.opened),
        touched.QUALIFIED: (_("Qualified afterwards"), found.qualified),
        touched.WON: (_("Won afterwards"), found.won),
    }
    people = [
        Line(_("Touches"), number(found.touches), notes=kinds),
        met.line(_("People"), found.people, touched.PEOPLE),
        *(met.line(label, rate.numerator, name, rate) for name, (label, rate) in shares.items()),
    ]
    return {"touches": found.touches, "people": people, "told": found.told, "asked": met.asked}


def _came(came: Answered) -> list[Line]:
    """Nothing where no lead came."""
    source: Source = came.answer.all
    sales, qualified = source.answered, wilson(source.answered.offered, source.leads)
    if not source.leads:
        return []
    back = [(_("%(number)s returned later") % {"number": number(sales.back)}, came.list("back"))] if sales.back else []
    chief = [
        (f"{one.label} {number(one.share.numerator)}", came.list("returned", one.reason or UNKNOWN))
        for one in sales.reasons[:1]
    ]
    returned = wilson(sales.returned, sales.answered)
    return [
        came.line(_("Came in"), source.leads, "leads"),
        came.line(_("Qualified, offered to sales"), sales.offered, "offered", qualified),
        came.line(_("Accepted, of those answered"), sales.accepted, "accepted", sales.rate, notes=back),
        came.line(_("Returned, of those answered"), sales.returned, "returned", returned, notes=chief),
        *([came.line(_("Ended before an answer"), sales.ended, "ended")] if sales.ended else []),
        came.line(_("No answer yet"), sales.waiting, "waiting"),
        came.line(_("Won so far"), source.won, "won", source.rate),
        _by_age(came.answer, source),
        came.line(_("Open"), source.open, "open"),
    ]


def _by_age(answered: Sources, source: Source) -> Line:
    label = _("Won by %(days)s days") % {"days": number(answered.age)}
    old = _("%(share)s are that old") % {"share": percent(source.observed)}
    return Line(label, share=figures.of_share(source.won_share, source.leads), notes=[(old, "")], shared=True)


def _won(closed: Answered) -> list[Line]:
    won = closed.answer.won
    bare = Line(_("Won deals without an amount"), "–", notes=[(_deals(won.unpriced), closed.list("won_unpriced"))])
    return [*(_sum(closed, amounts) for amounts in won.amounts), *([bare] if won.unpriced else [])]


def _sum(closed: Answered, of: Amounts) -> Line:
    address = closed.list("won_in", of.currency)
    return Line(_("Won deals"), _money(of.sum, of.currency), address, notes=[(_deals(of.deals), "")])


def _deals(count: int) -> str:
    return ngettext("%(number)s deal", "%(number)s deals", count) % {"number": number(count)}


def _budget(budget: float, source: Source) -> list[Line]:
    """What was planned, in all and for each of what came."""
    currency = House.get().currency
    minor = budget * 10 ** exponent(currency)
    shared = {
        _("Budget"): 1,
        _("Budget per lead"): source.leads,
        _("Budget per qualified lead"): source.answered.offered,
        _("Budget per won lead"): source.won,
    }
    return [Line(label, _money(round(minor / count), currency)) for label, count in shared.items() if count]


def _money(minor: int, currency: str) -> str:
    return format_money(minor, currency, get_language() or "en")


def _later(viewing: Viewing) -> dict[str, Any] | None:
    """Counting is left to a request of its own: it reads every touch."""
    if not panels.here(viewing):
        return None
    return {"address": reverse(f"{viewing.kind}_earned", args=[viewing.record.pk])}


PANELS = [Panel(kind, MAIN, 50, "insight/earned_later.html", _later, "see_content") for kind in MODELS]
