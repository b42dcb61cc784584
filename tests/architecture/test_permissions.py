"""Every address, every role, every method: who gets in, and that a refusal changes nothing.

`permission_matrix.yaml` says by hand who may do what, and what each address needs. An address that it does not name
fails, and so does a change in `team/rules.py` alone.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache as remembered
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from accord.kernel import clock
from accord.kernel.imports.models import Import
from accord.kernel.jobs import Job
from accord.kernel.journal import Parked
from accord.kernel.ledger import Fact
from accord.rooms.agreement import starter
from accord.rooms.agreement.models import Version
from accord.rooms.campaigns.models import Campaign
from accord.rooms.capture.models import KindAlias
from accord.rooms.content.models import Asset, Competitor, MailTemplate, Product
from accord.rooms.desk.models import Nudge, Task
from accord.rooms.funnel.models import Deal, Lead, PipelineStage
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.people.models import Company, Contact, Merge
from accord.rooms.people.personal import token_of, visit_of
from accord.rooms.promises.models import Clock
from accord.rooms.team import rules
from accord.rooms.team.models import ApiKey, DayOff, Feed, House, Member, Team
from accord.rooms.trail.models import Trail
from scripts import permissions_doc
from scripts.sources import ROOT

MATRIX = yaml.safe_load(Path(__file__).with_name("permission_matrix.yaml").read_text(encoding="utf-8"))
MAY, ROUTES = MATRIX["may"], MATRIX["routes"]
ANONYMOUS = "anonymous"
EVERYBODY = [*rules.ROLES, ANONYMOUS]
PAGE_METHODS, API_METHODS = ("GET", "POST"), ("GET", "POST", "PUT", "PATCH", "DELETE")
READING = {"SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA", "EXPLAIN", "SHOW"}
GRANTED = {200, 201, 202, 204, 302, 303, 400, 404, 409, 415, 422}
# Kinds of record of which some roles see only their own, or none; the samples belong to somebody else.
OWNED = {"contact", "company", "lead", "deal", "merge", "asset", "campaign", "handoff", "nudge", "task"}


def patterns(found: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address that the house answers, as it is written in the URL tables."""
    for pattern in get_resolver().url_patterns if found is None else found:
        here = before + re.sub(r"^\^|\\Z$|\$$", "", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield here, pattern
        else:
            yield from patterns(pattern.url_patterns, here)


@cache
def routes() -> dict[str, URLPattern]:
    return dict(patterns())


def parameters(route: str) -> list[str]:
    """`pk` of `<int:pk>` and of `(?P<pk>[0-9]+)`."""
    return re.findall(r"<(?:\w+:)?(\w+)>", route)


def methods(route: str) -> tuple[str, ...]:
    return API_METHODS if route.startswith("api/") else PAGE_METHODS


def line_for(route: str, pattern: URLPattern) -> str:
    """What could stand in the matrix for an address that it lacks."""
    needed = getattr(pattern.callback, "needs", "ACTION")
    noun = re.sub(r"ies$", "y", route.split("/")[0]).removesuffix("s")
    given = [f"{name}: {f'${noun}' if name == 'pk' else '$' + name.removesuffix('_id')}" for name in parameters(route)]
    return f"  {json.dumps(route)}: {{{', '.join([*given, *(f'{method}: {needed}' for method in methods(route))])}}}"


def test_every_address_is_in_the_matrix():
    missing = [line_for(route, pattern) for route, pattern in routes().items() if route not in ROUTES]
    assert not missing, "add to permission_matrix.yaml, with the methods that there are:\n" + "\n".join(missing)


def test_every_line_of_the_matrix_is_an_address():
    assert [route for route in ROUTES if route not in routes()] == []


def test_the_table_of_rights_says_what_the_matrix_says():
    assert {action: sorted(roles) for action, roles in rules.MAY.items()} == {
        action: sorted(roles) for action, roles in MAY.items()
    }


def test_the_matrix_names_actions_that_there_are():
    known = {*MAY, "anybody", "members"}
    named = {(route, entry[m]) for route, entry in ROUTES.items() for m in API_METHODS if m in entry}
    assert [(route, action) for route, action in named if action not in known] == []


def test_the_page_about_rights_is_fresh():
    assert (ROOT / "docs/reference/permissions.md").read_text(encoding="utf-8") == permissions_doc.page()


def may(who: str, action: str, route: str) -> bool:
    """By the matrix alone."""
    if action == "anybody":
        return True
    if route.startswith("api/") and rules.SCOPE.get(who) == rules.OWN and action != "see_records":
        return False
    return who != ANONYMOUS if action == "members" else who in MAY[action]


class World:
    """A small house with one member and one key of every role, and one of every thing that an address can name."""

    def __init__(self) -> None:
        self.at = clock.now()
        House.get()
        self.members = {role: self.member(role, role) for role in rules.ROLES}
        keys = {role: self.key(role) for role in rules.ROLES}
        self.secrets = {role: secret for role, (_key, secret) in keys.items()}
        self.samples = {name: str(thing) for name, thing in self.things().items()}
        self.sessions = {role: self.session(member) for role, member in self.members.items()}
        self.house = BaseHandler()
        self.house.load_middleware()
        self.before = fingerprint()

    def member(self, name: str, role: str) -> Member:
        given = {"email": f"{name}@house.example", "name": name, "role": role, "password": "a long password"}
        return Member.join(**given, last_seen_at=clock.machine(), by=None, at=self.at)

    def key(self, role: str) -> tuple[ApiKey, str]:
        return ApiKey.make(name=role, scope="api", role=role, by=self.members["admin"], at=self.at)

    def session(self, member: Member) -> str:
        browser = Client()
        browser.force_login(member)
        return browser.cookies["sessionid"].value

    def things(self) -> dict[str, Any]:
        """By the name that the matrix calls them. Whatever has an owner is a marketing lead's."""
        at, lead_of_marketing = self.at, self.members["marketing_lead"]
        company = Company.create({"name": "Hengrui"}, by=None, at=at)
        contact = Contact.create(
            {"name": "Chen Siyuan", "email": "s@hengrui.example", "company": company.pk}, by=None, at=at
        )
        loser = Contact.create({"name": "Siyuan Chen"}, by=None, at=at)
        lead = Lead.open(contact, entry="referral", owner=lead_of_marketing, by=None, at=at)
        values = {"name": "Pumps", "amount": 100_00, "currency": "EUR", "owner": lead_of_marketing.pk}
        House.get().define_field("contact", "pumps", by=None, at=at, label="Pumps", type="number")
        told = Fact.objects.latest("id")
        version = Version.draft(starter.drafted(at, "UTC"), by=None, at=at)
        Trail.begin(at)
        offered = {"lead": lead, "version": version, "owner": lead_of_marketing, "stage": "inquiry", "kind": "any"}
        offered |= dict.fromkeys(("received_at", "offered_at", "owned_since"), at)
        returned = Handoff.objects.create(**offered, state="returned")
        return {
            "handoff": Handoff.objects.create(**offered).pk,
            "return": Return.objects.create(handoff=returned, lead=lead, reason="timing", at=at).pk,
            "clock": Clock.objects.create(
                handoff=returned,
                lead=lead,
                version=version,
                owner=lead_of_marketing,
                promise="any",
                measure="verdict",
                side="sales",
                mode="pilot",
                state="broken",
                received_at=at,
                due_at=at,
            ).pk,
            "nudge": Nudge.propose(
                lead, kind="message", said="Send the table", by=self.members["sales_lead"], at=at
            ).pk,
            "task": Task.objects.create(owner=lead_of_marketing, lead=lead, kind="call", due_at=at, made_at=at).pk,
            "company": company.pk,
            "contact": contact.pk,
            "loser": loser.pk,
            "lead": lead.pk,
            "template": MailTemplate.write(
                {"name": "Hello", "subject": "Hello", "text": "Hello"}, by=lead_of_marketing, at=at
            ).pk,
            "asset": Asset.create({"name": "Sizing table"}, by=None, at=at).pk,
            "campaign": Campaign.create({"name": "Spring fair"}, by=None, at=at).pk,
            "deal": (deal := Deal.open(lead=lead, values=values, by=None, at=at)).pk,
            "role": deal.add_contact(contact, "champion", by=None, at=at).pk,
            "sold": deal.add_product(Product.create({"name": "Pump"}, by=None, at=at), by=None, at=at).pk,
            "rival": deal.add_competitor(Competitor.create({"name": "Rival"}, by=None, at=at), by=None, at=at).pk,
            "stage": PipelineStage.standing()[0].pk,
            "merge": Merge.of(contact, loser, reason="same", by=None, at=at).pk,
            "member": (colleague := self.member("colleague", "marketing")).pk,
            "absence": colleague.take_leave(at, at + timedelta(days=1), by=None, at=at).pk,
            "personal": token_of(contact),
            "visit": visit_of(contact),
            "secret": ApiKey.make(name="shop", scope="capture", role="marketing", by=None, at=at)[1],
            "feed": Feed.make(colleague, at=at)[1],
            "team": Team.form(name="Inside North", side="sales", by=None, at=at).pk,
            "day": DayOff.objects.create(date=at.date(), label="Outing").pk,
            "key": self.key("service")[0].pk,
            "source": ApiKey.make(name="website", scope="capture", role="marketing", by=None, at=at)[0].pk,
            "alias": KindAlias.objects.create(name="asked_for_demo", kind="form").pk,
            "agreement": version.agreement_id,
            "version": version.pk,
            "job": Job.queue("import").pk,
            "import": self.file().pk,
            "parked": Parked.objects.create(fact=told, reaction="any", error="Error: no", parked_at=at).pk,
        }

    def file(self) -> Import:
        read = {"encoding": "utf-8", "delimiter": ",", "map": "columns: {name: name}", "size": 1, "sha256": "0" * 64}
        made = Import.objects.create(kind="contacts", name="contacts.csv", path="nowhere.csv", made_at=self.at, **read)
        made.rejects_file.parent.mkdir(parents=True, exist_ok=True)
        made.rejects_file.write_text("line,reason\n")
        return made

    def address(self, route: str, entry: dict[str, Any]) -> str:
        """The route with its parameters filled: `$contact` is the world's contact, other words are themselves."""

        def given(parameter: re.Match[str]) -> str:
            value = str(entry[parameter[1]])
            return self.samples[value[1:]] if value.startswith("$") else value

        plain = re.sub(r"\(\?P<(\w+)>[^()]*\)", given, route)
        return f"/{re.sub(r'<(?:[a-z]+:)?([a-z0-9_]+)>', given, plain)}{entry.get('query', '')}"

    def ask(self, who: str, method: str, address: str) -> HttpResponse:
        remembered.clear()  # so that nobody has asked too often
        by_key = address.startswith("/api/")
        body = ("{}", "application/json") if by_key else ("", "application/x-www-form-urlencoded")
        known = {"Authorization": f"Bearer {self.secrets[who]}"} if by_key and who != ANONYMOUS else {}
        request = RequestFactory(headers=known).generic(method, address, *body)
        request.COOKIES = {} if by_key or who == ANONYMOUS else {"sessionid": self.sessions[who]}
        request._dont_enforce_csrf_checks = True
        return self.house.get_response(request)


@pytest.fixture
def world(db) -> World:
    return World()


def fingerprint() -> dict[str, str]:
    """Of every row of every table."""
    return {
        model._meta.db_table: hashlib.sha256(
            repr(list(model._base_manager.order_by("pk").values_list())).encode()
        ).hexdigest()
        for model in apps.get_models(include_auto_created=True)
        if model is not Session  # a stranger who is sent to the sign-in page may get one
    }


@contextmanager
def written() -> Iterator[SimpleNamespace]:
    """Every statement that is not reading, and every mail, while this runs."""
    done = SimpleNamespace(statements=[], mails=0)

    def watch(execute, sql, params, many, context):
        if sql.split(None, 1)[0].upper() not in READING and Session._meta.db_table not in sql:
            done.statements.append(sql)
        return execute(sql, params, many, context)

    before = len(mail.outbox)
    with connection.execute_wrapper(watch):
        yield done
    done.mails = len(mail.outbox) - before


def turned_away(response: HttpResponse) -> bool:
    """Forbidden, or sent to the sign-in page."""
    to = response.headers.get("Location") or response.headers.get("HX-Redirect") or ""
    return response.status_code in (401, 403) or to.startswith("/accounts/login/")


def askers(route: str, method: str) -> list[str]:
    """Everybody, where it depends on who asks. Where it does not, the two of whom least and most is expected."""
    return [ANONYMOUS, rules.ADMIN] if ROUTES[route].get(method, "anybody") == "anybody" else EVERYBODY


def complaints(world: World, route: str, method: str, who: str) -> list[str]:
    entry = ROUTES[route]
    said = f"{who} {method} {world.address(route, entry)}"
    action = entry.get(method)
    if action and may(who, action, route):
        return [f"{said}: {wrong}" for wrong in granted(world, route, method, who)]
    with written() as done:
        response = world.ask(who, method, world.address(route, entry))
    refused = turned_away(response) or (action is None and response.status_code in (404, 405))
    wrong = [] if refused else [f"should be refused, was {response.status_code}"]
    wrong += [f"was refused but wrote {sql[:80]}" for sql in done.statements]
    wrong += [f"was refused but sent {done.mails} mails"] if done.mails else []
    return [f"{said}: {what}" for what in wrong]


def granted(world: World, route: str, method: str, who: str) -> list[str]:
    entry = ROUTES[route]
    with transaction.atomic():
        response = world.ask(who, method, world.address(route, entry))
        transaction.set_rollback(True)
    status = response.status_code
    if route.startswith("accounts/"):
        return [] if status in GRANTED else [f"should be allowed, was {status}"]
    if entry[method] != "anybody" and turned_away(response):
        return [f"should be allowed, was turned away with {status}"]
    if status not in GRANTED and not turned_away(response):
        return [f"should be allowed, was {status}"]
    return sight(entry, method, who, status)


def sight(entry: dict[str, Any], method: str, who: str, status: int) -> list[str]:
    """A record of somebody else is there for those who see all, and is unknown to those who see their own."""
    owned = OWNED & {str(value).removeprefix("$") for name, value in entry.items() if not name.isupper()}
    if owned and rules.SCOPE[who] == rules.OWN:
        return [] if status == 404 else [f"{owned} of somebody else should be unknown, was {status}"]
    if entry.get("absent"):  # it lives in one person's session: for everybody else it is unknown
        return [] if status == 404 else [f"should be unknown, was {status}"]
    if method == "GET" and status >= 400 and status != 409:  # which says why nothing can be done there just now
        return [f"should be there, was {status}"]
    return []


def test_who_gets_in_and_a_refusal_changes_nothing(world, caplog):
    """What is allowed is undone, what is refused has nothing to undo: so every table ends as it began."""
    caplog.set_level("CRITICAL", logger="django.request")  # a refusal is no news here
    asked = [(route, method) for route in ROUTES for method in methods(route)]
    found = [
        said
        for route, method in asked
        for who in askers(route, method)
        for said in complaints(world, route, method, who)
    ]
    assert not found, "\n".join(found)
    assert fingerprint() == world.before
