"""Contacts from a CSV file with all that an import does, next to a bare executemany of the same cells.

python -m bench importing [--rows 100000] [--json]

All features on: duplicates, values with both times, current values, addresses as identities, companies, search,
keys for the second time, what a revert needs. The baseline inserts the file's cells into one table with one index.
"""

import argparse
import csv
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from bench import scratch

FIRST = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Greta",
    "Hans",
    "Ida",
    "Jan",
    "Karin",
    "Lukas",
    "Maria",
    "Nils",
    "Olga",
    "Paul",
    "伟",
    "芳",
    "娜",
    "Иван",
    "Ольга",
]
LAST = [
    "Adler",
    "Berg",
    "Conrad",
    "Dorn",
    "Ebert",
    "Fuchs",
    "Graf",
    "Holm",
    "Iversen",
    "Jung",
    "Keller",
    "Lang",
    "Moser",
    "Neumann",
    "王",
    "李",
    "Петров",
]
COLUMNS = ["external_id", "name", "email", "phone", "title", "seniority", "country", "company"]

IMPORT = """
import json, time
from pathlib import Path
from accord.kernel import clock
from accord.kernel.imports import reading, run
path = Path(sys.argv[1])
made = run.prepare(path, run.plain_map("contacts", reading.inspect(path).header), by=None, at=clock.now())
begin = time.perf_counter()
run.run(made)
took = time.perf_counter() - begin
again = run.prepare(path, run.plain_map("contacts", reading.inspect(path).header), by=None, at=clock.now())
begin = time.perf_counter()
run.run(again)
print(json.dumps({"rows": made.rows, "created": made.created, "per_second": round(made.rows / took),
    "again_unchanged": again.unchanged, "again_per_second": round(again.rows / (time.perf_counter() - begin))}))
"""

BARE = """
import csv, json, time
from itertools import islice
from django.db import connection, transaction
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE bare (id bigint, a text, b text, c text, d text, e text, f text, g text, h text)")
    cursor.execute("CREATE UNIQUE INDEX bare_once ON bare (a)")
begin, number = time.perf_counter(), 0
with open(sys.argv[1], encoding="utf-8") as file:
    rows = csv.reader(file)
    next(rows)
    while chunk := list(islice(rows, 1000)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bare VALUES (1, %s, %s, %s, %s, %s, %s, %s, %s)", chunk)
        number += len(chunk)
print(json.dumps({"per_second": round(number / (time.perf_counter() - begin))}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        write(file, asked.rows)
        found = [measured(file, url) for url in scratch.databases()]
    print(json.dumps(found, indent=None if asked.json else 2))


def measured(file: Path, url: str) -> dict[str, Any]:
    with scratch.home(url) as environment:
        bare = scratch.result(environment, BARE, file)
        found = scratch.result(environment, IMPORT, file)
    database = "postgresql" if url else "sqlite"
    return {
        "database": database,
        "import": found,
        "bare executemany": bare,
        "share": round(found["per_second"] / bare["per_second"], 3),
    }


def write(file: Path, rows: int) -> None:
    """A file of people of five thousand firms; the same at every call."""
    draw = random.Random(1)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for number in range(rows):
            name, firm, phone = f"{draw.choice(FIRST)} {draw.choice(LAST)}", number % 5000, draw.randrange(10**7)
            writer.writerow(
                [f"c{number}", name, f"person{number}@firm{firm}.example", f"+49 30 {phone}",
                 draw.choice(["Director", "Buyer", "Engineer"]), draw.choice(["director", "staff", "vp"]),
                 draw.choice(["DE", "FR", "CN"]), f"Firm {firm}"]
            )  # fmt: skip


if __name__ == "__main__":
    main()
