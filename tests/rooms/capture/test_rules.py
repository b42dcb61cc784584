"""What an event means, decided from its values alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.instants import from_micros, to_micros
from accord.rooms.capture import rules
from accord.rooms.capture.rules import ALIASES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KINDS = {
    "page", "screen", "form", "download", "email_open", "email_click", "reply", "call_in", "call_out", "chat",
    "event_signup", "event_attended", "meeting", "survey", "unsubscribe", "bounce", "verified",
}  # fmt: skip
instants = st.integers(631_152_000_000_000, 7_258_118_400_000_000).map(from_micros)  # 1990 to 2200


@pytest.mark.parametrize(
    "name", ["Form Submitted", "formSubmitted", "form-submitted", " Form  submitted! ", "FORM_SUBMITTED"]
)
def test_spellings_of_one_name(name):
    assert rules.snake(name) == "form_submitted"


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("Download", "download"),
        ("白皮书 下载", "白皮书_下载"),
        ("Größe geändert", "größe_geändert"),
        ("!!!", ""),
        ("x" * 61, "x" * 60),
    ],
)
def test_other_names(name, snake):
    assert rules.snake(name) == snake


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Form Submitted", "form"),
        ("Asset Downloaded", "download"),
        ("File Downloaded", "download"),
        ("Email Link Clicked", "email_click"),
        ("Email Opened", "email_open"),
        ("Unsubscribed", "unsubscribe"),
        ("Download", "download"),
        ("Demo Watched", "demo_watched"),
    ],
)
def test_a_track_takes_its_kind_from_its_name(name, kind):
    assert rules.kind_of("track", name, ALIASES) == kind


def test_pages_and_screens_are_what_they_are_and_who_somebody_is_is_no_touch():
    kinds = {
        type: rules.kind_of(type, "Form Submitted", ALIASES)
        for type in ("page", "screen", "identify", "group", "alias")
    }
    assert kinds == {"page": "page", "screen": "screen", "identify": None, "group": None, "alias": None}


def test_every_name_that_ships_leads_to_a_kind_of_the_list():
    assert set(ALIASES.values()) <= KINDS
    assert {rules.snake(name) for name in ALIASES} == set(ALIASES)


def test_a_house_may_say_otherwise():
    assert rules.kind_of("track", "Form Submitted", {**ALIASES, "form_submitted": "survey"}) == "survey"


@given(claimed=instants, sent=instants, received=instants)
def test_a_clock_that_is_off_is_set_right_by_the_specifications_formula(claimed, sent, received):
    """timestamp = receivedAt - (sentAt - originalTimestamp), in whole microseconds; never after its arrival."""
    formula = to_micros(received) - (to_micros(sent) - to_micros(claimed))
    assert to_micros(rules.happened(claimed, sent, received)) == min(formula, to_micros(received))


@given(ago=st.timedeltas(timedelta(), timedelta(days=30)), off=st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_how_far_a_clock_is_off_makes_no_difference(ago, off):
    by_its_clock = NOON + off
    assert rules.happened(by_its_clock - ago, by_its_clock, NOON) == NOON - ago


def test_without_a_time_it_happened_at_its_arrival_and_without_a_sending_as_claimed():
    assert rules.happened(None, NOON, NOON) == NOON
    assert rules.happened(NOON - SECOND, None, NOON) == NOON - SECOND
    assert rules.happened(NOON + SECOND, None, NOON) == NOON


@pytest.mark.parametrize(
    "given",
    [
        "2026-03-02T12:00:00Z", "2026-03-02T12:00:00.000Z", "2026-03-02T12:00:00", " 2026-03-02T13:00:00+01:00 ",
        "2026-03-02 12:00:00+00:00", 1772452800, 1772452800.0, 1772452800000, "1772452800000", "1772452800",
    ],
)  # fmt: skip
def test_times_as_clients_write_them(given):
    assert rules.instant(given) == NOON


@pytest.mark.parametrize(
    "given",
    [
        None, True, "", "yesterday", [], {}, -1, 10**14, 10**400, 1e300, "²" * 13, "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00", "2400-01-01", "1969-12-31",
    ],
)  # fmt: skip
def test_what_is_no_time(given):
    assert rules.instant(given) is None


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), instants.map(str)))
def test_whatever_is_given_as_a_time_can_be_reckoned_with(given):
    found = rules.instant(given)
    assert found is None or rules.happened(found, rules.instant("2399-12-31"), NOON) <= NOON


MACHINES = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "BarracudaCentral scanner",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
    "python-requests/2.31.0",
    "curl/8.5.0",
]
PEOPLE = [
    "",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
]


@pytest.mark.parametrize("agent", MACHINES)
@pytest.mark.parametrize("kind", ["page", "email_open", "email_click", "download"])
def test_machines_name_themselves(agent, kind):
    assert rules.is_machine(kind, agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_browsers_of_people(agent):
    assert not rules.is_machine("email_click", agent)


@pytest.mark.parametrize("kind", ["form", "meeting", "reply", "call_in", "verified"])
def test_what_only_people_do_is_never_a_machines(kind):
    assert not any(rules.is_machine(kind, agent) for agent in MACHINES)


def clicks(*seconds_and_links: tuple[float, str]) -> list[tuple[datetime, str]]:
    return [(NOON + seconds * SECOND, link) for seconds, link in seconds_and_links]


def test_three_links_in_five_seconds_are_a_burst_and_what_lies_around_it_is_not():
    assert rules.in_a_burst(clicks((-60, "a"), (0, "a"), (2.5, "b"), (5, "c"), (60, "d"))) == {1, 2, 3}


@pytest.mark.parametrize(
    "those",
    [
        [(0, "a"), (2, "b"), (5.000001, "c")],
        [(0, "a"), (1, "a"), (2, "a"), (3, "b")],
        [(0, "a"), (40, "b"), (95, "c"), (120, "d")],
        [],
    ],
)
def test_who_reads_slowly_or_clicks_the_same_again_is_no_machine(those):
    assert rules.in_a_burst(clicks(*those)) == set()


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abcd")), max_size=12).map(sorted))
def test_bursts_are_those_of_any_window(those):
    """A click is in a burst if any five seconds around it hold three different links."""
    windows = [[p for p, (at, _l) in enumerate(those) if start <= at <= start + 5] for start in range(-5, 41)]
    expected = {place for window in windows if len({those[p][1] for p in window}) >= 3 for place in window}
    assert rules.in_a_burst(clicks(*those)) == expected
