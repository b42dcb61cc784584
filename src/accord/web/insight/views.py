from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports import Cell
from accord.web.insight import cohorting, files, flowing, funneling, leaking, listing, sourcing
from accord.web.insight.asking import AS_OF, BY, FROM, MOMENT, TO, Asked, asked, choices
from accord.web.shell.gate import MemberRequest, needs

PERIOD = (FROM, TO, AS_OF)
OPTIONS = {"funnel": (*PERIOD, BY), "flow": PERIOD, "cohorts": PERIOD, "sources": (*PERIOD, BY)}
DRAWING = "funnel"


@needs("see_insight")
@require_GET
def funnel(request: MemberRequest) -> HttpResponse:
    return _page(request, "funnel", funneling.page)


@needs("see_insight")
@require_GET
def flow(request: MemberRequest) -> HttpResponse:
    return _page(request, "flow", flowing.page)


@needs("see_insight")
@require_GET
def cohorts(request: MemberRequest) -> HttpResponse:
    outcome = request.GET.get("outcome", "")
    return _page(request, "cohorts", lambda asking, found: cohorting.page(asking, found, outcome))


@needs("see_insight")
@require_GET
def sources(request: MemberRequest) -> HttpResponse:
    return _page(request, "sources", sourcing.page)


@needs("see_insight")
@require_GET
def leaks(request: MemberRequest) -> HttpResponse:
    """Open leads that nobody would look for."""
    answered = reports.answer("leaks", Question.asked(request.now, viewer=request.user))
    return render(request, "insight/leaks.html", leaking.page(request, answered))


@needs("see_insight")
@require_GET
def leaks_lines(request: MemberRequest) -> HttpResponse:
    answered = reports.answer("leaks", Question.asked(request.now, viewer=request.user))
    written = files.lines(reports.NAMES["leaks"].lines(answered))
    return files.named(written, "text/csv; charset=utf-8", "leaks.csv")


@needs("see_insight")
@require_GET
def leads(request: MemberRequest) -> HttpResponse:
    """The leads behind one number of a report."""
    report = request.GET.get("report", "")
    if report not in OPTIONS:
        raise Http404
    given = {name: request.GET.get(name) for name in ("stage", "group", "cohort")}
    asking, cell = asked(request, report, (*OPTIONS[report], MOMENT)), Cell(request.GET.get("measure", ""), **given)
    try:
        found = listing.read(request, asking, cell)
    except CannotAsk as refused:
        return render(request, "insight/leads.html", {"refused": refused, "report": report}, status=400)
    return render(request, "insight/leads.html", listing.page(request, asking, cell, found))


@needs("see_insight")
@require_GET
def funnel_lines(request: MemberRequest) -> HttpResponse:
    return _lines(request, "funnel")


@needs("see_insight")
@require_GET
def flow_lines(request: MemberRequest) -> HttpResponse:
    return _lines(request, "flow")


@needs("see_insight")
@require_GET
def cohorts_lines(request: MemberRequest) -> HttpResponse:
    return _lines(request, "cohorts")


@needs("see_insight")
@require_GET
def sources_lines(request: MemberRequest) -> HttpResponse:
    return _lines(request, "sources")


@needs("see_insight")
@require_GET
def funnel_svg(request: MemberRequest) -> HttpResponse:
    return files.named(files.svg(request, _drawing(request)), "image/svg+xml", f"{DRAWING}.svg")


@needs("see_insight")
@require_GET
def funnel_png(request: MemberRequest) -> HttpResponse:
    return files.named(files.png(files.svg(request, _drawing(request))), "image/png", f"{DRAWING}.png")


def _page(request: MemberRequest, report: str, tell: Callable[[Asked, Any], dict[str, Any]]) -> HttpResponse:
    asking, answered = _answered(request, report)
    by = asking.typed.get(BY, "")
    told = {
        "asked": asking,
        "told": answered.told,
        "choices": choices(by or sourcing.USUAL if report == "sources" else by) if BY in OPTIONS[report] else [],
        "split": report == "funnel",
        "may_import": request.user.may("import_files"),
    }
    return render(request, f"insight/{report}.html", told | tell(asking, answered))


def _lines(request: MemberRequest, report: str) -> HttpResponse:
    _asking, answered = _answered(request, report)
    written = files.lines(reports.NAMES[report].lines(answered))
    return files.named(written, "text/csv; charset=utf-8", f"{report}.csv")


def _drawing(request: MemberRequest) -> dict[str, Any]:
    return funneling.page(*_answered(request, "funnel"))


def _answered(request: MemberRequest, report: str) -> tuple[Asked, Any]:
    """The question and its answer; a first day from which the report cannot tell is left out."""
    asking = asked(request, report, OPTIONS[report])
    try:
        return asking, reports.answer(report, asking.question)
    except CannotAsk as refused:
        asking = asking.without_first(str(refused))
        return asking, reports.answer(report, asking.question)
