"""Files of values: what was true of a contact or its company since when, and since when we knew."""

from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields, traits
from accord.kernel.fields import Field, Value
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Writing
from accord.kernel.traits import Given
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import kept, reference

KINDS = ("contact", "company")
COMPANY = ("contact.company", "company")  # whose value names a company, as the column does


def targets() -> list[Target]:
    return [
        Target("contact", _("Contact"), "text", True),
        Target("field", _("Field"), "text", False),
        Target("value", _("Value"), "text", False, None),
        Target("occurred_at", _("True since"), "date", True),
        Target("recorded_at", _("Known since"), "date", False),
        Target("company", _("Company"), "text", False),
    ]


@dataclass
class _Decided:
    """`moves`: the value itself says in which company the contact is; empty, in none that is known."""

    row: Row
    field: Field | None
    value: Value | None
    moves: bool = False

    @property
    def companies(self) -> list[str]:
        """In which companies the contact was by this row, as they are named; the last one counts."""
        named = [self.row.get("company", "")]
        return [*filter(None, named), *([self.row.get("value", "")] if self.moves else [])]


def plan(batch: Batch) -> Plan:
    made = Plan()
    kept = [d for row in batch.rows if (d := _decide(row, batch, made))]
    made.created = [d.row for d in kept]
    made.asserted = sum(1 for d in kept if batch.history and not d.row.get("recorded_at"))
    made.apply = lambda writing: _apply(writing, kept, batch)
    return made


def _decide(row: Row, batch: Batch, made: Plan) -> _Decided | None:
    if not row.get("contact") or not row.get("occurred_at"):
        made.reject(row, _("The row needs a contact and the time since when the value is true."))
        return None
    name = row.get("field", "")
    if not name:
        if not row.get("company"):
            made.reject(row, _("The row names neither a field nor a company: give one of them."))
            return None
        return _Decided(row, None, None)
    kind, _dot, slug = name.rpartition(".")
    kind = kind or "contact"
    if kind not in KINDS or not slug:
        made.reject(row, format_lazy(_("There is no field “{name}”: write contact.… or company.…."), name=name))
        return None
    if kind == "company" and not row.get("company"):
        made.reject(row, _("A field of a company needs the company in the same row."))
        return None
    field = batch.fields[kind].get(slug) or Field(kind, fields.slug_of(slug), slug, custom=True)
    try:
        if name in COMPANY:
            kept(batch.fields["company"]["name"], row.get("value"))
            return _Decided(row, None, None, moves=True)
        return _Decided(row, field, kept(field, row.get("value")))
    except ValueError as wrong:
        made.reject(row, wrong)
        return None


def _apply(writing: Writing, kept: list[_Decided], batch: Batch) -> Written:
    written = Written()
    contacts = people.ensure_contacts([(d.row.cells["contact"], batch.happened(d.row)) for d in kept], batch, written)
    companies = people.ensure_companies(
        [name for d in kept for name in d.companies], batch.at, written, history=batch.history
    )
    of_contact = batch.fields["contact"]["company"]
    given: list[Given] = []
    for d in kept:
        contact = contacts[d.row.cells["contact"]]
        written.records[d.row.key] = contact
        occurred = batch.happened(d.row)
        learnt, asserted = batch.learnt(d.row, occurred)
        for name in d.companies:
            value = reference(companies[name]) if name else fields.UNKNOWN
            given.append(Given(contact, of_contact, value, occurred, learnt, asserted))
        if d.field and d.value:
            field = _published(d.field, batch)
            record = companies[d.row.cells["company"]] if field.kind == "company" else contact
            given.append(Given(record, field, d.value, occurred, learnt, asserted))
    written.touched += sorted({(g.field.kind, g.record, False) for g in given})
    written.rows += [traits.rows(given, writing.by), people.addresses_in(given)]
    written.then.append(lambda: traits.cache(given))
    return written


def _published(field: Field, batch: Batch) -> Field:
    """A field that a file names for the first time becomes one of the house's, of text."""
    of_kind = batch.fields[field.kind]
    if field.slug not in of_kind:
        of_kind[field.slug] = fields.add(field.kind, field.slug, batch.at)
    return of_kind[field.slug]


KIND = Kind("traits", _("Field values"), targets, plan, field_kinds=("contact", "company"))
