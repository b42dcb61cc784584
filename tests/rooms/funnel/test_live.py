"""Live = replay = the plain reading: random documents over random histories, told as they happen."""

import json
from datetime import timedelta
from random import Random

import pytest

from accord.kernel import clock, journal
from accord.kernel.instants import to_micros
from accord.kernel.journal import Parked
from accord.rooms.agreement.document.reading import read
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import house as known_here
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.scoring.models import ToJudge
from accord.schedule import TABLE
from tests.rooms.funnel.live_telling import Telling, own_fields, when
from tests.rooms.scoring import worlds
from tests.rooms.scoring.plain_known import Known
from tests.rooms.scoring.plain_passages import Story
from tests.rooms.scoring.plain_rules import Reading

BEFORE = when(worlds.START) - timedelta(days=10)
LATER = worlds.END + 60 * worlds.DAY


@pytest.fixture
def at():
    return BEFORE


def in_force(document, cast) -> Version:
    """The document, signed by both before anything happens."""
    with clock.moved_to(BEFORE):
        own_fields(BEFORE)
        found = read(json.dumps({**document, "effective": "2025-12-01"}), known_here(strict=False))
        version = Version.draft(found, by=cast.mila.pk, at=BEFORE)
        version.propose(by=cast.mila.pk, at=BEFORE)
        for lead in (cast.mila, cast.saul):
            version.sign(lead, hash=version.hash, at=BEFORE)
        journal.drain()
    return version


def sweep() -> None:
    for entry in TABLE:
        if "wait" in entry.name:
            entry.run()
    journal.drain()


def lived(telling: Telling, random: Random, most: int) -> None:
    telling.begin(BEFORE)
    telling.tell(random, most)
    with clock.moved_to(when(LATER)):
        sweep()
    assert not Parked.objects.exists(), Parked.objects.values_list("error", flat=True)[0]


def judged(telling: Telling) -> dict[str, list[int]]:
    names = {contact.pk: name for name, contact in telling.contacts.items()}
    found: dict[str, list[int]] = {}
    for contact, at in Qualification.objects.order_by("at").values_list("contact_id", "at"):
        found.setdefault(names[contact], []).append(to_micros(at))
    return found


def stories(telling: Telling, document) -> dict[str, Story]:
    reading = Reading(Known(telling.told), document)
    told = {contact: Story(reading, contact, LATER) for contact in telling.contacts}
    for story in told.values():
        story.tell()
    return told


def expected(told: dict[str, Story]) -> dict[str, list[int]]:
    whole = {contact: [one.at for one in story.state(LATER).qualifications] for contact, story in told.items()}
    return {contact: instants for contact, instants in whole.items() if instants}


def standing(told: dict[str, Story]) -> dict[str, bool]:
    """Whose passage is open, and whether it is qualified."""
    states = {contact: story.state(LATER) for contact, story in told.items()}
    return {contact: state.qualified for contact, state in states.items() if state.open}


def stand(telling: Telling) -> dict[str, bool]:
    names = {contact.pk: name for name, contact in telling.contacts.items()}
    stages = Lead.objects.open().values_list("contact_id", "stage")
    return {names[contact]: stage == rules.MQL for contact, stage in stages}


def same(cast, seed: int, *, contacts: int, most: int) -> None:
    world, document = worlds.world(seed, contacts), worlds.document(seed)
    in_force(document, cast)
    telling = Telling(world)
    lived(telling, Random(seed), most)
    told = stories(telling, document)
    assert judged(telling) == expected(told)
    open_now, by_the_text = stand(telling), standing(told)
    # Whom no agreement takes in, no agreement opens a passage for.
    inside = open_now if "scope" in document else by_the_text
    assert open_now == {contact: by_the_text[contact] for contact in inside}
    assert not ToJudge.objects.exists()


@pytest.mark.parametrize("seed", range(6))
def test_live_qualifies_as_the_plain_reading_does(cast, seed):
    same(cast, seed, contacts=12, most=60)


def test_what_is_judged_row_by_row_is_the_same(cast):
    same(cast, 20, contacts=2, most=1)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 200))
def test_a_hundred_lives_qualify_as_the_plain_reading_does(cast, seed):
    same(cast, seed, contacts=20, most=(20, 60, 200, 600)[seed % 4])


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(200, 1100))
def test_nine_hundred_shorter_lives_qualify_as_the_plain_reading_does(cast, seed):
    same(cast, seed, contacts=8, most=(60, 200, 600)[seed % 3])
