from datetime import datetime, timedelta
from typing import Any

from django.db import models

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.desk import facts, rules
from accord.rooms.desk.fields import NUDGE_NAMES
from accord.rooms.desk.models.task import Ended, Task, still_open
from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff.models import Handoff
from accord.rooms.handoff.queries import to_hand_back
from accord.rooms.team.models import House, Member
from accord.rooms.team.worktimes import calendar_of

DAY = timedelta(days=1)


class Stands(Exception):
    """The same is proposed for this lead and waits for its answer; the argument is that nudge."""


class AnsweredAlready(Exception):
    """It waits for no answer any more; the arguments are who did so, None where it was nobody, and its state."""

    @property
    def who(self) -> Member | None:
        return self.args[0]

    @property
    def state(self) -> str:
        return self.args[1]


class NotTheirs(Exception):
    """Somebody else answers for the lead; the argument is who, None where it is nobody."""


class NeedsWords(Exception):
    """What is proposed, or why not, is not said."""


class NotReturnable(Exception):
    """The lead is not with sales, or the agreement knows no return of its hand-off."""


class NudgeQuerySet(models.QuerySet["Nudge"]):
    def visible_to(self, member: Member) -> "NudgeQuerySet":
        """With the leads that the member sees."""
        if member.scope == "all":
            return self
        return self.filter(lead__owner=member) if member.scope == "own" else self.none()

    def here(self) -> "NudgeQuerySet":
        return self.filter(lead__trashed_at=None)

    def open(self) -> "NudgeQuerySet":
        return self.filter(state=rules.PROPOSED)


class Nudge(models.Model):
    """What somebody proposes that the owner of a lead does about it, in a sentence; the owner says yes or no.

    `stage` and `mark` are how the lead stood then. `step`: what was planned by accepting it. `answered_at` is also
    when it was withdrawn or ended.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="nudges")
    kind = models.CharField(max_length=20, choices=list(NUDGE_NAMES.items()))
    said = models.CharField(max_length=300)
    side = models.CharField(max_length=10)
    stage = models.CharField(max_length=20)
    mark = models.CharField(max_length=10, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    proposed_at = InstantField()
    state = models.CharField(max_length=10, default=rules.PROPOSED)
    answered_at = InstantField(null=True)
    answered_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    step = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="+")

    objects = NudgeQuerySet.as_manager()

    class Meta:
        db_table = "nudge"
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "kind"], condition=models.Q(state=rules.PROPOSED), name="nudge_open_once"
            ),
        ]
        indexes = [models.Index(fields=["proposed_at"], name="nudge_proposed")]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_open(self) -> bool:
        return self.state == rules.PROPOSED

    @classmethod
    def possible(cls, lead: Lead) -> list[str]:
        """What can be proposed of a lead where it stands: a return only of what was handed over."""
        return [kind for kind in rules.NUDGES if kind != rules.RETURN or _handed(lead)]

    @classmethod
    def propose(cls, lead: Lead, *, kind: str, said: str, by: Member, at: datetime) -> "Nudge":
        """Raises Ended, NotTheirs where nobody or only the member answers for the lead, Stands, NeedsWords, or
        NotReturnable; ValueError for an unknown kind."""
        if kind not in rules.NUDGES:
            raise ValueError(kind)
        if not said.strip():
            raise NeedsWords
        with ledger.write(at, by.pk) as writing:
            lead = still_open(lead)
            if not lead.is_open:
                raise Ended(lead.stage)
            if lead.owner_id in (None, by.pk):
                raise NotTheirs(lead.owner)
            if kind == rules.RETURN and _handed(lead) is None:
                raise NotReturnable
            if there := cls.objects.open().filter(lead=lead, kind=kind).select_related("by").first():
                raise Stands(there)
            nudge = cls.objects.create(
                lead=lead, kind=kind, said=said.strip(), side=by.side(House.get()), stage=lead.stage,
                mark=usual.ages([lead], at)[lead.pk].mark, by=by, proposed_at=at,
            )  # fmt: skip
            writing.record(facts.NudgeProposed(**nudge._named))
        return nudge

    def accept(self, *, by: Member, at: datetime) -> None:
        """What is proposed becomes a step of its owner's; a return gives the lead back.

        Raises Ended, NotTheirs, AnsweredAlready, or NotReturnable where the lead has gone on meanwhile; besides what
        returning a hand-off raises.
        """
        with ledger.write(at, by.pk) as writing:
            lead = self._theirs(by)
            self._answer(rules.ACCEPTED, by, at)
            writing.record(facts.NudgeAccepted(**self._named))
            if self.kind == rules.RETURN:
                self._give_back(lead, by, at)
            else:
                Nudge.objects.filter(pk=self.pk).update(step=self._plan(lead, by, at))
        self.refresh_from_db()

    def decline(self, reason: str, *, by: Member, at: datetime, note: str = "") -> None:
        """Raises Ended, NotTheirs, AnsweredAlready; NeedsWords without a known reason, or without words for another."""
        if reason not in rules.DECLINES or (reason == rules.OTHERWISE and not note.strip()):
            raise NeedsWords
        with ledger.write(at, by.pk) as writing:
            self._theirs(by)
            self._answer(rules.DECLINED, by, at, reason=reason, note=note.strip())
            writing.record(facts.NudgeDeclined(**self._named, reason=reason))
        self.refresh_from_db()

    def withdraw(self, *, by: Member, at: datetime) -> None:
        """Raises NotTheirs where somebody else had proposed it, or AnsweredAlready."""
        if self.by_id != by.pk:
            raise NotTheirs(self.by)
        with ledger.write(at, by.pk) as writing:
            self._answer(rules.WITHDRAWN, by, at)
            writing.record(facts.NudgeWithdrawn(**self._named))
        self.refresh_from_db()

    def end(self, *, at: datetime) -> bool:
        """The lead went on or ended before anybody answered; whether it was still open."""
        with ledger.write(at) as writing:
            ended = Nudge.objects.open().filter(pk=self.pk).update(state=rules.ENDED, answered_at=at)
            if ended:
                writing.record(facts.NudgeEnded(**self._named))
        return bool(ended)

    @property
    def _named(self) -> dict[str, Any]:
        return {"nudge": self.pk, "lead": self.lead_id, "contact": self.lead.contact_id, "kind": self.kind}

    def _theirs(self, by: Member) -> Lead:
        lead = still_open(self.lead)
        if lead.owner_id != by.pk:
            raise NotTheirs(lead.owner)
        return lead

    def _answer(self, state: str, by: Member, at: datetime, **more: Any) -> None:
        """The conditional update: of two answers at once, one is first."""
        if not Nudge.objects.open().filter(pk=self.pk).update(state=state, answered_at=at, answered_by=by, **more):
            self.refresh_from_db()
            raise AnsweredAlready(self.answered_by, self.state)

    def _plan(self, lead: Lead, by: Member, at: datetime) -> Task:
        kind = rules.AFTER_NUDGE.get(self.kind, rules.OTHER)
        due = calendar_of(by).next_opening(at + DAY)
        return Task.plan(owner=by, lead=lead, kind=kind, due_at=due, by=by, at=at, what=self.said)

    def _give_back(self, lead: Lead, by: Member, at: datetime) -> None:
        handed = _handed(lead)
        if handed is None:
            raise NotReturnable
        back = handed.give_back if handed.is_offered else handed.hand_back
        back(rules.NUDGED, by=by, at=at, note=self.said)


def _handed(lead: Lead) -> Handoff | None:
    """By which hand-off the lead can be returned: the one that is offered, or that was accepted."""
    rows = list(Handoff.objects.filter(lead=lead).select_related("lead", "version", "owner").order_by("-id"))
    offered = next((one for one in rows if one.is_offered), None)
    if offered:
        return offered if offered.may_return else None
    return to_hand_back(lead, rows)
