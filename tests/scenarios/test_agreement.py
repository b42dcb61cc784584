"""The signed rule decides, day by day: the worked examples, two versions, returns, waits, a pilot beside the rest."""

import hashlib
from datetime import timedelta

import pytest

from accord.kernel import clock
from accord.rooms.funnel.models import Lead, Qualification, Transition
from accord.rooms.insight import scores
from accord.rooms.insight.scores import Asking
from accord.rooms.people.models import Identity
from accord.rooms.scoring.models import ToJudge
from tests.scenarios.living import (
    EXAMPLE,
    agreed,
    became,
    company,
    contact,
    moved,
    on,
    qualified,
    simple,
    touch,
    work,
)

A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def at():
    """The house is a few days older than what it agrees."""
    return on("2025-12-29")


def days(*instants):
    return [at.date().isoformat() for at in instants]


@pytest.mark.both
def test_a_returned_lead_qualifies_again_by_what_happened_since(cast):
    agreed(cast, EXAMPLE, "2025-12-30")
    zeta = company("2026-01-01", name="Zeta", industry="Logistics")
    k1 = contact("K1", "2026-01-01", company=zeta.pk)
    touch(k1, "download", "2026-01-02")
    touch(k1, "download", "2026-01-09")
    touch(k1, "download", "2026-01-05", recorded="2026-01-12")
    touch(k1, "page", "2026-01-15", path="/pricing")
    touch(k1, "event_attended", "2026-01-16")
    lead = Lead.objects.get(contact=k1)
    assert (qualified(k1), lead.opened_at) == ([on("2026-01-16")], on("2026-01-02"))
    became(k1, "2026-01-10", recorded="2026-01-20", seniority="Director")
    moved(k1, "returned", "2026-02-10")
    lead.refresh_from_db()
    assert lead.stage == "engaged"
    touch(k1, "page", "2026-03-01", path="/blog")
    touch(k1, "download", "2026-03-02")
    assert qualified(k1) == [on("2026-01-16")]
    touch(k1, "download", "2026-03-03")
    lead.refresh_from_db()
    assert (qualified(k1), lead.stage) == ([on("2026-01-16"), on("2026-03-03")], "mql")


@pytest.mark.both
def test_what_is_known_late_opens_and_qualifies_when_it_is_known(cast):
    agreed(cast, EXAMPLE, "2025-12-30")
    zeta = company("2026-01-01", name="Zeta", industry="Logistics")
    k2 = contact("K2", "2026-01-01", company=zeta.pk, seniority="Director")
    for day in ("2026-01-01", "2026-01-02", "2026-01-03"):
        touch("visitor", "download", day)
    assert not Lead.objects.exists()
    with clock.moved_to(on("2026-01-20")):
        Identity.of("anonymous", "visitor").link(k2.pk, by=None, at=on("2026-01-20"))
    work(on("2026-01-20"))
    lead = Lead.objects.get()
    assert (lead.contact_id, lead.opened_at, lead.stage) == (k2.pk, on("2026-01-20"), "mql")
    assert qualified(k2) == [on("2026-01-20")]


def test_every_transition_names_the_version_that_was_in_force_that_day(cast):
    first = agreed(cast, simple(2), "2026-01-01")
    early, waiting, late = (contact(name) for name in ("Early", "Waiting", "Late"))
    for day in ("2026-01-05", "2026-01-06"):
        touch(early, "download", day)
    touch(waiting, "download", "2026-01-07")
    second = agreed(cast, simple(1, effective="2026-03-01"), "2026-02-10")
    touch(late, "form", "2026-02-20")
    assert (qualified(early), qualified(waiting)) == ([on("2026-01-06")], [])
    work(on("2026-03-01") + A_MOMENT)
    # Who waited meets the new rule at the instant at which it comes into force.
    assert (qualified(waiting), qualified(late)) == ([on("2026-03-01")], [])
    touch(late, "download", "2026-03-05")
    assert qualified(late) == [on("2026-03-05")]
    steps = Transition.objects.order_by("id").values_list("contact_id", "move", "version_id")
    # The usual stages engage at the second touch.
    assert list(steps) == [
        (early.pk, "entered", first.pk), (early.pk, "to_engaged", first.pk), (early.pk, "to_mql", first.pk),
        (waiting.pk, "entered", first.pk), (late.pk, "entered", first.pk), (waiting.pk, "to_mql", second.pk),
        (late.pk, "to_engaged", second.pk), (late.pk, "to_mql", second.pk),
    ]  # fmt: skip
    versions = Qualification.objects.order_by("at").values_list("contact_id", "version_id")
    assert list(versions) == [(early.pk, first.pk), (waiting.pk, second.pk), (late.pk, second.pk)]


def test_a_late_touch_changes_the_score_of_then_but_not_what_was_known_then(cast):
    version = agreed(cast, simple(9), "2026-01-01")
    somebody = contact("Somebody")
    touch(somebody, "download", "2026-01-05")

    def score(day, known):
        with clock.moved_to(on("2026-02-01")):
            asking = Asking(version.document, on("2026-02-01"), on(day), on(known))
            return {row.contact: row.engagement for row in scores.scores(asking)}["Somebody"]

    assert score("2026-01-10", "2026-01-10") == 10
    touch(somebody, "download", "2026-01-08", recorded="2026-01-20")
    assert (score("2026-01-10", "2026-01-10"), score("2026-01-10", "2026-01-20")) == (10, 20)


def test_a_returned_lead_waits_for_something_new_for_400_days(cast):
    agreed(cast, simple(1), "2026-01-01")
    quiet = contact("Quiet")
    touch(quiet, "download", "2026-01-05")
    moved(quiet, "returned", "2026-01-10")
    for day in range(1, 401):
        work(on("2026-01-10") + timedelta(days=day))
    assert qualified(quiet) == [on("2026-01-05")]
    touch(quiet, "download", "2027-02-20")
    touch(quiet, "page", "2027-02-21")
    work(on("2027-02-22"))
    assert qualified(quiet) == [on("2026-01-05"), on("2027-02-20")]
    assert Lead.objects.get(contact=quiet).stage == "mql"


def test_nothing_qualifies_before_the_wait_is_over_and_then_without_a_new_touch(cast):
    agreed(cast, simple(1, wait=10), "2026-01-01")
    eager = contact("Eager")
    touch(eager, "download", "2026-01-05")
    moved(eager, "returned", "2026-01-10")
    touch(eager, "download", "2026-01-12")
    work(on("2026-01-19"))
    assert qualified(eager) == [on("2026-01-05")]
    # The worker comes by a little later; the lead qualifies at the end of its wait all the same.
    work(on("2026-01-20") + A_MOMENT)
    assert qualified(eager) == [on("2026-01-05"), on("2026-01-20")]
    assert not ToJudge.objects.exists()


def test_a_pilot_for_a_part_judges_that_part_alone(cast):
    pilot = simple(1, name="Pilot", scope="{share: 0.5, salt: pilot-3}")
    general, above = agreed(cast, simple(2), "2026-01-01"), agreed(cast, pilot, "2026-01-02")
    people = [contact(f"P{number}") for number in range(6)]
    for day in ("2026-01-05", "2026-01-07"):
        for one in people:
            touch(one, "download", day)

    def drawn(name):
        return int.from_bytes(hashlib.sha256(f"pilot-3:{name}".encode()).digest()[:8], "big") < 2**63

    inside = [one.pk for one in people if drawn(one.external_id)]
    assert 0 < len(inside) < len(people)
    judged = {
        contact: (version, at.date().isoformat())
        for contact, version, at in Qualification.objects.values_list("contact_id", "version_id", "at")
    }
    assert judged == {
        one.pk: (above.pk, "2026-01-05") if one.pk in inside else (general.pk, "2026-01-07") for one in people
    }
