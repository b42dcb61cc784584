from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.agreement import rules as agreeing
from accord.rooms.agreement.models import Signature, Version
from accord.rooms.desk import rules as desk
from accord.rooms.desk.models import Nudge
from accord.rooms.funnel.models import Lead
from accord.rooms.handoff import rules as handing
from accord.rooms.handoff.models import Handoff
from accord.rooms.notices import rules
from accord.rooms.notices.rules import DEFAULTS, Way
from accord.rooms.promises import rules as promising
from accord.rooms.promises.models import Clock
from accord.rooms.team.models import Member

HOUR = timedelta(hours=1)
ANSWERED = ~Q(handoff__state=handing.OFFERED) | ~Q(handoff__owner=F("member"))


def _settled() -> Q:
    """Nothing is left to be done about it. Whoever signs for a side is one of its leads, who have one role."""
    signed = Signature.objects.filter(version=OuterRef("version"), member__role=OuterRef("member__role"))
    return (
        Q(kind__in=(rules.OFFERED, rules.PASSED_ON)) & ANSWERED
        | Q(kind=rules.RETURNED, handoff__return_of__taken_up_at__isnull=False)
        | Q(kind=rules.DUE_SOON) & ~Q(clock__state=promising.RUNNING)
        | Q(kind__in=(rules.BROKEN, rules.ESCALATED), clock__ended_at__isnull=False)
        | Q(kind=rules.NUDGED) & (~Q(nudge__state=desk.PROPOSED) | ~Q(nudge__lead__owner=F("member")))
        | Q(kind=rules.TO_SIGN) & (~Q(version__status=agreeing.PROPOSED) | Q(Exists(signed)))
    )


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, member: Member) -> "NoticeQuerySet":
        """Everybody's notices are their own."""
        return self.filter(member=member)

    def here(self) -> "NoticeQuerySet":
        return self.filter(handoff__lead__trashed_at=None, nudge__lead__trashed_at=None)

    def listed(self) -> "NoticeQuerySet":
        """What its page lists: not what is wanted in the digest alone."""
        return self.filter(Q(shown=True) | Q(capped=True))

    def unread(self) -> "NoticeQuerySet":
        """What the bell counts."""
        return self.filter(shown=True, read_at=None)

    def to_mail(self) -> "NoticeQuerySet":
        """What waits for a digest."""
        return self.filter(mailed=True, read_at=None, digested_at=None)

    def whole(self) -> "NoticeQuerySet":
        """With what a sentence about it needs, and `settled`."""
        settled = ExpressionWrapper(_settled(), output_field=BooleanField())
        related = self.select_related(
            "handoff__lead__contact", "handoff__return_of", "clock__version", "clock__owner", "nudge__lead__contact",
            "nudge__answered_by", "nudge__by", "version__agreement",
        )  # fmt: skip
        return related.annotate(settled=settled)

    def read(self, at: datetime) -> int:
        """Mark as read; how many were not."""
        return self.filter(read_at=None).update(read_at=at)


class Notice(models.Model):
    """Something that needs an act of its member, told once for the fact that made it so.

    `shown`: at the bell. `mailed`: in a digest, unless it is read before. `capped`: too many came within the hour, so
    it waits for the digest. Neither a report nor a clock depends on what was read, so that is no fact.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    fact_id = models.BigIntegerField()
    handoff = models.ForeignKey(Handoff, models.CASCADE, null=True, related_name="+")
    nudge = models.ForeignKey(Nudge, models.CASCADE, null=True, related_name="+")
    clock = models.ForeignKey(Clock, models.CASCADE, null=True, related_name="+")
    version = models.ForeignKey(Version, models.CASCADE, null=True, related_name="+")
    at = InstantField()
    shown = models.BooleanField()
    mailed = models.BooleanField()
    capped = models.BooleanField(default=False)
    read_at = InstantField(null=True)
    digested_at = InstantField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notice"
        constraints = [models.UniqueConstraint(fields=["member", "fact_id"], name="notice_once")]
        indexes = [
            models.Index(fields=["member", "id"], name="notice_member"),
            models.Index(fields=["member", "at"], name="notice_shown", condition=Q(shown=True)),
            models.Index(fields=["member"], name="notice_unread", condition=Q(shown=True, read_at=None)),
            models.Index(
                fields=["member", "digested_at"], name="notice_digested", condition=Q(digested_at__isnull=False)
            ),
            models.Index(
                fields=["member"], name="notice_to_mail", condition=Q(mailed=True, read_at=None, digested_at=None)
            ),
        ]

    @property
    def lead(self) -> Lead | None:
        """Which lead it is about: by its hand-off, or by what is proposed; None: about an agreement."""
        about = self.handoff or self.nudge
        return about.lead if about else None

    @classmethod
    def tell(cls, wanted: Sequence["Notice"], *, at: datetime) -> None:
        """Tell each, once, by the ways that its member has chosen and within the cap of the hour."""
        if not wanted:
            return
        with ledger.write(at):
            members = held({one.member_id for one in wanted})
            ways, lately = Switch.ways(members), cls._lately(members, at)
            rows = []
            for one in wanted:
                way = ways[one.member_id][one.kind] if one.member_id in members else rules.OFF
                if told := rules.told(way, lately.get(one.member_id, 0)):
                    one.at, one.shown, one.mailed, one.capped = at, told.shown, told.mailed, told.capped
                    lately[one.member_id] = lately.get(one.member_id, 0) + told.shown
                    rows.append(one)
            Notice.objects.bulk_create(rows, ignore_conflicts=True)

    @classmethod
    def settle(
        cls, handoffs: Iterable[int], nudges: Iterable[int] = (), versions: Iterable[int] = (), *, at: datetime
    ) -> None:
        """What was answered by any way needs nobody's eye any more."""
        about = Q(handoff__in=set(handoffs)) | Q(nudge__in=set(nudges)) | Q(version__in=set(versions))
        cls.objects.filter(_settled(), about, read_at=None).read(at)

    @classmethod
    def _lately(cls, members: Iterable[int], at: datetime) -> dict[int, int]:
        """How many each was shown within the hour."""
        shown = cls.objects.filter(member__in=members, shown=True, at__gt=at - HOUR)
        return dict(shown.values_list("member").annotate(Count("id")))


class Switch(models.Model):
    """By which way a member wants notices of a kind, where not by the usual one."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    app = models.BooleanField()
    digest = models.BooleanField()

    class Meta:
        db_table = "notice_switch"
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="notice_switch_once")]

    @classmethod
    def ways(cls, members: Iterable[int]) -> dict[int, dict[str, Way]]:
        """Of each of these members, the way of every kind."""
        ways = {member: dict(DEFAULTS) for member in members}
        for switch in cls.objects.filter(member__in=list(ways)):
            ways[switch.member_id][switch.kind] = Way(switch.app, switch.digest)
        return ways

    @classmethod
    def turn(cls, member: Member, ways: Mapping[str, Way]) -> None:
        """Choose the ways of some kinds."""
        rows = [Switch(member=member, kind=kind, app=way.app, digest=way.digest) for kind, way in ways.items()]
        Switch.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["member", "kind"], update_fields=["app", "digest"]
        )


def held(members: Iterable[int]) -> set[int]:
    """Those of them who are here. Whoever else tells or mails them something waits until this transaction is over."""
    here = Member.objects.filter(pk__in=set(members), is_active=True).order_by("pk")
    return set(here.select_for_update(no_key=True).values_list("pk", flat=True))
