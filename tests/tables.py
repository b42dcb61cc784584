"""Databases that have their tables already: making these takes longer than most tests do with them.

They are made once in every test process, by the migrations, and copied for every home.
"""

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
TEMPLATE = "with_tables"


def on_sqlite(home: Path) -> None:
    """The database of a home that has none."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_on_sqlite(), home / "accord.sqlite3")


def on_postgresql(cluster: str, *, tables: bool) -> str:
    """The URL of a new database in a cluster."""
    name, template = f"t{secrets.token_hex(6)}", _on_postgresql(cluster) if tables else "template1"
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{cluster}/{name}"


@cache
def _on_sqlite() -> Path:
    folder = _folder()
    _migrate(folder)
    return folder / "accord.sqlite3"


@cache
def _on_postgresql(cluster: str) -> str:
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    _migrate(_folder(), DATABASE_URL=f"{cluster}/{TEMPLATE}")
    return TEMPLATE


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="accord-tables-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _migrate(home: Path, **more: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"ACCORD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "accord.settings", **more}
    # Closed by hand, as the file alone is copied: until then what was written stands beside it.
    program = f"from accord.cli import set_up; set_up()\n{MIGRATE}from django.db import connection; connection.close()"
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, cwd=ROOT)
