from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock, traits
from accord.kernel.ledger import Fact
from accord.kernel.worktime import Hours
from accord.rooms.team.models import Absence, AlreadyAway, Backwards, DayOff, House, Member, Team
from accord.rooms.team.worktimes import absent, absent_between, calendar_of, calendars, worked

pytestmark = pytest.mark.usefixtures("still")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def newest():
    return Fact.objects.latest("id").pk


def told_after(fact):
    return [(f.kind, f.subject, f.payload) for f in Fact.objects.filter(id__gt=fact).order_by("id")]


@pytest.mark.both
def test_a_team_works_by_its_own_zone_and_hours_and_by_the_days_of_the_house(cast, house, at):
    house.settle({"zone": "Europe/Berlin", "calendar": "DE"}, by=None, at=at)
    cast.ines.team.work(zone="Asia/Shanghai", hours="mon-sat 10:00-18:00", by=None, at=at)
    cast.mara.team.work(hours="mon-fri 08:00-12:00", by=None, at=at)
    house.set_day(date(2026, 3, 3), works=False, label="Outing", by=None, at=at)
    cast.sven.edit(name="Sven", email=cast.sven.email, role="service", team=None, by=None, at=at)

    known = calendars([cast.ines.team_id, cast.mara.team_id, None])
    assert {team: (work.zone, work.hours) for team, work in known.items()} == {
        None: ("Europe/Berlin", Hours.read("mon-fri 09:00-17:00")),
        cast.ines.team_id: ("Asia/Shanghai", Hours.read("mon-sat 10:00-18:00")),
        cast.mara.team_id: ("Europe/Berlin", Hours.read("mon-fri 08:00-12:00")),
    }
    # Monday, and Wednesday to Saturday in Shanghai: the outing is on Tuesday.
    monday, next_monday = datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 8, 16, tzinfo=UTC)
    assert calendar_of(cast.ines).between(monday, next_monday) == 5 * 8 * HOUR
    assert calendar_of(cast.mara).between(monday, next_monday) == 4 * 4 * HOUR
    assert calendar_of(cast.sven).between(monday, next_monday) == 4 * 8 * HOUR
    # 3 April 2026 is Good Friday.
    assert not calendar_of(cast.sven).working(datetime(2026, 4, 3, 10, tzinfo=UTC))


def test_many_teams_cost_no_more_queries(house, at):
    teams = [Team.form(name=f"Team {number}", side="sales", by=None, at=at).pk for number in range(12)]
    with CaptureQueriesContext(connection) as asked:
        assert set(calendars(teams)) == {None, *teams}
    assert len(asked) == 3


@pytest.mark.both
def test_what_a_team_worked_is_told_by_the_hours_of_then(cast, house, at):
    sales, week = cast.ines.team, timedelta(weeks=1)  # from Monday at nine on
    house.settle({"hours": "mon-fri 08:00-16:00", "calendar": ""}, by=None, at=at + week)
    with clock.moved_to(at + 2 * week):
        sales.work(hours="mon-tue 10:00-12:00", by=None, at=at + 2 * week)
        house.settle({"zone": "Asia/Shanghai"}, by=None, at=at + 3 * week)
    known = worked([sales.pk, None])
    mondays = [at + number * week for number in range(5)]
    spent = {team: [held.between(*each) / HOUR for each in pairwise(mondays)] for team, held in known.items()}
    # From nine to nine; a new house works from nine to five.
    assert spent[None] == pytest.approx([40, 40, 40, 40])
    assert spent[sales.pk] == pytest.approx([40, 40, 4, 4])


def test_many_teams_cost_no_more_queries_for_their_past(house, at):
    teams = [Team.form(name=f"Team {number}", side="sales", by=None, at=at) for number in range(12)]
    for team in teams:
        team.work(hours="mon 09:00-12:00", by=None, at=at + DAY)
    with CaptureQueriesContext(connection) as asked:
        assert set(worked(team.pk for team in teams)) == {None, *(team.pk for team in teams)}
    assert len(asked) == 4


def test_hours_of_the_past_stay_known(house, at):
    house.settle({"hours": "mon-fri 08:00-16:00"}, by=None, at=at)
    with clock.moved_to(at + 7 * DAY):
        house.settle({"hours": "mon-thu 08:00-18:00"}, by=None, at=at + 7 * DAY)
    assert House.get().hours == "mon-thu 08:00-18:00"
    assert traits.known("house", house.pk, at + DAY, at + 8 * DAY)["hours"].text == "mon-fri 08:00-16:00"


def test_hours_that_say_none_are_not_kept(cast, house, at):
    before = newest()
    with pytest.raises(ValueError, match="says no working hours"):
        house.settle({"hours": "when we like"}, by=None, at=at)
    with pytest.raises(ValueError, match="ends before it begins"):
        cast.ines.team.edit(name="New", side="sales", zone="", hours="mon 17:00-09:00", by=None, at=at)
    assert House.get().hours == "mon-fri 09:00-17:00"
    assert Team.objects.get(pk=cast.ines.team_id).name == "Sales"
    assert newest() == before


@pytest.mark.both
def test_the_house_says_of_a_day_what_it_is(house, at):
    day = date(2026, 10, 10)
    house.settle({"calendar": "CN"}, by=None, at=at)
    before = newest()
    house.set_day(day, works=False, label="Nobody, after all", by=None, at=at)
    house.set_day(day, works=False, label="Nobody, after all", by=None, at=at)
    assert calendars([])[None].days.works(day) is False
    house.set_day(day, works=True, by=None, at=at)
    assert (DayOff.objects.count(), calendars([])[None].days.works(day)) == (1, True)
    house.unset_day(day, by=None, at=at)
    house.unset_day(day, by=None, at=at)
    assert calendars([])[None].days.works(day) is True  # as China says
    assert told_after(before) == [
        ("day_set", "house", {"day": "2026-10-10", "works": False}),
        ("day_set", "house", {"day": "2026-10-10", "works": True}),
        ("day_unset", "house", {"day": "2026-10-10"}),
    ]


@pytest.mark.both
def test_who_is_away_is_so_from_the_first_instant_to_before_the_last(cast, at):
    before = newest()
    absence = cast.ines.take_leave(at + DAY, at + 3 * DAY, by=cast.ines.pk, at=at)
    everybody = [cast.ines.pk, cast.felix.pk]
    moments = [at, at + DAY, at + 2 * DAY, at + 3 * DAY]
    assert [absent(everybody, moment) for moment in moments] == [set(), {cast.ines.pk}, {cast.ines.pk}, set()]
    assert absent([cast.felix.pk], at + DAY) == set()
    assert told_after(before) == [("absence_planned", "absence", {"member": cast.ines.pk})]
    assert absence.planned_at == at


@pytest.mark.parametrize(
    ("since", "until", "away"),
    [(0, 1, False), (0, 2, True), (2, 3, True), (1, 9, True), (4, 5, False), (3, 4, True)],
)
def test_who_is_away_for_some_of_a_time(cast, at, since, until, away):
    cast.ines.take_leave(at + DAY, at + 4 * DAY, by=None, at=at)
    assert absent_between([cast.ines.pk], at + since * DAY, at + until * DAY) == ({cast.ines.pk} if away else set())


@pytest.mark.both
def test_who_comes_back_early_was_away_until_then(cast, at):
    absence = cast.ines.take_leave(at, at + 5 * DAY, by=None, at=at)
    before = newest()
    with clock.moved_to(at + 2 * DAY):
        absence.call_off(by=cast.saul.pk, at=at + 2 * DAY)
        absence.call_off(by=cast.saul.pk, at=at + 2 * DAY)
    assert [absent([cast.ines.pk], at + n * DAY) for n in (1, 2, 3)] == [{cast.ines.pk}, set(), set()]
    assert absent_between([cast.ines.pk], at + DAY, at + 3 * DAY) == {cast.ines.pk}
    assert absent_between([cast.ines.pk], at + 2 * DAY, at + 3 * DAY) == set()
    assert told_after(before) == [("absence_called_off", "absence", {"member": cast.ines.pk})]
    assert cast.ines.take_leave(at + 3 * DAY, at + 4 * DAY, by=None, at=at).pk


def test_what_was_called_off_before_it_began_never_was(cast, at):
    absence = cast.ines.take_leave(at + DAY, at + 3 * DAY, by=None, at=at)
    absence.call_off(by=None, at=at)
    assert absent([cast.ines.pk], at + 2 * DAY) == set()
    assert absent_between([cast.ines.pk], at, at + 9 * DAY) == set()


@pytest.mark.parametrize(("since", "until"), [(0, 1), (2, 3), (0, 9), (3, 6)])
@pytest.mark.both
def test_an_absence_that_stands_is_not_planned_again(cast, at, since, until):
    standing = cast.ines.take_leave(at + HOUR, at + 4 * DAY, by=None, at=at)
    before = newest()
    with pytest.raises(AlreadyAway) as refused:
        cast.ines.take_leave(at + since * DAY, at + until * DAY, by=None, at=at)
    assert refused.value.args == (standing,)
    assert (Absence.objects.count(), newest()) == (1, before)


def test_one_absence_may_follow_another_and_others_may_be_away_too(cast, at):
    cast.ines.take_leave(at, at + DAY, by=None, at=at)
    cast.ines.take_leave(at + DAY, at + 2 * DAY, by=None, at=at)
    cast.felix.take_leave(at, at + DAY, by=None, at=at)
    assert absent([cast.ines.pk, cast.felix.pk], at) == {cast.ines.pk, cast.felix.pk}


def test_nobody_is_away_backwards(cast, at):
    for until in (at, at - DAY):
        with pytest.raises(Backwards):
            cast.ines.take_leave(at, until, by=None, at=at)
    with pytest.raises(IntegrityError, match="absence_forwards"):
        Absence.objects.create(member=cast.ines, since=at, until=at, planned_at=at)


def test_a_share_of_the_past_stays_known(cast, at):
    assert (cast.ines.weight, cast.ines.most_open) == (100, None)
    cast.ines.change({"weight": 50, "most_open": 8}, by=cast.ada.pk, at=at)
    with clock.moved_to(at + DAY):
        cast.ines.change({"weight": 0, "most_open": None}, by=cast.ada.pk, at=at + DAY)
    ines = Member.objects.get(pk=cast.ines.pk)
    assert (ines.weight, ines.most_open) == (0, None)
    known = traits.known("member", ines.pk, at, at + 2 * DAY)
    assert (known["weight"].number, known["most_open"].number) == (50, 8)
