from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, models
from django.db.models import Q

from accord.kernel import bulk, clock
from accord.kernel.instants import InstantField, stored
from accord.kernel.journal import LEASE
from accord.rooms.people.models import Contact


class ToJudge(models.Model):
    """A contact of whom something became known: it is judged at every fact from `since` on.

    `revision` counts what came since, so that whoever has judged does not forget what it has not seen. An instant in
    the future is the end of a wait.
    """

    contact = models.OneToOneField(Contact, models.CASCADE, related_name="+")
    since = InstantField()
    revision = models.IntegerField(default=0)
    claimed_until = InstantField(null=True)

    class Meta:
        db_table = "to_judge"
        indexes = [models.Index(fields=["since", "id"], name="to_judge_since")]

    @classmethod
    def put(cls, instants: Mapping[int, datetime]) -> None:
        """The oldest instant that is not judged yet counts."""
        vendor = connection.vendor
        bulk.values(
            cls,
            ("contact_id", "since", "revision"),
            [(contact, stored(at, vendor), 0) for contact, at in sorted(instants.items())],
            "ON CONFLICT (contact_id) DO UPDATE SET revision = to_judge.revision + 1, "
            "since = CASE WHEN excluded.since < to_judge.since THEN excluded.since ELSE to_judge.since END",
        )

    @classmethod
    def claim(cls, at: datetime, most: int) -> list["ToJudge"]:
        """Take contacts whose instant has come, the longest waiting first; others leave them alone meanwhile."""
        now, free = clock.machine(), cls._free(at).order_by("since", "id")
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        rows = list(free[:most])
        cls.objects.filter(pk__in=[row.pk for row in rows]).update(claimed_until=now + LEASE)
        return rows

    @classmethod
    def due(cls, at: datetime) -> bool:
        """Whether a contact's instant has come and nobody looks at it."""
        return cls._free(at).exists()

    @classmethod
    def _free(cls, at: datetime) -> "models.QuerySet[ToJudge]":
        return cls.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=clock.machine()), since__lte=at)

    @classmethod
    def done(cls, judged: Iterable["ToJudge"], known_at: datetime) -> None:
        """These were judged with all that was known at `known_at`; what came since stays to be judged."""
        rows = [(row.pk, row.revision) for row in judged]
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM to_judge WHERE id = %s AND revision = %s", rows)
        cls.objects.filter(pk__in=[pk for pk, _ in rows]).update(claimed_until=None, since=known_at)


class Mark(models.Model):
    """Up to which row of a table of the ledger was looked for contacts to judge."""

    table = models.CharField(max_length=40, primary_key=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        db_table = "scoring_mark"


class ScoreNow(models.Model):
    """The scores of a contact when they were last worked out, under the version that judges it.

    What lists sort by. They fade with time: a page of one contact works them out anew.
    """

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="score")
    version_id = models.BigIntegerField()
    fit = models.FloatField()
    engagement = models.FloatField()
    total = models.FloatField()
    grade = models.CharField(max_length=2)
    as_of = InstantField()

    class Meta:
        db_table = "score_now"
        indexes = [
            models.Index(fields=["total", "contact"], name="score_total"),
            models.Index(fields=["grade", "contact"], name="score_grade"),
        ]

    @classmethod
    def write(cls, rows: Iterable[tuple[int, int, float, float, str]], at: datetime) -> None:
        """Rows of contact, version, fit, engagement, grade."""
        kept = [
            (contact, version, fit, engagement, fit + engagement, grade, stored(at, connection.vendor))
            for contact, version, fit, engagement, grade in rows
        ]
        columns = ("version_id", "fit", "engagement", "total", "grade", "as_of")
        bulk.values(
            cls,
            ("contact_id", *columns),
            kept,
            "ON CONFLICT (contact_id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in columns),
        )
