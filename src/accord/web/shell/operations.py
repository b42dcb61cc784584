"""Operations: how far the journal is behind, what it could not digest, which long work is under way."""

from importlib.metadata import version
from typing import Any

import django
from django.contrib import messages
from django.db import connection
from django.db.models import Case, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accord.kernel import clock, jobs, journal
from accord.kernel.instants import EPOCH, from_micros
from accord.kernel.jobs import Job
from accord.kernel.journal import Parked
from accord.kernel.mail import models as mail
from accord.rooms.capture.queries import arrivals, queue
from accord.rooms.team.models import Member
from accord.web.shell.gate import MemberRequest, needs

PARKED_SHOWN, JOBS_SHOWN, FAILED_SHOWN = 50, 30, 20


@needs("see_operations")
@require_GET
def show(request: MemberRequest) -> HttpResponse:
    template = "shell/operations_state.html" if request.htmx else "shell/operations.html"
    return render(request, template, state())


def state() -> dict[str, Any]:
    inbox, (repeated, rejected) = queue(), arrivals((clock.machine() - EPOCH).days)
    parked = list(Parked.objects.select_related("fact").order_by("-id")[:PARKED_SHOWN])
    return {
        "lag": journal.lag(),
        "inbox": inbox,
        "inbox_oldest": from_micros(inbox.oldest) if inbox.oldest else None,
        "repeated": repeated,
        "rejected": rejected,
        "waiting": journal.waiting_by_reaction(),
        "parked": [(one, one.error.strip().splitlines()[-1]) for one in parked],
        "backup": Job.objects.filter(kind=jobs.BACKUP).last(),
        "jobs": _jobs(),
        "mails": {"waiting": mail.waiting().count(), "failed": mail.failed().count(), "set_up": mail.is_set_up()},
        "failed": mail.failed().order_by("-id")[:FAILED_SHOWN],
        "moment": clock.machine(),
        "database": _database(),
        "versions": {"accord": version("accord"), "django": django.get_version()},
    }


def _jobs() -> list[tuple[Job, Member | None]]:
    """Those under way first, then the last ones that ended, each with who asked for it."""
    under_way = Q(state__in=(jobs.QUEUED, jobs.RUNNING))
    shown = list(Job.objects.order_by(Case(When(under_way, then=Value(0)), default=Value(1)), "-id")[:JOBS_SHOWN])
    members = Member.objects.in_bulk({job.by_id for job in shown if job.by_id})
    return [(job, members.get(job.by_id or 0)) for job in shown]


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        return f"{connection.display_name} {cursor.fetchone()[0]}"


@needs("see_operations")
@require_POST
def send_again(request: MemberRequest, pk: int) -> HttpResponse:
    journal.unpark(get_object_or_404(Parked, pk=pk))
    messages.success(request, _("The fact goes to its reaction again."))
    return redirect("operations")


@needs("see_operations")
@require_POST
def cancel_job(request: MemberRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk)
    job.cancel()
    said = _("It had ended already.") if job.finished else _("It stops at its next step.")
    messages.success(request, said)
    return redirect("operations")
