"""From a file to an import: the upload, and the page on which somebody says what its columns mean."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accord.kernel import clock
from accord.kernel.imports import kinds, maps, run
from accord.kernel.imports.maps import BadMap, ImportMap, MapProblem
from accord.kernel.imports.reading import Unreadable
from accord.kernel.jobs import Job
from accord.rooms.team.models import House
from accord.web.imports import drafts
from accord.web.imports.drafts import Draft
from accord.web.imports.forms import UploadForm
from accord.web.imports.mapping import ENCODINGS, TYPE_NAMES, Laid, delimiters, encodings, said_by, zone_names
from accord.web.shell.gate import MemberRequest, needs

CHECKED = 20_000
REJECTS_SHOWN = 20


@needs("import_files")
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: MemberRequest) -> HttpResponse:
    """Give a file; it is kept aside, and nothing is written."""
    drafts.clear(clock.machine())
    posted = request.POST if request.method == "POST" else None
    form = UploadForm(posted, request.FILES if posted is not None else None, initial=_wanted(request))
    if not form.is_valid():
        return render(request, "imports/new.html", {"form": form})
    given = form.cleaned_data
    draft = Draft.keep(given["file"], given["kind"], given["map"], request.user.pk)
    try:
        Laid(draft, "UTC")
    except Unreadable as unreadable:
        draft.drop()
        form.add_error("file", str(unreadable))
        return render(request, "imports/new.html", {"form": form})
    return redirect("import_draft", draft.key)


def _wanted(request: MemberRequest) -> dict[str, str]:
    """A list of records sends its kind along; contacts are what most files hold."""
    wanted = request.GET.get("kind", "")
    return {"kind": wanted if wanted in kinds.names() else "contacts"}


@needs("import_files")
@require_http_methods(["GET", "HEAD", "POST"])
def import_draft(request: MemberRequest, draft: str) -> HttpResponse:
    """What the file holds, what its columns become and what an import would do; the import begins from here."""
    kept = _draft_or_404(request, draft)
    if kept.made:
        return redirect("import", kept.made)
    if request.method == "POST":
        kept.chosen = said_by(request.POST, kept)
        kept.save()
    page = _page(request, kept)
    if request.method != "POST":
        return render(request, "imports/draft.html", {**page, "zones": zone_names(), **_checked(request, page)})
    if request.POST.get("act") == "import" and page["drawn"]:
        return _begun(request, kept, page["laid"], page["drawn"])
    if request.htmx:
        return render(request, "imports/draft_steps.html", page)
    return redirect("import_draft", kept.key)


@needs("import_files")
@require_GET
def import_check(request: MemberRequest, draft: str) -> HttpResponse:
    """The dry run alone, which may take a while."""
    kept = _draft_or_404(request, draft)
    if kept.made:
        return HttpResponseClientRedirect(reverse("import", args=[kept.made]))
    page = _page(request, kept)
    return render(request, "imports/draft_check.html", {**page, **_checked(request, page), "late": True})


@needs("import_files")
@require_GET
def import_draft_map(request: MemberRequest, draft: str) -> HttpResponse:
    """The map as it is chosen now, to be used again."""
    page = _page(request, _draft_or_404(request, draft))
    if not page["drawn"]:
        raise Http404
    response = HttpResponse(maps.dump_map(page["drawn"]), content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{page["drawn"].kind}.yaml"'
    return response


def _draft_or_404(request: MemberRequest, key: str) -> Draft:
    draft = Draft.of(key, request.user.pk)
    if draft is None:
        raise Http404
    return draft


def _page(request: MemberRequest, draft: Draft) -> dict[str, Any]:
    """The file as read and the map as chosen, or what stands in the way of either."""
    page: dict[str, Any] = {"draft": draft, "kind": kinds.kind(draft.kind), "laid": None, "drawn": None}
    page["may_revert"] = request.user.may("revert_import")
    page |= _read_as(draft.chosen.get("encoding", ENCODINGS[0]), draft.chosen.get("delimiter", ","))
    try:
        laid = page["laid"] = Laid(draft, request.user.zone or House.get().zone)
        page |= _read_as(laid.found.encoding, laid.found.delimiter)
        page["types"] = TYPE_NAMES
        drawn = laid.drawn()
        run.check(drawn, laid.found.header)
        page |= {"drawn": drawn, "span": laid.span(drawn)}
    except Unreadable as unreadable:
        page["unreadable"] = str(unreadable)
    except BadMap as bad:
        page["problems"] = [_problem(problem) for problem in bad.problems]
    return page


def _read_as(encoding: str, delimiter: str) -> dict[str, Any]:
    """How the file is read, among the ways that there are; also where it cannot be read so."""
    return {
        "encoding": encoding,
        "encodings": encodings(encoding),
        "delimiter": delimiter,
        "delimiters": delimiters(delimiter),
    }


def _problem(problem: MapProblem) -> tuple[str, str]:
    """Which column it is about, if it is about one, and what to do."""
    where, _dot, name = problem.path.partition(".")
    return name.removesuffix(".to") if where == "columns" else "", str(problem.message)


def _checked(request: MemberRequest, page: dict[str, Any]) -> dict[str, Any]:
    drawn: ImportMap | None = page["drawn"]
    if drawn is None:
        return {}
    laid: Laid = page["laid"]
    preview = run.look(laid.found, laid.draft.file, drawn, at=request.now, by=request.user.pk, most=CHECKED)
    partly = preview.counts["rows"] >= CHECKED and preview.counts["rows"] < laid.found.rows_estimate
    fruitless = not partly and preview.counts["rejected"] == preview.counts["rows"]
    return {
        "preview": preview, "partly": partly, "rejected": preview.rejected[:REJECTS_SHOWN], "fruitless": fruitless,
    }  # fmt: skip


def _begun(request: MemberRequest, draft: Draft, laid: Laid, drawn: ImportMap) -> HttpResponse:
    if not draft.claim():
        return redirect("imports")
    found, member = laid.found, request.user.pk
    how = {"encoding": found.encoding, "delimiter": found.delimiter}
    made = run.prepare(draft.file, drawn, name=draft.name, by=member, at=request.now, **how)
    Job.queue("import", subject=made.pk, by=member)
    draft.became(made.pk)
    return redirect("import", made.pk)
