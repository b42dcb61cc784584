from datetime import timedelta

import pytest

from accord.kernel import clock, traits
from accord.kernel.ledger import Fact
from accord.rooms.team.models import NameTaken, Team

pytestmark = pytest.mark.usefixtures("still", "house")


def kinds_after(fact):
    return list(Fact.objects.filter(id__gt=fact).order_by("id").values_list("kind", flat=True))


@pytest.mark.both
def test_a_team_has_a_slug_in_any_script_that_stays_when_it_is_renamed(at):
    team = Team.form(name="Innendienst Nord", side="sales", by=None, at=at)
    chinese = Team.form(name="华东 销售", side="sales", by=None, at=at)
    team.rename("Inside North", by=None, at=at)

    assert [(t.slug, t.name, t.side) for t in Team.objects.order_by("id")] == [
        ("innendienst_nord", "Inside North", "sales"),
        ("华东_销售", "华东 销售", "sales"),
    ]
    assert chinese.slug == "华东_销售"


@pytest.mark.both
def test_two_teams_cannot_be_called_alike(at):
    Team.form(name="Inside North", side="sales", by=None, at=at)
    before = Fact.objects.count()
    with pytest.raises(NameTaken):
        Team.form(name="inside north!", side="marketing", by=None, at=at)
    assert (Team.objects.count(), Fact.objects.count()) == (1, before)


def test_the_side_of_a_past_day_stays_known(at):
    team = Team.form(name="Events", side="marketing", by=None, at=at)
    later = at + timedelta(days=30)
    with clock.moved_to(later):
        team.edit(name="Events", side="sales", by=None, at=later)

    assert team.side == "sales"
    assert traits.known("team", team.pk, later - timedelta(days=1), later)["side"].text == "marketing"
    assert traits.known("team", team.pk, later, later)["side"].text == "sales"


def test_an_edit_records_only_what_it_changes(at):
    team = Team.form(name="Events", side="marketing", by=None, at=at)
    last = Fact.objects.latest("id").pk
    team.edit(name="Events", side="marketing", by=None, at=at)
    assert kinds_after(last) == []
    team.edit(name="Fairs", side="none", by=None, at=at)
    assert kinds_after(last) == ["team_renamed", "values_set"]
