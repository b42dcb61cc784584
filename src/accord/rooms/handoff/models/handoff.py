from datetime import datetime
from typing import Any

from django.db import models

from accord.kernel import ledger, traits
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Writing
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import pool_owner
from accord.rooms.funnel.models import Lead
from accord.rooms.funnel.models.lead import key_of
from accord.rooms.funnel.queries import open_deal
from accord.rooms.funnel.rules import RETURNED as LEAD_RETURNED
from accord.rooms.handoff import facts, recycling, rules
from accord.rooms.handoff.models.choice import Choice
from accord.rooms.team.models import Member
from accord.rooms.team.rules import MARKETERS


class Answered(Exception):
    """Somebody was first; the arguments are who (None where it was nobody) and the state it is in."""

    @property
    def who(self) -> Member | None:
        return self.args[0]

    @property
    def state(self) -> str:
        return self.args[1]


class NotAnswerable(Exception):
    """The agreement knows no such answer for this hand-off."""


class NeedsReason(Exception):
    """A lead is only given back with a reason."""


class HasOpenDeal(Exception):
    """A lead with an open deal is won or lost; the argument is the deal."""


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def visible_to(self, member: Member) -> "HandoffQuerySet":
        if member.scope == "all":
            return self
        return self.filter(owner=member) if member.scope == "own" else self.none()

    def here(self) -> "HandoffQuerySet":
        return self.filter(lead__trashed_at=None)

    def open(self) -> "HandoffQuerySet":
        return self.filter(state__in=rules.OPEN)

    def offered(self) -> "HandoffQuerySet":
        return self.filter(state=rules.OFFERED)


class Handoff(models.Model):
    """A lead on its way from one side to the other. Somebody is accountable for it at every moment: its owner.

    `received_at`: when it was earned, from which clocks run. `offered_at`: when somebody got it. `due_at` is published
    by the promises: the next instant at which something is owed.
    """

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="handoffs")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=120)
    stage = models.CharField(max_length=20)
    giver = models.CharField(max_length=120)
    taker = models.CharField(max_length=120)
    owner = models.ForeignKey(Member, models.PROTECT, related_name="handoffs")
    state = models.CharField(max_length=10, default=rules.OFFERED)
    received_at = InstantField()
    release_at = InstantField(null=True)
    offered_at = InstantField(null=True)
    owned_since = InstantField()
    taken_back = models.PositiveSmallIntegerField(default=0)
    due_at = InstantField(null=True)
    answered_at = InstantField(null=True)
    answered_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    story: Any = models.JSONField(default=dict)

    objects = HandoffQuerySet.as_manager()

    class Meta:
        db_table = "handoff"
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(state__in=rules.OPEN), name="handoff_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "state", "due_at"], name="handoff_owner"),
            models.Index(fields=["lead", "id"], name="handoff_lead"),
            models.Index(fields=["release_at"], name="handoff_waits", condition=models.Q(state=rules.WAITING)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.lead}"

    @property
    def is_offered(self) -> bool:
        return self.state == rules.OFFERED

    @property
    def answers(self) -> tuple[str, ...]:
        """Which answers the document knows."""
        found = [one.answers for one in self.version.document.handoffs if one.id == self.kind]
        return found[0] if found else (rules.ACCEPT, rules.RETURN)

    @property
    def may_return(self) -> bool:
        """Whether the document knows a return of it."""
        return bool({rules.RETURN, rules.REJECT} & set(self.answers))

    def accept(self, *, by: Member, at: datetime) -> None:
        """Take it. Whoever accepts owns the lead from now on. Raises Answered where somebody was first."""
        with ledger.write(at, by.pk) as writing:
            self._answer(rules.ACCEPTED, by, at)
            lead = Lead.objects.get(pk=self.lead_id)
            if self.owner_id != by.pk:
                self._give_to(writing, by, rules.BY_HAND, by=by.pk)
            if (target := rules.ACCEPTED_INTO.get(self.stage)) and lead.stage == self.stage:
                lead.move(f"to_{target}", by=by.pk, at=at)
            writing.record(facts.HandoffAccepted(**self._named))
        self.refresh_from_db()

    def give_back(self, reason: str, *, by: Member, at: datetime, note: str = "") -> None:
        """Return the lead to marketing: it goes back to `engaged`, on the track that its reason's recycling names.

        Raises NeedsReason, NotAnswerable where the document knows no return, or Answered where somebody was first.
        """
        self._check_return(reason)
        with ledger.write(at, by.pk) as writing:
            self._answer(rules.RETURNED, by, at, reason=reason, note=note)
            lead = Lead.objects.get(pk=self.lead_id)
            lead.move(LEAD_RETURNED, by=by.pk, at=at, reason=reason)
            self._goes_back(writing, lead, reason, note, by)
        self.refresh_from_db()

    def hand_back(self, reason: str, *, by: Member, at: datetime, note: str = "") -> None:
        """Return a lead that was accepted and goes no further, on the same way. The answer that was given stands.

        Raises NeedsReason, NotAnswerable, HasOpenDeal, Answered where it was returned or handed on since, or
        AlreadyMoved where the lead is not with sales any more.
        """
        self._check_return(reason)
        with ledger.write(at, by.pk) as writing:
            self._check_newest()
            lead = Lead.objects.get(pk=self.lead_id)
            lead.move(LEAD_RETURNED, by=by.pk, at=at, reason=reason)
            # Asked after the move, which waits for whoever is opening a deal of this lead.
            if deal := open_deal(lead):
                raise HasOpenDeal(deal)
            Handoff.objects.filter(pk=self.pk).update(reason=reason, note=note)
            self._goes_back(writing, lead, reason, note, by)
        self.refresh_from_db()

    def went_back(self, reason: str, *, by: Member | None, at: datetime) -> None:
        """Its lead was moved back without an answer to it, at that time: it goes the same way. Once.

        A marketer who moved it has it again by that.
        """
        with ledger.write(at, key_of(by)) as writing:
            if Return.objects.filter(handoff=self.pk).exists():
                return
            back = self._goes_back(writing, self.lead, reason, "", by)
            if by and by.role in MARKETERS:
                back.take_up(by=by, at=at)

    def reassign(self, to: Member, why: str, *, by: int | None, at: datetime, choice: Choice | None = None) -> None:
        """Somebody else answers it. No clock begins anew. Raises Answered where it is answered already."""
        with ledger.write(at, by) as writing:
            passable = models.Q(state=rules.OFFERED)
            if why == rules.TAKEN_BACK:
                # Whoever accepts and then does nothing loses it as well, for as long as nothing has come of it.
                passable |= models.Q(state=rules.ACCEPTED, lead__stage=rules.ACCEPTED_INTO.get(self.stage))
            if why == rules.BY_HAND:
                passable |= models.Q(state=rules.ACCEPTED, lead__stage=rules.held_at(self.stage))
            seen = Handoff.objects.filter(passable, pk=self.pk, owner=self.owner_id)
            taken_back = self.taken_back + (why == rules.TAKEN_BACK)
            if not seen.update(owner=to, owned_since=at, taken_back=taken_back):
                self._raise_answered()
            self._give_to(writing, to, why, by=by, choice=choice)
        self.refresh_from_db()

    def release(self, choice: Choice, writing: Writing) -> bool:
        """Its day has come; whether it still waited."""
        to, at = choice.owner_id, writing.at
        waiting = Handoff.objects.filter(pk=self.pk, state=rules.WAITING)
        if not waiting.update(state=rules.OFFERED, owner=to, owned_since=at, offered_at=at, received_at=at):
            return False
        choice.handoff_id, choice.lead_id, choice.why, choice.occurred_at = self.pk, self.lead_id, rules.FIRST, at
        writing.record(facts.HandoffOffered(**self._named, owner=to, version=self.version_id), [choice])
        self._held_by(writing, to)
        return True

    def end(self, *, by: int | None, at: datetime) -> bool:
        """The lead went on or ended before anybody answered; whether this one was still open."""
        with ledger.write(at, by) as writing:
            ended = Handoff.objects.filter(pk=self.pk, state__in=rules.OPEN).update(
                state=rules.ENDED, answered_at=at, due_at=None
            )
            if ended:
                writing.record(facts.HandoffEnded(**self._named))
        return bool(ended)

    @property
    def _named(self) -> dict[str, Any]:
        return {"handoff": self.pk, "lead": self.lead_id, "contact": self.lead.contact_id, "kind": self.kind}

    def _check_return(self, reason: str) -> None:
        if not reason.strip():
            raise NeedsReason
        if not self.may_return:
            raise NotAnswerable

    def _check_newest(self) -> None:
        """What is offered is answered; what was returned is not returned again, and a later hand-off stands for it."""
        if back := Return.objects.filter(handoff=self.pk).select_related("by").first():
            raise Answered(back.by, rules.RETURNED)
        later = Handoff.objects.filter(lead=self.lead_id, pk__gt=self.pk).order_by("id").last()
        if later or Handoff.objects.filter(pk=self.pk, state__in=rules.OPEN).exists():
            raise Answered((later or self).owner, (later or self).state)

    def _goes_back(self, writing: Writing, lead: Lead, reason: str, note: str, by: Member | None) -> "Return":
        """On the track of its reason, to whoever owns the pool."""
        at = writing.at
        track = recycling.track(self.version.document, reason, at)
        back = Return.objects.create(
            handoff=self, lead=lead, reason=reason, note=note, by=by, at=at, track=track.name, program=track.program,
            wake_at=track.wake_at,
        )  # fmt: skip
        if pool := pool_owner(at):
            lead.assign(pool, by=key_of(by), at=at)
        writing.record(facts.HandoffReturned(**self._named, track=track.name))
        return back

    def _answer(self, state: str, by: Member, at: datetime, **more: Any) -> None:
        """The conditional update: of two who answer at once, one is first."""
        offered = Handoff.objects.filter(pk=self.pk, state=rules.OFFERED)
        if not offered.update(state=state, answered_at=at, answered_by=by, due_at=None, **more):
            self._raise_answered()

    def _raise_answered(self) -> None:
        self.refresh_from_db()
        raise Answered(self.owner if self.is_offered else self.answered_by, self.state)

    def _give_to(self, writing: Writing, to: Member, why: str, *, by: int | None, choice: Choice | None = None) -> None:
        before, at = self.owner_id, writing.at
        row = choice or Choice(rule="", line="", candidates=[])
        row.handoff_id, row.lead_id, row.owner_id, row.why = self.pk, self.lead_id, to.pk, why
        row.by_id, row.occurred_at = by, at
        Handoff.objects.filter(pk=self.pk).update(owner=to, owned_since=at)
        writing.record(facts.HandoffReassigned(**self._named, owner=to.pk, before=before, why=why), [row])
        self._held_by(writing, to.pk)

    def _held_by(self, writing: Writing, owner: int) -> None:
        """Whoever answers for a lead holds it and its contact."""
        traits.put(writing, "lead", self.lead_id, {"owner": owner}, writing.at)
        traits.put(writing, "contact", self.lead.contact_id, {"owner": owner}, writing.at)


class Return(models.Model):
    """A lead that sales gave back, on the track that the recycling of the agreement names for its reason."""

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="return_of")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="returns")
    reason = models.CharField(max_length=120)
    note = models.CharField(max_length=2000, blank=True)
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    track = models.CharField(max_length=20, blank=True)
    program = models.CharField(max_length=120, blank=True)
    wake_at = InstantField(null=True)
    at = InstantField()
    taken_up_at = InstantField(null=True)
    taken_up_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "lead_return"
        indexes = [
            models.Index(fields=["at"], name="lead_return_waits", condition=models.Q(taken_up_at=None)),
            models.Index(fields=["wake_at"], name="lead_return_wakes", condition=models.Q(wake_at__isnull=False)),
        ]

    def take_up(self, *, by: Member, at: datetime) -> None:
        """Marketing says that it has the lead again. Raises Answered where somebody had said so."""
        with ledger.write(at, by.pk) as writing:
            if not Return.objects.filter(pk=self.pk, taken_up_at=None).update(taken_up_at=at, taken_up_by=by):
                self.refresh_from_db()
                raise Answered(self.taken_up_by, "taken_up")
            lead = Lead.objects.get(pk=self.lead_id)
            if lead.is_open and lead.owner_id != by.pk:
                lead.assign(by, by=by.pk, at=at)
            writing.record(facts.ReturnTakenUp(handoff=self.handoff_id, lead=self.lead_id, contact=lead.contact_id))
        self.refresh_from_db()
