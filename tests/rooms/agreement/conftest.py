from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accord.kernel import clock
from accord.rooms.agreement.document.parsing import parse
from accord.rooms.agreement.document.reading import Read, read
from accord.rooms.agreement.document.writing import canonical
from accord.rooms.agreement.models import Agreement, Signature, Version, guards
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.notices.models import Notice
from accord.rooms.promises.models import Clock

EXAMPLE = (Path(__file__).parent / "example.yaml").read_text(encoding="utf-8")


def example() -> dict[str, Any]:
    return parse(EXAMPLE)


def document(**changed: Any) -> Read:
    """The example with some of its parts written otherwise."""
    return read(canonical({**example(), **changed}))


@pytest.fixture
def signed(cast) -> Callable[..., Version]:
    """A version that a lead of each side signed at `at`."""

    def sign(at: datetime, **changed: Any) -> Version:
        with clock.moved_to(at):
            version = Version.draft(document(**changed), by=cast.ada.pk, at=at)
            version.propose(by=cast.mila.pk, at=at)
            for member in (cast.mila, cast.saul):
                version.sign(member, hash=version.hash, at=at)
        return version

    return sign


@pytest.fixture
def test_home() -> Iterator[None]:
    mark = settings.HOME / "test-home"
    mark.touch()
    yield
    mark.unlink()


@pytest.fixture
def thawed(transactional_db) -> Iterator[None]:
    """A test that commits takes its versions away again: for that the guards are lifted."""
    yield
    with connection.cursor() as cursor:
        for statement in guards.lifting(connection.vendor):
            cursor.execute(statement)
        for model in (Notice, Clock, Return, Handoff, Signature, Version, Agreement):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for statement in guards.GUARDS[connection.vendor]:
            cursor.execute(statement)
