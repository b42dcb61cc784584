import re

import pytest

from accord.kernel.ledger import Fact
from accord.rooms.team.models import Team

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def ada(cast, as_):
    return as_(cast.ada)


def words(response):
    return re.sub(r"<[^>]*>|\s+", " ", response.content.decode())


def test_a_team_is_formed_renamed_and_takes_the_other_side(ada):
    ada.post("/settings/teams/", {"name": "Inside North", "side": "sales"})
    team = Team.objects.get(slug="inside_north")
    page = ada.post(f"/settings/teams/{team.pk}/", {"name": "Inside", "side": "marketing"}, follow=True)

    team.refresh_from_db()
    assert (team.slug, team.name, team.side) == ("inside_north", "Inside", "marketing")
    assert "inside_north" in words(page)


def test_only_active_members_are_counted(ada, cast, at):
    cast.felix.leave(by=cast.ada.pk, at=at)
    page = ada.get("/settings/teams/").content.decode()
    rows = dict(re.findall(r'class="rec"[^>]*>(\w+)<.*?<td class="r">(\d+)<', page, re.DOTALL))
    assert rows == {"Marketing": "2", "Sales": "3", "None": "3"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "Marketing", "side": "sales"}, "There is a team of this name: choose another."),
        ({"name": "marketing!", "side": "sales"}, "There is a team whose name reads like this one: choose another."),
        ({"name": "!!!", "side": "sales"}, "A name needs a letter or a figure."),
        ({"name": "", "side": "sales"}, "This field is required."),
        ({"name": "Third", "side": "third"}, "Select a valid choice. third is not one of the available choices."),
    ],
)
def test_a_wrong_team_says_what_is_wrong_and_keeps_what_was_typed(ada, given, told):
    before = (Team.objects.count(), Fact.objects.count())
    response = ada.post("/settings/teams/", given)
    assert told in words(response)
    assert given["name"] in response.context["form"]["name"].as_widget()
    assert (Team.objects.count(), Fact.objects.count()) == before


def test_a_team_keeps_its_own_name_when_its_side_changes(ada, cast):
    team = cast.mara.team
    response = ada.post(f"/settings/teams/{team.pk}/", {"name": "Marketing", "side": "none"})
    assert response.status_code == 302
    team.refresh_from_db()
    assert team.side == "none"


def test_a_team_works_in_its_own_zone_and_hours(ada, cast):
    path, given = f"/settings/teams/{cast.ines.team.pk}/", {"name": "Sales", "side": "sales"}
    ada.post(path, given | {"zone": "Asia/Shanghai", "hours": "mon-fri 09:00-12:00 13:30-18:00"})
    team = Team.objects.get(pk=cast.ines.team.pk)
    assert (team.zone, team.hours) == ("Asia/Shanghai", "mon-fri 09:00-12:00 13:30-18:00")
    ada.post(path, given | {"zone": "", "hours": ""})
    team.refresh_from_db()
    assert (team.zone, team.hours) == ("", "")
    assert "Left empty, as the house: Mon–Fri 09:00–17:00" in words(ada.get(path))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"zone": "Europe/Atlantis"}, "Select a valid choice. Europe/Atlantis is not one of the available choices."),
        ({"hours": "mon-fri"}, "“Mon–Fri” says no working hours: write them like “Mon–Fri 09:00–17:00;"),
        ({"hours": "mon 09:00-13:00 12:00-17:00"}, "Two windows of Mon overlap"),
    ],
)
def test_a_time_that_cannot_be_is_refused_by_its_field(ada, cast, wrong, told):
    team = cast.ines.team
    response = ada.post(f"/settings/teams/{team.pk}/", {"name": "Renamed", "side": "sales"} | wrong)
    assert list(response.context["form"].errors) == list(wrong)
    assert told in words(response)
    team.refresh_from_db()
    assert (team.name, team.zone, team.hours) == ("Sales", "", "")
