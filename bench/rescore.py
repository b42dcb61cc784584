"""The scores of everybody as of now, by twenty rules with caps and half-lives, beside a loop over single leads.

python -m bench rescore [--contacts 1000000] [--json]

Ten touches a contact. Once at a tenth of the size, to show how the cost grows. The loop is plain Python over touches
that are in memory already; what it gives for its sample must be what all together gave.
"""

import argparse
import json
from typing import Any

from bench import scratch

MEASURE = "from bench import judged_measured; judged_measured.rescore(int(sys.argv[1]))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measured(asked.contacts)
    print(json.dumps([found]) if asked.json else json.dumps(found, indent=2))


def measured(contacts: int) -> dict[str, Any]:
    with scratch.home() as environment:
        return {f"{size:,} contacts": scratch.result(environment, MEASURE, size) for size in (contacts // 10, contacts)}


if __name__ == "__main__":
    main()
