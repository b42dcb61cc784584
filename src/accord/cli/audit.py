"""`accord audit`: what must always hold, recomputed from the facts."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from accord.cli.output import as_json, console, progress, table
from accord.kernel.audit import invariants
from accord.kernel.audit.invariants import Findings

SHOWN = 100


def audit(json: Annotated[bool, typer.Option("--json", help="The findings alone, as JSON.")] = False) -> None:
    """Check that what is stored follows from the facts. Changes nothing; status 1 where something does not."""
    with progress("Auditing") as shown:
        findings = invariants.run(shown)
    if json:
        as_json({"checked": findings.checked, "violations": [asdict(one) for one in findings.violations]})
    else:
        _say(findings)
    if findings.violations:
        raise typer.Exit(1)


def _say(findings: Findings) -> None:
    found = findings.violations
    rows = [[one.record, one.invariant, one.what] for one in found[:SHOWN]]
    if rows:
        table("", ["record", "invariant", "what is wrong"], [list(row) for row in rows])
    if len(found) > SHOWN:
        console.print(f"{len(found) - SHOWN} more are not shown; --json tells them all.", highlight=False)
    counts = Counter(one.invariant for one in found)
    table("", ["invariant", "violations"], [[name, counts[name]] for name in invariants.names()])
    console.print(f"{findings.checked} checks, {len(found)} violations.", highlight=False)
