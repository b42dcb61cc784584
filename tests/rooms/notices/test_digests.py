"""One mail on the morning of a working day, at a mail server that speaks SMTP."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.kernel import clock
from accord.kernel.mail.models import Mail
from accord.kernel.mail.sending import send_due
from accord.rooms.notices.digests import digest, morning
from accord.rooms.notices.models import Notice, Switch
from accord.rooms.notices.rules import KINDS, OFF, Way
from accord.rooms.team.models import Member
from accord.rooms.team.worktimes import calendar_of
from tests.remembered import remembered
from tests.rooms.notices.conftest import unread
from tests.rooms.promises.days import swept
from tests.scenarios.living import on

pytestmark = pytest.mark.both
TUESDAY = "2026-02-03T08:00:00"


@pytest.fixture
@remembered
def broken(cast, enforced, handed):
    """Ines has let a promise break on Monday at one."""
    one = handed("anna")
    swept("2026-02-02T11:00:00")
    swept("2026-02-02T13:00:00")
    return one


def delivered(post, when: str) -> list:
    with post.open():
        send_due(on(when))
    return post.arrived


def test_what_was_not_read_comes_in_one_mail(cast, broken, post):
    assert digest(on("2026-02-03T07:59:59")) == 0
    assert digest(on(TUESDAY)) == 2
    assert digest(on(TUESDAY)) == 0
    told = {mail["To"].addresses[0].addr_spec: mail for mail in delivered(post, TUESDAY)}
    assert set(told) == {"ines@house.example", "saul@house.example"}
    mail, notice = told["ines@house.example"], Notice.objects.get(kind="broken")
    assert mail["Subject"] == "What waits for you in Accord"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(["plain"]).get_content().splitlines() == [
        "Good morning Ines Ito, this waits for you:",
        "",
        "A promise of mine is broken",
        "- Not kept in time: first contact, anna, until Feb 2, 2026 13:00",
        f"  https://accord.house.example/notices/{notice.pk}/",
        "",
        "All of it, and what you want to be told and how: https://accord.house.example/notices/",
    ]
    html = mail.get_body(["html"]).get_content()
    assert f'<a href="https://accord.house.example/notices/{notice.pk}/">' in html
    assert set(Notice.objects.filter(mailed=True).values_list("digested_at", flat=True)) == {on(TUESDAY)}
    # The next morning has nothing new to say.
    assert digest(on("2026-02-04T08:00:00")) == 0
    assert Mail.objects.count() == 2


def test_what_was_read_is_not_in_it(cast, broken, post):
    Notice.objects.visible_to(cast.ines).read(on("2026-02-02T14:00:00"))
    assert digest(on(TUESDAY)) == 1
    assert Mail.objects.get().to == "saul@house.example"


def test_what_comes_after_eight_waits_for_the_next_morning(cast, enforced, handed, post):
    handed("anna", "2026-02-03T09:00:00")
    swept("2026-02-03T13:00:00")
    assert digest(on("2026-02-03T15:00:00")) == 0
    assert digest(on("2026-02-04T08:00:00")) == 2


def test_without_a_mail_server_nothing_is_written_and_nothing_is_lost(cast, broken, settings):
    settings.EMAIL_HOST = ""
    assert digest(on(TUESDAY)) == 0
    assert (Mail.objects.count(), Notice.objects.to_mail().count()) == (0, 2)


def test_whoever_is_away_gets_it_on_return(cast, broken, post):
    with clock.moved_to(on("2026-02-02T16:00:00")):
        cast.ines.take_leave(
            on("2026-02-03T00:00:00"), on("2026-02-05T00:00:00"), by=cast.ines.pk, at=on("2026-02-02T16:00:00")
        )
    assert digest(on(TUESDAY)) == 1
    assert digest(on("2026-02-04T12:00:00")) == 0
    assert digest(on("2026-02-05T08:00:00")) == 1
    assert Mail.objects.last().to == "ines@house.example"


def test_what_the_cap_held_back_is_in_it_whatever_the_switch_says(cast, enforced, handed, post, monkeypatch):
    monkeypatch.setattr("tests.remembered.ANEW", True)
    monkeypatch.setattr("accord.rooms.notices.rules.MOST_AN_HOUR", 1)
    for number in range(3):
        handed(f"person {number}", f"2026-02-02T09:00:0{number}")
    assert len(unread(cast.ines)) == 1
    assert digest(on(TUESDAY)) == 1
    assert [f"person {number}" in Mail.objects.get().text for number in range(3)] == [False, True, True]


def test_who_wants_none_gets_none(cast, enforced, handed, post):
    for member in (cast.ines, cast.saul):
        Switch.turn(member, dict.fromkeys(KINDS, OFF))
    handed()
    swept("2026-02-02T13:00:00")
    assert not Notice.objects.exists()
    assert digest(on(TUESDAY)) == 0


def test_it_speaks_the_language_of_its_reader(cast, broken, post):
    Member.objects.filter(pk=cast.ines.pk).update(language="zh-hans", zone="Asia/Shanghai")
    # Eight in the morning in Shanghai.
    assert digest(on("2026-02-02T23:59:59")) == 0
    assert digest(on("2026-02-03T00:00:00")) == 1
    assert "2026年2月2日 21:00" in Mail.objects.get().text


def test_a_long_one_says_that_there_is_more(cast, enforced, handed, post, monkeypatch):
    monkeypatch.setattr("accord.rooms.notices.digests.MOST", 2)
    Switch.turn(cast.ines, {"offered": Way(app=True, digest=True)})
    for number in range(3):
        handed(f"person {number}", f"2026-02-02T09:00:0{number}")
    digest(on(TUESDAY))
    mail = Mail.objects.get(to="ines@house.example")
    assert "And 1 more." in mail.text
    assert "person 2" not in mail.text
    assert not Notice.objects.to_mail().filter(member=cast.ines).exists()


def test_a_long_one_asks_no_more_than_a_short_one(cast, pilot, handed, post):
    Switch.turn(cast.ines, {"offered": Way(app=True, digest=True)})
    asked = []
    for names, day, morning_after in ((["anna"], "02", "03"), (["berta", "carla", "dora"], "03", "04")):
        for number, name in enumerate(names):
            handed(name, f"2026-02-{day}T09:00:0{number}")
        with CaptureQueriesContext(connection) as queries:
            assert digest(on(f"2026-02-{morning_after}T08:00:00")) == 1
        asked.append(len(queries))
        assert Mail.objects.latest("id").text.count(", until Feb") == len(names)
    assert asked[0] == asked[1]


def test_a_name_does_not_become_markup(cast, enforced, handed, post):
    Switch.turn(cast.ines, {"offered": Way(app=True, digest=True)})
    handed("<b>anna</b>")
    digest(on(TUESDAY))
    assert "&lt;b&gt;anna&lt;/b&gt;" in Mail.objects.get().html


@pytest.mark.parametrize(
    ("when", "eight"),
    [
        ("2026-03-27T06:59:59", None),  # Friday, 07:59:59 in Berlin
        ("2026-03-27T07:00:00", "2026-03-27T07:00:00"),
        ("2026-03-27T22:00:00", "2026-03-27T07:00:00"),
        ("2026-03-28T09:00:00", None),  # Saturday
        ("2026-03-30T05:59:59", None),  # Monday, in summer time
        ("2026-03-30T06:00:00", "2026-03-30T06:00:00"),
        ("2026-04-01T09:00:00", None),  # a day off of the house
    ],
)
def test_the_morning_of_a_member(cast, house, when, eight):
    house.settle({"zone": "Europe/Berlin", "hours": "mon-fri 09:00-17:00"}, by=cast.ada.pk, at=on("2026-03-01"))
    house.set_day(date(2026, 4, 1), works=False, label="Outing", by=cast.ada.pk, at=on("2026-03-01"))
    assert morning(cast.ines, calendar_of(cast.ines), on(when)) == (on(eight) if eight else None)
