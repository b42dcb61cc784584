"""Files of companies: one row a company, by external id or by name; further columns are fields."""

from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.kernel.fields import Value
from accord.kernel.imports.kinds import Batch, Kind, Plan, Row, Written
from accord.kernel.imports.maps import Target
from accord.kernel.ledger import Writing
from accord.kernel.text import normalise
from accord.kernel.traits import Given
from accord.rooms.people.imports import people
from accord.rooms.people.imports.values import Held, changed, companies_now, said
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

    @property
    def called(self) -> str:
        """By this two rows of a file mean the same company."""
        return self.row.get("external_id") or normalise(self.row.cells["company.name"])


def plan(batch: Batch) -> Plan:
    made = Plan()
    known = people.company_ids(
        [named for row in batch.rows if (named := row.get("external_id") or row.get("company.name"))]
    )
    decided = [d for row in batch.rows if (d := _decide(row, known, batch, made))]
    held = companies_now(d.company for d in decided if d.company)
    new: dict[str, dict[str, str | None]] = {}
    kept = [d for d in decided if _settle(d, held, new, made)]
    made.asserted = sum(len(d.values) for d in kept if batch.history and not d.row.get("recorded_at"))
    made.apply = lambda writing: _apply(writing, kept, batch)
    return made


def _settle(d: _Decided, held: Held, new: dict[str, dict[str, str | None]], made: Plan) -> bool:
    """New, changed or the same? `new` holds what earlier rows of the batch said of companies that they bring."""
    d.row.record = d.row.record or d.company
    before = held[d.company] if d.company else new.get(d.called)
    if before is None:
        new[d.called] = {slug: value.text for slug, value in d.values.items()}
        made.created.append(d.row)
        return True
    d.values = changed(d.values, before)
    before.update((slug, value.text) for slug, value in d.values.items())
    (made.updated if d.values else made.unchanged).append(d.row)
    return True


def _decide(row: Row, known: dict[str, int], batch: Batch, made: Plan) -> _Decided | None:
    named = row.get("external_id") or row.get("company.name")
    if not named:
        made.reject(row, _("The row has neither an external id nor a name: give one of them."))
        return None
    try:
        return _Decided(row, known.get(named), said(row, batch.by_target["company"]))
    except ValueError as wrong:
        made.reject(row, wrong)
        return None


def _apply(writing: Writing, kept: list[_Decided], batch: Batch) -> Written:
    written = Written()
    first = {d.called: d for d in reversed(kept) if d.company is None}
    made = people.make_companies(
        {d.external_id: d.row.get("company.name") or d.external_id for d in first.values()},
        batch.at,
        written,
        history=batch.history,
    )
    new = {called: made[d.external_id] for called, d in first.items()}
    given: list[Given] = []
    for d in kept:
        company = d.company or new[d.called]
        written.records[d.row.key] = company
        given += _given(d, company, batch)
        if d.company and d.values:
            written.touched.append(("company", company, False))
    for chunk in traits.chunked(d.company for d in kept if d.company and d.values):
        Company.objects.filter(pk__in=chunk).update(version=F("version") + 1)
    written.rows.append(traits.rows(given, writing.by))
    written.then.append(lambda: traits.cache(given))
    return written


def _given(d: _Decided, company: int, batch: Batch) -> list[Given]:
    occurred = batch.happened(d.row, "occurred_at" if "occurred_at" in d.row.cells else "created_at")
    learnt, asserted = batch.learnt(d.row, occurred)
    published = batch.fields["company"]
    return [Given(company, published[slug], value, occurred, learnt, asserted) for slug, value in d.values.items()]


KIND = Kind(
    "companies",
    _("Companies"),
    targets,
    plan,
    lambda row: row.get("external_id") or row.get("company.name"),
    "company",
    ("company",),
)
