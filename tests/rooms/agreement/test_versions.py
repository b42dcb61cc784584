"""A version goes from a draft by two signatures into force, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from accord import schedule
from accord.kernel import clock
from accord.kernel.instants import FOREVER
from accord.kernel.ledger import Fact
from accord.rooms.agreement import queries, starter
from accord.rooms.agreement.models import (
    Agreement,
    AlreadySigned,
    ChangedMeanwhile,
    DraftOpen,
    Frozen,
    NoSigner,
    NotNow,
    OtherText,
    RankFixed,
    RealHome,
    Shadowed,
    Version,
)
from tests.rooms.agreement.conftest import document

pytestmark = [pytest.mark.django_db, pytest.mark.both]
# 00:00 of 1 July 2026 in Berlin, where it is summer, is 22:00 the day before in UTC.
MIDNIGHT = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _still(still):
    pass


def kinds() -> list[str]:
    return list(Fact.objects.filter(subject="version").order_by("id").values_list("kind", flat=True))


def test_both_sides_sign_and_it_is_in_force_from_the_second_signature(cast, at):
    version = Version.draft(document(), by=cast.ada.pk, at=at)
    assert (version.number, version.status, version.agreement.name) == (1, "draft", "Qualified leads and promises")
    version.propose(by=cast.saul.pk, at=at)
    version.sign(cast.saul, hash=version.hash, at=at)
    assert (version.status, queries.in_force(at)) == ("proposed", [])
    version.sign(cast.mila, hash=version.hash, at=at)
    assert (version.status, version.signed_at) == ("in_force", at)
    assert at <= version.in_force_from < at + SECOND
    assert queries.in_force(at + SECOND) == [version]
    assert sorted(version.signatures.values_list("side", "member")) == [
        ("marketing", cast.mila.pk),
        ("sales", cast.saul.pk),
    ]
    assert kinds() == [
        "version_drafted", "version_proposed", "version_signed", "version_signed", "version_came_into_force",
    ]  # fmt: skip


def test_a_version_comes_into_force_at_midnight_of_its_zone(signed, at):
    version = signed(at, effective="2026-07-01")
    assert (version.status, version.in_force_from) == ("signed", MIDNIGHT)
    assert queries.in_force(MIDNIGHT - SECOND) == []
    assert queries.in_force(MIDNIGHT) == [version]
    with clock.moved_to(MIDNIGHT - SECOND):
        assert Version.come_into_force(MIDNIGHT - SECOND) == []
    with clock.moved_to(MIDNIGHT + DAY):
        assert Version.come_into_force(MIDNIGHT + DAY) == [version]
        assert Version.come_into_force(MIDNIGHT + DAY) == []
    version.refresh_from_db()
    assert (version.status, version.in_force_from) == ("in_force", MIDNIGHT)
    came = Fact.objects.get(kind="version_came_into_force")
    assert (came.occurred_at, came.subject_id) == (MIDNIGHT, version.pk)
    assert came.recorded_at >= MIDNIGHT + DAY


def test_the_worker_puts_it_into_force(signed, at):
    version = signed(at, effective="2026-07-01")
    (job,) = [entry for entry in schedule.TABLE if entry.name == "put signed versions into force"]
    with clock.moved_to(MIDNIGHT - SECOND):
        job.run()
    assert Version.objects.get(pk=version.pk).status == "signed"
    with clock.moved_to(MIDNIGHT):
        job.run()
    assert Version.objects.get(pk=version.pk).status == "in_force"


def test_the_next_version_ends_the_one_before(signed, at):
    first = signed(at)
    second = signed(at + DAY, effective="2026-07-01")
    assert (second.agreement, second.number) == (first.agreement, 2)
    expected = [(first, first.in_force_from, MIDNIGHT), (second, MIDNIGHT, FOREVER)]
    assert [(t.version, t.since, t.until) for t in queries.history()] == expected
    with clock.moved_to(MIDNIGHT):
        Version.come_into_force(MIDNIGHT)
    first.refresh_from_db()
    assert (first.status, first.in_force_until) == ("superseded", MIDNIGHT)
    assert [(t.version, t.since, t.until) for t in queries.history()] == expected
    assert queries.in_force(MIDNIGHT - SECOND) == [first]
    between = queries.in_force_between(MIDNIGHT - DAY, MIDNIGHT)
    assert [term.version for term in between] == [first]
    assert len(queries.in_force_between(MIDNIGHT - DAY, MIDNIGHT + SECOND)) == 2


def test_a_later_version_that_begins_sooner_overtakes_the_one_that_waits(signed, at):
    waiting = signed(at, effective="2026-07-01")
    sooner = signed(at + DAY)
    waiting.refresh_from_db()
    assert (waiting.status, sooner.status) == ("superseded", "in_force")
    assert [term.version for term in queries.history()] == [sooner]
    with clock.moved_to(MIDNIGHT):
        assert Version.come_into_force(MIDNIGHT) == []
    assert queries.in_force(MIDNIGHT) == [sooner]


@pytest.mark.parametrize("who", ["ada", "mara", "ines", "felix", "paula", "eva"])
def test_only_leads_sign(cast, at, who):
    version = Version.draft(document(), by=None, at=at)
    version.propose(by=None, at=at)
    with pytest.raises(NoSigner):
        version.sign(getattr(cast, who), hash=version.hash, at=at)
    assert not version.signatures.exists()


def test_one_person_never_signs_for_both_sides(cast, at):
    version = Version.draft(document(), by=None, at=at)
    version.propose(by=None, at=at)
    version.sign(cast.mila, hash=version.hash, at=at)
    with pytest.raises(AlreadySigned):
        version.sign(cast.mila, hash=version.hash, at=at)
    cast.mila.change({"role": "sales_lead"}, by=cast.ada.pk, at=at)
    with pytest.raises(AlreadySigned):
        version.sign(cast.mila, hash=version.hash, at=at)
    assert [s.side for s in version.signatures.all()] == ["marketing"]
    assert version.status == "proposed"


def test_what_is_signed_is_what_was_seen(cast, at):
    version = Version.draft(document(), by=None, at=at)
    seen = version.hash
    version.edit(document(review_by="2026-05-01"), seen=0, by=None, at=at)
    assert version.hash != seen
    with pytest.raises(NotNow):
        version.sign(cast.mila, hash=version.hash, at=at)
    version.propose(by=None, at=at)
    with pytest.raises(OtherText):
        version.sign(cast.mila, hash=seen, at=at)
    assert not version.signatures.exists()


def test_two_who_edit_a_draft_do_not_lose_each_others_text(at):
    version = Version.draft(document(), by=None, at=at)
    mine, theirs = Version.objects.get(pk=version.pk), Version.objects.get(pk=version.pk)
    theirs.edit(document(review_by="2026-05-01"), seen=theirs.edition, by=None, at=at)
    with pytest.raises(ChangedMeanwhile):
        mine.edit(document(review_by="2026-06-01"), seen=mine.edition, by=None, at=at)
    with pytest.raises(ChangedMeanwhile):
        mine.propose(by=None, at=at, seen=0)
    mine.refresh_from_db()
    assert (mine.document.review_by, mine.edition) == ("2026-05-01", 1)


def test_a_draft_stays_a_version_of_its_agreement(at):
    version = Version.draft(document(), by=None, at=at)
    with pytest.raises(ValueError, match="Another name"):
        version.edit(document(name="Another name"), seen=0, by=None, at=at)


def test_an_agreement_has_one_open_version(cast, at, signed):
    version = Version.draft(document(), by=None, at=at)
    with pytest.raises(DraftOpen):
        Version.draft(document(), by=None, at=at)
    version.withdraw(by=cast.mila.pk, at=at)
    assert (version.status, version.withdrawn_at) == ("withdrawn", at)
    assert signed(at).number == 2


def test_what_was_proposed_is_withdrawn_and_not_edited(at, signed):
    version = Version.draft(document(), by=None, at=at)
    version.propose(by=None, at=at)
    with pytest.raises(Frozen):
        version.edit(document(review_by="2026-05-01"), seen=0, by=None, at=at)
    with pytest.raises(NotNow):
        version.propose(by=None, at=at)
    version.withdraw(by=None, at=at)
    bound = signed(at)
    for verb in (bound.withdraw, bound.propose):
        with pytest.raises(NotNow):
            verb(by=None, at=at)
    assert bound.status == "in_force"


def test_a_pilot_stands_above_the_general_one_and_both_are_in_force(signed, at):
    general = signed(at)
    pilot = signed(at, name="Pilot", scope={"field": "company.industry", "is": "logistics"})
    assert queries.in_force(at + SECOND) == [pilot, general]


def test_below_one_that_takes_everything_nothing_is_signed(signed, at):
    signed(at)
    with pytest.raises(Shadowed):
        signed(at, name="Another general one")
    assert Version.objects.get(number=1, agreement__name="Another general one").status == "proposed"


def test_a_pilot_does_not_become_everybody_above_the_general_one(signed, at):
    signed(at, name="Pilot", scope={"share": 0.5, "salt": "pilot-1"})
    general = signed(at)
    with pytest.raises(Shadowed):
        signed(at, name="Pilot", scope={"any": [{"all": []}]})
    assert general in queries.in_force(at + SECOND)


def test_ranks_change_until_somebody_signs(signed, at):
    general = signed(at)
    first = Version.draft(document(name="North", scope={"field": "company.region", "is": "north"}), by=None, at=at)
    second = Version.draft(document(name="South", scope={"field": "company.region", "is": "south"}), by=None, at=at)
    assert list(Agreement.objects.ranked()) == [second.agreement, first.agreement, general.agreement]
    first.agreement.move(above=True, by=None, at=at)
    assert list(Agreement.objects.ranked()) == [first.agreement, second.agreement, general.agreement]
    with pytest.raises(RankFixed):
        Agreement.objects.get(name="South").move(above=False, by=None, at=at)
    assert Agreement.objects.ranked().last() == general.agreement


def test_the_starter_is_in_force_until_the_first_agreement_is(signed, at):
    made = starter.begin(at, "Asia/Shanghai")
    assert (made.status, made.starter, made.document.zone) == ("in_force", True, "Asia/Shanghai")
    assert (made.document.effective, made.document.review_by) == ("2026-03-02", "2026-05-31")
    assert starter.begin(at, "UTC") is None
    assert queries.unsigned_starter(at + SECOND) == made
    first = signed(at + DAY)
    made.refresh_from_db()
    assert (made.status, made.in_force_until) == ("superseded", first.in_force_from)
    assert queries.unsigned_starter(at + DAY + SECOND) is None
    assert [term.version for term in queries.history()] == [made, first]


def test_the_starter_ends_with_a_scoped_agreement_too(signed, at):
    made = starter.begin(at, "UTC")
    pilot = signed(at + DAY, name="Pilot", scope={"share": 0.2, "salt": "one"}, effective="2026-07-01")
    assert queries.in_force(MIDNIGHT - SECOND) == [made]
    assert queries.in_force(MIDNIGHT) == [pilot]


def test_signing_as_both_is_for_homes_of_tests(at, test_home, settings, tmp_path):
    version = Version.draft(document(), by=None, at=at)
    version.propose(by=None, at=at)
    version.sign_as_both(at=at)
    assert version.status == "in_force"
    settings.HOME = tmp_path
    other = Version.draft(document(), by=None, at=at)
    other.propose(by=None, at=at)
    with pytest.raises(RealHome):
        other.sign_as_both(at=at)
    assert (other.status, other.signatures.count()) == ("proposed", 0)
