"""The passages that rows of a file open, move and end: held while a batch is worked through, then written set-based."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accord.kernel import bulk, traits
from accord.kernel.imports.kinds import Batch, Row, Written
from accord.kernel.ledger import Rows
from accord.kernel.traits import Given
from accord.rooms.funnel import rules
from accord.rooms.funnel.models import Lead, Transition
from accord.rooms.people.imports.values import reference

LEAD_COLUMNS = ["id", "contact_id", "entry", "stage", "owner_id", "opened_at", "stage_since", "ended_at"]
TRANSITION_COLUMNS = [
    "lead_id", "contact_id", "entry", "move", "from_stage", "to_stage", "owner_id", "deal_id", "reason", "by_id",
    "early", "occurred_at", "recorded_at",
]  # fmt: skip


@dataclass
class Passage:
    lead: int
    contact: int
    entry: str
    stage: str
    owner: int | None
    opened_at: datetime
    stage_since: datetime
    ended_at: datetime | None = None
    new: bool = False
    moved: bool = False

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass
class Passages:
    """All passages of some contacts, newest last, and what a batch does to them."""

    batch: Batch
    by_contact: dict[int, list[Passage]] = field(default_factory=lambda: defaultdict(list))
    transitions: list[tuple] = field(default_factory=list)
    owners: list[Given] = field(default_factory=list)

    @classmethod
    def of(cls, contacts: Iterable[int], batch: Batch) -> "Passages":
        passages = cls(batch)
        columns = ("id", "contact_id", "entry", "stage", "owner_id", "opened_at", "stage_since", "ended_at")
        for chunk in traits.chunked(set(contacts)):
            for row in Lead.objects.here().filter(contact__in=chunk).order_by("opened_at", "id").values_list(*columns):
                passages.by_contact[row[1]].append(Passage(*row))
        return passages

    def open_of(self, contact: int) -> Passage | None:
        return next((p for p in reversed(self.by_contact[contact]) if p.is_open), None)

    def latest_of(self, contact: int) -> Passage | None:
        """The passage that a deal of the contact came from: the open one, else the last."""
        return self.open_of(contact) or next(reversed(self.by_contact[contact]), None)

    def enter(
        self, lead: int, contact: int, row: Row, entry: str, owner: int | None, stage: str = rules.INQUIRY
    ) -> Passage:
        at = self.batch.happened(row)
        passage = Passage(lead, contact, entry, stage, owner, at, at, new=True)
        self.by_contact[contact].append(passage)
        self._log(passage, row, rules.ENTERED, None, stage, at, entry=entry)
        return passage

    def move(
        self, passage: Passage, row: Row, move: str, to: str, at: datetime, *, reason: str = "", deal: int | None = None
    ) -> bool:
        """Move a passage; returns whether the row dates the move before the passage was opened."""
        early = at < passage.opened_at
        self._log(passage, row, move, passage.stage, to, at, reason=reason, deal=deal, early=early)
        passage.stage, passage.stage_since, passage.moved = to, at, True
        passage.ended_at = at if to in rules.ENDS else None
        return early

    def moves_base(self, contact: int, row: Row, move: str, to: str, reason: str) -> None:
        """A return or an end of a contact without an open passage: it is recorded all the same."""
        self._log_apart(contact, row, None, move, to, reason)

    def says_entered(self, contact: int, row: Row) -> None:
        """An entry while a passage is open says nothing now; it may, once rows come in that ended that one before."""
        self._log_apart(contact, row, "import", rules.ENTERED, rules.INQUIRY, "")

    def write(self, written: Written) -> None:
        """Insert and update the leads; the transitions join the ledger rows of the batch."""
        everything = [p for passages in self.by_contact.values() for p in passages]
        new, moved = [p for p in everything if p.new], [p for p in everything if p.moved and not p.new]
        bulk.insert(Lead, LEAD_COLUMNS, [_columns(p) for p in new])
        leads = [Lead(pk=p.lead, stage=p.stage, stage_since=p.stage_since, ended_at=p.ended_at) for p in moved]
        Lead.objects.bulk_update(leads, ["stage", "stage_since", "ended_at"], batch_size=traits.CHUNK)
        written.touched += [("lead", p.lead, p.new) for p in (*new, *moved)]
        written.touched += [("contact", p.contact, False) for p in new]
        written.rows.append(Rows(Transition, TRANSITION_COLUMNS, self.transitions))
        self._write_owners(new, written)

    def _write_owners(self, new: list[Passage], written: Written) -> None:
        """Who holds the passage holds the contact: for as long as it is open."""
        of_lead, of_contact = self.batch.fields["lead"]["owner"], self.batch.fields["contact"]["owner"]
        given = []
        for p in new:
            if p.owner:
                value = reference(p.owner)
                learnt = p.opened_at if self.batch.history else None
                given.append(Given(p.lead, of_lead, value, p.opened_at, learnt))
                if p.is_open:
                    given.append(Given(p.contact, of_contact, value, p.opened_at, learnt))
        written.rows.append(traits.rows(given, self.batch.by))
        written.then.append(lambda: traits.cache([g for g in given if g.field.kind == "contact"]))

    def _log_apart(self, contact: int, row: Row, entry: str | None, move: str, to: str, reason: str) -> None:
        """A transition of a contact that moves no lead."""
        at = self.batch.happened(row)
        learnt, _asserted = self.batch.learnt(row, at)
        self.transitions.append(
            (None, contact, entry, move, None, to, None, None, reason, self.batch.by, False, at, learnt)
        )

    def _log(self, p: Passage, row: Row, move: str, before: str | None, to: str, at: datetime, **more: Any) -> None:
        learnt = (row.get("recorded_at") or at) if self.batch.history else None
        self.transitions.append(
            (
                p.lead, p.contact, more.get("entry"), move, before, to, p.owner, more.get("deal"),
                more.get("reason", ""), self.batch.by, more.get("early", False), at, learnt,
            )
        )  # fmt: skip


def _columns(p: Passage) -> tuple:
    return (p.lead, p.contact, p.entry, p.stage, p.owner, p.opened_at, p.stage_since, p.ended_at)
