"""Leads with a past, written the way an import of history writes them."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from accord.kernel import fields, ledger
from accord.kernel.traits import Given, rows
from accord.rooms.funnel.facts import DealOpened, LeadOpened
from accord.rooms.funnel.models import Deal, Transition

MOVES = {"engaged": "to_engaged", "mql": "to_mql", "sal": "to_sal", "sql": "to_sql", "opportunity": "to_opportunity"}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def past(db, still) -> Callable[..., int]:
    """`past("2026-01-01", ("2026-01-05", "won"), origin="email")` is the id of a lead, known when it happened."""
    leads = count(1)

    def wrote(
        entered: str, *moves: tuple[str, str], entry: str = "marketing", recorded_at: str = "", **values: str
    ) -> int:
        lead, stage, written = next(leads), "inquiry", []
        for when, move, *target in [(entered, "entered", "inquiry"), *moves]:
            after = target[0] if target else "engaged" if move == "returned" else move
            learnt = day(recorded_at or when)
            written.append(
                Transition(
                    lead_id=lead,
                    contact_id=lead,
                    entry=entry if move == "entered" else None,
                    move=MOVES.get(move, move),
                    from_stage=stage,
                    to_stage=after,
                    occurred_at=day(when),
                    recorded_at=learnt,
                    early=day(when) < day(entered),
                )
            )
            stage = after
        known = fields.of("lead")
        given = [
            Given(lead, known[s], fields.value(known[s], v), day(entered), day(entered)) for s, v in values.items()
        ]
        with ledger.write(still) as writing:
            writing.record(LeadOpened(lead=lead, contact=lead, entry=entry), [*written, rows(given)])
        return lead

    return wrote


@pytest.fixture
def watched(db, still) -> None:
    """The house works with Accord: a return is recorded on Monday morning, of a contact who is no lead."""
    returned = Transition(contact_id=999, move="returned", to_stage="engaged", occurred_at=still)
    with ledger.write(still) as writing:
        writing.record(LeadOpened(lead=999, contact=999, entry="marketing"), [returned])


@pytest.fixture
def sale(db, still) -> Callable[..., int]:
    """`sale("2026-01-01", ("2026-01-20", "lost", "price"), amount=500)` is the id of a deal, known when it happened.

    Values hold from its opening on, or as told: `owner=[("2026-01-01", 3), ("2026-02-01", 4)]`.
    """
    deals = count(1)

    def wrote(
        opened: str,
        *ends: tuple[str, ...],
        lead: int | None = None,
        contact: int | None = None,
        company: int | None = None,
        recorded_at: str = "",
        **values: Any,
    ) -> int:
        deal, known = next(deals), fields.of("deal")
        told = [(opened, "outcome", "open")]
        for when, outcome, *reason in ends:
            told += [(when, "outcome", outcome), (when, "reason", reason[0] if reason else "")]
        for slug, value in values.items():
            told += [(w, slug, v) for w, v in (value if isinstance(value, list) else [(opened, value)])]
        given = [
            Given(deal, known[slug], fields.value(known[slug], value), day(when), day(recorded_at or when))
            for when, slug, value in told
        ]
        with ledger.write(still) as writing:
            Deal.objects.create(pk=deal, lead_id=lead, contact_id=contact, company_id=company, opened_at=day(opened))
            said = DealOpened(deal=deal, contact=contact, company=company, lead=lead)
            writing.record(said, [rows(given)])
        return deal

    return wrote
