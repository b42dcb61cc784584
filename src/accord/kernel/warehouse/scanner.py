"""The fast way out of the operational database: DuckDB's scanners, in a process of their own.

A process of its own because the scanner brings its own SQLite: two copies of SQLite that open one file within
one process release each other's POSIX locks, which can corrupt it. It takes its statements as JSON on stdin.
"""

import json
import sys
from importlib.resources import files
from typing import Any

import duckdb


def scan(order: dict[str, Any]) -> None:
    """Attach the database and run the statements; prints a line after each."""
    connection = duckdb.connect(config={"threads": order["threads"], "memory_limit": order["memory_limit"]})
    name = f"{order['kind']}_scanner"
    wheel = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
    connection.load_extension(str(wheel / f"{name}.duckdb_extension"))
    connection.execute(order["attach"])
    for statement in order["statements"]:
        connection.execute(statement)
        print(flush=True)  # noqa: T201 - the sign of life that the parent waits for


if __name__ == "__main__":
    scan(json.load(sys.stdin))
