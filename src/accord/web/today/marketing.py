"""What waits for a marketer: what came back, what is stuck and whose turn it is, and what proved doubtful."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.desk.models import Task
from accord.rooms.desk.queue import next_steps
from accord.rooms.funnel.models import Lead, Qualification
from accord.rooms.funnel.rules import ENGAGED, INQUIRY, MQL
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.handoff.queries import waiting_returns
from accord.rooms.promises.models import Clock
from accord.rooms.promises.rules import MARKETING
from accord.rooms.team.rules import ADMIN, MARKETERS
from accord.web.records.clocks import RUN
from accord.web.shell import wording as words
from accord.web.today import wording
from accord.web.today.frame import LISTED, Act, Doing, Looking, Section, Sheet, about, acts_of

IDLE_AFTER, LATELY = timedelta(days=30), timedelta(days=7)
MOST = 200
IDLE_NAMED = 3  # of those that nobody waits for, the longest


def returned(looking: Looking) -> Sheet | None:
    waiting = waiting_returns(looking.member).select_related("by").order_by("at", "id")
    found = list(waiting[:LISTED])
    owed = _owed([one.handoff_id for one in found])
    acts = [_returned(looking, one, owed.get(one.handoff_id)) for one in found]
    hint = _("each with the reason that sales gave, the longest first")
    link = (reverse("returns"), _("All of them"))
    owed_by_us = Clock.objects.going().filter(handoff__in=waiting.order_by().values("handoff"), side=MARKETING)
    late = owed_by_us.filter(due_at__lte=looking.now).count()
    return acts_of(acts, _("Returned, to take up again"), hint, waiting.count(), link=link, late=late)


def _owed(handoffs: list[int]) -> dict[int, Clock]:
    clocks = Clock.objects.going().filter(handoff__in=handoffs, side=MARKETING).order_by("-due_at", "-id")
    return {clock.handoff_id: clock for clock in clocks}


def _returned(looking: Looking, one: Return, owed: Clock | None) -> Act:
    why = wording.quoted(". ".join(filter(None, (reason_name(one.reason), one.note))))
    said = {"member": one.by or _("Somebody"), "time": words.short(one.at, looking.now)}
    more = _("%(member)s, %(time)s.") % said
    if one.wake_at:
        more += " " + _("Woken again on %(day)s.") % {"day": words.day(one.wake_at.date(), looking.now.date())}
    return Act(
        "marketing", "undo-2", said=why, more=more, chip=looking.chip(owed.due_at, owed.received_at) if owed else None,
        doing=Doing(_("Take up"), reverse("return_taking_up", args=[one.pk]), {}), **about(one.lead),
    )  # fmt: skip


def taken_up(looking: Looking) -> Sheet | None:
    """What somebody took up lately and still has: until a step is planned it is theirs to go on with."""
    lately = {"taken_up_at__gt": looking.now - LATELY, "taken_up_at__lte": looking.now}
    leads = Lead.objects.visible_to(looking.member).open().filter(owner=looking.member, stage__in=(INQUIRY, ENGAGED))
    mine = Return.objects.filter(lead__in=leads, taken_up_by=looking.member, **lately)
    found = list(mine.select_related("lead__contact__company").order_by("-taken_up_at", "-id")[:LISTED])
    steps = next_steps([one.lead_id for one in found])
    acts = [_taken_up(looking, one, steps.get(one.lead_id)) for one in found]
    waits = mine.exclude(Exists(Task.objects.open().filter(lead=OuterRef("lead")))).count()
    return acts_of(acts, _("Taken up by you"), _("in the last seven days"), mine.count(), waits=waits)


def _taken_up(looking: Looking, one: Return, step: Task | None) -> Act:
    why = wording.quoted(". ".join(filter(None, (reason_name(one.reason), one.note))))
    if step:
        planned = {"step": step.said, "time": words.moment(step.due_at, looking.now)}
        more = _("Planned: %(step)s, %(time)s.") % planned
        return Act("marketing", "undo-2", said=why, more=more, turn=_("planned"), **about(one.lead))
    doing = Doing(_("Plan one"), f"{reverse('task_new')}?lead={one.lead_id}&back=lead")
    return Act("marketing", "undo-2", said=why, more=_("No next step is planned."), doing=doing, **about(one.lead))


def stuck(looking: Looking) -> Sheet | None:
    """Offered and near or past its time; qualified and not handed over; engaged for long and nothing planned."""
    unhanded, silent = unhanded_of(looking), idle_of(looking)
    acts = [*_unanswered(looking), *_unhanded(looking, unhanded), *_idle(looking, silent)]
    count = unhanded.count() + silent.count() + sum(1 for act in acts if act.icon == "arrow-left-right")
    link = (f"{reverse('today_leads')}?which=stuck", _("All with marketing"))
    return acts_of(acts, _("Stuck, and whose turn it is"), _("the nearest clock first"), count, link=link)


def unhanded_of(looking: Looking) -> QuerySet[Lead]:
    """Qualified, and nobody in sales has been asked."""
    asked = Exists(Handoff.objects.open().filter(lead=OuterRef("pk")))
    return _leads(looking).filter(stage=MQL).exclude(asked).order_by("stage_since", "id")


def idle_of(looking: Looking) -> QuerySet[Lead]:
    """Engaged for longer than a month: no step is planned, and it does not wait to be woken."""
    planned = Exists(Task.objects.open().filter(lead=OuterRef("pk")))
    sleeps = Exists(Return.objects.filter(lead=OuterRef("pk"), wake_at__gt=looking.now))
    silent = _leads(looking).filter(stage=ENGAGED, stage_since__lt=looking.now - IDLE_AFTER)
    return silent.exclude(planned).exclude(sleeps).order_by("stage_since", "id")


def _leads(looking: Looking) -> QuerySet[Lead]:
    return Lead.objects.visible_to(looking.member).open().select_related("contact__company", "owner")


def _unanswered(looking: Looking) -> list[Act]:
    seen = Handoff.objects.visible_to(looking.member).here().offered().exclude(due_at=None)
    found = seen.select_related("lead__contact__company", "owner", "version").order_by(F("due_at"), "id")[:MOST]
    told = [(one, looking.chip(one.due_at, one.received_at)) for one in found]
    near = [(one, left) for one, left in told if left and left.state != RUN]
    return [
        Act(
            "sales", "arrow-left-right", said=_("Offered to %(member)s, who has not answered.") % {"member": one.owner},
            more=wording.kind(one), chip=left, turn=_("sales’ turn"), **about(one.lead),
        )
        for one, left in near[:LISTED]
    ]  # fmt: skip


def _unhanded(looking: Looking, found: QuerySet[Lead]) -> list[Act]:
    return [
        Act(
            "marketing", "hourglass", said=_("Qualified, but handed over to nobody."),
            more=_("In MQL since %(time)s, with %(member)s.") % _since(looking, lead),
            doing=Doing(_("Show it"), reverse("lead", args=[lead.pk])), **about(lead),
        )
        for lead in found[:LISTED]
    ]  # fmt: skip


def _idle(looking: Looking, found: QuerySet[Lead]) -> list[Act]:
    return [
        Act(
            "marketing", "hourglass", said=_("Engaged for longer than a month, and nothing is planned."),
            more=_("Since %(time)s, with %(member)s.") % _since(looking, lead),
            doing=Doing(_("Plan one"), f"{reverse('task_new')}?lead={lead.pk}&back=lead"), **about(lead),
        )
        for lead in found[:IDLE_NAMED]
    ]  # fmt: skip


def _since(looking: Looking, lead: Lead) -> dict[str, object]:
    return {"time": words.short(lead.stage_since, looking.now), "member": lead.owner or _("nobody")}


def doubtful(looking: Looking) -> Sheet | None:
    """Qualifications that would not have happened by what is known since, of leads that nobody has spoken to yet."""
    leads = Lead.objects.visible_to(looking.member).open().filter(stage=MQL)
    rows = Qualification.objects.filter(lead__in=leads).exclude(doubtful="").select_related("lead__contact__company")
    acts = [
        Act(
            "marketing", "circle-question-mark", said=wording.DOUBTS[one.doubtful],
            more=_("Qualified %(time)s.") % {"time": words.short(one.at, looking.now)},
            doing=Doing(_("Look again"), reverse("lead", args=[one.lead_id])), **about(one.lead),
        )
        for one in rows.order_by("-at", "-id")[:LISTED]
    ]  # fmt: skip
    return acts_of(acts, _("Qualified, but doubtful"), _("either side may withdraw it in one key"), rows.count())


LOOKING = MARKETERS | {ADMIN}
SECTIONS = [
    Section(LOOKING, 60, returned),
    Section(LOOKING, 65, taken_up),
    Section(LOOKING, 70, stuck),
    Section(LOOKING, 80, doubtful),
]
