"""What Prometheus asks: how far everything that should be done at once is behind."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_safe
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from accord.kernel import clock, jobs, journal
from accord.kernel.instants import EPOCH, from_micros
from accord.kernel.jobs import Job
from accord.rooms.capture.models import CaptureStep
from accord.rooms.capture.queries import arrivals, counted, queue
from accord.rooms.team.models import ApiKey

HERE = ("127.0.0.1", "::1")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever asks on this machine, and for keys elsewhere. Counts and times only, nothing about anybody."""
    if not (_from_here(request) or _with_a_key(request)):
        return HttpResponseForbidden("ask on this machine, or with a key of scope api as a bearer token")
    registry = CollectorRegistry()
    registry.register(Behind())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _from_here(request: HttpRequest) -> bool:
    # A proxy on this machine asks for others, and says so.
    return request.META.get("REMOTE_ADDR") in HERE and "HTTP_X_FORWARDED_FOR" not in request.META


def _with_a_key(request: HttpRequest) -> bool:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and ApiKey.held_by(secret.strip(), "api") is not None


class Behind(Collector):
    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        now, lag, waiting, came = clock.machine(), journal.lag(), queue(), counted()
        yield _gauge("accord_journal_pending", "Reactions that wait for the worker.", lag["count"])
        oldest = (now - lag["oldest"]).total_seconds() if lag["oldest"] else 0
        yield _gauge("accord_journal_oldest_seconds", "Age of the oldest reaction that waits.", max(oldest, 0))
        yield _gauge("accord_journal_parked", "Facts that a reaction could not digest.", lag["parked"])
        yield _gauge("accord_inbox_waiting", "Events acknowledged and not taken in yet.", waiting.events)
        since = (now - from_micros(waiting.oldest)).total_seconds() if waiting.oldest else 0
        yield _gauge("accord_inbox_oldest_seconds", "Age of the oldest event that waits.", max(since, 0))
        yield _counter("accord_events", "Distinct events acknowledged.", came.events)
        yield _counter("accord_events_dropped", "Of them, those that became nothing, with a reason kept.", came.dropped)
        repeated, rejected = arrivals((now - EPOCH).days)
        yield _gauge("accord_events_repeated_today", "Events that came again today.", repeated)
        yield _gauge("accord_events_rejected_today", "Events refused at the door today.", rejected)
        yield _steps()
        yield _jobs()
        yield _gauge("accord_disk_free_bytes", "Free on the home's disk.", shutil.disk_usage(settings.HOME).free)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(name, what, value=value)


def _steps() -> Metric:
    steps = CounterMetricFamily("accord_capture_step_seconds", "Time that a step of capture took.", labels=["step"])
    for step in CaptureStep.objects.all():
        steps.add_metric([step.step], step.microseconds / 1e6)
    return steps


def _jobs() -> Metric:
    states = GaugeMetricFamily("accord_jobs", "Long jobs that are not finished, by state.", labels=["state"])
    for state in (jobs.QUEUED, jobs.RUNNING):
        states.add_metric([state], Job.objects.filter(state=state).count())
    return states
