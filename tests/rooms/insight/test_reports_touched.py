"""Whom touches met: against a plain reading of the operational tables, person by person."""

from dataclasses import asdict
from datetime import timedelta
from random import Random

import pytest

from accord.kernel import clock
from accord.kernel.ledger import write
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch, Verdict
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Deal, Lead, Transition
from accord.rooms.insight import reports
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.touched import MEASURES
from accord.rooms.people.models import Contact, Identity, Link, Merge

HOUR = timedelta(hours=1)
COLUMNS = ["identity_id", "kind", "occurred_at", "machine", "asset", "campaign", "channel", "properties"]
KINDS = ("page", "download", "email_open")
CAMPAIGNS = (None, "Spring fair", " SPRING  Fair", "Spring fair 2", "Letter: one")
FAIR = "touch.campaign:spring fair"


def ask(at, *only: str, viewer=None):
    return Question.asked(at, only=only, viewer=viewer, kinds=reports.NAMES["touched"].kinds)


def touch(contact: Contact, at, kind="page", *, campaign=None, asset=None, machine=False) -> None:
    identity = Identity.of("email", contact.email).pk
    values = [(identity, kind, at, machine, asset, campaign, "web", {})]
    with clock.moved_to(at), write(at) as writing:
        writing.record(TouchLogged(contact=contact.pk, kind=kind), [Touch.rows(COLUMNS, values)])


def person(n: int, at, **more) -> Contact:
    return Contact.create({"name": f"P{n:02}", "email": f"p{n}@works.example", **more}, by=None, at=at)


def lead_of(rng: Random, contact: Contact, at, by: int) -> None:
    lead = Lead.open(contact, entry="marketing", by=by, at=at)
    steps = rng.choice((0, 1, 2, 3, 3, 3))
    if steps > 0:
        lead.move("to_mql", by=by, at=at + HOUR * rng.randint(0, 9))
    if steps > 1:
        deal = Deal.open(lead=lead, values={"name": "Pump"}, by=by, at=at + 10 * HOUR)
        if steps > 2:
            deal.win(reason="price", by=by, at=at + HOUR * rng.randint(11, 20))


@pytest.fixture
def living(cast, still):
    """Many people with touches and leads in any order, some touches by machines, some people merged or in the trash."""
    rng, by = Random(7), cast.ada.pk
    begin = still - timedelta(days=10)
    with clock.moved_to(begin):
        people = [person(n, begin, **({"owner": cast.paula.pk} if n % 5 == 0 else {})) for n in range(120)]
    for contact in people:
        for _each in range(rng.randint(0, 5)):
            named = {"campaign": rng.choice(CAMPAIGNS), "asset": rng.choice((None, "Guide"))}
            when = begin + HOUR * rng.randint(1, 60)
            touch(contact, when, rng.choice(KINDS), **named, machine=rng.random() < 0.2)
        if rng.random() < 0.8:
            when = begin + HOUR * rng.randint(1, 60)
            with clock.moved_to(when):
                lead_of(rng, contact, when, by)
    judged = list(Touch.objects.order_by("id").values_list("id", flat=True))
    Verdict.give(judged[::9], machine=True, source="test", at=still)
    Verdict.give(judged[1::9], machine=False, source="test", at=still)
    for n in range(0, 100, 20):
        Merge.of(people[n + 1], people[n + 2], reason="", by=by, at=still)
    people[9].trash(by=by, at=still)
    return people


def plainly(key: str) -> dict[str, set[int]]:
    """By contact, from rows of the database, one after the other."""
    owner: dict[int, int | None] = {}
    for link in Link.objects.order_by("recorded_at", "id"):
        owner[link.identity_id] = link.contact_id
    said = {one.touch_id: one.machine for one in Verdict.objects.order_by("recorded_at", "id")}
    here = {contact.pk for contact in Contact.objects.here()}
    touches = [t for t in Touch.objects.all() if not said.get(t.pk, t.machine) and owner.get(t.identity_id) in here]
    met: dict[int, object] = {}
    begun: dict[int, object] = {}
    for one in sorted(touches, key=lambda one: one.occurred_at):
        begun.setdefault(owner[one.identity_id], one.occurred_at)
        if " ".join((one.campaign or "").lower().split()) == key:
            met.setdefault(owner[one.identity_id], one.occurred_at)
    into = {one.pk: one.merged_into_id for one in Contact.objects.exclude(merged_into=None)}
    found = {name: set() for name in MEASURES} | {"people": set(met)}
    found["first"] = {contact for contact in met if begun[contact] == met[contact]}
    for lead in Lead.objects.here():
        whose = into.get(lead.contact_id, lead.contact_id)
        for name, at in _instants(lead).items():
            if at and whose in met and at >= met[whose]:
                found[name].add(whose)
    return found


def _instants(lead: Lead) -> dict[str, object]:
    moves = Transition.standing().filter(lead_id=lead.pk).order_by("occurred_at", "id")
    at_least = [m.occurred_at for m in moves if rules.PLACE.get(m.to_stage, -1) >= rules.PLACE["mql"]]
    won = [m.occurred_at for m in moves if m.to_stage == "won"] if lead.stage == "won" else []
    return {"opened": moves[0].occurred_at, "qualified": min(at_least, default=None), "won": min(won, default=None)}


def test_a_plain_reading_says_the_same(living, still):
    for key in ("spring fair", "letter: one", "spring fair 2"):
        question = ask(still, f"touch.campaign:{key}")
        expected = plainly(key)
        assert all(expected.values()), "a world in which nobody does so proves nothing"
        told = reports.answer("touched", question)
        assert told.people == len(expected["people"])
        for name in MEASURES:
            share = getattr(told, name)
            assert (share.numerator, share.denominator) == (len(expected[name]), told.people), name
        for name in ("people", *MEASURES):
            assert set(reports.records("touched", question, Cell(name))) == expected[name], name
        assert sum(told.kinds.values()) == told.touches >= told.people


def test_filters_hold_together_and_none_means_every_touch(living, still):
    both = reports.answer("touched", ask(still, FAIR, "touch.asset:guide"))
    one = reports.answer("touched", ask(still, FAIR))
    every = reports.answer("touched", ask(still))
    assert 0 < both.touches < one.touches < every.touches
    assert every.first.numerator == every.people


def test_a_partner_is_told_of_their_own_contacts_alone(living, cast, still):
    own = {contact.pk for contact in Contact.objects.here().filter(owner=cast.paula)}
    question = ask(still, FAIR, viewer=cast.paula)
    people = set(reports.records("touched", question, Cell("people")))
    assert people == plainly("spring fair")["people"] & own
    assert people
    told = reports.answer("touched", question)
    assert told.people == len(people)
    assert told.touches < reports.answer("touched", ask(still, FAIR)).touches


def test_nobody_met_and_no_such_number(cast, still):
    told = asdict(reports.answer("touched", ask(still, FAIR)))
    assert (told["touches"], told["kinds"], told["people"]) == (0, {}, 0)
    assert told["won"]["denominator"] == 0
    with pytest.raises(CannotAsk):
        reports.records("touched", ask(still, FAIR), Cell("touches"))
