"""Totals: how much there is, counted in the operational database at the moment of asking."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accord.kernel import traits
from accord.kernel.mail.models import Mail
from accord.kernel.warehouse.generation import Generation
from accord.rooms.capture.models import Touch
from accord.rooms.capture.queries import counted as events_counted
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.rules import WAITING
from accord.rooms.insight import known
from accord.rooms.insight.questions import CannotAsk, Question
from accord.rooms.insight.reports.frame import Cell, Report
from accord.rooms.people.models import Company, Contact
from accord.rooms.promises.models import Clock
from accord.rooms.team.rules import ALL


@dataclass(frozen=True)
class Totals:
    """Records neither in the trash nor merged away; touches not retracted. Won, lost and open count deals.

    `raw_events` are distinct events that were acknowledged; `dropped_events` those of them that became no touch for a
    reason that was kept.
    """

    raw_events: int
    dropped_events: int
    contacts: int
    companies: int
    touches: int
    leads: int
    handoffs: int
    clocks: int
    mails: int
    deals: int
    won: int
    lost: int
    open: int


def answer(generation: Generation, question: Question) -> Totals:
    counted = {name: rows.count() for name, rows in _rows(question).items()}
    came = events_counted()
    return Totals(
        **counted, touches=_touches(generation, question), raw_events=came.events,
        dropped_events=came.dropped,
    )  # fmt: skip


def lines(totals: Totals) -> list[dict[str, Any]]:
    return [{"what": name, "count": count} for name, count in vars(totals).items()]


def records(generation: Generation, question: Question, cell: Cell) -> list[int]:
    """The ids behind a count of records."""
    rows = _rows(question)
    if cell.measure not in rows:
        raise CannotAsk(_("The totals have no such number."))
    return list(rows[cell.measure].order_by("id").values_list("id", flat=True))


def _rows(question: Question) -> dict[str, QuerySet]:
    here = {
        "contacts": Contact.objects.here(),
        "companies": Company.objects.here(),
        "leads": Lead.objects.here(),
        "deals": Deal.objects.here(),
        "handoffs": Handoff.objects.here().exclude(state=WAITING),
        "clocks": Clock.objects.here(),
    }
    rows: dict[str, QuerySet] = {name: _seen(of_kind, question) for name, of_kind in here.items()}
    outcomes = {outcome: rows["deals"].filter(outcome=outcome) for outcome in ("won", "lost", "open")}
    return rows | outcomes | {"mails": _mails(question)}


def _seen(rows: Any, question: Question) -> QuerySet:
    return rows.visible_to(question.viewer) if question.viewer else rows


def _mails(question: Question) -> QuerySet:
    """Those that were written, sent or not; who sees only their own records sees only their own mails."""
    mails = Mail.objects.all()
    return mails if question.viewer is None or question.viewer.scope == ALL else mails.filter(by_id=question.viewer.pk)


def _touches(generation: Generation, question: Question) -> int:
    if question.viewer is None or question.viewer.scope == ALL:
        return traits.standing(Touch.objects.all()).count()
    moment = question.moment(generation)
    counting = known.counting(generation, moment, moment)
    contacts = list(_rows(question)["contacts"].values_list("id", flat=True))
    return int(counting.filter(counting.contact_id.isin(contacts)).count().execute()) if contacts else 0


TOTALS = Report("totals", _("Totals"), (), answer, lines, records)
