"""A small house with something of everything in it, in which every invariant holds; and what its audit finds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import transaction

from accord.kernel import clock, journal
from accord.kernel.audit import invariants
from accord.kernel.imports import reading, revert, run
from accord.kernel.imports.models import Import
from accord.kernel.ledger import Fact, Retraction
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.people.models import Company, Contact, Merge, Note
from accord.rooms.team.models import House, Member, Team
from tests.conftest import MONDAY

DAY = timedelta(days=1)
FILES = {
    "contacts": """\
external_id,name,email,title
c-1,Ana Prado,ana@olives.example,Buyer
c-2,Bo Lund,bo@olives.example,
""",
    "leads": """\
external_id,contact,occurred_at,stage,ended_at,lead.origin
l-1,c-1,2025-11-03,,,email
l-2,c-2,2025-11-04,lost,2025-12-01,social
""",
    "deals": """\
external_id,lead,outcome,opened_at,closed_at,amount,currency
d-1,l-1,won,2025-11-20,2025-12-10,1200.00,EUR
""",
    "touches": """\
external_id,contact,anonymous_id,kind,occurred_at
t-1,c-1,,page_viewed,2025-11-01
t-2,,device-9,page_viewed,2025-11-02
t-3,c-2,,download,2025-11-04
""",
    "links": "anonymous_id,contact,recorded_at\ndevice-9,c-2,2025-11-05\n",
    "verdicts": "external_id,machine,recorded_at\nt-2,true,2025-11-06\n",
    "transitions": """\
contact,move,occurred_at,reason
c-3,entered,2025-11-07,
c-3,returned,2025-11-08,no budget
c-3,lost,2025-11-09,no need
""",
}
TAKEN_BACK = "external_id,contact,kind,occurred_at\nt-8,c-1,page_viewed,2025-11-10\nt-9,c-1,page_viewed,2025-11-11\n"


@pytest.fixture(scope="module")
def house_once(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """`house` for all tests of a module, each of which is rolled back to it: telling it takes longer than an audit.

    For modules in which every test stands in that house and none commits.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield house(tmp_path_factory.mktemp("files"), MONDAY)
        transaction.set_rollback(True)


def violations() -> set[tuple[str, str]]:
    """Which invariant, of which record."""
    return {(found.invariant, found.record) for found in invariants.run().violations}


def told(record: str) -> list[str]:
    """What is said about a record."""
    return [found.what for found in invariants.run().violations if found.record == record]


def take_back(fact: Fact, **what: object) -> Retraction:
    """A retraction as that fact would have written it."""
    return Retraction.objects.create(
        fact_id=fact.pk, recorded_at=fact.stored_at, stored_at=fact.stored_at, reason="test", **what
    )


def take(folder: Path, kind: str, text: str, at: datetime) -> Import:
    path = folder / f"{kind}-{Import.objects.count()}.csv"
    path.write_text(text, encoding="utf-8")
    chosen = run.plain_map(kind, reading.inspect(path).header, source="olives", history=True)
    return run.run(run.prepare(path, chosen, by=None, at=at))


def house(folder: Path, at: datetime) -> SimpleNamespace:
    """Everything that can be told of so far, by verbs and by files of history; two days of it after `at`."""
    made = SimpleNamespace()
    with clock.moved_to(at + 2 * DAY):
        _people(made, at)
        _funnel(made, at)
        made.files = {kind: take(folder, kind, text, at) for kind, text in FILES.items()}
        made.reverted = take(folder, "touches", TAKEN_BACK, at)
        revert.revert(made.reverted, by=made.ada.pk, at=at)
        journal.drain()
        made.note = Note.write(made.kim, "Call again in May.", by=made.ada, at=at)
    return made


def _people(made: SimpleNamespace, at: datetime) -> None:
    made.ada = Member.join(
        email="ada@house.example", name="Ada Adler", role="admin", by=None, at=at, password="a long password"
    )
    made.team = Team.form(name="North", side="sales", by=made.ada.pk, at=at)
    made.saul = Member.join(
        email="saul@house.example", name="Saul", role="sales_lead", team=made.team, by=made.ada.pk, at=at
    )
    made.house = House.get()
    made.house.settle({"currency": "USD", "fiscal_year_start": 4}, by=made.ada.pk, at=at)
    by = made.ada.pk
    made.company = Company.create(
        {"name": "Hengrui 精密", "domain": "hengrui.example", "employees": "120"}, by=by, at=at
    )
    kim = {
        "name": "Kim Müller",
        "email": "kim@hengrui.example",
        "phone": "+49 30 1",
        "title": "Director",
        "company": made.company.pk,
    }
    made.kim = Contact.create(kim, by=by, at=at)
    made.kim.edit({"title": "CEO"}, seen=0, by=by, at=at + DAY)
    made.twin = Contact.create({"name": "K. Mueller", "email": "kim@home.example", "budget": "5000"}, by=by, at=at)
    made.other = Contact.create({"name": "陈思远", "email": "chen@hengrui.example"}, by=by, at=at)
    made.undone = Merge.of(made.kim, made.other, reason="by mistake", by=by, at=at)
    journal.drain()
    made.undone.undo(by=by, at=at)
    made.merge = Merge.of(made.kim, made.twin, reason="same person", by=by, at=at)
    journal.drain()


def _funnel(made: SimpleNamespace, at: datetime) -> None:
    by = made.ada.pk
    made.lead = Lead.open(made.kim, entry="referral", by=by, at=at, owner=made.saul, values={"origin": "fair"})
    made.lead.move("to_mql", by=by, at=at)
    values = {"name": "Olive press", "amount": 99_000, "currency": "EUR"}
    made.deal = Deal.open(lead=made.lead, values=values, by=by, at=at)
    made.deal.lose(reason="price", by=by, at=at)
    made.deal = Deal.objects.get(pk=made.deal.pk)
    made.deal.reopen(by=by, at=at + DAY)
    made.deal = Deal.objects.get(pk=made.deal.pk)
    made.deal.win(reason="fit", by=by, at=at + DAY)
    made.other.refresh_from_db()
    made.open_lead = Lead.open(made.other, entry="partner", by=by, at=at)
