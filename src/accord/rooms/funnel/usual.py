"""What is usual in a stage, as it was published last: for the marks on lists, boards and records."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accord.kernel import ledger
from accord.kernel.text import normalise
from accord.kernel.traits import FieldNow
from accord.rooms.funnel.models import Lead, Usual
from accord.rooms.funnel.models.usual import LEAD
from accord.rooms.funnel.rules import ENOUGH, LONG, STALLED

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Usuals:
    """What was published of one kind, by stage and segment; segment "" is every segment together."""

    rows: Mapping[tuple[str, str], Usual]

    def days(self, stage: str, segment: str = "") -> Usual | None:
        """Of this segment, or of the whole stage where too few of the segment moved on; None: too early to say."""
        stage = normalise(stage)
        return self._enough(stage, normalise(segment)) or self._enough(stage, "")

    def mark(self, stage: str, age: timedelta, segment: str = "") -> str:
        """ "long" for longer here than three quarters of those that moved on, "stalled" than 95 in 100; else ""."""
        found = self.days(stage, segment)
        if found is None:
            return ""
        if _beyond(age, found.p95):
            return STALLED
        return LONG if _beyond(age, found.p75) else ""

    def chance(self, stage: str, age: timedelta) -> float | None:
        """The chance that it is won, if it is still open so long after it came into the stage; None: too early."""
        found = self.rows.get((normalise(stage), ""))
        if found is None or not found.chances:
            return None
        past = bisect_right([days for days, _chance, _open in found.chances], age / DAY)
        return found.chances[past - 1][1] if past else None

    def overdue(self, at: datetime, *, mark: str = LONG, since: str = "stage_since", segment: str = "segment") -> Q:
        """The condition of those that `mark` would mark so, or worse, at `at`: by the columns of these names."""
        named = [(stage, of) for stage, of in self.rows if self._enough(stage, of)]
        own = {stage: [of for known, of in named if known == stage and of] for stage, _of in named}
        apart = [self._limit(stage, of, at, mark, since) & Q(**{segment: of}) for stage, of in named if of]
        rest = [
            self._limit(stage, "", at, mark, since) & ~Q(**{f"{segment}__in": own[stage]})
            for stage, of in named if not of
        ]  # fmt: skip
        return reduce(or_, [*apart, *rest], Q(pk__in=[]))

    def _limit(self, stage: str, of: str, at: datetime, mark: str, since: str) -> Q:
        row = self.rows[stage, of]
        days = row.p95 if mark == STALLED else row.p75
        return Q(pk__in=[]) if days is None else Q(stage=stage, **{f"{since}__lt": at - days * DAY})

    def _enough(self, stage: str, segment: str) -> Usual | None:
        row = self.rows.get((stage, segment))
        return row if row is not None and row.left >= ENOUGH else None


def of(kind: str) -> Usuals:
    """What is usual for leads, or for deals. One query."""
    return Usuals({(row.stage, row.segment): row for row in Usual.objects.filter(kind=kind)})


@dataclass(frozen=True)
class Age:
    """How long a lead has stood in its stage, how that is marked, and the usual days there (None: too early to say)."""

    here: timedelta
    mark: str
    usual: float | None


def ages(leads: Sequence[Lead], at: datetime) -> dict[int, Age]:
    """Of those that are open. Two queries, however many there are."""
    usuals, standing = of(LEAD), [lead for lead in leads if lead.is_open]
    told_apart = any(segment for _stage, segment in usuals.rows)
    industry = industries(lead.contact.company_id for lead in standing) if told_apart else {}
    return {lead.pk: _age(lead, usuals, industry.get(lead.contact.company_id or 0, ""), at) for lead in standing}


def overdue(leads: QuerySet[Lead], at: datetime, mark: str = LONG) -> QuerySet[Lead]:
    """The open ones that are marked so, or worse."""
    return in_segments(leads.filter(ended_at=None), "contact__company_id").filter(of(LEAD).overdue(at, mark=mark))


def in_segments(rows: QuerySet, company: str) -> QuerySet:
    """With the segment by which what is usual is told apart, of the company that is named by this column."""
    industry = FieldNow.objects.filter(kind="company", field="industry", record=OuterRef(company))
    return rows.alias(segment=Coalesce(Subquery(industry.values("norm")[:1]), Value("")))


def industries(companies: Iterable[int | None]) -> dict[int, str]:
    """The segment of each company that has one. One query."""
    held = FieldNow.objects.filter(kind="company", field="industry", record__in={one for one in companies if one})
    return {record: norm or "" for record, norm in held.values_list("record", "norm")}


def publish(rows: Iterable[Usual], at: datetime) -> None:
    """In place of all that was published before."""
    rows = list(rows)
    with ledger.write(at):
        Usual.objects.all().delete()
        Usual.objects.bulk_create(rows)


def due(at: datetime) -> bool:
    """Whether nothing was published for a day."""
    return not Usual.objects.filter(computed_at__gt=at - DAY).exists()


def _age(lead: Lead, usuals: Usuals, segment: str, at: datetime) -> Age:
    here, found = at - lead.stage_since, usuals.days(lead.stage, segment)
    return Age(here, usuals.mark(lead.stage, here, segment), found.median if found else None)


def _beyond(age: timedelta, days: float | None) -> bool:
    return days is not None and age > days * DAY
