"""`accord serve` and `accord work`: the web and the worker."""

import logging
import os
import sqlite3
import subprocess
import sys
import time
from typing import Annotated

import psycopg
import typer
import uvicorn
from django.db import InterfaceError, OperationalError, connections

from accord import schedule
from accord.cli import sign_ins
from accord.cli.output import console, fail
from accord.kernel import clock, jobs, journal
from accord.kernel.jobs import Job
from accord.rooms.capture import taking
from accord.rooms.capture.inbox import Inbox
from accord.rooms.capture.queries import looking

PAUSE, AWAY_PAUSE = 0.25, 2.0  # seconds
AWAY = (OperationalError, InterfaceError, sqlite3.OperationalError, psycopg.OperationalError)
log = logging.getLogger(__name__)
CHILDREN = 2
GIVES_WAY = 10  # of 19: where both want the machine, whoever waits for an answer of the web goes first


def serve(
    port: Annotated[int, typer.Option(help="On 127.0.0.1.")] = 8000, host: Annotated[str, typer.Option()] = "127.0.0.1"
) -> None:
    """Serve pages and capture, with a worker beside; the worker ends when this process is gone."""
    worker = subprocess.Popen([sys.executable, "-m", "accord.cli", "work", "--parent", str(os.getpid())])
    console.print(f"Accord is at http://{host}:{port}", highlight=False)
    for line in sign_ins.printed():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    try:
        uvicorn.run(
            "accord.asgi:application", host=host, port=port, log_level="warning", log_config=None, lifespan="off"
        )
    finally:
        worker.terminate()
        worker.wait()


def work(
    drain: Annotated[bool, typer.Option("--drain", help="Do everything that is due, and end.")] = False,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run reactions, long jobs and the schedule."""
    if drain:
        _drain()
        return
    os.nice(GIVES_WAY)
    children: dict[int, subprocess.Popen] = {}
    due = schedule.Due()
    while _wanted(parent):
        try:
            with looking() as inbox:
                while _wanted(parent):
                    if not _round(inbox, due, children):
                        time.sleep(PAUSE)
        except AWAY:
            # A full disk, or a database that is away: what waits is kept, and the worker is there when it is back.
            log.exception("the worker waits for the database")
            connections.close_all()
            time.sleep(AWAY_PAUSE)
    for child in children.values():
        child.terminate()


def _wanted(parent: int | None) -> bool:
    return parent is None or os.getppid() == parent


def _round(inbox: Inbox, due: schedule.Due, children: dict[int, subprocess.Popen]) -> int:
    """One look at everything that may wait; returns how much there was."""
    busy = taking.take(inbox, clock.now())
    busy += journal.drain()
    due.run(clock.machine())
    _reap(children)
    if len(children) < CHILDREN and (job := jobs.claim()):
        children[job.pk] = jobs.spawn(job)
        busy += 1
    return busy


def job(number: int) -> None:
    """Run one job that the worker holds."""
    found = Job.objects.filter(pk=number, state=jobs.RUNNING).first()
    if found is None:
        fail(f"There is no running job {number}.")
    try:
        jobs.run(found)
    except Exception as broken:
        # Into the log, which holds nothing of what an error says: the worker tries again, or gives it up.
        log.exception("job %s broke", number)
        raise typer.Exit(1) from broken


def _drain() -> None:
    with looking() as inbox:
        while taking.take(inbox, clock.now()):
            pass
    journal.drain()
    due = schedule.Due()
    due.run(clock.machine())
    due.wait()
    journal.drain()
    while waiting := jobs.claim():
        jobs.run(waiting)
        journal.drain()


def _reap(children: dict[int, subprocess.Popen]) -> None:
    for number, child in list(children.items()):
        if child.poll() is not None:
            del children[number]
            connections["default"].close_if_unusable_or_obsolete()
            jobs.crashed(Job(pk=number))
