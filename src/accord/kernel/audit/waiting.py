"""The journal: what waits or was parked is a fact, and waits for a reaction that exists."""

from accord.kernel import journal
from accord.kernel.audit.invariants import Findings, Invariant
from accord.kernel.audit.stretches import each, within
from accord.kernel.journal import Parked, Pending


def _waiting(findings: Findings) -> None:
    known = {reaction.key for reaction in journal.wired()}
    for model in (Pending, Parked):
        table = model._meta.db_table
        sql = f'SELECT p.id, p.fact_id, p.reaction, f.id FROM "{table}" p LEFT JOIN fact f ON f.id = p.fact_id '
        for stretch in each(model, findings):
            found = stretch.rows(f"{sql} WHERE {within('p')}")
            for row, named, reaction, fact in found:
                if fact is None:
                    findings.wrong(table, row, f"names fact {named}, which does not exist")
                if reaction not in known:
                    findings.wrong(table, row, f"waits for {reaction}, which is no reaction")


INVARIANTS = [Invariant("pending", _waiting)]
