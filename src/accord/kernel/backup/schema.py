"""Which tables a backup has: told by the migrations that had been applied."""

import re
from collections.abc import Sequence
from importlib.metadata import version

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from accord.kernel.backup.archive import Manifest, Unusable

APPLIED = "SELECT app, name FROM django_migrations ORDER BY id"


def accord() -> str:
    """The version that runs."""
    return version("accord")


def check(manifest: Manifest) -> None:
    """Raises Unusable where this version cannot know what the backup means."""
    if manifest.vendor != connection.vendor:
        raise Unusable(
            f"This is a backup of {manifest.vendor}, and this home is on {connection.vendor}: "
            "a backup is restored to the kind of database from which it was made. Set DATABASE_URL accordingly."
        )
    if _order(manifest.accord) > _order(accord()):
        raise Unusable(
            f"The backup was made by Accord {manifest.accord}, and this is {accord()}: "
            "install that version or a newer one."
        )
    known = MigrationLoader(None).disk_migrations
    if unknown := sorted(f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known):
        raise Unusable(
            "The backup is of a version of Accord with other tables than this one: "
            f"it does not know {', '.join(unknown)}. Install the version with which the backup was made."
        )


def make(migrations: Sequence[tuple[str, str]]) -> None:
    """The tables of an empty database, as they are after these migrations."""
    executor = MigrationExecutor(connection)
    wanted, graph = set(migrations), executor.loader.graph
    last = [
        key
        for key in sorted(wanted)
        if not any(child in wanted for child in _following(graph.node_map[key].children, key[0]))
    ]
    executor.migrate(last)


def _following(children: set, app: str) -> list[tuple[str, str]]:
    return [child.key for child in children if child.key[0] == app]


def _order(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
