"""The mirror: rows a second out of the operational database, and what a refresh costs after one per cent of new rows.

python -m bench.mirror [--rows 1000000] [--json]

Scanner and plain cursor export the same touches within one run and must give the same rows. On SQLite in a
home that is made for it; on PostgreSQL, in a database of its own beside it, when DATABASE_URL names a server.
"""

import argparse
import json
from typing import Any

from bench import scratch

MEASURE = "from bench import mirror_measured; mirror_measured.main(int(sys.argv[1]))"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    found = [measured(asked.rows, url) for url in scratch.databases()]
    print(json.dumps(found) if asked.json else "\n".join(map(told, found)))


def measured(rows: int, url: str) -> dict[str, Any]:
    with scratch.home(url) as environment:
        return scratch.result(environment, MEASURE, rows)


def told(found: dict[str, Any]) -> str:
    return (
        f"{found['database']}, {found['rows']:,} touches: scanner {found['scanner_rows_per_second'] or 0:,} rows/s, "
        f"plain cursor {found['cursor_rows_per_second']:,} rows/s, same rows: {found['same_rows']}; "
        f"first refresh {found['full_refresh_seconds']} s, after {found['new_rows']:,} new rows "
        f"{found['refresh_seconds']} s ({found['refresh_share_of_full']:.1%}), "
        f"without news {found['idle_refresh_seconds']} s"
    )


if __name__ == "__main__":
    main()
