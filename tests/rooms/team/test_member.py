from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from accord.kernel import clock, traits
from accord.kernel.ledger import Fact
from accord.kernel.traits import Trait
from accord.rooms.team.models import EmailTaken, LastAdministrator, Member, Oneself, Team

WEEK = timedelta(days=7)
pytestmark = pytest.mark.usefixtures("still")


def facts_of(member, after=0):
    """What the ledger says about somebody, values apart."""
    told = Fact.objects.filter(subject="member", subject_id=member.pk, id__gt=after).order_by("id")
    return [fact.kind for fact in told]


def newest():
    return Fact.objects.latest("id").pk


@pytest.mark.both
def test_somebody_joins_with_a_role_and_a_team(house, at):
    sales = Team.form(name="Sales", side="sales", by=None, at=at)
    member = Member.join(email=" Nora@House.Example ", name="Nora", role="field_sales", team=sales, by=None, at=at)

    assert (member.email, member.role, member.team, member.is_active) == (
        "nora@house.example",
        "field_sales",
        sales,
        True,
    )
    assert member.joined_at == at
    assert member.invited
    assert facts_of(member) == ["member_joined"]
    known = traits.known("member", member.pk, at, at + WEEK)
    assert {slug: trait.text for slug, trait in known.items()} == {
        "role": "field_sales",
        "team": str(sales.pk),
        "active": "true",
    }


@pytest.mark.both
def test_an_address_signs_in_one_member_only(cast, at):
    before = (newest(), Member.objects.count())
    with pytest.raises(EmailTaken):
        Member.join(email="MARA@house.example", name="Another Mara", role="admin", by=cast.ada.pk, at=at)
    assert (newest(), Member.objects.count()) == before


def test_a_role_of_the_past_stays_known(cast, at):
    with clock.moved_to(at + WEEK):
        cast.mara.change({"role": "marketing_lead"}, by=cast.ada.pk, at=at + WEEK)

    now = at + 2 * WEEK
    assert cast.mara.role == "marketing_lead"
    assert traits.known("member", cast.mara.pk, at + timedelta(days=6), now)["role"].text == "marketing"
    assert traits.known("member", cast.mara.pk, at + WEEK, now)["role"].text == "marketing_lead"


def test_who_leaves_may_nothing_and_sees_nothing(cast, at):
    before = newest()
    cast.ines.leave(by=cast.ada.pk, at=at)
    cast.ines.leave(by=cast.ada.pk, at=at)

    assert not cast.ines.is_active
    assert not cast.ines.may("search")
    assert cast.ines.scope == "none"
    assert facts_of(cast.ines, before) == ["member_left"]


def test_who_comes_back_has_their_role_again(cast, at):
    cast.ines.leave(by=cast.ada.pk, at=at)
    before = newest()
    cast.ines.come_back(by=cast.ada.pk, at=at + WEEK)
    cast.ines.come_back(by=cast.ada.pk, at=at + WEEK)

    assert cast.ines.may("search")
    assert facts_of(cast.ines, before) == ["member_came_back"]
    actives = Trait.objects.filter(kind="member", record=cast.ines.pk, field="active").order_by("id")
    assert [trait.text for trait in actives] == ["true", "false", "true"]


@pytest.mark.both
def test_the_last_administrator_stays_one(cast, at):
    before = newest()
    with pytest.raises(LastAdministrator):
        cast.ada.leave(by=None, at=at)
    with pytest.raises(LastAdministrator):
        cast.ada.change({"role": "executive"}, by=None, at=at)
    cast.ada.refresh_from_db()
    assert (cast.ada.role, cast.ada.is_active, newest()) == ("admin", True, before)


def test_one_administrator_of_two_can_go_but_not_by_their_own_hand(cast, at):
    cast.eva.change({"role": "admin"}, by=cast.ada.pk, at=at)
    with pytest.raises(Oneself):
        cast.ada.leave(by=cast.ada.pk, at=at)
    with pytest.raises(Oneself):
        cast.ada.change({"role": "service"}, by=cast.ada.pk, at=at)
    cast.ada.leave(by=cast.eva.pk, at=at)
    assert not cast.ada.is_active
    with pytest.raises(LastAdministrator):
        cast.eva.change({"role": "executive"}, by=cast.ada.pk, at=at)


def test_an_administrator_who_left_counts_for_nothing(cast, at):
    cast.eva.change({"role": "admin"}, by=cast.ada.pk, at=at)
    cast.eva.leave(by=cast.ada.pk, at=at)
    with pytest.raises(LastAdministrator):
        cast.ada.leave(by=None, at=at)


def test_a_new_name_is_told_without_the_name(cast, at):
    before = newest()
    cast.mara.rename("Mara Maier", by=cast.ada.pk, at=at)
    cast.mara.rename("Mara Maier", by=cast.ada.pk, at=at)

    (told,) = Fact.objects.filter(id__gt=before)
    assert (told.kind, told.subject_id, told.payload, told.by_id) == ("member_renamed", cast.mara.pk, {}, cast.ada.pk)
    assert cast.mara.name == "Mara Maier"


def test_with_another_address_the_old_one_opens_no_door(cast, at, client):
    EmailAddress.objects.create(user_id=cast.mara.pk, email="mara@house.example", verified=True, primary=True)
    before = newest()
    cast.mara.change_email("Mara.Meier@house.example", by=cast.ada.pk, at=at)

    assert cast.mara.email == "mara.meier@house.example"
    assert facts_of(cast.mara, before) == ["member_email_changed"]
    assert not client.login(email="mara@house.example", password="a long password")
    assert client.login(email="mara.meier@house.example", password="a long password")


@pytest.mark.both
def test_an_edit_that_cannot_be_made_whole_is_not_made(cast, at):
    before = newest()
    with pytest.raises(EmailTaken):
        cast.mara.edit(name="M.", email="ines@house.example", role="service", team=None, by=cast.ada.pk, at=at)
    with pytest.raises(LastAdministrator):
        cast.ada.edit(name="A.", email="a@house.example", role="service", team=None, by=None, at=at)

    again = Member.objects.get(pk=cast.mara.pk)
    assert (again.name, again.email, again.role) == ("Mara Meier", "mara@house.example", "marketing")
    assert Member.objects.get(pk=cast.ada.pk).name == "Ada Adler"
    assert newest() == before


def test_an_edit_records_only_what_it_changes(cast, at):
    before = newest()
    mara, team = cast.mara, cast.ines.team
    mara.edit(name=mara.name, email=mara.email, role=mara.role, team=mara.team, by=cast.ada.pk, at=at)
    assert newest() == before
    mara.edit(name=mara.name, email=mara.email, role=mara.role, team=team, by=cast.ada.pk, at=at)
    (told,) = Fact.objects.filter(id__gt=before)
    assert (told.kind, told.payload) == ("values_set", {"kind": "member", "fields": ["team"]})
    assert mara.team == team


def test_out_of_a_team(cast, at):
    cast.mara.edit(name="Mara", email=cast.mara.email, role="marketing", team=None, by=cast.ada.pk, at=at)
    assert Member.objects.get(pk=cast.mara.pk).team is None


def test_preferences_leave_no_trace_in_the_ledger_but_a_new_name_does(cast, at):
    before = newest()
    wanted = {"language": "zh-hans", "zone": "Asia/Shanghai", "theme": "dark"}
    cast.mara.prefer(name="Mara Meier", **wanted, by=cast.mara.pk, at=at)
    assert newest() == before
    cast.mara.prefer(name="梅玛拉", **wanted, by=cast.mara.pk, at=at)
    assert facts_of(cast.mara, before) == ["member_renamed"]
    kept = Member.objects.get(pk=cast.mara.pk)
    assert (kept.name, kept.language, kept.zone, kept.theme) == ("梅玛拉", "zh-hans", "Asia/Shanghai", "dark")
