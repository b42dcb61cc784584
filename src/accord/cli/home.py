"""`accord init` and `accord demo`: a home with a database, a first administrator, and something in it."""

import os
import secrets
from datetime import UTC, datetime, time
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accord.cli import sign_ins
from accord.cli.output import console, fail, progress
from accord.demo import story
from accord.kernel import clock
from accord.kernel.ledger import Fact
from accord.rooms.agreement import starter
from accord.rooms.insight import usual
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import ADMIN
from accord.web.shell import charts

TEST_HOME = settings.HOME / "test-home"
FIRST_ADMIN = "admin@accord.local"


def init(
    test_home: Annotated[
        bool, typer.Option("--test-home", help="A home for tests: allows what real homes refuse.")
    ] = False,
) -> None:
    """Make the home ready: tables, static files, house, first administrator. Safe to repeat; asks nothing."""
    prepare()
    if test_home:
        TEST_HOME.touch()
    if not Member.objects.filter(role=ADMIN, is_active=True).exists():
        _first_admin()
    if begun := starter.begin(clock.now(), House.get().zone):
        said = f"In force until both sides have signed one: the unsigned starter “{begun.agreement}”"
        console.print(f"{said} (accord agreement show)", highlight=False, soft_wrap=True)


def demo(
    contacts: Annotated[int, typer.Option(min=20, max=100_000, help="How many people.")] = 500,
    months: Annotated[int, typer.Option(min=1, max=60, help="How long the story is.")] = 12,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 7,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing where a story was told or people work already.")
    ] = False,
) -> None:
    """Fill an empty home with a simulated company, whose story ends at the last midnight UTC."""
    prepare()
    if Fact.objects.exists():
        if if_empty:
            return
        fail(f"This home is not empty. Choose another one: ACCORD_HOME=… accord demo (now {settings.HOME}).")
    until = datetime.combine(clock.now().astimezone(UTC).date(), time(), UTC)
    password = secrets.token_urlsafe(9)
    with progress("Telling the story of a small company") as shown:
        people = story.tell(contacts=contacts, months=months, seed=seed, until=until, password=password, shown=shown)
    usual.publish(until)
    sign_ins.keep(sign_ins.line(one.email, password, f"{one.name}, {one.role}") for one in people)


def is_made() -> bool:
    """Whether the database has the tables of a house."""
    return House._meta.db_table in connection.introspection.table_names()


def prepare() -> None:
    """Tables and static files, as this version needs them."""
    call_command("migrate", verbosity=0, interactive=False)
    charts.build()
    call_command("collectstatic", verbosity=0, interactive=False)
    House.get()


def _first_admin() -> None:
    email = os.environ.get("ACCORD_ADMIN_EMAIL", FIRST_ADMIN)
    password = os.environ.get("ACCORD_ADMIN_PASSWORD") or secrets.token_urlsafe(12)
    Member.join(email=email, name="Administrator", role=ADMIN, by=None, at=clock.now(), password=password)
    sign_ins.keep([sign_ins.line(email, password, "Administrator")])
    console.print(
        f"First administrator: {email}, with the password in {sign_ins.FILE}", highlight=False, soft_wrap=True
    )
