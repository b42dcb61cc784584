"""A home, and where asked a database, that are made for one measurement and gone after it."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SETUP = "import sys; from accord.cli import set_up; set_up()\n"  # as the program itself begins


@contextmanager
def home(url: str = "") -> Iterator[dict[str, str]]:
    """The environment of a migrated, empty home on SQLite, or in a database of its own on the server of `url`."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        environment = {**os.environ, "ACCORD_HOME": folder, "DJANGO_SETTINGS_MODULE": "accord.settings"}
        environment.pop("DATABASE_URL", None)
        name = f"accord_bench_{os.getpid()}"
        if url:
            environment["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
            _statements(url, f"CREATE DATABASE {name}")
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, cwd=ROOT, check=True
            )
            yield environment
        finally:
            if url:
                _statements(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def databases() -> list[str]:
    """SQLite, and the server of DATABASE_URL where that is PostgreSQL."""
    url = os.environ.get("DATABASE_URL", "")
    return ["", url] if url.startswith("postgres") else [""]


def start(environment: dict[str, str], code: str, *words: object, **more: Any) -> subprocess.Popen:
    """Code in a process of its own, with Django set up."""
    command = [sys.executable, "-c", SETUP + code, *map(str, words)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, **more)


def result(environment: dict[str, str], code: str, *words: object) -> Any:
    """What the code prints as the JSON of its last line."""
    process = start(environment, code, *words, stdout=subprocess.PIPE)
    out, _none = process.communicate()
    if process.returncode:
        raise SystemExit(f"the measurement ended with {process.returncode}")
    return json.loads(out.splitlines()[-1])


def _statements(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
