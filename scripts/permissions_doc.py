"""Writes docs/reference/permissions.md from team/rules.py: who may do what, and whose records they see.

python -m scripts.permissions_doc            write it
python -m scripts.permissions_doc --check    fail if it is stale
"""

import sys

from accord.rooms.team import rules
from scripts.generated import keep
from scripts.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "permissions.md"
HEAD = """\
# Who may do what

Written by `make docs` from `src/accord/rooms/team/rules.py`; a test fails when it is stale. Another test walks every
address with every role and every method against `tests/architecture/permission_matrix.yaml`.

"""
SEEN = {
    rules.ALL: "every record",
    rules.TEAM: "records of their team",
    rules.OWN: "their own leads and deals, and the contacts and companies behind them",
}


def page() -> str:
    return HEAD + "\n".join([*rights(), "", *sight()]) + "\n"


def rights() -> list[str]:
    """One line an action, one column a role."""
    rows = [f"| {words(action)} | {' | '.join(mark(role, action) for role in rules.ROLES)} |" for action in rules.MAY]
    return [f"| | {' | '.join(map(words, rules.ROLES))} |", f"|---|{':-:|' * len(rules.ROLES)}", *rows]


def mark(role: str, action: str) -> str:
    return "yes" if rules.may(role, action) else "–"


def sight() -> list[str]:
    rows = [f"| {words(role)} | {SEEN[rules.scope(role)]} |" for role in rules.ROLES]
    return ["| Role | Sees |", "|---|---|", *rows]


def words(name: str) -> str:
    return name.replace("_", " ")


def main() -> int:
    return keep(PAGE, page)


if __name__ == "__main__":
    sys.exit(main())
