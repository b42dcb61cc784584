"""Who is told what, when, and how often."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock, journal
from accord.kernel.journal import Pending
from accord.kernel.ledger import Fact
from accord.rooms.agreement.models import Version
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.notices.models import Notice, Switch
from accord.rooms.notices.reactions import NOTICE
from accord.rooms.notices.rules import Way
from accord.rooms.notices.sentences import lines
from accord.rooms.notices.telling import notices
from tests.rooms.agreement.conftest import document
from tests.rooms.notices.conftest import told, unread
from tests.rooms.promises.days import seller, swept
from tests.scenarios.living import on, work

pytestmark = pytest.mark.both
NINE = "2026-02-02T09:00:00"


def again() -> None:
    """Every fact comes to the reaction once more."""
    Pending.objects.bulk_create(
        Pending(fact_id=pk, reaction=NOTICE.key) for pk in Fact.objects.values_list("pk", flat=True)
    )
    journal.drain()


def test_an_offer_is_told_to_whom_it_is_made(cast, enforced, handed):
    one = handed()
    notice = Notice.objects.get()
    assert (notice.member, notice.kind, notice.handoff, notice.clock) == (cast.ines, "offered", one, None)
    assert (notice.at, notice.shown, notice.mailed, notice.capped) == (on(NINE), True, False, False)
    again()
    assert told(cast.ines) == ["offered"]


def test_what_is_answered_is_read(cast, enforced, handed):
    one = handed()
    one.accept(by=cast.ines, at=on("2026-02-02T09:10:00"))
    assert unread(cast.ines) == ["offered"]
    work(on("2026-02-02T09:10:00"))
    notice = Notice.objects.whole().get()
    assert (notice.read_at, notice.settled) == (on("2026-02-02T09:10:00"), True)


def test_an_offer_that_was_answered_before_anybody_was_told_is_no_news(cast, enforced, handed):
    handed().accept(by=cast.ines, at=on(NINE))
    Notice.objects.all().delete()
    with clock.moved_to(on("2026-02-02T12:00:00")):
        again()
    assert (told(cast.ines), unread(cast.ines)) == (["offered"], [])


def test_a_breach_is_told_once_to_its_owner_and_to_the_lead(cast, enforced, handed):
    handed()
    swept("2026-02-02T11:00:00")
    assert unread(cast.ines) == ["offered", "due_soon"]
    for moment in ("2026-02-02T13:00:00", "2026-02-02T13:00:05"):
        swept(moment)
    # What is broken is not soon due any more.
    assert unread(cast.ines) == ["offered", "broken"]
    assert unread(cast.saul) == ["escalated"]
    assert Notice.objects.get(kind="escalated").clock.promise == "first_contact"
    assert Notice.objects.count() == 4


def test_what_is_taken_back_is_told_to_both(cast, enforced, handed):
    ivan = seller("ivan")
    assert handed().owner == cast.ines
    swept("2026-02-02T15:00:00")
    assert Handoff.objects.get().owner == ivan
    assert told(ivan) == ["passed_on"]
    assert unread(cast.ines) == ["broken", "taken_away"]


def test_who_did_it_themselves_is_not_told(cast, enforced, handed):
    handed()
    with clock.moved_to(on("2026-02-02T09:20:00")):
        Lead.objects.get().assign(cast.saul, by=cast.saul.pk, at=on("2026-02-02T09:20:00"))
    work(on("2026-02-02T09:20:00"))
    assert Handoff.objects.get().owner == cast.saul
    assert told(cast.saul) == []
    assert unread(cast.ines) == ["taken_away"]


def test_whoever_is_away_passes_it_on_without_being_told(cast, enforced, handed):
    ivan = seller("ivan")
    one = handed()
    other = ivan if one.owner == cast.ines else cast.ines
    with clock.moved_to(on("2026-02-02T09:30:00")):
        one.owner.take_leave(
            on("2026-02-02T09:30:00"), on("2026-02-09T00:00:00"), by=one.owner.pk, at=on("2026-02-02T09:30:00")
        )
    work(on("2026-02-02T09:30:05"))
    assert told(other) == ["passed_on"]
    assert told(one.owner) == ["offered"]
    assert unread(one.owner) == []


def test_what_came_back_is_told_to_the_pool_and_to_who_had_handed_it_on(cast, enforced, handed):
    one = handed()
    one.accept(by=cast.ines, at=on("2026-02-02T09:10:00"))
    work(on("2026-02-02T09:10:00"))
    Lead.objects.get().move("to_sql", by=cast.ines.pk, at=on("2026-02-02T09:20:00"), reason="checked")
    work(on("2026-02-02T09:20:00"))
    to_field = Handoff.objects.get(kind="to_field")
    to_field.give_back("timing", by=cast.felix, at=on("2026-02-02T09:30:00"))
    work(on("2026-02-02T09:30:00"))
    assert unread(cast.mila) == ["returned"]
    assert unread(cast.ines) == ["returned"]
    assert unread(cast.felix) == []
    to_field.return_of.take_up(by=cast.mara, at=on("2026-02-02T10:00:00"))
    work(on("2026-02-02T10:00:00"))
    assert unread(cast.mila) == unread(cast.ines) == []


def test_a_pilot_presses_nobody(cast, pilot, handed):
    handed()
    swept("2026-02-09T15:00:00")
    assert set(Notice.objects.values_list("kind", flat=True)) == {"offered"}


def test_the_cap_of_an_hour_leaves_the_rest_to_the_digest(cast, enforced, handed, monkeypatch):
    monkeypatch.setattr("tests.remembered.ANEW", True)
    monkeypatch.setattr("accord.rooms.notices.rules.MOST_AN_HOUR", 2)
    for number in range(4):
        handed(f"person {number}", f"2026-02-02T09:00:0{number}")
    handed("later", "2026-02-02T10:00:02")
    ways = list(Notice.objects.filter(kind="offered").order_by("id").values_list("shown", "mailed", "capped"))
    assert ways == [(True, False, False)] * 2 + [(False, True, True)] * 2 + [(True, False, False)]
    assert len(unread(cast.ines)) == 3
    assert Notice.objects.visible_to(cast.ines).listed().count() == 5


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (Way(app=False, digest=False), []),
        (Way(app=False, digest=True), [(False, True)]),
        (Way(app=True, digest=True), [(True, True)]),
    ],
)
def test_switches(cast, enforced, handed, way, expected):
    Switch.turn(cast.ines, {"offered": Way(app=True, digest=False)})
    Switch.turn(cast.ines, {"offered": way})
    handed()
    assert list(Notice.objects.values_list("shown", "mailed")) == expected


def test_a_breach_goes_into_the_digest_unless_switched_off(cast, enforced, handed):
    Switch.turn(cast.saul, {"escalated": Way(app=True, digest=False)})
    handed()
    swept("2026-02-02T13:00:00")
    assert dict(Notice.objects.values_list("kind", "mailed")) == {
        "offered": False, "broken": True, "escalated": False,
    }  # fmt: skip


def test_who_has_left_is_not_told(cast, enforced, handed):
    handed()
    cast.saul.leave(by=cast.ada.pk, at=on("2026-02-02T10:00:00"))
    swept("2026-02-02T13:00:00")
    assert told(cast.saul) == []


def test_told_twice_stands_once(cast, enforced, handed):
    one = handed()
    fact = Fact.objects.get(kind="handoff_offered").pk
    for _ in range(2):
        Notice.tell([Notice(member=cast.ines, kind="offered", fact_id=fact, handoff=one)], at=on(NINE))
    assert Notice.objects.count() == 1


def test_what_lies_in_the_trash_is_not_counted(cast, enforced, handed):
    handed()
    Lead.objects.get().trash(by=cast.ada.pk, at=on("2026-02-02T09:30:00"))
    assert not Notice.objects.visible_to(cast.ines).here().exists()


def proposed(cast, by) -> Version:
    with clock.moved_to(on(NINE)):
        version = Version.draft(document(), by=by.pk, at=on(NINE))
        version.propose(by=by.pk, at=on(NINE))
    work(on(NINE))
    return version


def test_what_waits_for_a_signature_is_told_to_whoever_can_give_it(cast):
    version = proposed(cast, cast.mila)
    notice = Notice.objects.whole().get()
    assert (notice.member, notice.kind, notice.version, notice.settled) == (cast.saul, "to_sign", version, False)
    assert [line.words for line in lines([notice], cast.saul)] == [
        f"Waits for your signature: {version.agreement}, version 1"
    ]
    again()
    assert (told(cast.saul), told(cast.mila)) == (["to_sign"], [])


def test_each_side_is_told_that_the_other_has_signed(cast):
    version = proposed(cast, cast.mila)
    ten, eleven = on("2026-02-02T10:00:00"), on("2026-02-02T11:00:00")
    version.sign(cast.saul, hash=version.hash, at=ten)
    work(ten)
    assert (unread(cast.saul), unread(cast.mila)) == ([], ["signed"])
    said = lines(Notice.objects.filter(member=cast.mila).whole(), cast.mila)
    assert [line.words for line in said] == [f"Signed for Sales: {version.agreement}, version 1"]
    version.sign(cast.mila, hash=version.hash, at=eleven)
    work(eleven)
    assert told(cast.saul) == ["to_sign", "signed"]


def test_what_was_withdrawn_waits_for_nobody(cast):
    version = proposed(cast, cast.mila)
    version.withdraw(by=cast.mila.pk, at=on("2026-02-02T10:00:00"))
    assert unread(cast.saul) == ["to_sign"]
    work(on("2026-02-02T10:00:00"))
    assert unread(cast.saul) == []


def test_who_is_to_be_told_of_many_is_asked_once(cast, enforced, handed):
    for name in ("anna", "berta", "carla"):
        handed(name).give_back("no_fit", by=cast.ines, at=on(NINE))
    returned = list(Fact.objects.filter(kind="handoff_returned"))
    asked = []
    for facts in (returned[:1], returned):
        with CaptureQueriesContext(connection) as queries:
            assert len(notices(facts, on(NINE))) == len(facts)
        asked.append(len(queries))
    assert asked[0] == asked[1]
