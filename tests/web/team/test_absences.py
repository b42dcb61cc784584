import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel.ledger import Fact
from accord.rooms.desk.models import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Absence, House, Member
from tests.web.page import main

pytestmark = pytest.mark.usefixtures("still")
DAYS = {"first": "2026-03-09", "last": "2026-03-13"}


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def spans():
    return list(Absence.objects.order_by("id").values_list("member__name", "since", "until"))


@pytest.mark.parametrize("first", ["ines", "paula", "eva"])
def test_members_plan_their_own_absence_and_call_it_off(cast, as_, at, first):
    member = getattr(cast, first)
    browser = as_(member)
    page = browser.post("/settings/me/absences/", DAYS, follow=True)

    assert f"{member.name} is away from Mar 9, 2026 to Mar 13, 2026" in words(page)
    absence = Absence.objects.get()
    assert (absence.member, absence.since, absence.until) == (
        member,
        datetime(2026, 3, 9, tzinfo=UTC),
        datetime(2026, 3, 14, tzinfo=UTC),
    )
    gone = browser.post(f"/settings/me/absences/{absence.pk}/calling-off/", follow=True)
    absence.refresh_from_db()
    assert absence.called_off_at == at
    assert f"{member.name} is there after all." in words(gone)
    assert "Call off" not in words(gone)


def test_a_day_begins_where_the_team_is(cast, as_, at):
    House.get().settle({"zone": "America/New_York"}, by=None, at=at)
    cast.ines.team.work(zone="Asia/Shanghai", by=None, at=at)
    page = as_(cast.ines).post("/settings/me/absences/", {"first": "2026-03-09", "last": "2026-03-09"}, follow=True)
    assert spans() == [("Ines Ito", datetime(2026, 3, 8, 16, tzinfo=UTC), datetime(2026, 3, 9, 16, tzinfo=UTC))]
    assert "Ines Ito is away on Mar 9, 2026" in words(page)
    assert re.findall(r"<td>(Mar [^<]*?)\s*</td>", page.content.decode()) == ["Mar 9, 2026", "Mar 9, 2026"]


def test_who_is_away_today_is_so_from_midnight_on(cast, as_):
    page = as_(cast.ines).post("/settings/me/absences/", {"first": "2026-03-02", "last": "2026-03-02"}, follow=True)
    assert spans() == [("Ines Ito", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))]
    assert "away now" in words(page)


@pytest.mark.parametrize(
    ("days", "field", "told"),
    [
        (("2026-03-13", "2026-03-09"), "last", "The last day is before the first: choose the same day or a later one."),
        (("2026-02-20", "2026-02-27"), "last", "This day is over: choose today or a later one."),
        (("1900-01-01", "1900-01-02"), "last", "This day is over: choose today or a later one."),
        (("2026-03-09", "2099-12-31"), "last", "This day is far from today: choose one within three years."),
        (("soon", "2026-03-13"), "first", "Write a day like 2026-12-24."),
        (("", "2026-03-13"), "first", "This field is required."),
        (
            ("2026-03-18", "2026-03-30"),
            "first",
            "An absence from Mar 16, 2026 to Mar 20, 2026 stands already: call it off first, or choose other days.",
        ),
    ],
)
def test_days_that_cannot_be_are_refused_by_their_field(cast, as_, at, days, field, told):
    since = datetime(2026, 3, 16, tzinfo=UTC)
    cast.ines.take_leave(since, since + timedelta(days=5), by=None, at=at)
    facts = Fact.objects.count()
    response = as_(cast.ines).post("/settings/me/absences/", {"first": days[0], "last": days[1]})

    form = response.context["leave_form"]
    assert list(form.errors) == [field]
    assert told in words(response)
    assert (form["first"].value(), form["last"].value()) == days
    assert (Absence.objects.count(), Fact.objects.count()) == (1, facts)


@pytest.mark.parametrize("first", ["saul", "mila", "ada"])
def test_leads_plan_for_others_and_see_who_is_away(cast, as_, at, first):
    browser = as_(getattr(cast, first))
    assert "Nobody is away." in words(browser.get("/settings/absences/"))
    page = browser.post("/settings/absences/", DAYS | {"member": cast.felix.pk}, follow=True)
    assert "Felix Roth is away from Mar 9, 2026 to Mar 13, 2026" in words(page)

    browser.post(f"/settings/absences/{Absence.objects.get().pk}/calling-off/")
    assert Absence.objects.get().called_off_at == at
    told = Fact.objects.filter(kind__startswith="absence").order_by("id")
    assert [(fact.kind, fact.payload, fact.by_id) for fact in told] == [
        ("absence_planned", {"member": cast.felix.pk}, getattr(cast, first).pk),
        ("absence_called_off", {"member": cast.felix.pk}, getattr(cast, first).pk),
    ]


def test_before_somebody_is_away_one_sees_what_they_hold(cast, as_, at):
    browser = as_(cast.saul)
    lead = Lead.open(
        Contact.create({"name": "Anna Adler"}, by=None, at=at),
        entry="own_prospecting",
        owner=cast.felix,
        by=None,
        at=at,
    )
    for day in (1, 2):
        Task.plan(owner=cast.felix, lead=lead, kind="call", due_at=at + timedelta(days=day), by=cast.felix, at=at)
    said = "1 open lead · 2 steps planned · 0 leads with a clock running"
    assert said not in main(browser.get("/settings/absences/"))
    chosen = browser.get("/settings/absences/", {"member": cast.felix.pk})
    assert f"Felix Roth holds: {said}" in main(chosen)
    assert f'<option value="{cast.felix.pk}" selected>' in chosen.content.decode()
    for which in ("leads/?which=open", "steps/?which=planned", "leads/?which=timed"):
        address = f"/today/{which}&owner={cast.felix.pk}"
        assert address.replace("&", "&amp;") in chosen.content.decode()
        assert ("Anna Adler" in main(browser.get(address))) == ("timed" not in which)
    page = browser.post("/settings/absences/", DAYS | {"member": cast.felix.pk}, follow=True)
    assert f"Mar 13, 2026 {said}" in main(page)


def test_a_lead_cannot_plan_for_nobody_nor_for_who_left(cast, as_, at):
    cast.felix.leave(by=cast.ada.pk, at=at)
    for member in ("", cast.felix.pk, 999_999):
        response = as_(cast.saul).post("/settings/absences/", DAYS | {"member": member})
        assert list(response.context["form"].errors) == ["member"]
    assert not Absence.objects.exists()


def test_what_is_over_stays_as_it_was(cast, as_, at):
    past = cast.ines.take_leave(at - timedelta(days=3), at - timedelta(days=1), by=None, at=at)
    page = as_(cast.ines).post(f"/settings/me/absences/{past.pk}/calling-off/", follow=True)
    assert "This absence is over: it stays as it was." in words(page)
    assert Absence.objects.get().called_off_at is None


def test_nobody_else_plans_or_calls_off_for_others(cast, as_, at):
    absence = cast.felix.take_leave(at, at + timedelta(days=1), by=None, at=at)
    facts = Fact.objects.count()
    for member in (cast.mara, cast.ines, cast.paula, cast.eva):
        browser = as_(member)
        assert browser.get("/settings/absences/").status_code == 403
        assert browser.post("/settings/absences/", DAYS | {"member": cast.felix.pk}).status_code == 403
        assert browser.post(f"/settings/absences/{absence.pk}/calling-off/").status_code == 403
        assert browser.post(f"/settings/me/absences/{absence.pk}/calling-off/").status_code == 404
    assert (Absence.objects.get().called_off_at, Fact.objects.count()) == (None, facts)


def test_the_list_costs_the_same_for_many(cast, as_, at):
    browser = as_(cast.saul)
    cast.ines.take_leave(at, at + timedelta(days=1), by=None, at=at)
    browser.get("/settings/absences/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/settings/absences/")
    for number in range(10):
        member = Member.join(
            email=f"m{number}@house.example", name=f"M {number}", role="marketing", team=cast.mara.team, by=None, at=at
        )
        member.take_leave(at, at + timedelta(days=1), by=None, at=at)
    with CaptureQueriesContext(connection) as many:
        browser.get("/settings/absences/")
    assert len(many) == len(few)


@pytest.mark.parametrize("first", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_a_first_day_that_is_none_of_this_age_is_told_by_the_field(cast, as_, first):
    page = as_(cast.ines).post("/settings/me/absences/", {"first": first, "last": "2026-03-13"})
    assert f"“{first}” is not between the years 1900 and 2100: correct the year." in words(page)
    assert spans() == []
