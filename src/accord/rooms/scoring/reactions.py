"""What scoring does when something becomes known: it says whom the judge has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accord.kernel import ledger
from accord.kernel.journal import Changed, Reaction
from accord.kernel.ledger import Fact
from accord.rooms.agreement.queries import in_force
from accord.rooms.scoring import looking
from accord.rooms.scoring.expression.asked import Asked
from accord.rooms.scoring.facts import ContactsToJudge, RowsToLook
from accord.rooms.scoring.models import ToJudge

MOVES = ("lead_moved", "lead_joined", "lead_opened", "lead_reopened")


@dataclass
class Looked:
    found: looking.Found
    colleagues: dict[int, datetime]


def plan_look(facts: Sequence[Fact], at: datetime) -> Looked:
    found = looking.look(fact for fact in facts if fact.kind in MOVES)
    counted = any(Asked(version.document).of_company for version in in_force(at))
    return Looked(found, _colleagues(found) if counted and found.instants else {})


def apply_look(looked: Looked, at: datetime) -> None:
    if not looking.moved_on(looked.found):
        raise Changed
    for contact, instant in looked.colleagues.items():
        looked.found.add(contact, instant)
    instants = looked.found.instants
    ToJudge.put(instants)
    with ledger.write(at) as writing:
        if instants:
            writing.record(ContactsToJudge(source="ledger", count=len(instants)))
        if looked.found.more:
            writing.record(RowsToLook(source="ledger"))


def _colleagues(found: looking.Found) -> dict[int, datetime]:
    """Where an agreement counts what a company does, its other contacts are judged, too."""
    instants, companies = found.instants, dict[int, datetime]()
    for contact, company in found.staff.companies(instants):
        companies[company] = min(instants[contact], companies.get(company, instants[contact]))
    others: dict[int, datetime] = {}
    for contact, company in found.staff.of(companies):
        others[contact] = min(companies[company], others.get(contact, companies[company]))
    return others


LOOK = Reaction("scoring.look", plan_look, apply_look, slow=True)
