from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accord.rooms.content.named import Named
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports import Cell, Report
from accord.rooms.insight.reports.frame import Told
from accord.rooms.team.models import House
from accord.web.insight import (
    closing,
    cohorting,
    earning,
    exporting,
    files,
    flowing,
    funneling,
    keeping,
    leaking,
    listing,
    nudging,
    overriding,
    sourcing,
    timing,
)
from accord.web.insight.asking import BY, CONTROLS, MOMENT, ONLY, Asked, asked, choices, periods, splits
from accord.web.shell import wording
from accord.web.shell.gate import MemberRequest, needs

ENTERED, EVERYTHING = _("Entered from"), _("Everything")


@dataclass(frozen=True)
class Page:
    """`tell` gives what the template of the report shows, `title` what the list behind a number is called, `drawn`
    the drawing as SVG, `of` what else is to be said above that. `by`: it is split by that unless asked for another;
    else it need not be split. `since` says what the first day is of, `bare` what is told without any. `own`: the
    control that no other page has.
    """

    tell: Callable[[MemberRequest, Asked, Any], dict[str, Any]]
    title: Callable[[Cell], str] = listing.title
    drawn: Callable[[MemberRequest, dict[str, Any]], str] | None = None
    by: str = ""
    since: str | Promise = ENTERED
    bare: str | Promise = EVERYTHING
    own: str = ""
    of: Callable[[dict[str, Any]], Sequence[str]] = lambda _shown: ()


PAGES: Mapping[str, Page] = {
    "funnel": Page(lambda _request, asking, found: funneling.page(asking, found), drawn=files.svg),
    "flow": Page(
        lambda _request, asking, found: flowing.page(asking, found),
        flowing.title,
        since=_("Days from"),
        bare=_("The last 14 days"),
    ),
    "velocity": Page(
        lambda _request, asking, found: timing.page(asking, found),
        timing.title,
        files.drawn_by("insight/stays.html"),
        since=_("Begun from"),
    ),
    "cohorts": Page(
        lambda _request, asking, found: cohorting.page(asking, found),
        drawn=files.chart,
        own=cohorting.OUTCOME,
        of=cohorting.drawn_of,
    ),
    "sources": Page(
        lambda request, asking, found: sourcing.page(asking, found, request.GET.getlist("compare")),
        sourcing.title,
        files.drawn_by("insight/sources_drawn.html"),
        sourcing.USUAL,
    ),
    "sla": Page(
        lambda _request, asking, found: keeping.page(asking, found),
        keeping.title,
        files.drawn_by("insight/kept.html"),
        since=_("Begun from"),
    ),
    "winloss": Page(
        lambda _request, asking, found: closing.page(asking, found),
        closing.title,
        files.drawn_by("insight/reasons.html"),
        since=_("Closed from"),
    ),
    "nudges": Page(
        lambda _request, asking, found: nudging.page(asking, found), nudging.title, since=_("Proposed from")
    ),
    "overrides": Page(overriding.page, overriding.title, since=_("Placed from")),
}


# What the lists are called behind numbers of reports that are told on pages of records.
ELSEWHERE: Mapping[str, Callable[[Cell], str]] = {"touched": earning.title}


@needs("see_insight")
@require_GET
def report(request: MemberRequest, name: str) -> HttpResponse:
    asking, answered = _answered(request, name)
    page, kept = PAGES[name], reports.NAMES[name]
    told = {
        "asked": asking,
        "told": answered.told,
        "choices": choices(kept) if "only" in kept.options else [],
        "splits": splits(kept, asking.typed.get(BY, "") or page.by) if "by" in kept.options else [],
        "periods": periods(kept, asking, request.now),
        "filters": "only" in kept.options,
        "split": not page.by,
        "drawn": page.drawn is not None,
        "since": page.since,
        "bare": page.bare,
        "period": _period(asking, answered.told) if page.bare is EVERYTHING else "",
        "may_import": request.user.may("import_files"),
    }
    return render(request, f"insight/{name}.html", told | page.tell(request, asking, answered))


@needs("see_insight")
@require_GET
def leaks(request: MemberRequest) -> HttpResponse:
    """Open leads that nobody would look for."""
    answered = reports.answer("leaks", Question.asked(request.now, viewer=request.user))
    return render(request, "insight/leaks.html", leaking.page(request, answered))


@needs("see_insight")
@require_GET
def leads(request: MemberRequest) -> HttpResponse:
    """The records behind one number of a report."""
    return _behind(request, _listed)


@needs("see_insight")
@needs("export_records")
@require_GET
def leads_export(request: MemberRequest) -> HttpResponse:
    """The same records as a file."""
    return _behind(request, exporting.stream)


def _listed(request: MemberRequest, asking: Asked, cell: Cell, found: listing.Found) -> HttpResponse:
    told = listing.page(request, asking, cell, found)
    may = {"may_export": request.user.may("export_records"), "may_propose": request.user.may("propose_nudge")}
    title = ELSEWHERE[asking.report] if asking.report in ELSEWHERE else PAGES[asking.report].title
    return render(
        request,
        "insight/leads.html",
        told | may | {"title": listing.then(asking, cell) or title(cell), "of": _of(request, asking)},
    )


def _of(request: MemberRequest, asking: Asked) -> Named | None:
    """The record whose page tells the number, where no report's does."""
    return earning.record(asking, request.user) if asking.report in ELSEWHERE else None


def _behind(
    request: MemberRequest, tell: Callable[[MemberRequest, Asked, Cell, listing.Found], HttpResponseBase]
) -> HttpResponse:
    """The records behind the number that an address names, told, or why there are none."""
    kept = _report(request, request.GET.get("report", ""), ELSEWHERE)
    given = {name: request.GET.get(name) for name in ("stage", "group", "cohort")}
    asking, cell = asked(request, kept, (*_names(kept), MOMENT)), Cell(request.GET.get("measure", ""), **given)
    try:
        found = listing.read(request, asking, cell)
    except CannotAsk as refused:
        refusal = {"refused": refused, "report": kept.name, "of": _of(request, asking)}
        return render(request, "insight/leads.html", refusal, status=400)
    return cast(HttpResponse, tell(request, asking, cell, found))


@needs("see_insight")
@require_GET
def figures(request: MemberRequest, name: str, kind: str) -> HttpResponse:
    """What a report tells, as a file of lines: `csv` or `xlsx`."""
    kept = _report(request, name, ("leaks",))
    if kind not in files.WRITTEN:
        raise Http404
    answered = _answered(request, name)[1]
    return files.named(files.WRITTEN[kind](kept.lines(answered), str(kept.label)), files.KINDS[kind], f"{name}.{kind}")


@needs("see_insight")
@require_GET
def drawing(request: MemberRequest, name: str, kind: str) -> HttpResponse:
    """The drawing of a report as a file: `svg` or `png`."""
    draw = PAGES[_report(request, name).name].drawn
    if draw is None or kind not in files.DRAWN:
        raise Http404
    asking, answered = _answered(request, name)
    shown = PAGES[name].tell(request, asking, answered)
    filters = [f"{field}: {value}" for field, value, _without in asking.chips]
    said = [House.get().name, *PAGES[name].of(shown), *filters, _period(asking, answered.told)]
    drawn = files.framed(draw(request, shown), str(reports.NAMES[name].label), " · ".join(said))
    return files.named(files.DRAWN[kind](drawn), files.KINDS[kind], f"{name}.{kind}")


def _period(asking: Asked, told: Told) -> str:
    """The days that a drawing is of, and until when they were known; days of the house."""
    question = asking.question
    known = (told.as_of.astimezone(ZoneInfo(question.zone)) - timedelta.resolution).date()
    first = question.start.date() if question.start else None
    last = (question.end - timedelta.resolution).date() if question.end else None
    until = wording.day(min(last or known, known))
    said = f"{wording.day(first) if first else '…'} – {until}"
    if not (first or last):
        said = gettext("Everything until %(day)s") % {"day": until}
    if asking.then:
        return said + " · " + gettext("as known at the start of %(day)s") % {"day": asking.then}
    if last is None or last >= known:
        return said
    return said + " · " + gettext("as known on %(day)s") % {"day": wording.day(known)}


def _report(request: MemberRequest, name: str, others: Container[str] = ()) -> Report:
    """One that has a page here, or is among the others."""
    if name not in PAGES and name not in others:
        raise Http404
    kept = reports.NAMES[name]
    if not request.user.may(kept.needs):
        raise PermissionDenied
    return kept


def _names(kept: Report) -> tuple[str, ...]:
    return tuple(CONTROLS[option] for option in kept.options if CONTROLS[option] != ONLY)


def _answered(request: MemberRequest, name: str) -> tuple[Asked, Any]:
    """The question and its answer; a first day from which the report cannot tell is left out."""
    kept = reports.NAMES[name]
    asking = asked(request, kept, _names(kept))
    if name in PAGES and (said := request.GET.get(PAGES[name].own, "")):
        asking = replace(asking, own={PAGES[name].own: said})
    try:
        return asking, reports.answer(name, asking.question)
    except CannotAsk as refused:
        asking = asking.without_first(str(refused))
        return asking, reports.answer(name, asking.question)
