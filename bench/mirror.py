"""The mirror: rows a second out of the operational database, and what a refresh costs after one per cent of new rows.

python bench/mirror.py [--rows 1000000] [--json]

Scanner and plain cursor export the same touches within one run and must give the same rows. On SQLite in a
home that is made for it; on PostgreSQL, in a database of its own beside it, when DATABASE_URL names a server.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
OWN = "accord_bench_mirror"
MEASURE = "import django; django.setup(); from bench import mirror_measured; mirror_measured.main({rows})"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    found = [measured(asked.rows, url) for url in databases()]
    print(json.dumps(found) if asked.json else "\n".join(map(told, found)))


def databases() -> list[str]:
    """SQLite, and the server of DATABASE_URL where that is PostgreSQL."""
    url = os.environ.get("DATABASE_URL", "")
    return ["", url] if url.startswith("postgres") else [""]


def measured(rows: int, url: str) -> dict:
    """In a process of its own, which reads its settings from an environment of its own."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as home:
        environment = {**os.environ, "ACCORD_HOME": home, "DJANGO_SETTINGS_MODULE": "accord.settings"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{OWN}").geturl()
            own_database(url, f"CREATE DATABASE {OWN}")
        try:
            command = [sys.executable, "-c", MEASURE.format(rows=rows)]
            done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        finally:
            if url:
                own_database(url)
    return json.loads(done.stdout.splitlines()[-1])


def own_database(url: str, *then: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (f"DROP DATABASE IF EXISTS {OWN} WITH (FORCE)", *then):
            connection.execute(statement)


def told(found: dict) -> str:
    return (
        f"{found['database']}, {found['rows']:,} touches: scanner {found['scanner_rows_per_second'] or 0:,} rows/s, "
        f"plain cursor {found['cursor_rows_per_second']:,} rows/s, same rows: {found['same_rows']}; "
        f"first refresh {found['full_refresh_seconds']} s, after {found['new_rows']:,} new rows "
        f"{found['refresh_seconds']} s ({found['refresh_share_of_full']:.1%}), "
        f"without news {found['idle_refresh_seconds']} s"
    )


if __name__ == "__main__":
    main()
