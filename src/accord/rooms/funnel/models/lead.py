from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from accord.kernel import ledger, traits
from accord.kernel.instants import InstantField, to_micros
from accord.kernel.ledger import Writing
from accord.rooms.agreement.queries import pool_owner
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.models.transition import Transition
from accord.rooms.people.models import Contact
from accord.rooms.scoring.queries import judging
from accord.rooms.team.models import Member


class AlreadyOpen(Exception):
    """The contact has an open passage; the argument is its lead."""


class AlreadyMoved(Exception):
    """The lead is no longer where this move starts from; the argument is its stage."""


class NeedsReason(Exception):
    """This move is only made with a reason."""


class HasDeals(Exception):
    """The lead has a deal that is not in the trash."""


class TakenBack(Exception):
    """The import that brought the record in was taken back, and with it what the record was made of."""


def key_of(record: models.Model | None) -> int | None:
    return record.pk if record else None


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, member: Member) -> "LeadQuerySet":
        """The leads that the member may see at all; a partner their own."""
        if member.scope == "all":
            return self
        return self.filter(owner=member) if member.scope == "own" else self.none()

    def here(self) -> "LeadQuerySet":
        return self.filter(trashed_at=None)

    def open(self) -> "LeadQuerySet":
        return self.here().filter(ended_at=None)


class Lead(models.Model):
    """One passage of a contact through the funnel. Where it stands is the cache of its transitions."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="leads")
    entry = models.CharField(max_length=20)
    stage = models.CharField(max_length=20, default=rules.INQUIRY)
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    opened_at = InstantField()
    stage_since = InstantField()
    ended_at = InstantField(null=True)
    trashed_at = InstantField(null=True)

    objects = LeadQuerySet.as_manager()

    class Meta:
        db_table = "lead"
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=models.Q(ended_at=None, trashed_at=None), name="lead_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "id"], name="lead_stage"),
            models.Index(fields=["owner", "id"], name="lead_owner"),
            models.Index(fields=["opened_at", "id"], name="lead_opened"),
            models.Index(fields=["stage", "stage_since"], name="lead_here", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.contact)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def moves(self) -> list[rules.Move]:
        return rules.moves_from(self.stage)

    @classmethod
    def open(
        cls,
        contact: Contact,
        *,
        entry: str,
        by: int | None,
        at: datetime,
        owner: Member | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> "Lead":
        """Open a passage. Raises AlreadyOpen where the contact has one; ValueError for an unknown entry."""
        if entry not in rules.ENTRIES:
            raise ValueError(entry)
        with ledger.write(at, by) as writing:
            owner = owner or pool_owner(at)
            values = {**(values or {}), "owner": key_of(owner)}
            columns = traits.columns("lead", values)
            with _alone(contact.pk):
                lead = cls.objects.create(contact=contact, entry=entry, opened_at=at, stage_since=at, **columns)
            lead.owner = owner
            entered = lead._transition(rules.ENTERED, None, rules.INQUIRY, by, entry=entry)
            writing.record(facts.LeadOpened(lead=lead.pk, contact=contact.pk, entry=entry), [entered])
            traits.put(writing, "lead", lead.pk, values, at, new=True)
            lead._owns_contact(writing)
        return lead

    def move(self, name: str, *, by: int | None, at: datetime, reason: str = "", deal: int | None = None) -> None:
        """Make a move of `rules.MOVES`. Raises AlreadyMoved, or NeedsReason: an override needs one as well.

        What a deal moves is no override: the deal is what the rule of its stage asks for.
        """
        move = rules.MOVES[name]
        if not reason.strip() and (move.needs_reason or (deal is None and self.overrides(name, at))):
            raise NeedsReason(name)
        with ledger.write(at, by) as writing:
            before = self.stage
            self._step(move, at)
            row = self._transition(name, before, move.target, by, reason=reason, deal=deal)
            moved = facts.LeadMoved(lead=self.pk, contact=self.contact_id, move=name, stage=move.target)
            writing.record(moved, [row])

    def overrides(self, name: str, at: datetime) -> bool:
        """Whether the move places the lead in a stage before the rule in force holds for it."""
        placed = self.entry in rules.SUBJECT and rules.places(name, self.stage)
        return placed and not self.is_qualified and judging(self.contact_id, at) is not None

    @property
    def is_qualified(self) -> bool:
        """Whether it met the definition since it was returned last."""
        latest = self.qualifications.order_by("-segment").values_list("segment", flat=True).first()
        if latest is None:
            return False
        returned = Transition.standing().filter(lead_id=self.pk, move=rules.RETURNED).order_by("recorded_at").last()
        return returned is None or latest >= to_micros(returned.recorded_at)

    def assign(self, owner: Member, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            writing.record(facts.LeadAssigned(lead=self.pk, contact=self.contact_id, owner=owner.pk))
            traits.put(writing, "lead", self.pk, {"owner": owner.pk}, at)
            self.owner = owner
            self._owns_contact(writing)
        self.refresh_from_db()

    def join(self, *, to_lead: "Lead | None", deal: int | None, reason: str, by: int | None, at: datetime) -> None:
        """End this passage because another goes on. Raises AlreadyMoved where it has ended."""
        with ledger.write(at, by) as writing:
            before = self.stage
            self._step(rules.MOVES[rules.JOINED], at)
            row = self._transition(rules.JOINED, before, rules.JOINED, by, reason=reason, deal=deal)
            joined = facts.LeadJoined(lead=self.pk, contact=self.contact_id, to_lead=key_of(to_lead), deal=deal)
            writing.record(joined, [row])

    def reopen(self, *, by: int | None, at: datetime, stage: str = rules.INQUIRY, reason: str = "") -> None:
        """Open an ended passage again, in the stage it had. Raises AlreadyOpen or AlreadyMoved."""
        with ledger.write(at, by) as writing:
            before = self.stage
            with _alone(self.contact_id):
                self._step(rules.Move(rules.REOPENED, rules.EXITS, stage), at)
            row = self._transition(rules.REOPENED, before, stage, by, reason=reason)
            writing.record(facts.LeadReopened(lead=self.pk, contact=self.contact_id), [row])

    def trash(self, *, by: int | None, at: datetime) -> None:
        """Remove the passage; its contact may have another one. Raises HasDeals unless all its deals are removed."""
        with ledger.write(at, by) as writing:
            if not Lead.objects.here().filter(pk=self.pk).update(trashed_at=at):
                return
            # Asked after the update, which waits for whoever is opening a deal of this lead.
            if self.deals.filter(trashed_at=None).exists():
                raise HasDeals
            writing.record(facts.LeadTrashed(lead=self.pk, contact=self.contact_id))
            traits.put(writing, "lead", self.pk, {"trashed": True}, at)
        self.trashed_at = at

    def restore(self, *, by: int | None, at: datetime) -> None:
        """Raises AlreadyOpen where the contact has another open passage by now, or TakenBack."""
        with ledger.write(at, by) as writing:
            self.refresh_from_db()
            if not self.may_come_back:
                raise TakenBack
            mine = Lead.objects.filter(pk=self.pk, trashed_at__isnull=False)
            with _alone(self.contact_id, self.pk) if self.is_open else nullcontext():
                back = mine.update(trashed_at=None)
            if back:
                writing.record(facts.LeadRestored(lead=self.pk, contact=self.contact_id))
                traits.put(writing, "lead", self.pk, {"trashed": False}, at)
        self.trashed_at = None

    @property
    def may_come_back(self) -> bool:
        """Whether the entry of the passage still stands."""
        return traits.standing(Transition.objects.filter(lead_id=self.pk, move=rules.ENTERED)).exists()

    def _step(self, move: rules.Move, at: datetime) -> None:
        """The conditional update: only from where the lead was seen, and only along an allowed move."""
        ended = at if move.target in rules.ENDS else None
        allowed = self.stage in move.sources
        seen = Lead.objects.here().filter(pk=self.pk, stage=self.stage)
        if not allowed or not seen.update(stage=move.target, stage_since=at, ended_at=ended):
            self.refresh_from_db()
            raise AlreadyMoved(self.stage)
        self.stage, self.stage_since, self.ended_at = move.target, at, ended

    def _transition(self, move: str, before: str | None, after: str, by: int | None, **more: Any) -> Transition:
        deal = more.pop("deal", None)
        if "version_id" not in more:
            more["version_id"] = key_of(judging(self.contact_id, self.stage_since))
        return Transition(
            lead_id=self.pk, contact_id=self.contact_id, move=move, from_stage=before, to_stage=after,
            owner_id=self.owner_id, by_id=by, deal_id=deal, occurred_at=self.stage_since, **more,
        )  # fmt: skip

    def _owns_contact(self, writing: Writing) -> None:
        # Rows of people are reached through the owner of the open passage, so people are told who that is.
        traits.put(writing, "contact", self.contact_id, {"owner": key_of(self.owner)}, writing.at)


@contextmanager
def _alone(contact: int, *apart: int) -> Iterator[None]:
    """Raises AlreadyOpen where the contact has another open passage, or where somebody opens it at this moment."""
    others = Lead.objects.open().filter(contact=contact).exclude(pk__in=apart)
    if standing := others.first():
        raise AlreadyOpen(standing)
    try:
        with transaction.atomic():
            yield
    except IntegrityError as taken:
        if standing := others.first():
            raise AlreadyOpen(standing) from taken
        raise
