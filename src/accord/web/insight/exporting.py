"""The records behind one number as a file: the columns of its list, every record of it, as a program reads them."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.kernel.money import Money
from accord.rooms.funnel.fields import OUTCOME_NAMES, STAGE_NAMES
from accord.rooms.insight import reports
from accord.rooms.insight.reports import Cell
from accord.rooms.insight.reports.frame import CLOCK, CONTACT, DEAL, LEAD
from accord.rooms.team.models import Member
from accord.web.insight import keeping, whys
from accord.web.insight.asking import Asked
from accord.web.insight.listing import RECORDS, Found
from accord.web.lists.export import BYTE_ORDER_MARK, safe
from accord.web.shell.gate import MemberRequest

AT_ONCE = 2000
NAME = pgettext_lazy("of a person", "Name")
HEADS: Mapping[str, Sequence[str | Promise]] = {
    LEAD: (NAME, _("E-mail"), _("Company"), _("Stage now"), _("Reason"), _("Owner"), _("Entered")),
    DEAL: (_("Name"), _("Company"), _("Amount"), _("Currency"), _("Outcome"), _("Reason"), _("Owner"), _("Opened")),
    CONTACT: (NAME, _("E-mail"), _("Company"), _("Owner"), _("Created")),
    CLOCK: (_("Lead"), _("Company"), _("Promise"), _("Began"), _("Due"), _("State now"), _("Owner")),
}


def stream(request: MemberRequest, asked: Asked, cell: Cell, found: Found) -> StreamingHttpResponse:
    """The body is written after the request has left, so it takes the request's language and zone with it."""
    body = _written(request.user, asked, cell, found, translation.get_language(), timezone.get_current_timezone())
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    name = f"{asked.report}-{cell.measure}-{timezone.localtime(request.now):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(
    member: Member, asked: Asked, cell: Cell, found: Found, language: str | None, zone: tzinfo
) -> Iterator[str]:
    kind = reports.NAMES[asked.report].of
    with translation.override(language):
        heads = _csv([[str(head) for head in HEADS[kind]]])
    yield BYTE_ORDER_MARK + heads
    for place in range(0, len(found.leads), AT_ONCE):
        some = found.leads[place : place + AT_ONCE]
        with translation.override(language), timezone.override(zone):
            records = RECORDS[kind](member).in_bulk(some)
            here = [records[pk] for pk in some if pk in records]
            said = whys.of(kind, cell, here)
            lines = _csv([LINES[kind](record, said.get(record.pk, "")) for record in here])
        yield lines


def _csv(lines: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe("" if cell is None else str(cell)) for cell in line] for line in lines)
    return out.getvalue()


def _lead(lead: Any, why: str) -> Sequence[Any]:
    contact = lead.contact
    stage = STAGE_NAMES.get(lead.stage, lead.stage)
    return contact, contact.email, contact.company, stage, why, lead.owner, _moment(lead.opened_at)


def _deal(deal: Any, why: str) -> Sequence[Any]:
    amount = None if deal.amount_minor is None else Money(deal.amount_minor, deal.currency).amount
    outcome = OUTCOME_NAMES.get(deal.outcome, deal.outcome)
    return deal, deal.company, amount, deal.currency, outcome, why, deal.owner, _moment(deal.opened_at)


def _contact(contact: Any, _why: str) -> Sequence[Any]:
    return contact, contact.email, contact.company, contact.owner, _moment(contact.created_at)


def _clock(clock: Any, _why: str) -> Sequence[Any]:
    (row,) = keeping.rows([clock])
    contact, began, due = clock.lead.contact, _moment(clock.received_at), _moment(clock.due_at)
    return contact, contact.company, row.label, began, due, row.state, clock.owner


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


LINES: Mapping[str, Callable[[Any, str], Sequence[Any]]] = {
    LEAD: _lead,
    DEAL: _deal,
    CONTACT: _contact,
    CLOCK: _clock,
}
