"""Clocks that are made wrong past their verbs are found, each by name."""

import pytest

from accord.kernel.audit import invariants
from accord.rooms.funnel.models import Lead
from accord.rooms.promises.models import Clock
from tests.rooms.promises.days import swept
from tests.scenarios.living import on

pytestmark = pytest.mark.both
NAMES = ("clocks", "kept_promises", "due_clocks")


def said() -> list[tuple[str, str, str]]:
    return [(one.invariant, one.record, one.what) for one in invariants.run().violations if one.invariant in NAMES]


def test_what_is_wrong_with_a_clock_is_said_of_that_clock(cast, enforced, handed, clock_of):
    one, two = handed("anna"), handed("bert", "2026-02-02T09:00:01")
    swept("2026-02-02T13:30:00")
    assert said() == []
    first, attempts, verdict = (clock_of(one, name) for name in ("first_contact", "attempts", "verdict"))
    of = Clock.objects.filter
    of(pk=first.pk).update(next_at=None)
    of(pk=attempts.pk).update(state="kept")
    of(pk=verdict.pk).update(lead=Lead.objects.get(pk=two.lead_id))
    other = clock_of(two)
    of(pk=other.pk).update(stopped_at=on("2026-02-02T12:00:00"))
    done = clock_of(two, "verdict")
    of(pk=done.pk).update(state="void", ended_at=on("2026-02-02T12:00:00"))
    found = said()
    assert {(name, record) for name, record, _what in found} == {
        ("clocks", f"clock:{verdict.pk}"),
        ("kept_promises", f"clock:{attempts.pk}"),
        ("kept_promises", f"clock:{other.pk}"),
        ("due_clocks", f"clock:{first.pk}"),
        ("due_clocks", f"clock:{attempts.pk}"),
        ("due_clocks", f"clock:{done.pk}"),
    }
    words = {(name, record): what for name, record, what in found}
    assert words["due_clocks", f"clock:{first.pk}"] == (
        "is broken, something is still to be done about it, and nobody will look"
    )
    assert words["clocks", f"clock:{verdict.pk}"] == (
        f"runs for lead:{two.lead_id}, and its hand-off is of lead:{one.lead_id}"
    )
