"""How promises are kept, of both sides, in a period: by the clocks for what is timed, by counting for the rest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from accord.kernel.intervals import FEW, Rate, trailing, wilson
from accord.kernel.survival import kaplan_meier
from accord.kernel.worktime import Span, Worked
from accord.rooms.agreement.document.model import Promise
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import standing
from accord.rooms.promises import rules
from accord.rooms.promises.counting import Counted, counted
from accord.rooms.promises.models import Clock, ClockQuerySet
from accord.rooms.team.models import Member
from accord.rooms.team.worktimes import worked

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Tally:
    """How clocks stand. `late` are past their time and not done; `open` are neither; `void` had nothing to measure.

    `excused` are among the broken: they count as broken.
    """

    kept: int = 0
    broken: int = 0
    late: int = 0
    open: int = 0
    void: int = 0
    excused: int = 0

    @property
    def due(self) -> int:
        return self.kept + self.broken + self.late

    @property
    def rate(self) -> Rate:
        """The share kept of what is due, with its 95 % interval."""
        return wilson(self.kept, self.due)


@dataclass(frozen=True)
class Week:
    """A week by its Monday. `trend`: the share kept of the clocks that began in it and in weeks before it."""

    monday: date
    trend: Rate | None


@dataclass(frozen=True)
class Promised:
    """One promise of a version in force. `median` and `p90`: seconds, in the time of the promise; None: not yet.

    A promise that is timed has a tally; one that is counted has `counted`; what cannot be measured has neither.
    """

    version: Version
    side: str
    term: Promise
    tally: Tally | None = None
    median: float | None = None
    p90: float | None = None
    counted: Counted | None = None

    @property
    def enforced(self) -> bool:
        return self.term.mode == rules.ENFORCED


@dataclass(frozen=True)
class Party:
    """All that one side promises, and how its clocks stand together: all of them, and those of what is `enforced`.

    `weeks` are of what is enforced: a pilot is never added to it.
    """

    side: str
    promised: tuple[Promised, ...]
    tally: Tally
    enforced: Tally
    weeks: tuple[Week, ...]


@dataclass(frozen=True)
class _Row:
    promise: str
    side: str
    version: int
    state: str
    received_at: datetime
    due_at: datetime
    stopped: bool
    spent: int | None
    team: int | None
    excused: bool

    def standing(self, at: datetime) -> str:
        """A field of Tally."""
        if self.state == rules.RUNNING:
            return "late" if self.due_at <= at else "open"
        return self.state


def promises(member: Member, since: datetime, until: datetime, at: datetime) -> tuple[Party, Party]:
    """Marketing's and sales' promises of the versions in force, by the clocks that began from `since` to `until`.

    What is open beyond its time counts as not kept, and what was voided is told beside. Nothing is an average.
    """
    versions = standing(at)
    rows = _rows(member, versions, since, until)
    hours = worked({row.team for row in rows if row.spent is None})
    marketing, sales = (
        _party(side, versions, [row for row in rows if row.side == side], hours, at)
        for side in (rules.MARKETING, rules.SALES)
    )
    return marketing, sales


def breaches(member: Member, since: datetime, until: datetime, at: datetime, **only: str) -> ClockQuerySet:
    """The clocks of those in `promises` that were broken or are late, the newest first; also of records in the trash.

    What is in the trash was broken all the same.
    """
    late = Q(state=rules.RUNNING, due_at__lte=at) | Q(state=rules.BROKEN)
    return _told(_of(member, standing(at), since, until).filter(late, **only))


def behind(member: Member, since: datetime, until: datetime, at: datetime, standing_as: str) -> ClockQuerySet:
    """The clocks behind one number of a tally."""
    running = Q(state=rules.RUNNING)
    excused = Q(excused_at__isnull=False)
    which = {"excused": excused, "late": running & Q(due_at__lte=at), "open": running & Q(due_at__gt=at)}
    return _told(_of(member, standing(at), since, until).filter(which.get(standing_as, Q(state=standing_as))))


def owed(handoffs: Iterable[int]) -> dict[int, Clock]:
    """Of each hand-off the clock that goes and runs out first. One query."""
    going = Clock.objects.going().filter(handoff__in=set(handoffs)).order_by("-due_at", "-id")
    return {clock.handoff_id: clock for clock in going}


def _told(clocks: ClockQuerySet) -> ClockQuerySet:
    """With what a list tells of each, the newest first."""
    return clocks.whole().select_related("lead__contact__company", "owner", "excused_by").order_by("-due_at", "-id")


def _of(member: Member, versions: Sequence[Version], since: datetime, until: datetime) -> ClockQuerySet:
    """A promise goes on under its id from version to version of its agreement."""
    agreements = {version.agreement_id for version in versions}
    mine = Clock.objects.visible_to(member).filter(version__agreement__in=agreements)
    return mine.filter(received_at__gte=since, received_at__lt=until)


def _rows(member: Member, versions: Sequence[Version], since: datetime, until: datetime) -> list[_Row]:
    latest = {version.agreement_id: version.pk for version in versions}
    told = _of(member, versions, since, until).values_list(
        "promise",
        "side",
        "version__agreement",
        "state",
        "received_at",
        "due_at",
        "stopped_at",
        "spent",
        "team_id",
        "excused_at",
    )
    return [
        _Row(
            promise,
            side,
            latest[agreement],
            state,
            received_at,
            due_at,
            stopped_at is not None,
            spent,
            team,
            excused_at is not None,
        )
        for promise, side, agreement, state, received_at, due_at, stopped_at, spent, team, excused_at in told
    ]


def _party(
    side: str, versions: Sequence[Version], rows: Sequence[_Row], hours: dict[int | None, Worked], at: datetime
) -> Party:
    by_promise: dict[tuple[int, str], list[_Row]] = defaultdict(list)
    for row in rows:
        by_promise[row.version, row.promise].append(row)
    promised = tuple(
        _promised(version, side, term, by_promise[version.pk, term.id], hours, at)
        for version in versions
        for term in getattr(version.document.promises, side)
    )
    timed = [one for one in promised if one.tally]
    every, enforced = (
        [row for one in some for row in by_promise[one.version.pk, one.term.id]]
        for some in (timed, [one for one in timed if one.enforced])
    )
    zone = ZoneInfo(versions[0].document.zone) if versions else ZoneInfo("UTC")
    return Party(side, promised, _tally(every, at), _tally(enforced, at), _weeks(enforced, zone, at))


def _promised(
    version: Version, side: str, term: Promise, rows: Sequence[_Row], hours: dict[int | None, Worked], at: datetime
) -> Promised:
    if rules.TIMED.get(term.measure) != side or not term.within:
        return Promised(version, side, term, counted=counted(version, term, at))
    median, p90 = _times(rows, Span.read(term.within).business, hours, at)
    return Promised(version, side, term, _tally(rows, at), median, p90)


def _tally(rows: Iterable[_Row], at: datetime) -> Tally:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.standing(at)] += 1
        counts["excused"] += row.excused
    return Tally(**counts)


def _weeks(rows: Iterable[_Row], zone: ZoneInfo, at: datetime) -> tuple[Week, ...]:
    """Every week from the first to the last, those without a clock too."""
    by_week: dict[date, list[_Row]] = defaultdict(list)
    for row in rows:
        day = row.received_at.astimezone(zone).date()
        by_week[day - timedelta(days=day.weekday())].append(row)
    if not by_week:
        return ()
    first, last = min(by_week), max(by_week)
    mondays = [first + WEEK * number for number in range((last - first) // WEEK + 1)]
    told = [_tally(by_week.get(monday, ()), at) for monday in mondays]
    shares = [(one.kept, one.due) for one in told]
    return tuple(Week(day, trailing(shares[: place + 1], FEW)) for place, day in enumerate(mondays))


def _times(
    rows: Sequence[_Row], business: bool, hours: dict[int | None, Worked], at: datetime
) -> tuple[float | None, float | None]:
    """Median and 90th percentile of the time until it was done; what is not done counts as open until now."""
    spent = [row.spent if row.spent is not None else _since(row, business, hours, at) for row in rows]
    if not rows:
        return None, None
    curve = kaplan_meier(spent, [row.stopped for row in rows])
    return curve.quantile(0.5), curve.quantile(0.9)


def _since(row: _Row, business: bool, hours: dict[int | None, Worked], at: datetime) -> float:
    passed = hours[row.team].between(row.received_at, at) if business else at - row.received_at
    return max(passed.total_seconds(), 0.0)
