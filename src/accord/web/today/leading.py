"""What a lead of a team looks at: promises broken, who has how much, what is taken back, and why leads came back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.rooms.desk.models import Task
from accord.rooms.desk.rules import SELLING
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.promises import rules
from accord.rooms.promises.models import Clock
from accord.rooms.promises.queries import Party, Tally, promises
from accord.rooms.team.models import SIDES, Member
from accord.rooms.team.queries import by_owner
from accord.rooms.team.rules import ADMIN, EXECUTIVE, FIELD, INSIDE, LEADS, MARKETERS, SALES_LEAD
from accord.rooms.team.worktimes import absent_between
from accord.web.shell import wording as words
from accord.web.today import wording
from accord.web.today.frame import LISTED, Act, Doing, Looking, Section, Sheet, about, acts_of

A_WEEK, FOUR_WEEKS = timedelta(days=7), timedelta(days=28)
WORKS = (INSIDE, FIELD)


def breaches(looking: Looking) -> Sheet | None:
    """Of sales, since this morning, and whatever is past its time and still not done."""
    broken = Q(state=rules.BROKEN, due_at__gte=looking.morning)
    late = Q(ended_at=None, stopped_at=None, due_at__lte=looking.now)
    seen = Clock.objects.visible_to(looking.member).here().filter(broken | late, side=rules.SALES)
    found = (
        seen.whole()
        .select_related("lead__contact__company", "handoff__owner", "owner", "version")
        .order_by("-due_at", "-id")
    )
    acts = [_breach(looking, one) for one in found[:LISTED]]
    link = (f"{reverse('promise_clocks')}?side=sales&weeks=4", _("All breaches"))
    hint = _("today, and whatever is still not done")
    count, undone = seen.count(), seen.filter(late).count()
    title = _("Promises of sales that were broken")
    return acts_of(acts, title, hint, count, link=link, late=undone, waits=undone)


def _breach(looking: Looking, one: Clock) -> Act:
    owes = one.owner if one.stopped_at else one.handoff.owner
    said, done = _("%(promise)s is owed by %(member)s."), ""
    if one.stopped_at:
        said = _("%(promise)s was owed by %(member)s.")
        done = _("Done at %(time)s, too late.") % {"time": words.short(one.stopped_at, looking.now)}
    told = {"time": words.short(one.escalated_at, looking.now)} if one.escalated_at else {}
    passed = _("It was broken while %(member)s had it.") % {"member": one.owner} if owes != one.owner else ""
    more = " ".join(filter(None, (passed, done, _("Escalated at %(time)s.") % told if told else "")))
    return Act(
        "sales", "triangle-alert", said=said % {"promise": wording.promise(one), "member": owes}, more=more,
        chip=None if one.stopped_at else looking.chip(one.due_at, one.received_at),
        turn=_("done") if one.stopped_at else "",
        doing=Doing(_("Show it"), reverse("lead", args=[one.lead_id])), **about(one.lead),
    )  # fmt: skip


def taken_back(looking: Looking) -> Sheet | None:
    """Until tonight, unless somebody does what was promised."""
    seen = Clock.objects.visible_to(looking.member).here().going().filter(take_back_at__lt=looking.night)
    found = seen.whole().select_related("lead__contact__company", "owner", "version").order_by("take_back_at", "id")
    acts = [
        Act(
            "handoff", "repeat", said=_("%(member)s has it and nothing has happened.") % {"member": one.owner},
            more=wording.promise(one), chip=looking.chip(one.take_back_at, one.received_at),
            doing=Doing(_("Show it"), reverse("lead", args=[one.lead_id])), **about(one.lead),
        )
        for one in found[:LISTED]
    ]  # fmt: skip
    return acts_of(acts, _("Taken back until tonight"), _("and given to the next in line"), seen.count())


@dataclass(frozen=True)
class Load:
    """What a member has: offered, held, open tasks, those past their time; and whether they are away today."""

    member: Member
    offered: int
    held: int
    tasks: int
    late: int
    away: bool


def loads(looking: Looking) -> Sheet | None:
    members = list(Member.objects.filter(is_active=True, role__in=WORKS).order_by("name", "id"))
    if not members:
        return None
    ids = [one.pk for one in members]
    offered = by_owner(Handoff.objects.visible_to(looking.member).here().offered(), ids)
    held = by_owner(Lead.objects.visible_to(looking.member).open().filter(stage__in=SELLING), ids)
    tasks = Task.objects.visible_to(looking.member).here().open()
    every, late = by_owner(tasks, ids), by_owner(tasks.filter(due_at__lt=looking.now), ids)
    away = absent_between(ids, looking.now, looking.night)
    told = [Load(one, offered[one.pk], held[one.pk], every[one.pk], late[one.pk], one.pk in away) for one in members]
    told.sort(key=lambda load: (-load.offered, -load.held, str(load.member)))
    return Sheet(
        _("Who has how much"), _("now; each number opens what is behind it"), told=told, template="today/loads.html"
    )


def reasons(looking: Looking) -> Sheet | None:
    """Why leads were returned in the last seven days."""
    seen = Handoff.objects.visible_to(looking.member).here()
    back = Return.objects.filter(handoff__in=seen, at__gt=looking.now - A_WEEK, at__lte=looking.now)
    counted = Counter(back.values_list("reason", flat=True))
    if not counted:
        return None
    address = reverse("today_leads")
    told = [
        (reason_name(said), number, f"{address}?{urlencode({'which': 'came_back', 'reason': said})}")
        for said, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    ]
    return Sheet(
        _("Why leads came back"), _("in the last seven days"), count=sum(counted.values()), told=told,
        template="today/reasons.html",
    )  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """One side's promises with a clock in short: those that are enforced, or its pilots where none is.

    `bar`: look, start and width of each part, of a hundred.
    """

    side: str
    name: str
    mode: str
    tally: Tally
    bar: Sequence[tuple[str, float, float]]

    @property
    def pilot(self) -> bool:
        return self.mode == rules.PILOT

    @property
    def late(self) -> int:
        """Broken, or past its time and not done."""
        return self.tally.broken + self.tally.late


def parties(looking: Looking) -> Sheet | None:
    since = looking.now - FOUR_WEEKS
    told = [_kept(one) for one in promises(looking.member, since, looking.now, looking.now) if _begun(one.tally)]
    if not told:
        return None
    return Sheet(
        _("Promises kept"), _("in the last four weeks; open ones are not yet kept"), told=told,
        template="today/parties.html", link=(f"{reverse('promises')}?weeks=4", _("Each promise")),
    )  # fmt: skip


def _begun(tally: Tally) -> int:
    return tally.due + tally.open


def _kept(party: Party) -> Kept:
    mode, tally = (rules.ENFORCED, party.enforced) if _begun(party.enforced) else (rules.PILOT, party.tally)
    return Kept(party.side, str(SIDES[party.side]), mode, tally, _bar(tally))


def _bar(tally: Tally) -> list[tuple[str, float, float]]:
    whole = max(_begun(tally), 1)
    parts, start = [], 0.0
    for look, number in (("k", tally.kept), ("o", tally.open), ("b", tally.broken + tally.late)):
        if number:
            parts.append((look, round(start, 2), round(100 * number / whole, 2)))
            start += 100 * number / whole
    return parts


OVERSEERS = frozenset({SALES_LEAD, ADMIN, EXECUTIVE})
SECTIONS = [
    Section(OVERSEERS, 5, breaches),
    Section(frozenset({SALES_LEAD, ADMIN}), 7, taken_back),
    Section(frozenset({SALES_LEAD, ADMIN}), 45, loads),
    Section(LEADS | MARKETERS | {ADMIN, EXECUTIVE}, 85, reasons, aside=True),
    Section(LEADS | {ADMIN, EXECUTIVE}, 95, parties, aside=True),
]
