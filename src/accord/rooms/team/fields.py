from django.utils.translation import gettext_lazy as _

from accord.kernel.fields import BOOL, NUMBER, REF, Field

HOUSE_FIELDS = [
    Field("house", "zone", _("Time zone"), column="zone"),
    Field("house", "currency", _("Currency"), column="currency"),
    Field("house", "fiscal_year_start", _("First month of the fiscal year"), NUMBER, column="fiscal_year_start"),
    Field("house", "calendar", _("Holidays of"), column="calendar"),
    Field("house", "inside_sales_side", _("Inside sales belongs to"), column="inside_sales_side"),
]
MEMBER_FIELDS = [
    Field("member", "role", _("Role"), column="role"),
    Field("member", "team", _("Team"), REF, column="team_id", refers_to="team"),
    Field("member", "active", _("Active"), BOOL),
]
