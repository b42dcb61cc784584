"""Long work: one row a job, run in a child process of the worker, with progress, cancel and a lease.

A job may be killed at any moment and is then run again, so every job is safe to run twice.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, connections, models, transaction
from django.db.models import F, Q

from accord.kernel import clock
from accord.kernel.instants import InstantField

LEASE = timedelta(seconds=30)
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
BACKUP = "backup"


class Cancelled(Exception):
    """Somebody asked the job to stop."""


class Refused(Exception):
    """The job cannot be done; the message is for a person."""


class Job(models.Model):
    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    cancel_wanted = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = InstantField(null=True)
    by_id = models.BigIntegerField(null=True)
    queued_at = InstantField()
    started_at = InstantField(null=True)
    finished_at = InstantField(null=True)

    class Meta:
        db_table = "job"
        indexes = [models.Index(fields=["state", "id"], name="job_state")]

    @classmethod
    def queue(cls, kind: str, *, subject: int | None = None, by: int | None = None, **arguments: Any) -> "Job":
        return cls.objects.create(
            kind=kind, subject_id=subject, arguments=arguments, by_id=by, queued_at=clock.machine()
        )

    @classmethod
    def again(cls, kind: str) -> None:
        """Queue what is done time and again, unless it is under way. Its last turn that went well is forgotten."""
        ones = cls.objects.filter(kind=kind)
        if not ones.filter(state__in=(QUEUED, RUNNING)).exists():
            ones.filter(state=DONE).delete()
            cls.queue(kind)

    @classmethod
    def ended(cls, kind: str, *, began: datetime, **result: Any) -> None:
        """Note what a command has done by itself, in the place of what was noted of its last turn."""
        cls.objects.filter(kind=kind).delete()
        now = clock.machine()
        cls.objects.create(kind=kind, state=DONE, result=result, queued_at=began, started_at=began, finished_at=now)

    @property
    def finished(self) -> bool:
        return self.state in (DONE, FAILED, CANCELLED)

    @property
    def share(self) -> int:
        """Done in per cent."""
        return 100 if self.state == DONE else (100 * self.done // self.total if self.total else 0)

    @property
    def rate(self) -> float:
        """Steps a second so far."""
        spent = ((self.finished_at or clock.machine()) - self.started_at).total_seconds() if self.started_at else 0
        return self.done / spent if spent > 0 else 0.0

    @property
    def seconds_left(self) -> int | None:
        return round((self.total - self.done) / self.rate) if self.rate and not self.finished else None

    def cancel(self) -> None:
        """Stop at the next step; one that has not begun stops at once."""
        Job.objects.filter(pk=self.pk, state=QUEUED).update(state=CANCELLED, finished_at=clock.machine())
        Job.objects.filter(pk=self.pk, state=RUNNING).update(cancel_wanted=True)


@dataclass
class Progress:
    """What a running job reports to, and learns from whether to go on."""

    job: Job
    shown: Callable[[int, int], None] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Raises Cancelled where somebody wants the job stopped."""
        Job.objects.filter(pk=self.job.pk).update(done=done, total=total)
        if self.shown:
            self.shown(done, total)
        if Job.objects.filter(pk=self.job.pk, cancel_wanted=True).exists():
            raise Cancelled


_runners: dict[str, Callable[[Job, Progress], dict[str, Any]]] = {}


def runs(kind: str, runner: Callable[[Job, Progress], dict[str, Any]]) -> None:
    """Say what does jobs of this kind."""
    _runners[kind] = runner


def claim() -> Job | None:
    """The next job that nobody holds: queued, or left by a process that died."""
    now = clock.machine()
    free = Q(state=QUEUED) | Q(state=RUNNING, leased_until__lt=now)
    with transaction.atomic():
        waiting = Job.objects.filter(free).order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        job = waiting.first()
        return job if job and hold(job) else None


def hold(job: Job) -> bool:
    """Take the job for this process; false if somebody else has it."""
    now = clock.machine()
    free = Q(state=QUEUED) | Q(state=RUNNING, leased_until__lt=now)
    taken = Job.objects.filter(free, pk=job.pk).update(
        state=RUNNING, leased_until=now + LEASE, started_at=now, attempts=F("attempts") + 1
    )
    job.refresh_from_db()
    return bool(taken)


def run(job: Job, shown: Callable[[int, int], None] | None = None) -> Job:
    """Do a job that this process holds, renewing its lease meanwhile."""
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(job.pk, stop), daemon=True)
    renewing.start()
    try:
        result = _runners[job.kind](job, Progress(job, shown))
        _finish(job, DONE, result=result)
    except Cancelled:
        _finish(job, CANCELLED)
    except Refused as refused:
        _finish(job, FAILED, message=str(refused))
    finally:
        stop.set()
        renewing.join()
    job.refresh_from_db()
    return job


def spawn(job: Job) -> subprocess.Popen:
    """Run a held job in a child process, so that its memory ends with it."""
    return subprocess.Popen([sys.executable, "-m", "accord.cli", "job", str(job.pk)], env=dict(os.environ))


def crashed(job: Job) -> None:
    """The child is gone without an end: leave the job to the next try, or give up after the third."""
    held = Job.objects.filter(pk=job.pk, state=RUNNING)
    held.filter(attempts__gte=3).update(state=FAILED, finished_at=clock.machine())
    held.filter(attempts__lt=3).update(state=QUEUED, leased_until=None)


def _finish(job: Job, state: str, **values: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=clock.machine(), leased_until=None, **values)


def _renew(job: int, stop: threading.Event) -> None:
    while not stop.wait(LEASE.total_seconds() / 3):
        Job.objects.filter(pk=job, state=RUNNING).update(leased_until=clock.machine() + LEASE)
    connections.close_all()
