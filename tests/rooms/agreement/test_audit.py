"""What the audit finds where somebody got past every guard."""

import pytest
from django.db import connection

from accord.kernel.audit import invariants
from accord.rooms.agreement import audit, starter
from accord.rooms.agreement.models import Version, guards

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]


def found() -> list[tuple[str, str]]:
    findings = invariants.Findings()
    for invariant in audit.INVARIANTS:
        findings.asking = invariant.name
        invariant.check(findings)
    return [(one.invariant, one.what) for one in findings.violations]


def past_the_guards(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        for statement in guards.lifting(connection.vendor):
            cursor.execute(statement)
        cursor.execute(sql, values)


def test_what_the_verbs_wrote_is_sound(signed, at):
    starter.begin(at, "UTC")
    signed(at)
    signed(at, effective="2027-01-01")
    signed(at, name="Pilot", scope={"share": 0.1, "salt": "x"})
    assert found() == []


def test_a_changed_text_is_found(signed, at):
    version = signed(at)
    past_the_guards("UPDATE agreement_version SET text = text || ' ' WHERE id = %s", version.pk)
    assert found() == [("signed_text", "its hash is not that of its text")]


def test_a_missing_signature_is_found(signed, at):
    version = signed(at)
    past_the_guards("DELETE FROM agreement_signature WHERE version_id = %s AND side = 'sales'", version.pk)
    assert found() == [("both_signed", "is binding and was not signed by both sides")]


def test_two_in_force_are_found(signed, at):
    first = signed(at)
    signed(at)
    past_the_guards("UPDATE agreement_version SET status = 'in_force' WHERE id = %s", first.pk)
    assert found() == [("one_in_force", "2 versions are in force")]
    assert Version.objects.count() == 2
