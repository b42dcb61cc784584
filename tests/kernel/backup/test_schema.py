"""Which backups this version and this database can restore."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from accord.kernel.backup import schema
from accord.kernel.backup.archive import Manifest, Unusable

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


def manifest(**said) -> Manifest:
    known = {"accord": "0.0.9", "vendor": connection.vendor, "migrations": [("kernel", "0001_initial")]}
    return Manifest(at=AT, known_at=None, **{**known, **said})


@pytest.mark.both
def test_an_older_backup_of_the_same_kind_of_database_is_welcome():
    schema.check(manifest())


@pytest.mark.both
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (lambda: {"accord": "99.0.0"}, "install that version or a newer one"),
        (lambda: {"accord": "0.99.1"}, "install that version or a newer one"),
        (lambda: {"migrations": [("kernel", "0999_later")]}, "does not know kernel.0999_later"),
        (lambda: {"vendor": OTHER[connection.vendor]}, "Set DATABASE_URL accordingly"),
    ],
    ids=["newer", "a little newer", "unknown migration", "other database"],
)
def test_what_cannot_be_understood_is_refused(said, answer):
    with pytest.raises(Unusable, match=answer):
        schema.check(manifest(**said()))
