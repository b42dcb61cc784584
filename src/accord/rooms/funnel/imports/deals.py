"""Files of deals: one row a deal of a contact's or company's lead, with what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import bulk, fields, search, traits
from accord.kernel.fields import Value
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.imports.models import ImportKey
from accord.kernel.ledger import Writing
from accord.kernel.money import CURRENCIES, parse_amount
from accord.kernel.traits import Given
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import WRONG
from accord.rooms.funnel.imports.passages import Passage, Passages
from accord.rooms.funnel.models import Deal, Lead, PipelineStage
from accord.rooms.funnel.models.pipeline import known_as
from accord.rooms.funnel.queries import deal_words
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import reference, said
from accord.rooms.people.models import Contact
from accord.rooms.team.models import House
from accord.rooms.team.queries import members_named

OUTCOMES = ("open", rules.WON, rules.LOST)
COLUMNS = (
    "id",
    "lead_id",
    "contact_id",
    "company_id",
    "name",
    "stage",
    "outcome",
    "reason",
    "currency",
    "expected_close",
    "version",
    "opened_at",
    "closed_at",
    "stage_since",
)


def targets() -> list[Target]:
    return [
        Target("external_id", _("External id"), "text", False),
        Target("contact", _("Contact"), "text", False),
        Target("lead", _("External id of the lead"), "text", False),
        Target("company", _("Company"), "text", False),
        Target("name", _("Name"), "text", False),
        Target("amount", _("Amount"), "text", False),
        Target("currency", _("Currency"), "text", False),
        Target("stage", _("Pipeline stage"), "text", False, 60),
        Target("outcome", _("Outcome"), "text", False),
        Target("reason", _("Reason"), "text", False, 200),
        Target("opened_at", _("Opened on"), "date", False),
        Target("closed_at", _("Closed on"), "date", False),
        Target("recorded_at", _("Known since"), "date", False),
        Target("expected_close", _("Expected close"), "date", False),
        Target("owner", _("Owner"), "text", False),
    ]


@dataclass
class _Decided:
    row: Row
    contact: int
    lead: int
    owner: int | None
    amount: int | None
    currency: str
    values: dict[str, Value] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        return self.row.get("outcome", "open")


def plan(batch: Batch) -> Plan:
    made = Plan()
    contacts = _contacts(batch.rows)
    passages = Passages.of(contacts.values(), batch)
    members, currency = members_named({row.get("owner", "") for row in batch.rows}), House.get().currency
    decided = [d for row in batch.rows if (d := _decide(row, batch, contacts, passages, members, currency, made))]
    for d in decided:
        passage = _passage(d, passages)
        when = d.row.get("closed_at")
        if passage and when and when < passage.opened_at:
            made.flagged.append((d.row, _("Closed before the lead's first contact: kept, and marked.")))
    made.created, made.updated = [d.row for d in decided if not d.row.record], [d.row for d in decided if d.row.record]
    made.asserted = sum(len(d.values) for d in decided if batch.history and not d.row.get("recorded_at"))
    made.apply = lambda writing: _apply(writing, decided, batch)
    return made


def _contacts(rows: list[Row]) -> dict[str, int]:
    """The contact of each row, by the text that names it: its own external id, or that of its lead."""
    named = people.contact_ids(row.cells["contact"] for row in rows if row.get("contact"))
    leads = {row.cells["lead"] for row in rows if row.get("lead")}
    found: dict[str, int] = {}
    for chunk in traits.chunked(leads):
        keys = dict(ImportKey.objects.filter(kind="leads", key__in=chunk).order_by("id").values_list("record", "key"))
        of = Lead.objects.here().filter(pk__in=list(keys)).values_list("id", "contact_id")
        found.update({f"lead:{keys[lead]}": contact for lead, contact in of})
    return named | found


def _decide(
    row: Row,
    batch: Batch,
    contacts: dict[str, int],
    passages: Passages,
    members: dict[str, int],
    currency: str,
    made: Plan,
) -> _Decided | None:
    contact = contacts.get(f"lead:{row.get('lead')}") or contacts.get(row.get("contact", ""))
    passage = contact and passages.latest_of(contact)
    try:
        reason = _wrong(row, bool(passage), members)
        if reason or not contact or not passage:
            made.reject(row, reason or "")
            return None
        money = (row.get("currency") or currency).upper()
        amount = _amount(row.get("amount"), money)
        for code in rules.wrong_amount(amount, money, CURRENCIES).values():
            raise ValueError(WRONG[code])
        decided = _Decided(
            row,
            contact,
            passage.lead,
            members.get(row.get("owner", "")),
            amount,
            money,
            said(row, batch.by_target["deal"]),
        )
    except ValueError as wrong:
        made.reject(row, wrong)
        return None
    return decided


def _amount(told: str | int | None, currency: str) -> int | None:
    """In minor units; a map that says what kind of money the column holds has read it already."""
    return parse_amount(told, currency) if isinstance(told, str) else told


def _wrong(row: Row, has_lead: bool, members: dict[str, int]):
    if not row.get("contact") and not row.get("lead"):
        return _("The row names neither a contact nor a lead: a deal is opened by a lead.")
    if not has_lead:
        name = row.get("lead") or row.get("contact")
        return format_lazy(_("“{name}” has no lead: import the leads first, or open one."), name=name)
    if row.get("outcome", "open") not in OUTCOMES:
        return format_lazy(
            _("There is no outcome “{outcome}”: use {known}."), outcome=row.cells["outcome"], known=", ".join(OUTCOMES)
        )
    if row.get("outcome", "open") != "open" and not row.get("closed_at"):
        return _("A deal that is won or lost needs the day on which it was closed.")
    if (opened := row.get("opened_at")) and (closed := row.get("closed_at")) and closed < opened:
        return _("The deal was closed before it was opened: correct one of the two days.")
    if row.get("owner") and row.cells["owner"] not in members:
        return format_lazy(
            _("Nobody here is called “{name}”: give the e-mail address of a member."), name=row.cells["owner"]
        )
    return None


def _apply(writing: Writing, decided: list[_Decided], batch: Batch) -> Written:
    written = Written()
    passages = Passages.of([d.contact for d in decided], batch)
    stages = known_as({d.row.get("stage") or "" for d in decided})
    companies = people.ensure_companies(
        [d.row.get("company") for d in decided], batch.at, written, history=batch.history
    )
    of_contact = dict(Contact.objects.filter(pk__in=[d.contact for d in decided]).values_list("id", "company_id"))
    fresh = [d for d in decided if not d.row.record]
    ids = iter(bulk.reserve(Deal, len(fresh)))
    rows, given = [], []
    for d in decided:
        deal = d.row.record or next(ids)
        written.records[d.row.key] = deal
        company = companies.get(d.row.get("company", "")) or of_contact.get(d.contact)
        if not d.row.record:
            opened = _opened(d, batch)
            rows.append((deal, d.lead, d.contact, company, "", "", "open", "", "", "", 0, opened, _closed(d), opened))
        _advance(d, deal, passages, batch)
        given += _given(d, deal, batch, stages)
        written.touched += [("deal", deal, not d.row.record), ("contact", d.contact, False), ("lead", d.lead, False)]
    bulk.insert(Deal, COLUMNS, rows)
    _close_known(decided)
    passages.write(written)
    written.rows.append(traits.rows(given, writing.by))
    written.then += [
        lambda: traits.cache(given),
        lambda: Deal.stand_since(written.records.values()),
        lambda: search.put_many("deal", deal_words(list(written.records.values()))),
    ]
    return written


def _opened(d: _Decided, batch: Batch) -> datetime:
    return (
        d.row.get("opened_at") or (d.row.get("closed_at") if batch.history or d.outcome != "open" else None) or batch.at
    )


def _closed(d: _Decided) -> datetime | None:
    return d.row.get("closed_at") if d.outcome != "open" else None


def _close_known(decided: list[_Decided]) -> None:
    for d in decided:
        if d.row.record:
            closed = _closed(d)
            Deal.objects.filter(pk=d.row.record).update(closed_at=closed)
            if closed:
                Deal.objects.filter(pk=d.row.record, opened_at__gt=closed).update(opened_at=closed)


def _passage(d: _Decided, passages: Passages) -> Passage | None:
    return next((p for p in passages.by_contact[d.contact] if p.lead == d.lead), None)


def _advance(d: _Decided, deal: int, passages: Passages, batch: Batch) -> None:
    """The deal's lead becomes an opportunity where the row says since when, and ends with the deal."""
    passage = _passage(d, passages)
    if passage and d.row.record and passage.stage in (rules.WON, rules.LOST) and passage.stage != d.outcome:
        # The file says now that the deal ended otherwise, or did not end: its lead goes on from where it was.
        passages.move(passage, d.row, rules.REOPENED, rules.OPPORTUNITY, passage.stage_since, deal=deal)
    if not passage or not passage.is_open:
        return
    opened = d.row.get("opened_at") or (batch.at if d.outcome == "open" else None)
    if opened and rules.PLACE[passage.stage] < rules.PLACE[rules.OPPORTUNITY]:
        passages.move(passage, d.row, "to_opportunity", rules.OPPORTUNITY, opened, deal=deal)
    if closed := _closed(d):
        passages.move(passage, d.row, d.outcome, d.outcome, closed, reason=d.row.get("reason", ""), deal=deal)


def _given(d: _Decided, deal: int, batch: Batch, stages: Mapping[str, str]) -> list[Given]:
    of_deal, opened = batch.fields["deal"], _opened(d, batch)
    said_at = _closed(d) or opened
    learnt, asserted = batch.learnt(d.row, said_at)
    told = {slug: d.row.get(slug) for slug in ("name", "reason", "expected_close") if d.row.get(slug)}
    told |= _stage(d, stages)
    values = {slug: fields.value(of_deal[slug], text) for slug, text in told.items()} | d.values
    if d.amount is not None:
        values |= {
            "amount": fields.value(of_deal["amount"], d.amount),
            "currency": fields.value(of_deal["currency"], d.currency),
        }
    if d.owner:
        values["owner"] = reference(d.owner)
    given = [Given(deal, of_deal[slug], value, said_at, learnt, asserted) for slug, value in values.items()]
    outcomes = [("open", opened)] if opened < said_at or d.outcome == "open" else []
    if d.outcome != "open":
        outcomes.append((d.outcome, said_at))
    # What became of a deal is a stage: known when it happened, not merely asserted.
    given += [
        Given(
            deal,
            of_deal["outcome"],
            fields.value(of_deal["outcome"], outcome),
            at,
            (d.row.get("recorded_at") or at) if batch.history else None,
        )
        for outcome, at in outcomes
    ]
    return given


def _stage(d: _Decided, stages: Mapping[str, str]) -> dict[str, str]:
    """A new deal that is open begins in the first stage, unless the file says another one."""
    if text := d.row.get("stage"):
        return {"stage": stages[text]}
    return {"stage": PipelineStage.first()} if not d.row.record and d.outcome == "open" else {}


KIND = Kind(
    "deals",
    _("Deals"),
    targets,
    plan,
    lambda row: row.get("external_id") or row.get("lead"),
    "deal",
    ("deal", "lead", "contact"),
)
