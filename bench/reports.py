"""Every report over ten million touches and a million leads, from a mirror that is fresh, and the list behind a number.

python -m bench reports [--contacts 1000000] [--times 5] [--json]

Once at a tenth of the size, to show how the cost grows. `nothing_kept` is what the first question takes of a process
that has just begun; `news` what one takes after some transitions and values have come; the others what it takes while
nothing comes. Beside it the same funnel lead by lead in plain Python, whose
counts must be the same. Totals, leaks and counted promises are read from the operational database, and are not here.
"""

import argparse
import json
from typing import Any

from bench import scratch

MEASURE = "from bench import reports_measured; reports_measured.main(int(sys.argv[1]), int(sys.argv[2]))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measured(asked.contacts, asked.times)
    print(json.dumps([found]) if asked.json else json.dumps(found, indent=2))


def measured(contacts: int, times: int) -> dict[str, Any]:
    found = {}
    for size in (contacts // 10, contacts):
        with scratch.home() as environment:
            found[f"{size:,} leads"] = scratch.result(environment, MEASURE, size, times)
    return found


if __name__ == "__main__":
    main()
