from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status

from accord.api import contacts, published
from accord.api.auth import CallerRequest, needs, one, visible
from accord.api.errors import answers, conflict, invalid, lost_race
from accord.api.paging import Paging, Sought, page, sought
from accord.api.published import Moment
from accord.api.wire import Body, Fields, RecordId, Whole, Word
from accord.rooms.people.models import Company, LostRace

router = Router(tags=["companies"])


class CompanyOut(Schema):
    id: int
    external_id: str
    version: int
    created_at: datetime
    fields: dict[str, Any]


class CompanyPage(Schema):
    items: list[CompanyOut]
    next: str | None


class CompanyFilter(Paging):
    external_id: Sought | None = None
    domain: Sought | None = None
    q: Sought | None = None


class NewCompany(Body):
    external_id: Word | None = None
    fields: Fields = {}


class CompanyChange(Body):
    version: Whole
    fields: Fields


def show(companies: Sequence[Company]) -> list[dict[str, Any]]:
    return [
        _shown(c, values) for c, (values, _owner) in zip(companies, published.now("company", companies), strict=True)
    ]


def _shown(company: Company, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": company.pk, "external_id": company.external_id, "version": company.version,
        "created_at": company.created_at, "fields": values,
    }  # fmt: skip


@router.get("", auth=needs("see_records"), response=answers(CompanyPage), url_name="companies")
def list_companies(request: CallerRequest, asked: Query[CompanyFilter]) -> Any:
    """Companies in the order of their ids."""
    given = {"external_id": asked.external_id, "domain": asked.domain}
    rows = visible(Company, request.auth).filter(**{k: v for k, v in given.items() if v is not None})
    return page(request, sought(rows, "company", asked.q), asked, show)


@router.post("", auth=needs("edit_company"), response=answers(CompanyOut, 201), url_name="companies")
def create_company(request: CallerRequest, company: NewCompany) -> Any:
    """A company without an external id gets one of ours."""
    values = published.read("company", company.fields, request.auth)
    if not company.external_id and not values.get("name"):
        raise invalid({"fields.name": _("A company needs a name or an external id.")})
    if company.external_id and company.external_id.startswith(contacts.OURS):
        raise invalid({"external_id": contacts.NOT_OURS})
    try:
        made = Company.create(values, by=request.auth.by, at=request.now, external_id=company.external_id)
    except IntegrityError:
        raise conflict("exists", _("A company with this external id exists: change that one."))
    return Status(HTTPStatus.CREATED, show([made])[0])


@router.get("/{company_id}", auth=needs("see_records"), response=answers(CompanyOut), url_name="company")
def see_company(
    request: CallerRequest, company_id: RecordId, as_of: published.Instant = None, known_at: published.Instant = None
) -> Any:
    """With `as_of` and `known_at`: the values that held then, as they were known at that time."""
    company, moment = one(visible(Company, request.auth), company_id), Moment.of(as_of, known_at)
    return _shown(company, published.then("company", company.pk, moment)[0]) if moment else show([company])[0]


@router.patch("/{company_id}", auth=needs("edit_company"), response=answers(CompanyOut), url_name="company")
def change_company(request: CallerRequest, company_id: RecordId, change: CompanyChange) -> Any:
    """`version` is that of the company as it was read: if it has changed since, nothing is written."""
    company = one(visible(Company, request.auth), company_id)
    values = published.read("company", change.fields, request.auth, company)
    if values.get("parent") == company.pk:
        raise invalid({"fields.parent": _("A company is not its own parent.")})
    try:
        company.edit(values, seen=change.version, by=request.auth.by, at=request.now)
    except LostRace:
        company.refresh_from_db()
        raise lost_race(show([company])[0])
    return show([company])[0]


@router.delete("/{company_id}", auth=needs("trash_record"), response=answers(None, 204), url_name="company")
def trash_company(request: CallerRequest, company_id: RecordId) -> Any:
    """Into the trash, from where a person can take it back."""
    one(visible(Company, request.auth), company_id).trash(by=request.auth.by, at=request.now)
    return Status(HTTPStatus.NO_CONTENT, None)
