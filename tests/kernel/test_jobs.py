"""Long work that is done time and again: never twice at once, and its turns do not pile up."""

import json

import pytest

from accord.kernel import jobs
from accord.kernel.jobs import Job
from accord.rooms.scoring.models import ScoreNow
from tests.scenarios.living import agreed, contact, on, simple, touch

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def test_what_is_under_way_is_not_queued_again():
    Job.again("rescore")
    Job.again("rescore")
    held = jobs.claim()
    Job.again("rescore")
    assert list(Job.objects.all()) == [held]


def test_the_last_turn_is_forgotten_once_the_next_begins_and_a_failure_is_kept():
    for state in (jobs.DONE, jobs.FAILED):
        Job.again("rescore")
        Job.objects.filter(state=jobs.QUEUED).update(state=state)
    Job.again("rescore")
    assert list(Job.objects.order_by("id").values_list("state", flat=True)) == [jobs.FAILED, jobs.QUEUED]


@pytest.fixture
def at():
    return on("2025-12-30")


def test_rescoring_is_such_work(cast):
    agreed(cast, simple(2), "2026-01-01")
    anna = contact("anna")
    touch(anna, "download", "2026-01-02")
    ScoreNow.objects.filter(contact_id=anna.pk).update(grade="Z9")
    Job.again("rescore")
    done = jobs.run(jobs.claim())
    assert (done.state, done.result) == (jobs.DONE, {"written": 1})
    assert ScoreNow.objects.get(contact_id=anna.pk).grade != "Z9"


BREAKS = """
from accord.kernel import jobs
from accord.kernel.jobs import Job
job = Job.queue("import", subject=0)
jobs.hold(job)
print(job.pk)
"""


@pytest.mark.parametrize("scratch", ["sqlite"], indirect=True)
def test_what_breaks_a_job_stands_in_the_log_as_every_error_does(scratch):
    broken = scratch.accord("job", scratch.python(BREAKS).strip(), check=False)
    said = json.loads(broken.stderr)
    assert (broken.returncode, said["error"]) == (1, "accord.kernel.imports.models.Import.DoesNotExist")
    assert said["where"].endswith(" get")
