"""Nothing that was proposed can be edited: not by the ORM, and not by SQL either."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier, Lock

import pytest
from django.db import IntegrityError, connection, models, transaction

from accord.rooms.agreement.models import (
    Agreement,
    AlreadySigned,
    DraftOpen,
    Frozen,
    NotNow,
    Signature,
    Version,
)
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Member
from tests.rooms.agreement.conftest import document

pytestmark = [pytest.mark.django_db, pytest.mark.both]
FIELDS = ("text", "source", "hash", "edition", "number", "agreement_id", "starter", "made_at", "in_force_from")


@pytest.fixture(autouse=True)
def _still(still):
    pass


@pytest.fixture
def proposed(at) -> Version:
    version = Version.draft(document(name="Another", scope={"share": 0.1, "salt": "x"}), by=None, at=at)
    version.propose(by=None, at=at)
    return version


def rows() -> list[tuple]:
    return [*Version.objects.order_by("pk").values_list(), *Signature.objects.order_by("pk").values_list()]


def run(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(sql: str, *values: object) -> None:
    before = rows()
    with pytest.raises(IntegrityError):
        run(sql, *values)
    assert rows() == before


def test_the_orm_refuses(signed, proposed, at):
    bound = signed(at)
    before = rows()
    for version in (bound, proposed):
        version.text = "{}"
        everywhere = Version.objects.filter(pk=version.pk)
        for attempt in (
            version.save,
            version.delete,
            lambda rows=everywhere: rows.update(text="{}"),
            everywhere.delete,
            lambda one=version: Version.objects.bulk_update([one], ["text"]),
            lambda one=version: Version.objects.update_or_create(pk=one.pk, defaults={"text": "{}"}),
        ):
            with pytest.raises(Frozen), transaction.atomic():
                attempt()
    signature = bound.signatures.first()
    for attempt in (signature.save, signature.delete, bound.signatures.all().delete):
        with pytest.raises(Frozen):
            attempt()
    with pytest.raises(Frozen):
        bound.signatures.update(side="sales")
    with pytest.raises(models.ProtectedError):
        bound.agreement.delete()
    assert rows() == before


def test_a_queryset_that_knows_nothing_of_versions_is_refused_by_the_database(signed, at):
    bound = signed(at)
    before = rows()
    bare = models.QuerySet(Version).filter(pk=bound.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        bare.update(text="{}")
    with pytest.raises(IntegrityError), transaction.atomic():
        bare._raw_delete(bare.db)
    bound.made_at = at - timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Model.save(bound, force_update=True, update_fields=["made_at"])
    assert rows() == before


@pytest.mark.parametrize("field", FIELDS)
def test_sql_changes_nothing_of_what_is_in_force(signed, at, field):
    bound = signed(at)
    signed(at, name="Pilot", scope={"share": 0.1, "salt": "x"})
    values = {"text": "{}", "source": "x", "hash": "x", "starter": not bound.starter}
    refused(f"UPDATE agreement_version SET {field} = %s WHERE id = %s", _value(bound, field, values), bound.pk)


def _value(version: Version, field: str, values: dict) -> object:
    if field in values:
        return values[field]
    if field == "agreement_id":
        return Agreement.objects.exclude(pk=version.agreement_id).first().pk
    if field.endswith(("_at", "_from")):
        earlier = getattr(version, field) - timedelta(days=1)
        return Version._meta.get_field(field).get_db_prep_value(earlier, connection)
    return getattr(version, field) + 1


def test_sql_changes_no_proposal_and_removes_none(proposed):
    refused("UPDATE agreement_version SET text = %s WHERE id = %s", "{}", proposed.pk)
    refused("DELETE FROM agreement_version WHERE id = %s", proposed.pk)


@pytest.mark.parametrize("status", ["draft", "proposed", "signed", "withdrawn"])
def test_no_status_goes_back(signed, at, status):
    bound = signed(at)
    refused("UPDATE agreement_version SET status = %s WHERE id = %s", status, bound.pk)
    later = signed(at)
    assert later.status == "in_force"
    refused("UPDATE agreement_version SET status = 'in_force' WHERE id = %s", bound.pk)
    run("UPDATE agreement_version SET status = 'superseded' WHERE id = %s", later.pk)


def test_sql_removes_nothing_that_was_signed(signed, at):
    bound = signed(at)
    refused("DELETE FROM agreement_signature WHERE version_id = %s", bound.pk)
    refused("UPDATE agreement_signature SET side = 'none' WHERE version_id = %s", bound.pk)
    refused("UPDATE agreement SET name = 'x' WHERE id = %s", bound.agreement_id)
    refused("UPDATE agreement SET rank = rank + 1 WHERE id = %s", bound.agreement_id)


def columns(model: type[models.Model]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields]


def test_a_row_written_over_another_is_refused(signed, proposed, at):
    """SQLite's REPLACE takes the row in its way out without asking; PostgreSQL updates it."""
    bound = signed(at)
    names = columns(Version)
    taken = ", ".join("%s" if name == "text" else name for name in names)
    source = f"SELECT {taken} FROM agreement_version WHERE id = %s"
    if connection.vendor == "sqlite":
        into = f"INSERT OR REPLACE INTO agreement_version ({', '.join(names)}) {source}"
        signatures = ", ".join(columns(Signature))
        chosen = ", ".join("'none'" if name == "side" else name for name in columns(Signature))
        refused(f"INSERT OR REPLACE INTO agreement_signature ({signatures}) SELECT {chosen} FROM agreement_signature")
        same = ", ".join({"id": "NULL", "text": "%s"}.get(name, name) for name in names)
        chosen = f"SELECT {same} FROM agreement_version WHERE id = %s"
        refused(f"INSERT OR REPLACE INTO agreement_version ({', '.join(names)}) {chosen}", "{}", bound.pk)
        refused("UPDATE OR REPLACE agreement_version SET id = %s WHERE id = %s", bound.pk, proposed.pk)
    else:
        over = "ON CONFLICT (id) DO UPDATE SET text = excluded.text"
        into = f"INSERT INTO agreement_version ({', '.join(names)}) {source} {over}"
    refused(into, "{}", bound.pk)


def test_a_draft_may_be_changed_and_thrown_away(at):
    version = Version.draft(document(), by=None, at=at)
    assert Version.objects.filter(pk=version.pk).update(source="# mine") == 1
    run("UPDATE agreement_version SET source = '' WHERE id = %s", version.pk)
    refused("UPDATE agreement_version SET number = 7 WHERE id = %s", version.pk)
    run("DELETE FROM agreement_version WHERE id = %s", version.pk)
    assert not Version.objects.exists()


def test_the_guards_touch_nothing_else(at):
    contact = Contact.create({"name": "Chen"}, by=None, at=at)
    run("UPDATE contact SET name = 'Li' WHERE id = %s", contact.pk)
    assert Contact.objects.get().name == "Li"


def at_once(*verbs) -> list[object]:
    """What each verb raised, None where it went through, all begun at one moment on connections of their own."""
    ready, one_by_one = Barrier(len(verbs), timeout=60), Lock()  # whoever does not come keeps nobody waiting for ever

    def attempt(verb) -> object:
        with closing(connection):
            if connection.vendor == "sqlite":
                # In memory, as here, a reader fails on what another thread writes; on a file it does not.
                # Opened one after the other: of two at one moment one may find the schema locked.
                with one_by_one:
                    run("PRAGMA read_uncommitted = 1")
            ready.wait()
            try:
                verb()
            except (AlreadySigned, NotNow, DraftOpen) as said:
                return type(said)
            return None

    with ThreadPoolExecutor(len(verbs)) as threads:
        return list(threads.map(attempt, verbs))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("thawed")
class TestRaces:
    def test_both_sides_at_one_moment_make_it_binding(self, cast, at):
        version = Version.draft(document(), by=None, at=at)
        version.propose(by=None, at=at)
        copies = [Version.objects.get(pk=version.pk) for _ in range(2)]
        said = at_once(
            lambda: copies[0].sign(cast.mila, hash=version.hash, at=at),
            lambda: copies[1].sign(cast.saul, hash=version.hash, at=at),
        )
        version.refresh_from_db()
        assert (said, version.status, version.signatures.count()) == ([None, None], "in_force", 2)

    def test_of_two_signers_of_one_side_one_signs(self, cast, at):
        other = Member.join(
            email="b@house.example", name="B", role="sales_lead", by=None, at=at, password="long enough"
        )
        version = Version.draft(document(), by=None, at=at)
        version.propose(by=None, at=at)
        copies = [Version.objects.get(pk=version.pk) for _ in range(2)]
        said = at_once(
            lambda: copies[0].sign(cast.saul, hash=version.hash, at=at),
            lambda: copies[1].sign(other, hash=version.hash, at=at),
        )
        assert sorted(said, key=str) == sorted([None, AlreadySigned], key=str)
        assert [s.side for s in version.signatures.all()] == ["sales"]

    def test_a_signature_and_a_withdrawal_end_in_one_of_both(self, cast, at):
        version = Version.draft(document(), by=None, at=at)
        version.propose(by=None, at=at)
        version.sign(cast.saul, hash=version.hash, at=at)
        copies = [Version.objects.get(pk=version.pk) for _ in range(2)]
        said = at_once(
            lambda: copies[0].sign(cast.mila, hash=version.hash, at=at),
            lambda: copies[1].withdraw(by=cast.ada.pk, at=at),
        )
        version.refresh_from_db()
        assert (said, version.status) in [([None, NotNow], "in_force"), ([NotNow, None], "withdrawn")]

    def test_two_drafts_at_one_moment_are_one(self, at):
        said = at_once(*[lambda: Version.draft(document(), by=None, at=at)] * 4)
        assert sorted(said, key=str) == sorted([None, DraftOpen, DraftOpen, DraftOpen], key=str)
        assert Version.objects.get().number == 1
        assert Agreement.objects.count() == 1
