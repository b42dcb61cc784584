from django.utils.translation import gettext_lazy as _

from accord.kernel.fields import BOOL, DATE, MONEY, REF, Field

STAGE_NAMES = {
    "inquiry": _("Inquiry"),
    "engaged": _("Engaged"),
    "mql": _("MQL"),
    "sal": _("SAL"),
    "sql": _("SQL"),
    "opportunity": _("Opportunity"),
    "won": _("Won"),
    "lost": _("Lost"),
    "recycled": _("Recycled"),
    "disqualified": _("Disqualified"),
    "joined": _("Joined"),
}
ENTRY_NAMES = {
    "marketing": _("Marketing"),
    "own_prospecting": _("Own prospecting"),
    "partner": _("Partner"),
    "referral": _("Referral"),
    "second_sale": _("Second sale"),
    "import": _("Import"),
}
OUTCOME_NAMES = {"open": _("Open"), "won": _("Won"), "lost": _("Lost")}

LEAD_FIELDS = [
    Field("lead", "owner", _("Owner"), REF, column="owner", refers_to="member", owner="sales"),
    Field("lead", "origin", _("Origin"), definition=_("The channel that the lead came through.")),
    Field("lead", "campaign", _("Campaign")),
    Field("lead", "channel", _("Channel")),
    Field("lead", "trashed", _("In the trash"), BOOL),
]
DEAL_FIELDS = [
    Field("deal", "name", _("Name"), column="name", owner="sales", searched=True),
    Field("deal", "stage", _("Pipeline stage"), column="stage", owner="sales"),
    Field("deal", "outcome", _("Outcome"), column="outcome", owner="sales", choices=OUTCOME_NAMES),
    Field("deal", "reason", _("Reason"), column="reason", owner="sales"),
    Field("deal", "amount", _("Amount"), MONEY, column="amount_minor", owner="sales"),
    Field("deal", "currency", _("Currency"), column="currency", owner="sales"),
    Field("deal", "expected_close", _("Expected close"), DATE, column="expected_close", owner="sales"),
    Field("deal", "come_back_on", _("Come back on"), DATE, owner="sales"),
    Field("deal", "owner", _("Owner"), REF, column="owner", refers_to="member", owner="sales"),
    Field("deal", "trashed", _("In the trash"), BOOL, owner="sales"),
]
