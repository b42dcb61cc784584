"""Deals that need their seller: nothing is planned with them, or the day on which they were to close has gone by."""

from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.desk.queue import deal_planned, steps_of_deals
from accord.rooms.funnel.models import Deal
from accord.rooms.team.rules import ADMIN, PARTNER, SELLERS
from accord.web.shell import wording as words
from accord.web.today.frame import LISTED, Act, Doing, Looking, Section, Sheet, acts_of


def waiting(looking: Looking) -> Sheet | None:
    deals = _deals(looking)
    first = list(deals[:LISTED])
    planned = steps_of_deals(first)
    acts = [_deal(looking, one, planned=one.pk in planned) for one in first]
    link = (reverse("pipeline"), _("In the pipeline"))
    hint = _("nothing planned, or past the day on which they were to close")
    return acts_of(acts, _("Deals that need you"), hint, deals.count(), link=link)


def _deals(looking: Looking) -> QuerySet[Deal]:
    mine = Deal.objects.visible_to(looking.member).here().filter(outcome="open", owner=looking.member)
    late = Q(expected_close__gt="", expected_close__lt=_today(looking).isoformat())
    found = mine.filter(late | ~deal_planned())
    return found.select_related("company", "contact").order_by("expected_close", "id")


def _deal(looking: Looking, one: Deal, *, planned: bool) -> Act:
    nothing = _("Nothing is planned with it.")
    said, more = nothing, ""
    if one.expected_close and (closes := date.fromisoformat(one.expected_close)) < _today(looking):
        said, more = _("It was to close on %(day)s.") % {"day": words.day(closes)}, "" if planned else nothing
    address, company = reverse("deal", args=[one.pk]), str(one.company) if one.company else ""
    return Act("sales", "square-kanban", str(one), address, said, more, company, doing=Doing(_("Show it"), address))


def _today(looking: Looking) -> date:
    return looking.morning.date()


SECTIONS = [Section(SELLERS | {PARTNER, ADMIN}, 25, waiting)]
