"""When the people of the house work, and who is away: values for the clocks and the pick of later rooms."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from accord.kernel.worktime import Calendar, Days, Hours
from accord.rooms.team.models import Absence, DayOff, House, Member, Team

DAY = timedelta(days=1)


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
    said = dict(DayOff.objects.values_list("date", "works"))
    off = frozenset(day for day, works in said.items() if not works)
    return Days(house.calendar, off, frozenset(said) - off)
