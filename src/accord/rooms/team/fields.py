from django.utils.translation import gettext_lazy as _

from accord.kernel.fields import BOOL, NUMBER, REF, Field
from accord.rooms.team import rules

ROLE_NAMES = {
    rules.MARKETING: _("Marketing"),
    rules.INSIDE: _("Inside sales"),
    rules.FIELD: _("Field sales"),
    rules.SERVICE: _("Service"),
    rules.PARTNER: _("Partner"),
    rules.MARKETING_LEAD: _("Marketing lead"),
    rules.SALES_LEAD: _("Sales lead"),
    rules.EXECUTIVE: _("Executive"),
    rules.ADMIN: _("Administrator"),
}
SIDES = {"marketing": _("Marketing"), "sales": _("Sales"), "none": _("Neither side")}

HOUSE_FIELDS = [
    Field("house", "zone", _("Time zone"), column="zone"),
    Field("house", "currency", _("Currency"), column="currency"),
    Field("house", "fiscal_year_start", _("First month of the fiscal year"), NUMBER, column="fiscal_year_start"),
    Field("house", "calendar", _("Holidays of"), column="calendar"),
    Field("house", "hours", _("Working hours"), column="hours"),
    Field("house", "inside_sales_side", _("Inside sales belongs to"), column="inside_sales_side", choices=SIDES),
]
TEAM_FIELDS = [
    Field("team", "side", _("Side"), column="side", choices=SIDES),
    Field("team", "zone", _("Time zone"), column="zone"),
    Field("team", "hours", _("Working hours"), column="hours"),
]
MEMBER_FIELDS = [
    Field("member", "role", _("Role"), column="role", choices=ROLE_NAMES),
    Field("member", "team", _("Team"), REF, column="team", refers_to="team"),
    Field("member", "active", _("Active"), BOOL),
    Field("member", "weight", _("Share in the fair pick"), NUMBER, column="weight"),
    Field("member", "most_open", _("Most hand-offs open at once"), NUMBER, column="most_open"),
]
