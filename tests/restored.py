"""Homes to back up and to restore into, and a file that makes both long."""

import os
import secrets
from pathlib import Path

import psycopg

from tests.conftest import Scratch

MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
LARGE = 256 * 2**20
MADE_BY_ANY_START = {"secret-key", "built"}


def new_home(folder: Path, cluster: str | None) -> Scratch:
    """An empty home; with an empty database in that cluster of PostgreSQL, if one is given."""
    environment = {**os.environ, "ACCORD_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "accord.settings"}
    environment.pop("DATABASE_URL", None)
    if cluster is None:
        return Scratch("sqlite", environment)
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Scratch("postgresql", {**environment, "DATABASE_URL": f"{cluster}/{name}"})


def beside(scratch: Scratch, folder: Path) -> Scratch:
    """An empty home with an empty database of the same kind."""
    return new_home(folder, scratch.environment.get("DATABASE_URL", "").rpartition("/")[0] or None)


def empty(scratch: Scratch) -> bool:
    """Nothing in it but what every start of a program makes."""
    if scratch.vendor == "postgresql":
        with psycopg.connect(scratch.environment["DATABASE_URL"]) as connection:
            if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone():
                return False
    return {path.name for path in scratch.home.iterdir()} <= MADE_BY_ANY_START


def large_file(scratch: Scratch) -> Path:
    """Something that takes a while to copy, and no room on the disk."""
    path = scratch.home / "files" / "imports" / "1"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path
