"""What is usual in a stage, as the funnel is told it: marks, chances, and the same marks as a condition."""

from datetime import timedelta

import pytest
from django.db.models import Value

from accord.rooms.funnel import usual
from accord.rooms.funnel.models import Lead, Usual
from accord.rooms.people.models import Contact

pytestmark = pytest.mark.django_db


def days(number):
    return timedelta(days=number)


def row(at, stage="mql", segment="", kind="lead", **values):
    given = {"n": 40, "left": 20, "median": 4.0, "p75": 9.0, "p95": 21.0, **values}
    return Usual(kind=kind, stage=stage, segment=segment, computed_at=at, **given)


@pytest.fixture
def told(at):
    """MQL: 9 and 21 days, in steel 2 and 3; chemistry had too few. SQL: nobody was watched long enough for the 95th."""
    usual.publish(
        [
            row(at, chances=[[0, 0.5, 80], [7, 0.25, 40], [30, None, 10]]),
            row(at, segment="steel", median=1.0, p75=2.0, p95=3.0),
            row(at, segment="chemistry", left=19, median=1.0, p75=1.0, p95=1.0),
            row(at, stage="sal", left=19, p75=1.0, p95=1.0),
            row(at, stage="sql", p95=None),
            row(at, stage="mql", kind="deal", p75=100.0, p95=200.0),
        ],
        at,
    )
    return usual.of("lead")


def test_longer_than_three_quarters_is_long_and_than_95_in_100_stalled(told):
    assert [told.mark("mql", days(n)) for n in (9, 9.001, 21, 21.001)] == ["", "long", "long", "stalled"]


def test_a_segment_has_its_own_and_one_with_few_that_of_the_stage(told):
    assert [told.mark("mql", days(2.5), of) for of in ("steel", " Steel", "chemistry", "unheard of")] == [
        "long", "long", "", "",
    ]  # fmt: skip
    assert told.mark("mql", days(10), "chemistry") == "long"
    assert (told.days("mql", "steel").p75, told.days("mql", "chemistry").p75) == (2.0, 9.0)


def test_where_few_moved_on_or_nobody_was_watched_long_enough_nothing_is_marked(told):
    assert told.mark("sal", days(1000)) == ""
    assert told.days("sal") is None
    assert told.mark("inquiry", days(1000)) == ""
    assert told.mark("sql", days(1000)) == "long"


def test_the_chance_is_that_of_the_last_age_that_was_told(told):
    assert [told.chance("mql", days(n)) for n in (0, 6.9, 7, 29.9, 30, 300)] == [0.5, 0.5, 0.25, 0.25, None, None]
    assert told.chance("sql", days(1)) is None
    assert told.chance("nowhere", days(1)) is None


def test_what_is_published_takes_the_place_of_what_was(told, at):
    assert not usual.due(at + days(0.9))
    assert usual.due(at + days(1))
    usual.publish([row(at, stage="sal", p75=1.0)], at)
    assert [(one.stage, one.p75) for one in usual.of("lead").rows.values()] == [("sal", 1.0)]
    assert usual.of("deal").rows == {}


def test_one_query_whatever_was_published(told, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = usual.of("lead")
        found.mark("mql", days(3), "steel")
        found.chance("mql", days(3))


@pytest.mark.both
def test_the_condition_finds_those_that_are_marked(told, cast, at):
    leads = [
        Lead.open(Contact.create({"name": str(n)}, by=None, at=at), entry="marketing", by=None, at=at - days(n))
        for n in (0, 2.5, 10, 22)
    ]
    for lead, ago in zip(leads, (0, 2.5, 10, 22), strict=True):
        lead.move("to_mql", by=None, at=at - days(ago), reason="seen")
    for segment, stalled in (("", [22]), ("steel", [10, 22]), ("chemistry", [22])):
        here = Lead.objects.annotate(segment=Value(segment))
        for mark, expected in (("stalled", stalled), ("long", [2.5, 10, 22] if segment == "steel" else [10, 22])):
            found = here.filter(told.overdue(at, mark=mark)).values_list("contact__name", flat=True)
            assert sorted(map(float, found)) == expected
    assert not Lead.objects.annotate(segment=Value("")).filter(usual.of("deal").overdue(at)).exists()
