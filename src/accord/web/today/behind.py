"""The leads, or the steps, behind a number of the page: the same question asked once more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accord.rooms.desk.models import Task
from accord.rooms.desk.rules import SELLING
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.insight.questions import midnight
from accord.rooms.promises.models import Clock
from accord.rooms.promises.rules import BROKEN
from accord.rooms.team.models import SIDES, Member
from accord.web.shell import wording as words
from accord.web.shell.addresses import number
from accord.web.shell.days import DayField
from accord.web.today import coming, marketing
from accord.web.today.frame import Looking
from accord.web.today.leading import A_WEEK

MOST, CAME = 200, "came"
A_DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
Days = tuple[datetime, datetime]
Found = tuple[Any, Any, Sequence[Lead], int]


def leads(looking: Looking, asked: Mapping[str, str]) -> Found:
    """Title, hint, the first of them, and how many there are. Raises Http404 for a number that there is not."""
    which = asked.get("which", CAME)
    if which == CAME or which in coming.FATES:
        return _came(looking, which)
    if which == "stuck":
        rows = marketing.unhanded_of(looking) | marketing.idle_of(looking)
        return _of(rows, _("Stuck with marketing"), _("qualified and handed to nobody, or engaged for a month"))
    if which == "came_back":
        return _came_back(looking, asked.get("reason", ""), _days(looking, asked))
    if which == "broken" and asked.get("side") in SIDES and (days := _days(looking, asked)):
        return _broken(looking, asked["side"], days)
    if which in HELD:
        return _held(looking, which, number(asked.get("owner")))
    raise Http404


def _came(looking: Looking, which: str) -> Found:
    every = coming.came_in(looking)
    fates = coming.fates_of(looking, every)
    found = [lead for lead in every if which == CAME or fates[lead.pk] == which]
    label = coming.FATES[which][1] if which in coming.FATES else ""
    ids = [lead.pk for lead in found[:MOST]]
    shown = _leads(looking).filter(pk__in=ids).order_by("-opened_at", "-id")
    return _("Came in since yesterday"), label, list(shown), len(found)


def _came_back(looking: Looking, reason: str, days: Days | None) -> Found:
    """In the days that were asked for, else in the last seven."""
    since, until = days or (looking.now - A_WEEK + TICK, looking.now + TICK)
    seen = Handoff.objects.visible_to(looking.member).here()
    back = Return.objects.filter(handoff__in=seen, at__gte=since, at__lt=until, reason=reason)
    found = _leads(looking).filter(pk__in=back.values("lead")).order_by("-stage_since", "-id")
    title = _("Came back from %(first)s to %(last)s") if days else _("Came back in the last seven days")
    named = {"first": words.day(since.date()), "last": words.day((until - A_DAY).date())}
    return _of(found, title % named, reason_name(reason))


def _broken(looking: Looking, side: str, days: Days) -> Found:
    """Leads with which a side broke a promise that was due in these days."""
    since, until = days
    seen = Clock.objects.visible_to(looking.member).here()
    broken = seen.filter(state=BROKEN, side=side, due_at__gte=since, due_at__lt=until)
    found = _leads(looking).filter(pk__in=broken.values("lead")).order_by("-stage_since", "-id")
    named = {"first": words.day(since.date()), "last": words.day((until - A_DAY).date())}
    return _of(found, _("A promise was broken from %(first)s to %(last)s") % named, SIDES[side])


def _days(looking: Looking, asked: Mapping[str, str]) -> Days | None:
    """From the beginning of the first day to the end of the last; None where they are not days."""
    try:
        first, last = (DayField().clean(asked.get(name)) for name in ("from", "to"))
    except ValidationError:
        return None
    zone = looking.house.zone
    return midnight(first, zone), midnight(last + A_DAY, zone)


def _offered(leads: QuerySet[Lead], owner: int) -> QuerySet[Lead]:
    return leads.filter(Exists(Handoff.objects.offered().filter(lead=OuterRef("pk"), owner=owner)))


def _holding(leads: QuerySet[Lead], owner: int) -> QuerySet[Lead]:
    return leads.filter(owner=owner, ended_at=None, stage__in=SELLING)


def _open(leads: QuerySet[Lead], owner: int) -> QuerySet[Lead]:
    return leads.filter(owner=owner, ended_at=None)


def _timed(leads: QuerySet[Lead], owner: int) -> QuerySet[Lead]:
    return leads.filter(Exists(Clock.objects.going().filter(lead=OuterRef("pk"), owner=owner)))


HELD = {"offered": _offered, "held": _holding, "open": _open, "timed": _timed}


def _held(looking: Looking, which: str, owner: int) -> Found:
    """What one member has."""
    titles = {
        "offered": _("Offered to %(member)s"), "held": _("With %(member)s"), "open": _("Open leads of %(member)s"),
        "timed": _("Leads with which a clock of %(member)s runs"),
    }  # fmt: skip
    found = HELD[which](_leads(looking), owner).order_by("-stage_since", "-id")
    return _of(found, titles[which] % {"member": _member(owner)}, "")


def steps(looking: Looking, asked: Mapping[str, str]) -> tuple[Any, list[Task], int]:
    """Title, the first of them, and how many there are: what a member, or who asks, means to do, what of it is past its
    time, or what is for after today. Raises Http404 where there is no such member or number."""
    member = _member(number(asked["owner"])) if "owner" in asked else looking.member
    which = asked.get("which", "planned")
    titles = {"planned": _("Steps that %(member)s has planned"), "late": _("Steps of %(member)s past their time")}
    titles["coming"] = _("Steps of %(member)s in the coming days")
    if which not in titles:
        raise Http404
    found = Task.objects.visible_to(looking.member).here().open().filter(owner=member)
    if which == "late":
        found = found.filter(due_at__lt=looking.now)
    if which == "coming":
        found = found.filter(due_at__gte=looking.night)
    first = found.select_related("lead__contact__company", "deal__company").order_by("due_at", "id")[:MOST]
    return titles[which] % {"member": member}, list(first), found.count()


def _member(owner: int) -> Member:
    member = Member.objects.filter(pk=owner).first()
    if member is None:
        raise Http404
    return member


def _leads(looking: Looking) -> QuerySet[Lead]:
    return Lead.objects.visible_to(looking.member).here().select_related("contact__company", "owner")


def _of(rows: QuerySet[Lead], title: Any, hint: Any) -> Found:
    return title, hint, list(rows[:MOST]), rows.count()
