"""Imports that were begun: the list, how one goes, what came of it, and taking it back."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accord.kernel import jobs
from accord.kernel.imports import kinds
from accord.kernel.imports.models import Import
from accord.kernel.jobs import Job
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact
from accord.rooms.team.models import Member
from accord.web.shell.gate import MemberRequest, needs

LISTED, ROWS_SHOWN = 100, 100
PREPARED, FINISHED, REVERTED, REVERTING = "prepared", "finished", "reverted", "reverting"
STATES = {
    PREPARED: gettext_lazy("Prepared"),
    jobs.QUEUED: gettext_lazy("Waiting"),
    jobs.RUNNING: gettext_lazy("Running"),
    jobs.FAILED: gettext_lazy("Failed"),
    jobs.CANCELLED: gettext_lazy("Cancelled"),
    FINISHED: gettext_lazy("Done"),
    REVERTING: gettext_lazy("Being reverted"),
    REVERTED: gettext_lazy("Reverted"),
}
# Where the records of a kind of file are listed.
LISTS = {
    "contacts": "contacts", "companies": "companies", "leads": "leads", "deals": "deals", "traits": "contacts",
    "transitions": "leads", "touches": "contacts", "links": "contacts", "verdicts": "contacts",
}  # fmt: skip
# Records that have a page, with what their names are made of.
PAGES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "contact": (Contact, ("company",)),
    "company": (Company, ("parent",)),
    "lead": (Lead, ("contact",)),
    "deal": (Deal, ("company", "contact")),
    "asset": (Asset, ()),
    "campaign": (Campaign, ()),
}


@needs("import_files")
@require_GET
def imports(request: MemberRequest) -> HttpResponse:
    shown = list(Import.objects.order_by("-id")[:LISTED])
    last = _last_jobs([made.pk for made in shown])
    members = Member.objects.in_bulk({made.by_id for made in shown if made.by_id})
    rows = [_row(made, last.get(made.pk), members.get(made.by_id or 0)) for made in shown]
    return render(request, "imports/imports.html", {"rows": rows, "may_revert": request.user.may("revert_import")})


def _row(made: Import, job: Job | None, member: Member | None) -> dict[str, Any]:
    state = state_of(made, job)
    return {
        "made": made,
        "kind": kind_label(made.kind),
        "member": member,
        "job": job,
        "state": state,
        "word": STATES[state],
    }


def _last_jobs(imports: Iterable[int]) -> dict[int, Job]:
    """The job that each of these imports was last about."""
    found = Job.objects.filter(kind__in=("import", "revert"), subject_id__in=imports).order_by("id")
    return {job.subject_id or 0: job for job in found}


def state_of(made: Import, job: Job | None) -> str:
    """One word for what the import's own record and its last job say together."""
    if job and not job.finished:
        return REVERTING if job.kind == "revert" and job.state == jobs.RUNNING else job.state
    if made.reverted_at:
        return job.state if job and job.kind == "revert" and job.state != jobs.DONE else REVERTED
    if made.finished_at:
        return FINISHED
    return job.state if job and job.state != jobs.DONE else PREPARED


def kind_label(kind: str) -> Any:
    return kinds.kind(kind).label if kind in kinds.names() else kind


@needs("import_files")
@require_GET
def import_(request: MemberRequest, pk: int) -> HttpResponse:
    """How an import goes, and once it has ended what came of it."""
    made = get_object_or_404(Import, pk=pk)
    job = _last_jobs([pk]).get(pk)
    state = state_of(made, job)
    page = {
        **_row(made, job, Member.objects.filter(pk=made.by_id or 0).first()),
        "under_way": bool(job and not job.finished),
        "reverts": bool(job and job.kind == "revert"),
        "list": LISTS.get(made.kind, "contacts"),
        "accounted": made.created + made.updated + made.unchanged + made.rejected,
        "may_revert": request.user.may("revert_import") and may_be_reverted(made, state),
        "others_revert": not request.user.may("revert_import") and may_be_reverted(made, state),
        "may_go_on": may_go_on(made, state),
        "has_rejects_file": made.rejects_file.is_file(),
    }
    if not page["under_way"]:
        page |= {
            "rejects": made.rejects.all()[:ROWS_SHOWN],
            "flags": made.flags.all()[:ROWS_SHOWN],
            "kept": _kept(request.user, made) if made.reverted_at else [],
        }
    return render(request, "imports/import_state.html" if request.htmx else "imports/import.html", page)


def may_go_on(made: Import, state: str) -> bool:
    """An import that stopped goes on where it was; one that nobody was asked to do can be asked for."""
    return not made.reverted_at and not made.finished_at and state in (PREPARED, jobs.CANCELLED, jobs.FAILED)


def may_be_reverted(made: Import, state: str) -> bool:
    """What was written can be taken back, and a revert that stopped half-way goes on."""
    if made.reverted_at:
        return state in (jobs.CANCELLED, jobs.FAILED)
    return bool(made.next_row) and state in (FINISHED, jobs.CANCELLED, jobs.FAILED)


def _kept(member: Member, made: Import) -> list[dict[str, Any]]:
    """Records that a revert left, by name where this member may see them."""
    shown = made.kept[:ROWS_SHOWN]
    named: dict[tuple[str, int], Any] = {}
    for kind, (model, related) in PAGES.items():
        wanted = [one["record"] for one in shown if one["kind"] == kind]
        if wanted:
            found = model.objects.visible_to(member).select_related(*related).in_bulk(wanted)
            named |= {(kind, pk): record for pk, record in found.items()}
    return [{**one, "named": named.get((one["kind"], one["record"]))} for one in shown]


@needs("import_files")
@require_GET
def import_rejects(request: MemberRequest, pk: int) -> HttpResponse:
    """The rows that could not be taken, with line and reason in front; mended, the file can be imported again."""
    made = get_object_or_404(Import, pk=pk)
    if not made.rejects_file.is_file():
        raise Http404
    name = f"rejects-{made.name.rpartition('.')[0] or made.name}.csv"
    file = made.rejects_file.open("rb")
    sent = FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
    return cast(HttpResponse, sent)


@needs("import_files")
@require_POST
def import_cancelling(request: MemberRequest, pk: int) -> HttpResponse:
    get_object_or_404(Import, pk=pk)
    job = _last_jobs([pk]).get(pk)
    if job is None or job.finished or job.kind != "import":
        messages.info(request, _("There is nothing to stop: it has ended."))
    else:
        job.cancel()
        messages.success(request, _("The import stops after the rows that it has in hand."))
    return redirect("import", pk)


@needs("import_files")
@require_POST
@transaction.atomic
def import_continuing(request: MemberRequest, pk: int) -> HttpResponse:
    made = _in_hand(pk)
    if may_go_on(made, state_of(made, _last_jobs([pk]).get(pk))):
        Job.queue("import", subject=pk, by=request.user.pk)
    else:
        messages.info(request, _("This import cannot go on: it runs, has ended or was reverted."))
    return redirect("import", pk)


@needs("revert_import")
@require_POST
@transaction.atomic
def import_reverting(request: MemberRequest, pk: int) -> HttpResponse:
    made = _in_hand(pk)
    if may_be_reverted(made, state_of(made, _last_jobs([pk]).get(pk))):
        Job.queue("revert", subject=pk, by=request.user.pk)
    else:
        messages.info(request, _("There is nothing to take back: it runs still, or was reverted already."))
    return redirect("import", pk)


def _in_hand(pk: int) -> Import:
    """Nobody else's until this has ended: of two clicks at once the second sees what the first has queued."""
    return get_object_or_404(Import.objects.select_for_update(), pk=pk)
