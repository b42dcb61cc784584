"""Deals that need their seller: nothing is planned with them, or the day on which they were to close has gone by."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Deal
from accord.rooms.team.rules import ADMIN, PARTNER, SELLERS
from accord.web.shell import wording as words
from accord.web.today.frame import LISTED, Act, Doing, Looking, Section, Sheet, acts_of


def waiting(looking: Looking) -> Sheet | None:
    deals = _deals(looking)
    acts = [_deal(looking, one) for one in deals[:LISTED]]
    link = (reverse("pipeline"), _("In the pipeline"))
    hint = _("nothing planned, or past the day on which they were to close")
    return acts_of(acts, _("Deals that need you"), hint, deals.count(), link=link)


def _deals(looking: Looking) -> QuerySet[Deal]:
    mine = Deal.objects.visible_to(looking.member).here().filter(outcome="open", owner=looking.member)
    planned = Exists(Task.objects.open().filter(lead=OuterRef("lead")))
    late = Q(expected_close__gt="", expected_close__lt=_today(looking).isoformat())
    found = mine.annotate(planned=planned).filter(late | Q(planned=False))
    return found.select_related("company", "contact").order_by("expected_close", "id")


def _deal(looking: Looking, one: Deal) -> Act:
    closes = date.fromisoformat(one.expected_close) if one.expected_close else None
    late = closes is not None and closes < _today(looking)
    said = _("It was to close on %(day)s.") % {"day": words.day(closes)} if late else _("Nothing is planned with it.")
    more = _("Nothing is planned with it.") if late and not one.planned else ""
    address = reverse("deal", args=[one.pk])
    company = str(one.company) if one.company else ""
    return Act("sales", "square-kanban", str(one), address, said, more, company, doing=Doing(_("Show it"), address))


def _today(looking: Looking) -> date:
    return looking.morning.date()


SECTIONS = [Section(SELLERS | {PARTNER, ADMIN}, 25, waiting)]
