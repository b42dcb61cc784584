"""Files of leads: one row a passage of a contact, with the day it began and the stage it is in."""

from dataclasses import dataclass, field

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import bulk, traits
from accord.kernel.fields import Value
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Writing
from accord.kernel.traits import Given
from accord.rooms.agreement.queries import pool_owner
from accord.rooms.funnel import rules
from accord.rooms.funnel.imports.passages import Passages
from accord.rooms.funnel.models import Lead
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import reference, said
from accord.rooms.team.queries import members_named

STAGES = (*rules.STAGES, *rules.EXITS)


def targets() -> list[Target]:
    return [
        Target("external_id", _("External id"), "text", False),
        Target("contact", _("Contact"), "text", True),
        Target("occurred_at", _("Opened on"), "date", False),
        Target("recorded_at", _("Known since"), "date", False),
        Target("entry", _("Way of entry"), "text", False),
        Target("stage", _("Stage"), "text", False),
        Target("ended_at", _("Ended on"), "date", False),
        Target("reason", _("Reason"), "text", False, 200),
        Target("owner", _("Owner"), "text", False),
        Target("company", _("Company"), "text", False),
    ]


@dataclass
class _Decided:
    row: Row
    owner: int | None
    values: dict[str, dict[str, Value]] = field(default_factory=dict)  # record kind -> field -> value


def plan(batch: Batch) -> Plan:
    made = Plan()
    contacts = people.contact_ids(row.cells["contact"] for row in batch.rows if row.get("contact"))
    passages = Passages.of(contacts.values(), batch)
    taken = {external for external, pk in contacts.items() if passages.open_of(pk)}
    members = members_named({row.get("owner", "") for row in batch.rows})
    decided = [d for row in batch.rows if (d := _decide(row, batch, taken, members, made))]
    made.created, made.updated = [d.row for d in decided if not d.row.record], [d.row for d in decided if d.row.record]
    made.asserted = sum(
        sum(map(len, d.values.values())) for d in decided if batch.history and not d.row.get("recorded_at")
    )
    made.apply = lambda writing: _apply(writing, decided, batch)
    return made


def _decide(row: Row, batch: Batch, taken: set[str], members: dict[str, int], made: Plan) -> _Decided | None:
    if reason := _wrong(row, members):
        made.reject(row, reason)
        return None
    stays_open = row.get("stage", rules.INQUIRY) not in rules.ENDS
    if not row.record and stays_open:
        if row.cells["contact"] in taken:
            made.reject(row, _("This contact has an open lead already: close it first, or give the end of this one."))
            return None
        taken.add(row.cells["contact"])
    try:
        values = {kind: said(row, batch.by_target[kind]) for kind in ("lead", "contact", "company")}
    except ValueError as wrong:
        made.reject(row, wrong)
        return None
    return _Decided(row, members.get(row.get("owner", "")), values)


def _wrong(row: Row, members: dict[str, int]):
    if not row.get("contact"):
        return _("The row names no contact: a lead is a passage of somebody.")
    if row.get("stage", rules.INQUIRY) not in STAGES:
        return format_lazy(
            _("There is no stage “{stage}”: use {known}."), stage=row.cells["stage"], known=", ".join(STAGES)
        )
    if row.get("entry", "import") not in rules.ENTRIES:
        return format_lazy(
            _("There is no entry “{entry}”: use {known}."), entry=row.cells["entry"], known=", ".join(rules.ENTRIES)
        )
    if row.get("owner") and row.cells["owner"] not in members:
        return format_lazy(
            _("Nobody here is called “{name}”: give the e-mail address of a member."), name=row.cells["owner"]
        )
    if row.get("company.name") and not row.get("company"):
        return _("The row tells something of a company, but not of which: fill in the company.")
    return None


def _apply(writing: Writing, decided: list[_Decided], batch: Batch) -> Written:
    written = Written()
    contacts = people.ensure_contacts(
        [(d.row.cells["contact"], batch.happened(d.row)) for d in decided], batch, written
    )
    companies = people.ensure_companies(
        [d.row.get("company") for d in decided], batch.at, written, history=batch.history
    )
    passages = Passages.of(contacts.values(), batch)
    pool = pool_owner(batch.at)
    fresh = [d for d in decided if not d.row.record]
    ids = iter(bulk.reserve(Lead, len(fresh)))
    given: list[Given] = []
    for d in decided:
        contact = contacts[d.row.cells["contact"]]
        lead = d.row.record or next(ids)
        written.records[d.row.key] = lead
        if d.row.record:
            _move_known(d, lead, contact, passages)
        else:
            _enter(d, lead, contact, passages, d.owner or (pool.pk if pool else None))
        given += _given(d, lead, contact, companies, batch)
    passages.write(written)
    written.touched += sorted({(g.field.kind, g.record, False) for g in given})
    written.rows += [traits.rows(given, writing.by), people.addresses_in(given)]
    written.then.append(lambda: traits.cache(given))
    return written


def _enter(d: _Decided, lead: int, contact: int, passages: Passages, owner: int | None) -> None:
    stage = d.row.get("stage", rules.INQUIRY)
    entry = d.row.get("entry", "import")
    passage = passages.enter(lead, contact, d.row, entry, owner, rules.INQUIRY if stage in rules.ENDS else stage)
    if stage in rules.ENDS:
        passages.move(
            passage, d.row, stage, stage, passages.batch.happened(d.row, "ended_at"), reason=d.row.get("reason", "")
        )


def _move_known(d: _Decided, lead: int, contact: int, passages: Passages) -> None:
    """A row that comes again with another stage moves its lead."""
    passage = next((p for p in passages.by_contact[contact] if p.lead == lead), None)
    stage = d.row.get("stage")
    if passage and stage and stage != passage.stage and passage.is_open:
        at = d.row.get("ended_at") or (passages.batch.happened(d.row) if passages.batch.history else passages.batch.at)
        passages.move(
            passage, d.row, stage if stage in rules.ENDS else f"to_{stage}", stage, at, reason=d.row.get("reason", "")
        )


def _given(d: _Decided, lead: int, contact: int, companies: dict[str, int], batch: Batch) -> list[Given]:
    occurred = batch.happened(d.row)
    learnt, asserted = batch.learnt(d.row, occurred)
    records = {"lead": lead, "contact": contact, "company": companies.get(d.row.get("company", ""))}
    given = [
        Given(record, batch.fields[kind][slug], value, occurred, learnt, asserted)
        for kind, values in d.values.items()
        for slug, value in values.items()
        if (record := records[kind]) and slug != "owner"
    ]
    if d.row.get("company"):
        given.append(
            Given(
                contact,
                batch.fields["contact"]["company"],
                reference(companies[d.row.cells["company"]]),
                occurred,
                learnt,
                asserted,
            )
        )
    if d.row.record and d.owner:
        given.append(Given(lead, batch.fields["lead"]["owner"], reference(d.owner), occurred, learnt, asserted))
    return given


KIND = Kind(
    "leads",
    _("Leads"),
    targets,
    plan,
    lambda row: row.get("external_id") or f"{row.get('contact')}|{row.get('occurred_at')}",
    "lead",
    ("lead", "contact", "company"),
)
