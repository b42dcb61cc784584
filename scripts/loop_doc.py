"""Writes docs/reference/loop.md from loop.py: which fact sets off what.

python -m scripts.loop_doc            write it
python -m scripts.loop_doc --check    fail if it is stale
"""

import inspect
import sys

import django

from scripts.generated import keep
from scripts.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "loop.md"
HEAD = """\
# The loop

Written by `make docs` from `src/accord/loop.py`; a test fails when it is stale.

A fact is recorded in the transaction that makes it true. For each reaction named here one pending row is written with
it, and the worker, or the page that caused it, does each of them once. A kind without a reaction is kept as history and
ends there.

| Fact | Recorded in | What it says | Reactions |
|---|---|---|---|
"""


def page() -> str:
    from accord import loop  # noqa: PLC0415 - only once Django is set up
    from accord.kernel import facts  # noqa: PLC0415

    rows = []
    for kind, declared in sorted(facts.kinds().items()):
        reactions = [f"`{reaction.key}`" for reaction in loop.REACTIONS.get(kind, ())]
        said = " ".join((inspect.getdoc(declared) or "").split())
        rows.append(f"| `{kind}` | {home(declared)} | {said} | {', '.join(reactions) or 'ends here'} |")
    return HEAD + "\n".join(rows) + "\n"


def home(declared: type) -> str:
    parts = declared.__module__.split(".")
    return parts[2] if parts[1] == "rooms" else parts[1]


def main() -> int:
    django.setup()
    return keep(PAGE, page)


if __name__ == "__main__":
    sys.exit(main())
