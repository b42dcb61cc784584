import pytest

from accord.rooms.team import rules


@pytest.mark.parametrize(
    ("role", "with_sales", "with_marketing"),
    [
        ("marketing", "marketing", "marketing"),
        ("marketing_lead", "marketing", "marketing"),
        ("inside_sales", "sales", "marketing"),
        ("field_sales", "sales", "sales"),
        ("sales_lead", "sales", "sales"),
        ("partner", "sales", "sales"),
        ("service", "none", "none"),
        ("executive", "none", "none"),
        ("admin", "none", "none"),
    ],
)
def test_the_side_of_a_role_depends_on_where_inside_sales_belongs(role, with_sales, with_marketing):
    assert rules.side(role, "sales") == with_sales
    assert rules.side(role, "marketing") == with_marketing


def test_a_partner_sees_their_own_and_the_house_sees_all():
    assert {role: rules.scope(role) for role in rules.ROLES} == {
        "marketing": "all", "inside_sales": "all", "field_sales": "all", "service": "all", "partner": "own",
        "marketing_lead": "all", "sales_lead": "all", "executive": "all", "admin": "all",
    }  # fmt: skip


def test_who_has_no_role_sees_nothing_and_may_nothing():
    assert rules.scope("visitor") == "none"
    assert [action for action in rules.MAY if rules.may("visitor", action)] == []


def test_an_action_that_is_not_in_the_table_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        rules.may("admin", "fly")


def test_an_executive_reads_and_changes_nothing_but_their_own_preferences():
    assert {action for action in rules.MAY if rules.may("executive", action)} == {
        "see_records", "see_insight", "see_content", "see_agreement", "see_promises", "see_overrides", "search",
        "export_records", "set_own_preferences", "see_notices",
    }  # fmt: skip
