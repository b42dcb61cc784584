"""The trail as somebody sees it: what each step is, who does it, where, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.rooms.agreement.queries import pool_owner
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.fields import reason_name
from accord.rooms.handoff.models import Handoff, Return
from accord.rooms.team.models import ROLE_NAMES, Member
from accord.rooms.team.rules import ADMIN, INSIDE, MARKETERS, PARTNER, SERVICE
from accord.rooms.trail import rules
from accord.rooms.trail.models import Trail
from accord.rooms.trail.queries import Tick, ticks
from accord.web.today.frame import Doing

WALKERS = MARKETERS | {INSIDE, ADMIN}  # who has most of its steps
BESIDE = frozenset({PARTNER, SERVICE})  # whom it goes past: on Today they have none of it
PATIENCE = timedelta(minutes=1)  # the judge takes seconds
TITLES = {
    rules.QUALIFIES: gettext_lazy("A lead qualifies"),
    rules.TAKEN: gettext_lazy("Sales takes it"),
    rules.CALLED: gettext_lazy("Sales calls"),
    rules.RETURNED: gettext_lazy("Sales gives it back"),
    rules.TAKEN_UP: gettext_lazy("The reason arrives in marketing"),
    rules.PROMISES: gettext_lazy("The promises"),
    rules.FUNNEL: gettext_lazy("The funnel"),
}
SIDES = {
    rules.QUALIFIES: "marketing",
    rules.TAKEN: "handoff",
    rules.CALLED: "sales",
    rules.RETURNED: "sales",
    rules.TAKEN_UP: "marketing",
}
BY_SALES = (rules.TAKEN, rules.CALLED, rules.RETURNED)
# What somebody must be allowed to do it themselves.
NEEDS = {
    rules.QUALIFIES: "see_records",
    rules.TAKEN: "answer_handoff",
    rules.CALLED: "answer_handoff",
    rules.RETURNED: "answer_handoff",
    rules.TAKEN_UP: "take_up_return",
    rules.PROMISES: "see_promises",
    rules.FUNNEL: "see_insight",
}


@dataclass(frozen=True)
class Step:
    """`who`: whose turn it is, where it is one member's; `as_whom`: the same in words. `here`: the next of all."""

    name: str
    number: int
    title: Any
    side: str
    said: Any
    doing: Doing | None
    who: Member | None
    as_whom: Any
    tick: Tick | None
    by: Member | None
    passed: bool
    here: bool

    @property
    def state(self) -> str:
        return "done" if self.tick else "passed" if self.passed else "now" if self.here else "next"


@dataclass(frozen=True)
class Told:
    """`waits`: the visitor has asked, and the judge has not answered yet. `mine`: the first that the reader can do.

    `aside`: on Today it is one line, once it is begun, and for whoever has few of its steps.
    """

    steps: Sequence[Step]
    mine: Step | None
    aside: bool
    waits: bool
    again: bool
    imports: bool

    @property
    def done(self) -> int:
        return sum(step.state == "done" for step in self.steps)

    @property
    def is_over(self) -> bool:
        return all(step.state in ("done", "passed") for step in self.steps)

    @property
    def following(self) -> Step | None:
        return next((step for step in self.steps if step.here), None)


def on_today(member: Member, now: datetime) -> Told | None:
    trail = None if member.role in BESIDE else Trail.seen_by(member)
    return told(trail, member, now) if trail else None


def told(trail: Trail, member: Member, now: datetime) -> Told:
    done = ticks(trail)
    asked = trail.asked_at is not None and trail.lead is not None and rules.QUALIFIES not in done
    late = asked and trail.asked_at is not None and now - trail.asked_at > PATIENCE
    turn = _Turn(trail, member, now, done, waits=asked and not late, late=late)
    steps = turn.steps()
    able = rules.following(done, [step for step in rules.STEPS if turn.may(step)])
    mine = next((step for step in steps if step.name == able), None)
    aside = not turn.waits and (bool(done) or member.role not in WALKERS)
    return Told(steps, mine, aside, turn.waits, again=rules.QUALIFIES in done, imports=member.may("import_files"))


class _Turn:
    """Who looks at which lead, and what is known of it."""

    def __init__(
        self, trail: Trail, member: Member, now: datetime, done: Mapping[str, Tick], *, waits: bool, late: bool
    ) -> None:
        self.member, self.done, self.waits, self.late = member, done, waits, late
        self.followed = trail.lead
        seen = Lead.objects.visible_to(member).here()
        self.lead = trail.lead if trail.lead and seen.filter(pk=trail.lead.pk).exists() else None
        self.offer = Handoff.objects.filter(lead=self.lead).select_related("owner").last() if self.lead else None
        self.back = Return.objects.filter(lead=self.lead).last() if self.lead and rules.RETURNED in done else None
        self.pool = pool_owner(now)
        self.people = Member.objects.in_bulk({tick.by for tick in done.values() if tick.by})

    def steps(self) -> list[Step]:
        passed = rules.passed(self.done)
        here = rules.following(self.done)
        return [
            Step(
                step, number, TITLES[step], SIDES.get(step, "none"), self._said(step), self._doing(step),
                self._who(step), self._as_whom(step), tick := self.done.get(step),
                self.people.get(tick.by) if tick and tick.by else None, step in passed, step == here,
            )
            for number, step in enumerate(rules.STEPS, 1)
        ]  # fmt: skip

    def may(self, step: str) -> bool:
        """Whether the reader can go on with it now: what is done with a lead needs one that qualified."""
        if step in rules.OF_LEAD[1:] and (rules.QUALIFIES not in self.done or not self.lead):
            return False
        if step == rules.TAKEN_UP and not self.back:
            return False
        return self.member.may(NEEDS[step])

    def _who(self, step: str) -> Member | None:
        if step in BY_SALES:
            return self.offer.owner if self.offer else None
        return self.pool if step == rules.TAKEN_UP else None

    def _as_whom(self, step: str) -> Any:
        if who := self._who(step):
            return _("%(member)s, %(role)s") % {"member": who, "role": who.get_role_display()}
        if step in BY_SALES:
            return ROLE_NAMES[INSIDE]
        return _("a visitor") if step == rules.QUALIFIES else _("anybody of the house")

    def _said(self, step: str) -> Any:
        name = self.lead or _("the lead")
        sentences = {
            rules.QUALIFIES: self._said_first(name),
            rules.TAKEN: _("Accept %(name)s on the desk: the clock of the first answer runs."),
            rules.CALLED: _("Call %(name)s, and log what came of it and what comes next."),
            rules.RETURNED: _("Return %(name)s to marketing with a reason: without one it does not go."),
            rules.TAKEN_UP: _("Read why %(name)s came back, and take the lead up again."),
            rules.PROMISES: _("See what both sides promised each other, what was kept, and which clocks run."),
            rules.FUNNEL: _("See how many leads entered each stage and went on; every number opens its list."),
        }
        if step == rules.TAKEN_UP and self.back:
            why = {"name": name, "reason": reason_name(self.back.reason)}
            return _("%(name)s came back: “%(reason)s”. Take the lead up again.") % why
        return sentences[step] % {"name": name}

    def _said_first(self, name: Any) -> Any:
        if rules.QUALIFIES in self.done:
            return _("%(name)s asked for a quotation, and the agreement in force qualified the lead by that.")
        if self.late:
            return _("%(name)s has asked, but nothing has judged it yet: is the worker running?")
        if self.waits:
            return _("%(name)s looked at the prices and sent a form. The agreement judges it within seconds.")
        return _("Let a visitor ask for a quotation, and see how the agreement judges it and hands the lead over.")

    def _doing(self, step: str) -> Doing | None:
        """At the very place, for whoever may be there."""
        may = self.member.may(NEEDS[step])
        if step in rules.PLACES:
            if not may:
                return None
            labels = {rules.PROMISES: _("Look at the promises"), rules.FUNNEL: _("Look at the funnel")}
            return Doing(labels[step], reverse("trail_opening", args=[step]), {})
        if step == rules.QUALIFIES and (not self.followed or self.late):
            return Doing(_("Let a visitor ask for a quotation"), reverse("trail_visitor"), {})
        return self._at(self.lead, step, may) if self.lead else None

    def _at(self, lead: Lead, step: str, may: bool) -> Doing:
        open_to_me = may and step not in self.done
        if open_to_me and step == rules.TAKEN_UP and self.back:
            return Doing(_("Open the returns"), reverse("returns"))
        if open_to_me and step in BY_SALES and self.offer:
            return Doing(_("Open it on the desk"), f"{reverse('desk')}?lead={lead.pk}")
        return Doing(_("Show the lead"), reverse("lead", args=[lead.pk]))
