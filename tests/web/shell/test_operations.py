import re
from datetime import timedelta

import pytest

from accord.kernel import clock, journal
from accord.kernel.jobs import Job
from accord.kernel.journal import Parked, Pending
from accord.kernel.ledger import Fact
from accord.kernel.mail.models import FAILED, Mail


@pytest.fixture(autouse=True)
def _nothing_waits(cast):
    journal.drain()


@pytest.fixture
def parked(cast, at):
    return Parked.objects.create(
        fact=Fact.objects.filter(kind="member_joined").first(),
        reaction="funnel.join_passages",
        error="Traceback (most recent call last):\n  …\nValueError: no such passage\n",
        parked_at=at,
    )


def page(browser, **headers):
    return browser.get("/operations/", headers=headers).content.decode()


def test_a_parked_fact_is_shown_with_what_went_wrong_and_can_be_sent_again(cast, as_, parked):
    browser = as_(cast.saul)
    shown = page(browser)
    assert '<summary class="link">ValueError: no such passage</summary>' in shown
    assert "<code>member_joined</code>" in shown
    browser.post(f"/operations/parked/{parked.pk}/again/")
    assert list(Pending.objects.values_list("fact_id", "reaction")) == [(parked.fact_id, "funnel.join_passages")]
    assert "None: every fact has been digested." in page(browser)


def test_the_lag_counts_what_waits_by_reaction(cast, as_):
    fact = Fact.objects.first()
    Pending.objects.bulk_create(Pending(fact=fact, reaction=key) for key in ("a.one", "a.one", "b.two"))
    shown = " ".join(page(as_(cast.ada)).split())
    assert '<span class="v num">3</span><span class="faint">reactions waiting</span>' in shown
    assert '<td><code>a.one</code></td><td class="r num">2</td>' in shown


def test_mails_that_failed_are_listed_with_what_the_server_said(cast, as_, at, settings):
    settings.EMAIL_HOST = "mail.house.example"
    assert "Mails that failed" not in page(as_(cast.ada))
    mail = Mail.queue("letter", to="kim@else.example", subject="Your sizing table", text="…", at=at)
    Mail.objects.filter(pk=mail.pk).update(state=FAILED, error="550 No such user here")
    shown = " ".join(page(as_(cast.ada)).split())
    assert '<a class="rec" href="/operations/#failed-h">1</a></span><span class="faint">mails that failed' in shown
    assert '<td class="prose">550 No such user here</td><td class="clip" title="Your sizing table">' in shown


def test_a_running_job_shows_count_rate_and_time_left(cast, as_):
    job = Job.queue("import", by=cast.mara.pk)
    Job.objects.filter(pk=job.pk).update(
        state="running", done=30_000, total=90_000, started_at=clock.machine() - timedelta(seconds=100)
    )
    shown = page(as_(cast.ada))
    assert 'value="30000" max="90000"' in shown
    assert "30,000 of 90,000" in shown
    # 30,000 in 100 seconds leave 60,000 for about 200, and two for each that passed since.
    assert re.search(r"3 min [2-4]\d s left", shown)
    assert "Mara Meier" in shown


def test_cancelling_stops_a_waiting_job_at_once_and_asks_a_running_one(cast, as_):
    waiting, running = Job.queue("import"), Job.queue("import")
    Job.objects.filter(pk=running.pk).update(state="running")
    browser = as_(cast.ada)
    for job in (waiting, running):
        browser.post(f"/operations/jobs/{job.pk}/cancel/")
    states = Job.objects.in_bulk([waiting.pk, running.pk])
    assert states[waiting.pk].state == "cancelled"
    assert (states[running.pk].state, states[running.pk].cancel_wanted) == ("running", True)


def test_the_page_refreshes_only_what_changes(cast, as_, parked):
    fragment = page(as_(cast.ada), **{"HX-Request": "true"})
    assert fragment.lstrip().startswith('<div class="stack stack-8" id="operations-state"')
    assert "no such passage" not in fragment


def test_the_database_and_the_version_are_named(cast, as_):
    assert "<dd>Accord 0.1.0 " in page(as_(cast.ada))


def test_a_home_without_a_backup_says_so_and_one_with_says_when(cast, as_):
    browser = as_(cast.ada)
    assert "None was made yet" in page(browser)
    began = clock.machine() - timedelta(days=2)
    Job.ended("backup", began=began, bytes=3 * 2**20)
    shown = page(browser)
    assert "None was made yet" not in shown
    assert f'<time datetime="{began.isoformat()}"' in shown
    assert "3.0\xa0MB" in shown
