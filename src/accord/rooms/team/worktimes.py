"""When the people of the house work, and who is away: values for the clocks and the pick of later rooms."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from accord.kernel import traits
from accord.kernel.traits import Trait
from accord.kernel.worktime import Calendar, Days, Hours, Worked
from accord.rooms.team.models import Absence, DayOff, House, Member, Team

DAY = timedelta(days=1)
ALWAYS = datetime.min.replace(tzinfo=UTC)
DATED = ("zone", "hours", "calendar")
History = dict[str, list[tuple[datetime, str]]]  # by field: values, each with the instant since which it holds


def calendars(teams: Iterable[int | None]) -> dict[int | None, Calendar]:
    """The calendar of each team, and of who is in none under None: zone and hours of their own, else the house's.

    Three queries, however many teams.
    """
    house = House.get()
    days = _days(house)
    made: dict[int | None, Calendar] = {None: Calendar(house.zone, Hours.read(house.hours), days)}
    for team in Team.objects.filter(pk__in={team for team in teams if team is not None}):
        hours = Hours.read(team.hours or house.hours)
        made[team.pk] = Calendar(team.zone or house.zone, hours, days)
    return made


def worked(teams: Iterable[int | None]) -> dict[int | None, Worked]:
    """When each team worked, and who is in none, under None: by the zone, hours and country that were in force then.

    A day that the house calls free, or worked, is so whenever that was said. Four queries, however many teams.
    """
    house = House.get()
    off, on = _said_of_days()
    named = {team.pk: team for team in Team.objects.filter(pk__in={team for team in teams if team is not None})}
    told = _told(house, named)
    of_house, days = _history(house, told), partial(Days, off=off, on=on)
    of_teams: dict[int | None, History] = {None: {}, **{pk: _history(team, told) for pk, team in named.items()}}
    return {pk: _worked(of_house, of_team, days) for pk, of_team in of_teams.items()}


def calendar_of(member: Member) -> Calendar:
    return calendars([member.team_id])[member.team_id]


def at_work(members: Collection[Member], at: datetime) -> set[int]:
    """Who of these members is within working hours at an instant. Three queries."""
    working = {team: calendar.working(at) for team, calendar in calendars({one.team_id for one in members}).items()}
    return {one.pk for one in members if working[one.team_id]}


def absent(members: Iterable[int], at: datetime) -> set[int]:
    """Who of these members is away at an instant."""
    away = Absence.objects.filter(member__in=set(members), since__lte=at, until__gt=at)
    return set(away.filter(Q(called_off_at=None) | Q(called_off_at__gt=at)).values_list("member_id", flat=True))


def absent_between(members: Iterable[int], since: datetime, until: datetime) -> set[int]:
    """Who of these members is away for some of the time from `since` to before `until`."""
    away = Absence.objects.filter(member__in=set(members), since__lt=until, until__gt=since)
    begun = Q(called_off_at__gt=F("since")) & Q(called_off_at__gt=since)
    return set(away.filter(Q(called_off_at=None) | begun).values_list("member_id", flat=True))


def coming(at: datetime) -> QuerySet[Absence]:
    """The absences that are not over and were not called off."""
    return Absence.objects.filter(called_off_at=None, until__gt=at, member__is_active=True).select_related("member")


def whole_days(calendar: Calendar, first: date, last: date) -> tuple[datetime, datetime]:
    """From the midnight on which the first day begins to the one on which the last ends."""
    return _midnight(calendar, first), _midnight(calendar, last + DAY)


def local_day(calendar: Calendar, at: datetime) -> date:
    return at.astimezone(ZoneInfo(calendar.zone)).date()


def _midnight(calendar: Calendar, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(calendar.zone)).astimezone(UTC)


def _days(house: House) -> Days:
    return Days(house.calendar, *_said_of_days())


def _said_of_days() -> tuple[frozenset[date], frozenset[date]]:
    """Which days the house calls free, and which worked."""
    said = dict(DayOff.objects.values_list("date", "works"))
    off = frozenset(day for day, works in said.items() if not works)
    return off, frozenset(said) - off


def _told(house: House, teams: Collection[int]) -> Mapping[tuple[str, int], list[Trait]]:
    """What was ever said of zone, hours and country, by record, the earliest first."""
    found: dict[tuple[str, int], list[Trait]] = defaultdict(list)
    of = Q(kind="house", record=house.pk) | Q(kind="team", record__in=list(teams))
    said = traits.standing(Trait.objects.filter(of, field__in=DATED)).order_by("occurred_at", "recorded_at", "id")
    for trait in said:
        found[trait.kind, trait.record].append(trait)
    return found


def _history(record: House | Team, told: Mapping[tuple[str, int], list[Trait]]) -> History:
    """Before anything was said of a field it had the value that a new record has."""
    history, new = {}, type(record)()
    for name in (name for name in DATED if hasattr(record, name)):
        said = [trait for trait in told.get((record._meta.db_table, record.pk), []) if trait.field == name]
        first = getattr(new if said else record, name)
        history[name] = [(ALWAYS, first), *((trait.occurred_at, trait.text or "") for trait in said)]
    return history


def _worked(house: History, team: History, days: Callable[[str], Days]) -> Worked:
    changes = sorted({since for history in (house, team) for values in history.values() for since, _value in values})
    return Worked(tuple((since, _calendar(house, team, days, since)) for since in changes))


def _calendar(house: History, team: History, days: Callable[[str], Days], at: datetime) -> Calendar:
    zone, hours = (_as_of(team.get(name), at) or _as_of(house[name], at) for name in ("zone", "hours"))
    return Calendar(zone, Hours.read(hours), days(_as_of(house["calendar"], at)))


def _as_of(values: list[tuple[datetime, str]] | None, at: datetime) -> str:
    return next((value for since, value in reversed(values or []) if since <= at), "")
