from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef

from accord.kernel import fields, ledger, search, traits
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Writing
from accord.kernel.money import Money
from accord.kernel.traits import Trait
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.models.lead import AlreadyMoved, Lead, NeedsReason, TakenBack
from accord.rooms.people.models import Company, Contact
from accord.rooms.people.models.races import guard
from accord.rooms.team.models import Member

OPEN, WON, LOST = "open", rules.WON, rules.LOST


class LeadInTrash(Exception):
    """The lead that opened the deal is in the trash; the argument is that lead."""


class DealQuerySet(models.QuerySet["Deal"]):
    def visible_to(self, member: Member) -> "DealQuerySet":
        """The deals that the member may see at all; a partner their own."""
        if member.scope == "all":
            return self
        return self.filter(owner=member) if member.scope == "own" else self.none()

    def here(self) -> "DealQuerySet":
        return self.filter(trashed_at=None)


class Deal(models.Model):
    """A chance to sell, opened by a lead. Its columns are the cache of its traits."""

    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, related_name="deals")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="deals")
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="deals")
    name = models.CharField(max_length=255, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=10, default=OPEN)
    reason = models.CharField(max_length=200, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    expected_close = models.CharField(max_length=10, blank=True)
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=0)
    opened_at = InstantField()
    closed_at = InstantField(null=True)
    trashed_at = InstantField(null=True)

    objects = DealQuerySet.as_manager()

    class Meta:
        db_table = "deal"
        indexes = [
            models.Index(fields=["outcome", "id"], name="deal_outcome"),
            models.Index(fields=["owner", "id"], name="deal_owner"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.company or self.contact or self.pk)

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @classmethod
    def open(
        cls,
        *,
        lead: Lead | None,
        contact: Contact | None = None,
        company: Company | None = None,
        values: Mapping[str, Any],
        by: int | None,
        at: datetime,
    ) -> "Deal":
        """Open a deal. Its lead becomes an opportunity; other open leads of the company are joined to it.

        Raises AlreadyMoved where the lead has moved, or gone into the trash.
        """
        contact = contact or (lead.contact if lead else None)
        company = company or (contact.company if contact else None)
        with ledger.write(at, by) as writing:
            values = {"outcome": OPEN, **values}
            columns = traits.columns("deal", values)
            deal = cls.objects.create(lead=lead, contact=contact, company=company, opened_at=at, **columns)
            writing.record(facts.DealOpened(**deal._subjects()), then=deal._first_found)
            traits.put(writing, "deal", deal.pk, values, at, new=True)
            if lead and lead.stage in rules.OPEN and lead.stage != rules.OPPORTUNITY:
                lead.move("to_opportunity", by=by, at=at, deal=deal.pk)
            elif lead and not _stays(lead.pk):
                raise AlreadyMoved(lead.stage)
            deal._join_others(by, at)
        return deal

    def edit(self, values: Mapping[str, Any], *, seen: int, by: int | None, at: datetime) -> None:
        """Set fields. Raises LostRace where somebody else has changed the record since version `seen`."""
        with ledger.write(at, by) as writing:
            guard(Deal.objects.filter(pk=self.pk, version=seen).update(version=F("version") + 1))
            traits.put(writing, "deal", self.pk, values, at)
        self.refresh_from_db()

    def win(self, *, reason: str, by: int | None, at: datetime) -> None:
        """Raises AlreadyMoved where the deal is closed, NeedsReason without one."""
        with ledger.write(at, by) as writing:
            self._close(writing, WON, {"reason": reason}, reason)
            writing.record(facts.DealWon(**self._subjects()))

    def lose(self, *, reason: str, by: int | None, at: datetime, come_back_on: date | None = None) -> None:
        """Not now is not never: a date to come back. Raises AlreadyMoved where the deal is closed, NeedsReason."""
        with ledger.write(at, by) as writing:
            self._close(writing, LOST, {"reason": reason, "come_back_on": come_back_on}, reason)
            writing.record(facts.DealLost(**self._subjects()))

    def reopen(self, *, by: int | None, at: datetime) -> None:
        """A lost deal goes on. Raises AlreadyMoved where it is not lost."""
        with ledger.write(at, by) as writing:
            if not Deal.objects.here().filter(pk=self.pk, outcome=LOST).update(outcome=OPEN, closed_at=None):
                raise AlreadyMoved(self.outcome)
            traits.put(writing, "deal", self.pk, {"outcome": OPEN, "reason": ""}, at)
            writing.record(facts.DealReopened(**self._subjects()))
            if self.lead and not self.lead.is_open:
                self.lead.reopen(by=by, at=at, stage=rules.OPPORTUNITY)
        self.refresh_from_db()

    def trash(self, *, by: int | None, at: datetime) -> None:
        """Remove the deal. Its lead stays where it is."""
        with ledger.write(at, by) as writing:
            if Deal.objects.here().filter(pk=self.pk).update(trashed_at=at):
                search.drop("deal", [self.pk])
                writing.record(facts.DealTrashed(**self._subjects()))
                traits.put(writing, "deal", self.pk, {"trashed": True}, at)
        self.refresh_from_db()

    def restore(self, *, by: int | None, at: datetime) -> None:
        """Raises LeadInTrash where its lead is there too, or TakenBack."""
        with ledger.write(at, by) as writing:
            if not self.may_come_back:
                raise TakenBack
            if self.lead_id and not _stays(self.lead_id):
                raise LeadInTrash(self.lead)
            if Deal.objects.filter(pk=self.pk, trashed_at__isnull=False).update(trashed_at=None):
                writing.record(facts.DealRestored(**self._subjects()), then=self._find)
                traits.put(writing, "deal", self.pk, {"trashed": False}, at)
        self.refresh_from_db()

    @property
    def may_come_back(self) -> bool:
        """Whether anything still says what became of the deal."""
        return traits.standing(Trait.objects.filter(kind="deal", record=self.pk, field="outcome")).exists()

    def _close(self, writing: Writing, outcome: str, values: Mapping[str, Any], reason: str) -> None:
        if not reason.strip():
            raise NeedsReason(outcome)
        closing = Deal.objects.here().filter(pk=self.pk, outcome=OPEN)
        if not closing.update(outcome=outcome, closed_at=writing.at, version=F("version") + 1):
            self.refresh_from_db()
            raise AlreadyMoved(self.outcome)
        traits.put(writing, "deal", self.pk, {"outcome": outcome, **values}, writing.at)
        if self.lead and self.lead.is_open:
            self.lead.move(outcome, by=writing.by, at=writing.at, reason=reason, deal=self.pk)
        self.outcome, self.closed_at = outcome, writing.at

    def _join_others(self, by: int | None, at: datetime) -> None:
        if not self.company_id:
            return
        others = Lead.objects.open().filter(contact__company=self.company_id).exclude(pk=self.lead_id or 0)
        for other in others.exclude(Exists(Deal.objects.here().filter(lead=OuterRef("pk")))):
            other.join(to_lead=self.lead, deal=self.pk, reason="deal", by=by, at=at)

    def _first_found(self, _fact: int) -> None:
        search.put_many("deal", fields.words_of("deal", [self.pk]), fresh=True)

    def _find(self, _fact: int) -> None:
        search.put_many("deal", fields.words_of("deal", [self.pk]))

    def _subjects(self) -> dict[str, Any]:
        return {"deal": self.pk, "contact": self.contact_id, "company": self.company_id, "lead": self.lead_id}


def _stays(lead: int) -> bool:
    """The lead is not in the trash, and will not go there before this is written."""
    return Lead.objects.here().select_for_update().filter(pk=lead).first() is not None
