from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Writing
from accord.rooms.desk import facts, rules
from accord.rooms.desk.fields import TASK_NAMES
from accord.rooms.funnel.models import Deal, Lead
from accord.rooms.funnel.models.deal import OPEN
from accord.rooms.funnel.rules import EXITS
from accord.rooms.team.models import Member


class Ended(Exception):
    """The passage has ended; the argument is how."""


class AlreadyDone(Exception):
    """Somebody has done it; the argument is who, None where they have left."""

    @property
    def who(self) -> Member | None:
        return self.args[0]


class Dropped(AlreadyDone):
    """Nobody had to do it any more."""


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, member: Member) -> "TaskQuerySet":
        """A partner sees what is theirs to do, and what is to be done with their leads and deals."""
        if member.scope == "all":
            return self
        theirs = Q(owner=member) | Q(lead__owner=member) | Q(deal__owner=member)
        return self.filter(theirs) if member.scope == "own" else self.none()

    def here(self) -> "TaskQuerySet":
        """Neither about what is in the trash nor, unless they are to be got back to, about what has ended."""
        found = self.filter(lead__trashed_at=None, deal__trashed_at=None)
        found = found.exclude(Q(lead__stage__in=EXITS) & ~Q(kind=rules.WAKE))
        return found.filter(Q(deal=None) | Q(deal__outcome=OPEN))

    def of(self, about: Lead | Deal) -> "TaskQuerySet":
        return self.filter(lead=about) if isinstance(about, Lead) else self.filter(deal=about)

    def open(self) -> "TaskQuerySet":
        return self.filter(done_at=None, dropped_at=None)


class Task(models.Model):
    """Something that a member means to do by a time, mostly with a lead: then it is a step of it.

    The steps of a deal are those of its lead; `deal` is one that no lead has opened, of a company alone.

    `snoozed_from`: when it was due at first. `dropped_at`: from then on nobody had to do it, and nobody did.
    """

    owner = models.ForeignKey(Member, models.PROTECT, related_name="+")
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="+")
    deal = models.ForeignKey(Deal, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=list(TASK_NAMES.items()))
    what = models.CharField(max_length=300, blank=True)
    due_at = InstantField()
    snoozed_from = InstantField(null=True)
    made_at = InstantField()
    made_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    done_at = InstantField(null=True)
    done_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    dropped_at = InstantField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        db_table = "task"
        indexes = [
            models.Index(fields=["owner", "due_at"], name="task_due", condition=Q(done_at=None)),
            models.Index(fields=["lead", "due_at"], name="task_next", condition=Q(done_at=None)),
            models.Index(fields=["deal", "due_at"], name="task_of_deal", condition=Q(done_at=None, deal__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.what or str(self.get_kind_display())

    @property
    def said(self) -> str:
        """Its kind and what about; one of no kind is called by its words alone."""
        said = {"step": self.get_kind_display(), "what": self.what}
        if self.kind == rules.OTHER or not self.what:
            return self.what or str(said["step"])
        return gettext("%(step)s: %(what)s") % said

    @classmethod
    def plan(
        cls, *, owner: Member, kind: str, due_at: datetime, by: Member | None, at: datetime, lead: Lead | None = None,
        deal: Deal | None = None, what: str = "",
    ) -> "Task":  # fmt: skip
        """Planned twice alike is planned once. `by`: None for a meeting that somebody outside has booked.

        Raises Ended, or ValueError for an unknown kind.
        """
        if kind not in rules.TASKS:
            raise ValueError(kind)
        with ledger.write(at, by.pk if by else None) as writing:
            if lead:
                lead = still_open(lead)
            if deal:
                deal = _still_going(deal)
            said = {"owner": owner, "lead": lead, "deal": deal, "kind": kind, "what": what.strip(), "due_at": due_at}
            if there := cls.objects.open().filter(**said).first():
                return there
            task = cls.objects.create(**said, made_at=at, made_by=by)
            writing.record(facts.TaskPlanned(**task._named, owner=owner.pk))
        return task

    @classmethod
    def wake(cls, lead: Lead, due_at: datetime, *, at: datetime) -> "Task":
        """Whoever holds the lead is to get back to it, in the pool or after its end."""
        with ledger.write(at) as writing:
            task = cls.objects.create(owner_id=lead.owner_id, lead=lead, kind=rules.WAKE, due_at=due_at, made_at=at)
            writing.record(facts.TaskPlanned(**task._named, owner=task.owner_id))
        return task

    def done(self, *, by: Member, at: datetime) -> None:
        """Raises AlreadyDone."""
        with ledger.write(at, by.pk) as writing:
            if not Task.objects.open().filter(pk=self.pk).update(done_at=at, done_by=by):
                self._raise_done()
            writing.record(facts.TaskDone(**self._named))
        self.refresh_from_db()

    def snooze(self, until: datetime, *, by: Member | None, at: datetime) -> None:
        """Put it off. `by`: None for a meeting that its guest has moved. Raises AlreadyDone."""
        with ledger.write(at, by.pk if by else None) as writing:
            mine = Task.objects.open().filter(pk=self.pk)
            if mine.exclude(due_at=until).update(snoozed_from=Coalesce("snoozed_from", F("due_at")), due_at=until):
                writing.record(facts.TaskSnoozed(**self._named))
                self._tell_guest(writing)
            elif not mine.exists():
                self._raise_done()
        self.refresh_from_db()

    def drop(self, *, at: datetime) -> bool:
        """Nobody has to do it any more, and nobody did; whether it was still open."""
        with ledger.write(at) as writing:
            dropped = Task.objects.open().filter(pk=self.pk).update(dropped_at=at)
            if dropped:
                writing.record(facts.TaskDropped(**self._named))
                if self.due_at > at:
                    self._tell_guest(writing)
        return bool(dropped)

    def undo(self, *, by: Member, at: datetime) -> bool:
        """It was not done after all; whether it had been."""
        with ledger.write(at, by.pk) as writing:
            reopened = Task.objects.filter(pk=self.pk).exclude(done_at=None).update(done_at=None, done_by=None)
            if reopened:
                writing.record(facts.TaskReopened(**self._named))
        self.refresh_from_db()
        return bool(reopened)

    @property
    def _named(self) -> dict[str, Any]:
        about = self.lead or self.deal
        contact = about.contact_id if about else None
        return {"task": self.pk, "lead": self.lead_id, "contact": contact, "deal": self.deal_id}

    def _tell_guest(self, writing: Writing) -> None:
        if self.kind == rules.MEETING and (booking := getattr(self, "booking", None)) and not booking.called_off_at:
            named = self._named
            writing.record(facts.MeetingChanged(booking=booking.pk, lead=named["lead"], contact=named["contact"]))

    def _raise_done(self) -> None:
        self.refresh_from_db()
        raise Dropped(None) if self.dropped_at else AlreadyDone(self.done_by)


def still_open(lead: Lead) -> Lead:
    """The lead as it is now, locked until what is written about it is. Raises Ended."""
    now = Lead.objects.here().select_for_update(of=("self",)).filter(pk=lead.pk).select_related("contact").first()
    if now is None or now.stage in EXITS:
        raise Ended(now.stage if now else "")
    return now


def _still_going(deal: Deal) -> Deal:
    """The deal as it is now, locked likewise. Raises Ended."""
    now = Deal.objects.here().select_for_update(of=("self",)).filter(pk=deal.pk).first()
    if now is None or now.outcome != OPEN:
        raise Ended(now.outcome if now else "")
    return now
