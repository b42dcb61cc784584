"""What `bench.mirror` measures, in a process that has its own home and database."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from django.db import connection

from accord.kernel import ledger
from accord.kernel.warehouse import export, mirror
from accord.kernel.warehouse.export import Wanted
from accord.rooms.capture.facts import TouchLogged
from accord.rooms.capture.models import Touch
from accord.rooms.capture.tables import TOUCHES
from accord.rooms.people.models import Identity

NEW, CHUNK, DEVICES = 0.01, 100_000, 1000
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
COLUMNS = ["identity_id", "kind", "machine", "asset", "campaign", "channel", "properties", "occurred_at"]


def main(rows: int) -> None:
    Identity.objects.bulk_create([Identity(kind="anonymous", value=f"d{i}") for i in range(DEVICES)])
    write(0, rows)
    print(json.dumps({"database": connection.vendor, "rows": rows, **exported(rows), **refreshed(rows)}))


def exported(rows: int) -> dict[str, Any]:
    folder = mirror.folder()
    scanned, copied = (Wanted(TOUCHES, 0, rows, folder / f"{name}.bench") for name in ("scanner", "cursor"))
    could, by_scanner = timed(lambda: export.scan([scanned], bool))
    _, by_cursor = timed(lambda: export.copy(copied))
    found = {
        "scanner_rows_per_second": round(rows / by_scanner) if could else None,
        "cursor_rows_per_second": round(rows / by_cursor),
        "same_rows": could and same_rows(scanned.path, copied.path),
    }
    for one in (scanned, copied):
        one.path.unlink(missing_ok=True)
    return found


def refreshed(rows: int) -> dict[str, Any]:
    _, first = timed(mirror.refresh)
    write(rows, int(rows * NEW))
    after, refresh = timed(mirror.refresh)
    _, idle = timed(mirror.refresh)
    return {
        "full_refresh_seconds": round(first, 3),
        "new_rows": int(rows * NEW),
        "refresh_seconds": round(refresh, 3),
        "refresh_share_of_full": round(refresh / first, 4),
        "idle_refresh_seconds": round(idle, 4),
        "mirrored": after.tables[TOUCHES.name].rows == Touch.objects.count(),
    }


def write(start: int, count: int) -> None:
    identities = list(Identity.objects.order_by("id").values_list("id", flat=True)[:DEVICES])
    for low in range(start, start + count, CHUNK):
        values = [touch(i, identities) for i in range(low, min(low + CHUNK, start + count))]
        with ledger.write(BEGIN + timedelta(days=700)) as writing:
            writing.record(TouchLogged(contact=1, kind="page"), [Touch.rows(COLUMNS, values)])


def touch(number: int, identities: list[int]) -> tuple:
    campaign, at = f"c{number % 20}", BEGIN + timedelta(seconds=number)
    return (identities[number % DEVICES], "page", number % 50 == 0, None, campaign, "web", {"path": "/pricing"}, at)


def timed(what: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    return what(), time.perf_counter() - start


def same_rows(one: Path, other: Path) -> bool:
    pair = [f"SELECT * FROM read_parquet('{path}')" for path in (one, other)]
    differing = " UNION ALL ".join(f"(({a}) EXCEPT ALL ({b}))" for a, b in (pair, pair[::-1]))
    return duckdb.sql(f"SELECT count(*) FROM ({differing})").fetchone() == (0,)
