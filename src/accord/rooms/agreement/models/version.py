import json
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Writing
from accord.rooms.agreement import facts, rules
from accord.rooms.agreement.document import walking
from accord.rooms.agreement.document.model import Document
from accord.rooms.agreement.document.reading import Read
from accord.rooms.agreement.document.writing import digest, to_json, to_yaml
from accord.rooms.agreement.models.agreement import Agreement
from accord.rooms.agreement.models.refusals import (
    AlreadySigned,
    ChangedMeanwhile,
    DraftOpen,
    Frozen,
    NoSigner,
    NotNow,
    OtherText,
    RealHome,
    Shadowed,
)
from accord.rooms.agreement.models.signature import Signature
from accord.rooms.agreement.names import STATUS_NAMES
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import ALL


@lru_cache(256)
def document_of(text: str) -> Document:
    """A kept text as a value. It was checked when it was written, and is not checked again."""
    return Document.model_validate_json(text)


def is_test_home() -> bool:
    """Whether `accord init --test-home` made this home."""
    return (settings.HOME / "test-home").exists()


class VersionQuerySet(models.QuerySet["Version"]):
    def visible_to(self, member: Member) -> "VersionQuerySet":
        return self if member.scope == ALL else self.none()

    def update(self, **given: Any) -> int:
        """Only drafts. Raises Frozen where one of the rows is no draft any longer."""
        if self.exclude(status=rules.DRAFT).exists():
            raise Frozen
        return super().update(**given)

    def delete(self) -> NoReturn:
        raise Frozen

    def step(self, **given: Any) -> int:
        """The conditional update of a verb."""
        return super().update(**given)


class Version(models.Model):
    """One text of an agreement. From its proposal on the text never changes: the database itself refuses it."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    source = models.TextField(blank=True)
    hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, default=rules.DRAFT)
    starter = models.BooleanField(default=False)
    edition = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    made_at = InstantField()
    proposed_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    proposed_at = InstantField(null=True)
    signed_at = InstantField(null=True)
    in_force_from = InstantField(null=True)
    in_force_until = InstantField(null=True)
    withdrawn_at = InstantField(null=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        db_table = "agreement_version"
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["agreement"], condition=models.Q(status__in=rules.OPEN), name="version_open_once"
            ),
        ]
        indexes = [models.Index(fields=["status", "in_force_from"], name="version_status")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.number}"

    def save(self, *args: Any, **more: Any) -> None:
        if not self._state.adding:
            raise Frozen
        super().save(*args, **more)

    def delete(self, *args: Any, **more: Any) -> NoReturn:
        raise Frozen

    @property
    def document(self) -> Document:
        return document_of(self.text)

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    @property
    def yaml(self) -> str:
        """As it was written, with its comments; else written out."""
        return self.source or to_yaml(self.data)

    @property
    def json(self) -> str:
        return to_json(self.data)

    @property
    def effective(self) -> datetime:
        """00:00 of its day in its zone."""
        return rules.effective(self.document.effective, self.document.zone)

    def review_is_over(self, at: datetime) -> bool:
        """Whether the day by which it was to be looked at again has gone by, in its zone."""
        return at.astimezone(ZoneInfo(self.document.zone)).date() > date.fromisoformat(self.document.review_by)

    @property
    def is_draft(self) -> bool:
        return self.status == rules.DRAFT

    @property
    def is_proposed(self) -> bool:
        return self.status == rules.PROPOSED

    @property
    def is_open(self) -> bool:
        return self.status in rules.OPEN

    @classmethod
    def draft(cls, read: Read, *, by: int | None, at: datetime, source: str = "", starter: bool = False) -> "Version":
        """Begin the next version of the agreement that the document names. Raises DraftOpen where one is open."""
        with ledger.write(at, by) as writing:
            everybody = walking.takes_everybody(read.document)
            agreement = Agreement.named(read.document.name, takes_everybody=everybody)
            Agreement.objects.select_for_update().get(pk=agreement.pk)
            if standing := agreement.open_version():
                raise DraftOpen(number=standing.number, name=agreement.name)
            last = agreement.versions.aggregate(last=models.Max("number", default=0))["last"]
            made = cls(agreement=agreement, number=last + 1, starter=starter, made_by_id=by, made_at=at)
            made.text, made.source, made.hash = read.text, source, digest(read.text)
            try:
                with transaction.atomic():
                    made.save(force_insert=True)
            except IntegrityError:
                raise DraftOpen(number=last + 1, name=agreement.name)
            writing.record(facts.VersionDrafted(version=made.pk, agreement=agreement.pk, number=made.number))
        return made

    def edit(self, read: Read, *, seen: int, by: int | None, at: datetime, source: str = "") -> None:
        """Write another text over the draft whose edition was `seen`. Raises Frozen or ChangedMeanwhile.

        A draft stays a version of its agreement: ValueError where the document bears another name.
        """
        if read.document.name != self.agreement.name:
            raise ValueError(read.document.name)
        text = {"text": read.text, "source": source, "hash": digest(read.text), "edition": seen + 1}
        with ledger.write(at, by) as writing:
            if not self._drafts().filter(edition=seen).step(**text):
                raise ChangedMeanwhile if self._drafts().exists() else Frozen
            writing.record(facts.VersionEdited(version=self.pk, agreement=self.agreement_id))
        self.refresh_from_db()

    def propose(self, *, by: int | None, at: datetime, seen: int | None = None) -> None:
        """Freeze the text, for both teams to sign. Raises NotNow, or ChangedMeanwhile where another edition stands."""
        drafts = self._drafts() if seen is None else self._drafts().filter(edition=seen)
        with ledger.write(at, by) as writing:
            if not drafts.step(status=rules.PROPOSED, proposed_at=at, proposed_by=by):
                self.refresh_from_db()
                raise ChangedMeanwhile if self.is_draft else NotNow(status=self.status_name)
            self.refresh_from_db()
            proposed = facts.VersionProposed(version=self.pk, agreement=self.agreement_id, hash=self.hash)
            writing.record(proposed)

    def sign(self, member: Member, *, hash: str, at: datetime) -> None:
        """A lead signs for their side the text of the hash that they saw. The second signature makes it binding.

        Raises NoSigner, NotNow, OtherText, AlreadySigned, or Shadowed where its scope would never judge anybody.
        """
        side = member.side(House.get())
        if not member.may("sign_agreement") or side not in rules.SIDES:
            raise NoSigner
        with ledger.write(at, member.pk) as writing:
            self._locked()
            self._signable(hash)
            signatures = self.signatures.all()
            if signatures.filter(models.Q(side=side) | models.Q(member=member)).exists():
                raise AlreadySigned
            self._put(side, member, writing)
            if len(signatures.all()) == len(rules.SIDES):
                self._bind(writing)
        self.refresh_from_db()

    def sign_as_both(self, *, at: datetime) -> None:
        """For tests of a whole home: both sides at once. Raises RealHome where the home was not made for tests."""
        if not is_test_home():
            raise RealHome
        with ledger.write(at) as writing:
            self._locked()
            self._signable(self.hash)
            for side in rules.SIDES:
                self._put(side, None, writing)
            self._bind(writing)
        self.refresh_from_db()

    def withdraw(self, *, by: int | None, at: datetime) -> None:
        """Take a draft or a proposal back. Raises NotNow once both have signed."""
        with ledger.write(at, by) as writing:
            open_now = Version.objects.filter(pk=self.pk, status__in=rules.OPEN)
            if not open_now.step(status=rules.WITHDRAWN, withdrawn_at=at):
                self.refresh_from_db()
                raise NotNow(status=self.status_name)
            writing.record(facts.VersionWithdrawn(version=self.pk, agreement=self.agreement_id))
        self.refresh_from_db()

    @classmethod
    def start(cls, read: Read, *, at: datetime, source: str = "") -> "Version":
        """The unsigned starter of a new house: in force at once, until the first agreement is. Signed by nobody."""
        with ledger.write(at) as writing:
            made = cls.draft(read, by=None, at=at, source=source, starter=True)
            for status in (rules.PROPOSED, rules.SIGNED):
                cls.objects.filter(pk=made.pk).step(status=status)
            made._begin(writing, since=None)
        made.refresh_from_db()
        return made

    @classmethod
    def come_into_force(cls, at: datetime) -> list["Version"]:
        """Record for every signed version whose instant has come that it is in force. Safe to repeat."""
        waiting = Version.objects.filter(status=rules.SIGNED, in_force_from__lte=at).order_by("in_force_from", "number")
        if not waiting.exists():
            return []
        with ledger.write(at) as writing:
            came = list(waiting.select_for_update())
            for version in came:
                version._begin(writing, since=version.in_force_from)
        for version in came:
            version.refresh_from_db()
        return came

    @property
    def status_name(self) -> str | Promise:
        return STATUS_NAMES[self.status]

    def _drafts(self) -> VersionQuerySet:
        return Version.objects.filter(pk=self.pk, status=rules.DRAFT)

    def _locked(self) -> None:
        """Two signatures at once wait for one another: otherwise neither would see that it is the second."""
        Version.objects.select_for_update().get(pk=self.pk)
        self.refresh_from_db()

    def _signable(self, hash: str) -> None:
        if not self.is_proposed:
            raise NotNow(status=self.status_name)
        if hash != self.hash:
            raise OtherText

    def _put(self, side: str, member: Member | None, writing: Writing) -> None:
        Signature.objects.create(version=self, member=member, side=side, hash=self.hash, at=writing.at)
        signed = facts.VersionSigned(version=self.pk, agreement=self.agreement_id, side=side, hash=self.hash)
        writing.record(signed)

    def _bind(self, writing: Writing) -> None:
        """Both have signed: it is in force from its day on; if that has come, from now on."""
        # All agreements, so that of two that are signed at once the second one sees the first.
        list(Agreement.objects.select_for_update().order_by("pk"))
        self._judges_somebody()
        begins = None if self.effective <= writing.at else self.effective
        proposed = Version.objects.filter(pk=self.pk, status=rules.PROPOSED)
        proposed.step(status=rules.SIGNED, signed_at=writing.at, in_force_from=begins)
        self._overtake(begins, writing)
        if begins is None:
            self._begin(writing, since=None)

    def _judges_somebody(self) -> None:
        """Neither this one, nor one that is signed already, may stand below one that takes everybody."""
        signed = Version.objects.filter(status__in=(rules.SIGNED, rules.IN_FORCE), starter=False)
        others = signed.exclude(agreement=self.agreement_id).select_related("agreement")
        for other in others:
            above, below = sorted((self, other), key=lambda one: (one.agreement.rank, one.agreement_id))
            if walking.takes_everybody(above.document):
                raise Shadowed(below=below.agreement.name, above=above.agreement.name)

    def _overtake(self, begins: datetime | None, writing: Writing) -> None:
        """Earlier versions that would have begun no sooner than this one never begin."""
        waiting = Version.objects.filter(agreement=self.agreement_id, status=rules.SIGNED).exclude(pk=self.pk)
        for version in waiting if begins is None else waiting.filter(in_force_from__gte=begins):
            version._end(self, version.in_force_from, writing)

    def _begin(self, writing: Writing, *, since: datetime | None) -> None:
        """In force `since`, or from the instant at which the ledger records it: what came before is judged already."""
        ended = self._predecessors()
        Version.objects.filter(pk=self.pk, status=rules.SIGNED).step(status=rules.IN_FORCE)
        for version in ended:
            version._end(self, since, writing)
        came = facts.VersionCameIntoForce(version=self.pk, agreement=self.agreement_id)
        if since is None:
            writing.record(came, then=self._from_now(ended))
        else:
            writing.record(came, occurred_at=since)

    def _predecessors(self) -> list["Version"]:
        """What it ends: the version of its agreement that was in force, and the unsigned starter."""
        ended = models.Q(agreement=self.agreement_id) | models.Q(starter=True)
        return list(Version.objects.filter(ended, status=rules.IN_FORCE).exclude(pk=self.pk))

    def _end(self, by_version: "Version", until: datetime | None, writing: Writing) -> None:
        Version.objects.filter(pk=self.pk).step(status=rules.SUPERSEDED, in_force_until=until)
        ended = facts.VersionSuperseded(version=self.pk, agreement=self.agreement_id, by_version=by_version.pk)
        writing.record(ended)

    def _from_now(self, ended: list["Version"]) -> Callable[[int], None]:
        def settle(fact: int) -> None:
            Version.objects.filter(pk=self.pk).step(in_force_from=ledger.taken())
            Version.objects.filter(pk__in=[one.pk for one in ended]).step(in_force_until=ledger.taken())

        return settle
