from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, models
from django.db.models import Exists, F, OuterRef

from accord.kernel import fields, ledger, search, traits
from accord.kernel.fields import Refused
from accord.kernel.instants import DayOf, InstantField
from accord.kernel.ledger import Writing, standing
from accord.kernel.money import CURRENCIES, Money
from accord.kernel.traits import Trait
from accord.rooms.content.models import Competitor
from accord.rooms.content.named import key_of
from accord.rooms.funnel import facts, rules
from accord.rooms.funnel.fields import WRONG
from accord.rooms.funnel.models.holding import Holding
from accord.rooms.funnel.models.lead import AlreadyMoved, AlreadyOpen, Lead, NeedsReason, TakenBack
from accord.rooms.funnel.models.pipeline import PipelineStage, UnknownStage, known_as
from accord.rooms.people.models import Company, Contact
from accord.rooms.people.models.races import guard
from accord.rooms.team.models import House, Member

OPEN, WON, LOST = "open", rules.WON, rules.LOST


# The first time that its present stage was said after any other.
SINCE = """
UPDATE deal SET stage_since = coalesce(
    (SELECT min(t.occurred_at) FROM trait t
        WHERE t.kind = 'deal' AND t.record = deal.id AND t.field = 'stage' AND t.text = deal.stage AND {stands}
        AND NOT EXISTS (SELECT 1 FROM trait o WHERE o.kind = 'deal' AND o.record = deal.id AND o.field = 'stage'
            AND coalesce(o.text, '') <> deal.stage AND o.occurred_at > t.occurred_at AND {others})),
    opened_at)
WHERE id IN ({deals})
"""


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


class Deal(Holding):
    """A chance to sell, opened by a lead. Its columns are the cache of its traits.

    `stage` is the key of a stage of the pipeline, or a text that names none of them.
    """

    lead = models.ForeignKey(Lead, models.SET_NULL, null=True, related_name="deals")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="deals")
    company = models.ForeignKey(Company, models.PROTECT, null=True, related_name="deals")
    name = models.CharField(max_length=255, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    stage_since = InstantField()
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
            # The heads of the columns of the board, the last moved first, by whose they are.
            models.Index(
                fields=["outcome", "stage", "stage_since", "id", "trashed_at", "owner"],
                name="deal_board",
            ),
            # The sums of the columns, in the order in which the board adds them up, with all that it looks at. First
            # what all of them have in common: or SQLite reads the deals themselves instead, as PostgreSQL does anyway.
            models.Index(
                "outcome", "trashed_at", "stage", "currency", DayOf("stage_since"),
                "owner", "lead", "expected_close", "amount_minor", "stage_since",
                condition=models.Q(outcome=OPEN, trashed_at=None), name="deal_piles",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or str(self.company or self.contact or self.pk)

    @classmethod
    def stand_since(cls, deals: Iterable[int]) -> None:
        """Work out again since when deals stand where they do, after a file has said or unsaid it."""
        for chunk in traits.chunked(deals):
            sql = SINCE.format(
                stands=standing("trait", "t"), others=standing("trait", "o"), deals=", ".join(["%s"] * len(chunk))
            )
            with connection.cursor() as cursor:
                cursor.execute(sql, chunk)

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

        Raises AlreadyMoved where the lead has moved, or gone into the trash; Refused for impossible values.
        """
        contact = contact or (lead.contact if lead else None)
        company = company or (contact.company if contact else None)
        with ledger.write(at, by) as writing:
            values = {"outcome": OPEN, **_checked(values, at)}
            values["stage"] = values.get("stage") or PipelineStage.first()
            columns = traits.columns("deal", values)
            deal = cls.objects.create(
                lead=lead, contact=contact, company=company, opened_at=at, stage_since=at, **columns
            )
            writing.record(facts.DealOpened(**deal._subjects()), then=deal._first_found)
            traits.put(writing, "deal", deal.pk, values, at, new=True)
            if lead and lead.stage in rules.OPEN and lead.stage != rules.OPPORTUNITY:
                lead.move("to_opportunity", by=by, at=at, deal=deal.pk)
            elif lead and not _stays(lead.pk):
                raise AlreadyMoved(lead.stage)
            deal._join_others(by, at)
        return deal

    @classmethod
    def open_by_hand(
        cls, contact: Contact, *, owner: Member | None, values: Mapping[str, Any], by: int | None, at: datetime
    ) -> "Deal":
        """Open a deal of the contact's open passage, or of one that begins with it: so it is somebody's next step."""
        with ledger.write(at, by):
            try:
                lead = Lead.open(contact, entry=_entry_of(contact), owner=owner, by=by, at=at)
            except AlreadyOpen as standing:
                lead = standing.args[0]
            return cls.open(lead=lead, contact=contact, values=values, by=by, at=at)

    def edit(self, values: Mapping[str, Any], *, seen: int, by: int | None, at: datetime) -> None:
        """Set fields. Raises LostRace where somebody else has changed the record since version `seen`, or Refused."""
        with ledger.write(at, by) as writing:
            checked = _checked(values, at, self)
            moves = "stage" in checked and checked["stage"] != self.stage
            if moves and self.outcome != OPEN:
                raise _refused({"stage": rules.CLOSED})
            since = {"stage_since": at} if moves else {}
            guard(Deal.objects.filter(pk=self.pk, version=seen).update(version=F("version") + 1, **since))
            traits.put(writing, "deal", self.pk, checked, at)
            if moves:
                self._moved(writing, checked["stage"])
            if "owner" in checked:
                self._owned(writing, traits.columns("deal", {"owner": checked["owner"]})["owner_id"])
        self.refresh_from_db()

    def advance(self, stage: str, *, by: int | None, at: datetime, seen: str | None = None) -> None:
        """Into a stage of the pipeline, from the one in which it was `seen`: forward or back.

        Raises AlreadyMoved, with its outcome or its stage, where it is closed or stands elsewhere; UnknownStage.
        """
        seen = self.stage if seen is None else seen
        with ledger.write(at, by) as writing:
            if stage not in {one.key for one in PipelineStage.standing()}:
                raise UnknownStage(stage)
            standing = Deal.objects.here().filter(pk=self.pk, outcome=OPEN, stage=seen)
            if not standing.update(stage=stage, stage_since=at, version=F("version") + 1):
                self.refresh_from_db()
                raise AlreadyMoved(self.stage if self.outcome == OPEN else self.outcome)
            if stage != seen:
                traits.put(writing, "deal", self.pk, {"stage": stage}, at)
                self._moved(writing, stage)
        self.refresh_from_db()

    def win(self, *, reason: str, by: int | None, at: datetime, note: str = "") -> None:
        """`note`: in their words. Raises AlreadyMoved where the deal is closed, NeedsReason without one, Refused."""
        with ledger.write(at, by) as writing:
            self._close(writing, WON, reason, note, None)
            writing.record(facts.DealWon(**self._subjects()))

    def lose(
        self,
        *,
        reason: str,
        by: int | None,
        at: datetime,
        note: str = "",
        come_back_on: date | None = None,
        lost_to: str = "",
    ) -> None:
        """Not now is not never: a date to come back. `lost_to`: the competitor, whom the deal then holds.

        Raises AlreadyMoved where it is closed, NeedsReason, Refused.
        """
        with ledger.write(at, by) as writing:
            self._close(writing, LOST, reason, note, come_back_on)
            if key_of(lost_to):
                competitor = Competitor.called(writing, lost_to)
                traits.put(writing, "deal", self.pk, {"lost_to": str(competitor)}, at)
                self.add_competitor(competitor, by=by, at=at)
            writing.record(facts.DealLost(**self._subjects()))

    def give_back(self, *, reason: str, come_back_on: date, by: int | None, at: datetime, note: str = "") -> None:
        """Lost for now: its lead is recycled, and goes on as the agreement says until the day to come back.

        Raises AlreadyMoved where the deal is closed, NeedsReason, Refused.
        """
        with ledger.write(at, by) as writing:
            self._close(writing, rules.RECYCLED, reason, note, come_back_on)
            writing.record(facts.DealLost(**self._subjects()))

    def reopen(self, *, by: int | None, at: datetime) -> None:
        """A lost deal goes on. Raises AlreadyMoved where it is not lost."""
        with ledger.write(at, by) as writing:
            lost = Deal.objects.here().filter(pk=self.pk, outcome=LOST)
            if not lost.update(outcome=OPEN, closed_at=None, stage_since=at, version=F("version") + 1):
                raise AlreadyMoved(self.outcome)
            unsaid = {"outcome": OPEN, "reason": "", "note": "", "lost_to": "", "come_back_on": None}
            traits.put(writing, "deal", self.pk, unsaid, at)
            writing.record(facts.DealReopened(**self._subjects()))
            if self.lead and self.lead.stage in rules.EXITS:
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

    def _close(self, writing: Writing, ends: str, reason: str, note: str, come_back_on: date | None) -> None:
        """`ends`: where its lead goes."""
        if not reason.strip():
            raise NeedsReason(ends)
        if wrong := rules.wrong_ending(ends, reason, note, come_back_on, _today(writing.at)):
            raise _refused(wrong)
        outcome = WON if ends == WON else LOST
        closing = Deal.objects.here().filter(pk=self.pk, outcome=OPEN)
        if not closing.update(outcome=outcome, closed_at=writing.at, version=F("version") + 1):
            self.refresh_from_db()
            raise AlreadyMoved(self.outcome)
        values = {"outcome": outcome, "reason": reason, "note": note.strip(), "come_back_on": come_back_on}
        traits.put(writing, "deal", self.pk, values, writing.at)
        self.outcome, self.closed_at = outcome, writing.at
        self._take_along(writing, ends, reason)

    def _take_along(self, writing: Writing, ends: str, reason: str) -> None:
        """Its lead ends with it; that of another deal which is still open is not lost."""
        lead = Lead.objects.here().filter(pk=self.lead_id or 0, ended_at=None).first()
        if lead is None or (ends != WON and Deal.objects.here().filter(lead=lead, outcome=OPEN).exists()):
            return
        said = rules.GIVEN_BACK_FOR.get(reason, reason) if ends == rules.RECYCLED else reason
        lead.move(ends, by=writing.by, at=writing.at, reason=said, deal=self.pk)
        self.lead = lead

    def _moved(self, writing: Writing, stage: str) -> None:
        """Facts hold no free text: of a stage that is none of the pipeline's the field's history tells."""
        key = stage if stage in {one.key for one in PipelineStage.every()} else ""
        writing.record(facts.DealMoved(**self._subjects(), stage=key))

    def _owned(self, writing: Writing, owner: int | None) -> None:
        if owner != self.owner_id:
            writing.record(facts.DealAssigned(**self._subjects(), before=self.owner_id, owner=owner))

    def _join_others(self, by: int | None, at: datetime) -> None:
        if not self.company_id:
            return
        others = Lead.objects.open().filter(contact__company=self.company_id).exclude(pk=self.lead_id or 0)
        for other in others.exclude(Exists(Deal.objects.here().filter(lead=OuterRef("pk")))):
            other.join(to_lead=self.lead, deal=self.pk, reason=rules.BY_DEAL, by=by, at=at)

    def _first_found(self, _fact: int) -> None:
        search.put_many("deal", fields.words_of("deal", [self.pk]), fresh=True)

    def _find(self, _fact: int) -> None:
        search.put_many("deal", fields.words_of("deal", [self.pk]))


def _stays(lead: int) -> bool:
    """The lead is not in the trash, and will not go there before this is written."""
    return Lead.objects.here().select_for_update().filter(pk=lead).first() is not None


def _entry_of(contact: Contact) -> str:
    won = Lead.objects.here().filter(contact=contact, stage=WON).exists()
    return "second_sale" if won else "own_prospecting"


def _checked(values: Mapping[str, Any], at: datetime, deal: Deal | None = None) -> dict[str, Any]:
    """The values as they are kept. Raises Refused for what an open deal cannot have."""
    checked = dict(values)
    if checked.get("stage"):
        checked["stage"] = known_as([checked["stage"]])[checked["stage"]]
    elif "stage" in checked and deal:
        checked["stage"] = PipelineStage.first()
    wrong = rules.wrong_amount(checked.get("amount"), checked.get("currency"), CURRENCIES)
    if (deal is None or deal.outcome == OPEN) and checked.get("expected_close"):
        close = fields.value(fields.of("deal")["expected_close"], checked["expected_close"]).text or ""
        wrong |= rules.wrong_close(date.fromisoformat(close), _today(at))
    if wrong:
        raise _refused(wrong)
    return checked


def _refused(wrong: Mapping[str, str]) -> Refused:
    return Refused({name: WRONG[code] for name, code in wrong.items()})


def _today(at: datetime) -> date:
    """The house's day."""
    return at.astimezone(ZoneInfo(House.get().zone)).date()
