"""The desk of a seller with a hundred in the queue: queries and milliseconds on the server, next to a bare Django view.

python -m bench desk [--leads 2000] [--times 30] [--json]

Twenty sellers have two thousand open leads among them, each with a story of twenty touches and a clock that runs. Times
are those of the whole request in process, templates included; after every act the desk is asked for again, as a browser
does.
"""

import argparse
import json
from typing import Any

from bench import scratch

SELLERS, STORY = 20, 20
TEXT = """
accord: 1
name: Bench
effective: 2026-01-01
review_by: 2036-01-01
leads: {open_on: {touch: download}}
scoring:
  fit: [{id: named, points: 5, when: {field: contact.title, known: true}}]
  engagement:
    - {id: download, points: 10, half_life_days: 30, when: {touch: download}}
    - {id: page, points: 1, half_life_days: 14, cap: 10, when: {touch: page}}
  grades: {fit: {A: 40, B: 20, C: 1}, engagement: {"1": 40, "2": 20, "3": 1}}
qualified: {count: {touch: download}, at_least: 1}
handoffs: [{id: to_inside, at: mql, from: marketing, to: inside_sales, answers: [accept, return]}]
recycling: [{reason: timing, track: wake, wake_after_days: 90, program: stay_in_touch}]
promises:
  sales:
    - {id: first_contact, measure: first_human_contact, of: to_inside, within: 4 business hours, share: 0.9,
       mode: enforced}
    - {id: verdict, measure: verdict, of: to_inside, within: 2 business days, share: 0.95, mode: pilot}
"""
PREPARE = """
from datetime import timedelta
from accord.kernel import bulk, clock, journal
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.capture.models import Touch
from accord.rooms.desk.models import Task
from accord.rooms.handoff.models import Handoff
from accord.rooms.people.models import Company, Contact, Identity
from accord.rooms.team.models import House, Member
from accord.schedule import TABLE
text, many, sellers, story = sys.argv[1], *map(int, sys.argv[2:5])
House.get()
at = clock.now()
for number in range(sellers):
    Member.join(email=f"s{number}@bench.example", name=f"S {number}", role="inside_sales", by=None, at=at)
leaders = [
    Member.join(email=f"{role}@bench.example", name=role, role=role, by=None, at=at)
    for role in ("marketing_lead", "sales_lead")
]
version = Version.draft(read(text), by=leaders[0].pk, at=at)
version.propose(by=leaders[0].pk, at=at)
for leader in leaders:
    version.sign(leader, hash=version.hash, at=at)
Version.come_into_force(clock.now())
journal.drain()
at = clock.now()
columns = ("identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties")
rows = []
for number in range(many):
    company = Company.create({"name": f"Company {number}"}, by=None, at=at) if number % 10 == 0 else company
    values = {"name": f"Person {number}", "title": "Buyer", "email": f"p{number}@firm.example", "company": company.pk}
    contact = Contact.create(values, by=None, at=at, external_id=f"p{number}")
    identity = Identity.of("user", contact.external_id)
    if not identity.links.exists():
        identity.link(contact.pk, by=None, at=at, from_beginning=True)
    for place in range(story):
        kind = "download" if place == 0 else "page"
        said = {"path": f"/pumps/{place}"}
        rows.append((identity.pk, kind, at - timedelta(hours=place), False, None, None, None, said))
for start in range(0, len(rows), 10_000):
    Touch.take(Touch.rows(columns, rows[start:start + 10_000]), source="house", at=clock.now())
often = [entry for entry in TABLE if entry.every <= timedelta(seconds=5)]
for _round in range(200):
    for entry in often:
        entry.run()
    journal.drain()
    if Handoff.objects.count() == many:
        break
me, later = Member.objects.get(email="s0@bench.example"), clock.now() + timedelta(minutes=1)
mine = list(Handoff.objects.filter(owner=me).select_related("lead").order_by("id"))
for place, one in enumerate(mine[: len(mine) // 3]):
    one.accept(by=me, at=clock.now())
    if place % 2:
        Task.plan(owner=me, lead=one.lead, kind="call", what="", due_at=later, by=me, at=clock.now())
journal.drain()
bulk.analyze()
print("{}")
"""
ASK = """
import json, time
from statistics import quantiles
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from accord import urls
from accord.kernel import clock
from accord.rooms.desk.queue import queue
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.team.models import Member
times = int(sys.argv[1])
settings.ALLOWED_HOSTS = ["*"]
plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
def bare(request):
    return HttpResponse("nothing")
bare.action = None
urls.urlpatterns.insert(0, path("bare/", bare))
me = Member.objects.get(email="s0@bench.example")
client = Client()
client.force_login(me)
def timed(send):
    asked = []
    with connection.execute_wrapper(lambda run, sql, *more: asked.append(sql) or run(sql, *more)):
        begin = time.perf_counter()
        answer = send()
        took = 1000 * (time.perf_counter() - begin)
    return answer, took, len(asked)
def got(address):
    return lambda: client.get(address)
def sent(address, data):
    return lambda: client.post(address, data)
def figures(measured):
    cuts = quantiles([took for took, _queries in measured], n=20)
    return {"queries": max(q for _took, q in measured), "p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1)}
def measure(name, sends, status):
    acts, afterwards = [], []
    for send in sends:
        answer, took, queries = timed(send)
        assert answer.status_code == status, (name, answer.status_code, answer.content[:2000])
        acts.append((took, queries))
        if status == 302:
            answer, took, queries = timed(got(answer.headers["Location"]))
            assert answer.status_code == 200, (name, answer.status_code)
            afterwards.append((took, queries))
    found[name] = figures(acts)
    if afterwards:
        found[f"{name}: the desk after it"] = figures(afterwards)
waiting = queue(me, clock.now())
handed = list(Handoff.objects.filter(owner=me, state="offered").order_by("id"))
held = list(Lead.objects.filter(owner=me, stage="sal").order_by("id"))
found = {}
call = {"kind": "call_out", "outcome": "reached", "note": "wants a quote", "when": "tomorrow", "next_kind": "call"}
back = {"owner": me.pk, "reason": "timing", "note": "after the summer"}
for send in (
    got("/bare/"), got("/desk/"), sent(f"/handoffs/{handed[0].pk}/acceptance/", {"owner": me.pk}),
    sent(f"/handoffs/{handed[1].pk}/return/", back), sent(f"/leads/{held[0].pk}/calls/", call),
):
    send()  # what is compiled and connected once
measure("baseline: a bare view", [got("/bare/")] * times, 200)
measure("the desk", [got("/desk/")] * times, 200)
measure("the desk, a lead chosen", [got(f"/desk/?{one.key}") for one in waiting.items[-times:]], 200)
measure("the form of a call", [got(f"/leads/{one.pk}/calls/") for one in held[1:1 + times]], 200)
calls = [sent(f"/leads/{one.pk}/calls/", call) for one in held[1:1 + times]]
measure("a call, its outcome and the next step", calls, 302)
first, second = handed[2:2 + times], handed[2 + times:2 + 2 * times]
measure("acceptance", [sent(f"/handoffs/{one.pk}/acceptance/", {"owner": me.pk}) for one in first], 302)
measure("return", [sent(f"/handoffs/{one.pk}/return/", back) for one in second], 302)
opened = Lead.objects.open().count()
sellers = Handoff.objects.values("owner").distinct().count()
print(json.dumps({"leads": opened, "sellers": sellers, "queue": waiting.count, "pages": found}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leads", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = [measured(asked.leads, asked.times, url) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(leads: int, times: int, url: str) -> dict[str, Any]:
    with scratch.home(url) as environment:
        scratch.result(environment, PREPARE, TEXT, leads, SELLERS, STORY)
        return {"database": "postgresql" if url else "sqlite", **scratch.result(environment, ASK, times)}


if __name__ == "__main__":
    main()
