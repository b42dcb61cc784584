"""What waits for a seller: leads offered, promises for today, clocks near their end; and what became of returns."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.desk import queue
from accord.rooms.desk.models import Nudge, Task
from accord.rooms.desk.rules import CALL, EMAIL, MEETING, OTHER
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.handoff.rules import OFFERED
from accord.rooms.promises.models import Clock
from accord.rooms.promises.rules import SALES
from accord.rooms.team.rules import ADMIN, MARKETERS, PARTNER, SELLERS, SERVICE
from accord.web.records.clocks import OVER, RUN, Chip, overdue
from accord.web.shell import wording as words
from accord.web.today import wording
from accord.web.today.frame import LISTED, Act, Doing, Looking, Section, Sheet, about, acts_of

WORKING = SELLERS | {SERVICE, PARTNER, ADMIN}
A_WEEK = timedelta(days=7)
MOST = 200
SIGNS = {CALL: "phone", EMAIL: "mail", MEETING: "handshake"}


def offered(looking: Looking) -> Sheet | None:
    mine = Handoff.objects.visible_to(looking.member).here().offered().filter(owner=looking.member)
    found = mine.select_related("lead__contact__company", "version").order_by(F("due_at").asc(nulls_last=True), "id")
    acts = [_offered(looking, one) for one in found[:LISTED]]
    hint = _("each waits for your answer, the nearest clock first")
    late = mine.filter(due_at__lte=looking.now).count()
    link = (reverse("desk"), _("On the desk"))
    return acts_of(acts, _("Offered to you"), hint, mine.count(), link=link, late=late)


def _offered(looking: Looking, one: Handoff) -> Act:
    since = words.short(one.offered_at or one.received_at, looking.now)
    doing = Doing(_("Accept"), reverse("handoff_acceptance", args=[one.pk]), {"owner": one.owner_id})
    said = _("%(kind)s, since %(time)s") % {"kind": wording.kind(one), "time": since}
    return Act(
        "handoff", "arrow-left-right", said=said, chip=looking.chip(one.due_at, one.received_at), doing=doing,
        **about(one.lead),
    )  # fmt: skip


def nudged(looking: Looking) -> Sheet | None:
    mine = Nudge.objects.visible_to(looking.member).here().open().filter(lead__owner=looking.member)
    found = mine.select_related("lead__contact__company", "by").order_by("proposed_at", "id")
    acts = [_nudged(looking, one) for one in found[:LISTED]]
    return acts_of(acts, _("Proposed to you"), _("each is accepted, or declined with a reason"), mine.count())


def _nudged(looking: Looking, one: Nudge) -> Act:
    since = words.short(one.proposed_at, looking.now)
    said = _("%(member)s proposes: %(what)s") % {"member": one.by, "what": one}
    doing = Doing(_("Accept"), reverse("nudge_acceptance", args=[one.pk]), {})
    more = _("“%(said)s”, %(time)s") % {"said": one.said, "time": since}
    otherwise = Doing(_("Decline"), reverse("nudge_decline", args=[one.pk]))
    return Act("handoff", "lightbulb", said=said, more=more, doing=doing, otherwise=otherwise, **about(one.lead))


def due(looking: Looking) -> Sheet | None:
    tasks = _tasks(looking).exclude(kind=MEETING)
    hint = _("what you had meant to do until tonight, and what is left over")
    acts = [_task(looking, one) for one in tasks[:LISTED]]
    link = (reverse("desk"), _("On the desk")) if looking.member.may("see_desk") else None
    late = tasks.filter(due_at__lte=looking.now).count()
    return acts_of(acts, _("Promised for today"), hint, tasks.count(), link=link, late=late)


def meetings(looking: Looking) -> Sheet | None:
    tasks = _tasks(looking).filter(kind=MEETING)
    acts = [_task(looking, one) for one in tasks[:LISTED]]
    late = tasks.filter(due_at__lte=looking.now).count()
    return acts_of(acts, _("Meetings today"), _("by time"), tasks.count(), late=late)


def coming(looking: Looking) -> Sheet | None:
    tasks = queue.coming(looking.member, looking.now)
    acts = [replace(_task(looking, one), doing=None) for one in tasks[:LISTED]]
    link = (f"{reverse('today_steps')}?which=coming", _("All of them"))
    return acts_of(acts, _("Coming days"), _("what you have planned for after today"), tasks.count(), link=link)


def _tasks(looking: Looking) -> QuerySet[Task]:
    mine = Task.objects.visible_to(looking.member).here().open().filter(owner=looking.member)
    return (
        mine.filter(due_at__lt=looking.night)
        .select_related("lead__contact__company", "deal__company")
        .order_by("due_at", "id")
    )


def _task(looking: Looking, one: Task) -> Act:
    doing = _doing(looking, one)
    late = _("It was promised for %(time)s.") % {"time": words.short(one.due_at, looking.now)}
    named = _named(one, reverse("today") if doing.send is not None else doing.address)
    return Act(
        "sales", SIGNS.get(one.kind, "circle-dashed"), said=_said(one), more=late if one.due_at < looking.now else "",
        at=one.due_at, chip=_past(one.due_at, looking.now), doing=doing, **named,
    )  # fmt: skip


def _past(due_at: datetime, now: datetime) -> Chip | None:
    """By how many days; whatever was promised for earlier today is marked as well."""
    if due_at >= now:
        return None
    return overdue(due_at, now) or Chip(OVER, 0, _("past its time"), due_at)


def _said(one: Task) -> str:
    """The name of one that is about nobody says already what about."""
    if one.lead_id or one.deal_id:
        return one.said
    return "" if one.kind == OTHER and one.what else str(one.get_kind_display())


def _named(one: Task, address: str) -> dict[str, Any]:
    if one.lead:
        return about(one.lead)
    if one.deal:
        company = str(one.deal.company or "")
        return {"name": str(one.deal), "address": reverse("deal", args=[one.deal.pk]), "company": company}
    return {"name": str(one), "address": address}


def _doing(looking: Looking, one: Task) -> Doing:
    """On the desk, with all that is known of it; whoever has none says here that it is done."""
    if not looking.member.may("see_desk"):
        return Doing(_("Done"), reverse("task_completion", args=[one.pk]), {})
    return Doing(_("Show it"), f"{reverse('desk')}?{f'lead={one.lead_id}' if one.lead_id else f'task={one.pk}'}")


def clocks(looking: Looking) -> Sheet | None:
    """Of what was accepted: broken and not done, or with less than a quarter of its time left."""
    mine = Clock.objects.visible_to(looking.member).here().going().filter(owner=looking.member, side=SALES)
    found = mine.exclude(handoff__state=OFFERED).whole().select_related("lead__contact__company", "version")
    told = [(one, looking.chip(one.due_at, one.received_at)) for one in found.order_by("due_at", "id")[:MOST]]
    near = [(one, left) for one, left in told if left and left.state != RUN]
    acts = [
        Act(
            "sales", "alarm-clock", said=wording.promise(one), chip=left,
            doing=Doing(_("Show it"), f"{reverse('desk')}?lead={one.lead_id}"), **about(one.lead),
        )
        for one, left in near
    ]  # fmt: skip
    return acts_of(acts, _("Clocks near their end"), _("broken and not done, or a quarter of the time left"))


def returned(looking: Looking) -> Sheet | None:
    seen = Handoff.objects.visible_to(looking.member).here()
    mine = Return.objects.filter(handoff__in=seen, by=looking.member, at__gt=looking.now - A_WEEK, at__lte=looking.now)
    found = mine.select_related("lead__contact__company", "taken_up_by").order_by("-at", "-id")
    acts = [_became(looking, one) for one in found[:LISTED]]
    return acts_of(acts, _("What became of your returns"), _("in the last seven days"), mine.count())


def _became(looking: Looking, one: Return) -> Act:
    said = {"member": one.taken_up_by, "time": words.short(one.taken_up_at or one.at, looking.now)}
    more = _("Taken up by %(member)s, %(time)s.") if one.taken_up_at else _("Not taken up yet, since %(time)s.")
    why = wording.quoted(" ".join(filter(None, (reason_name(one.reason), one.note))))
    turn = _("taken up") if one.taken_up_at else _("marketing’s turn")
    return Act("marketing", "undo-2", said=why, more=more % said, turn=turn, **about(one.lead))


SECTIONS = [
    Section(WORKING, 10, offered),
    Section(WORKING, 20, clocks),
    Section(WORKING | MARKETERS, 25, nudged),
    Section(WORKING | MARKETERS, 30, due),
    Section(WORKING | MARKETERS, 40, meetings),
    Section(WORKING | MARKETERS, 20, coming, aside=True),
    Section(WORKING, 90, returned, aside=True),
]
