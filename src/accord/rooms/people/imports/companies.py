"""Files of companies: one row a company, by external id or by name; further columns are fields."""

from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.kernel.fields import Value
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Writing
from accord.kernel.traits import Given
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import changed, companies_now, said
from accord.rooms.people.models import Company


def targets() -> list[Target]:
    return [
        Target("external_id", _("External id"), "text", False),
        Target("company.name", _("Name"), "text", False),
        Target("company.domain", _("Domain"), "text", False),
        Target("created_at", _("Created on"), "date", False),
        Target("occurred_at", _("Valid since"), "date", False),
        Target("recorded_at", _("Known since"), "date", False),
    ]


@dataclass
class _Decided:
    row: Row
    company: int | None
    values: dict[str, Value]

    @property
    def external_id(self) -> str:
        return self.row.get("external_id") or self.row.get("company.name")


def plan(batch: Batch) -> Plan:
    made = Plan()
    known = people.company_ids([named for row in batch.rows if (named := row.get("external_id") or row.get("company.name"))])
    decided = [d for row in batch.rows if (d := _decide(row, known, batch, made))]
    held = companies_now(d.company for d in decided if d.company)
    kept = []
    for d in decided:
        if d.company:
            d.values = changed(d.values, held[d.company])
        if d.company and not d.values:
            made.unchanged.append(d.row)
            continue
        (made.updated if d.company else made.created).append(d.row)
        kept.append(d)
    made.asserted = sum(len(d.values) for d in kept if batch.history and not d.row.get("recorded_at"))
    made.apply = lambda writing: _apply(writing, kept, batch)
    return made


def _decide(row: Row, known: dict[str, int], batch: Batch, made: Plan) -> _Decided | None:
    named = row.get("external_id") or row.get("company.name")
    if not named:
        made.reject(row, _("The row has neither an external id nor a name: give one of them."))
        return None
    try:
        return _Decided(row, known.get(named), said(row, "company", batch.fields["company"]))
    except ValueError as wrong:
        made.reject(row, wrong)
        return None


def _apply(writing: Writing, kept: list[_Decided], batch: Batch) -> Written:
    written = Written()
    fresh = {d.external_id: d.row.get("company.name") or d.external_id for d in kept if d.company is None}
    new = people.make_companies(fresh, batch.at, written)
    given: list[Given] = []
    for d in kept:
        company = d.company or new[d.external_id]
        written.records[d.row.key] = company
        given += _given(d, company, batch)
        if d.company:
            written.touched.append(("company", company, False))
    for chunk in traits.chunked(d.company for d in kept if d.company):
        Company.objects.filter(pk__in=chunk).update(version=F("version") + 1)
    written.rows.append(traits.rows(given, writing.by))
    written.then.append(lambda: traits.cache(given))
    return written


def _given(d: _Decided, company: int, batch: Batch) -> list[Given]:
    occurred = batch.happened(d.row, "occurred_at" if "occurred_at" in d.row.cells else "created_at")
    learnt, asserted = batch.learnt(d.row, occurred)
    published = batch.fields["company"]
    return [Given(company, published[slug], value, occurred, learnt, asserted) for slug, value in d.values.items()]


KIND = Kind("companies", _("Companies"), targets, plan, lambda row: row.get("external_id") or row.get("company.name"), "company", ("company",))
