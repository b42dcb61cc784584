"""What a file tells of the past has no effect on the present, until something real happens."""

import csv
from datetime import timedelta

import pytest

from accord.kernel import clock, journal
from accord.kernel.imports import reading, run
from accord.rooms.capture.models import Touch
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.people.models import Contact
from accord.rooms.scoring.models import ToJudge
from tests.scenarios.living import agreed, on, simple, touch, work

TODAY = "2026-06-01"


@pytest.fixture
def at():
    return on("2025-12-29")


def brought(path, kind, header, rows):
    """Import the rows as history."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)
    with clock.moved_to(on(TODAY)):
        chosen = run.plain_map(kind, reading.inspect(path).header, history=True)
        run.run(run.prepare(path, chosen, by=None, at=on(TODAY)))
        journal.drain()
    work(on(TODAY) + timedelta(minutes=1))


def history(folder, leads, touches):
    """Every contact was a lead in January and has downloaded since as often as the rule asks."""
    day = on("2026-01-10")
    moves = [(f"c{n}", "entered", (day + timedelta(minutes=n)).isoformat()) for n in range(leads)]
    brought(folder / "transitions.csv", "transitions", ["contact", "move", "occurred_at"], moves)
    downloads = [
        (f"t{n}", f"c{n % leads}", "download", (on("2026-02-01") + timedelta(minutes=n)).isoformat())
        for n in range(touches)
    ]
    brought(folder / "touches.csv", "touches", ["external_id", "contact", "kind", "occurred_at"], downloads)


def expect_one(folder, cast, leads, touches):
    agreed(cast, simple(3), "2026-01-01")
    history(folder, leads, touches)
    assert (Lead.objects.count(), Touch.objects.count()) == (leads, touches)
    assert not Qualification.objects.exists()
    assert not ToJudge.objects.exists()
    assert set(Lead.objects.values_list("stage", flat=True)) == {"inquiry"}
    one = Contact.objects.get(external_id="c7")
    touch(one, "page", "2026-06-02")
    assert list(Qualification.objects.values_list("contact_id", "at")) == [(one.pk, on("2026-06-02"))]
    assert list(Lead.objects.filter(stage="mql").values_list("contact_id", flat=True)) == [one.pk]


def test_a_history_import_qualifies_nobody_and_the_next_touch_just_that_one(cast, tmp_path):
    expect_one(tmp_path, cast, leads=500, touches=5_000)


@pytest.mark.prove
def test_a_long_history_import_qualifies_nobody(cast, tmp_path):
    expect_one(tmp_path, cast, leads=50_000, touches=500_000)


def test_a_history_of_touches_alone_opens_nobody(cast, tmp_path):
    agreed(cast, simple(3), "2026-01-01")
    downloads = [(f"t{n}", f"c{n % 10}", "download", f"2026-02-0{1 + n // 10}") for n in range(40)]
    brought(tmp_path / "touches.csv", "touches", ["external_id", "contact", "kind", "occurred_at"], downloads)
    assert not Lead.objects.exists()
    assert not ToJudge.objects.exists()
    one = Contact.objects.get(external_id="c3")
    touch(one, "page", "2026-06-02")
    lead = Lead.objects.get()
    assert (lead.contact_id, lead.opened_at, lead.stage) == (one.pk, on("2026-06-02"), "mql")
