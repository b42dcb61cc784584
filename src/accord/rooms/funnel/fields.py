from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.kernel.fields import BOOL, DATE, MONEY, REF, Field
from accord.rooms.content.fields import STAGE
from accord.rooms.funnel import rules

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
PIPELINE_NAMES = {
    "qualified": _("Qualified"),
    "discovery": _("Discovery"),
    "proposal": pgettext_lazy("stage of the pipeline", "Proposal"),
    "negotiation": _("Negotiation"),
    "signing": _("Signing"),
}
WON_NAMES = {
    "fit": _("Fits their need best"),
    "price": _("Price"),
    "relationship": _("They know and trust us"),
    "reference": _("A reference convinced them"),
    "speed": _("We were faster"),
    "service": pgettext_lazy("why a deal was won", "Service"),
    "other": _("Another reason"),
}
LOST_NAMES = {
    "price": _("Price"),
    "terms": _("Terms of the contract"),
    "competitor": _("Decided for somebody else"),
    "no_decision": _("They did not decide"),
    "not_now": _("Not now"),
    "no_budget": _("No budget"),
    "no_need": _("No need"),
    "no_answer": _("Nobody answers"),
    "lost_contact": _("Our contact has left"),
    "other": _("Another reason"),
}
REASON_NAMES = {**WON_NAMES, **LOST_NAMES}
BUYER_ROLE_NAMES = {
    "decision_maker": _("Decides"),
    "economic_buyer": _("Holds the budget"),
    "champion": _("Speaks for us"),
    "user": _("Will use it"),
    "influencer": _("Is listened to"),
    "gatekeeper": _("Keeps the door"),
    "other": _("Another role"),
}
WRONG = {
    rules.UNKNOWN_REASON: _("Choose one of the reasons."),
    rules.NEEDS_NOTE: _("Say in a few words what the reason was."),
    rules.NEEDS_DATE: _("Not now is not never: say on which day to ask again."),
    rules.NOT_AHEAD: _("This day is not ahead: choose a later one."),
    rules.NEGATIVE: _("An amount cannot be below zero: write what they are to pay."),
    rules.UNKNOWN_CURRENCY: _("There is no such currency: write its three letters, such as EUR or CNY."),
    rules.PAST: _("This day is over: say when the deal is expected to close now."),
    rules.CLOSED: _("The deal is closed: open it again before it is moved."),
}
OUTCOME_NAMES = {"open": _("Open"), "won": _("Won"), "lost": _("Lost")}

PASSED = {stage: STAGE_NAMES[stage] for stage in rules.STAGES}  # content is made for none of the ways out
ASSET_STAGE = replace(STAGE, choices=PASSED)  # content comes before the funnel, and knows no stages
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
    Field("deal", "reason", _("Reason"), column="reason", owner="sales", choices=REASON_NAMES),
    Field("deal", "note", _("In their words"), owner="sales", long=True),
    Field("deal", "amount", _("Amount"), MONEY, column="amount_minor", owner="sales"),
    Field("deal", "currency", _("Currency"), column="currency", owner="sales"),
    Field("deal", "expected_close", _("Expected close"), DATE, column="expected_close", owner="sales"),
    Field("deal", "lost_to", _("Lost to"), owner="sales", definition=_("The competitor for whom they decided.")),
    Field("deal", "come_back_on", _("Come back on"), DATE, owner="sales"),
    Field("deal", "owner", _("Owner"), REF, column="owner", refers_to="member", owner="sales"),
    Field("deal", "trashed", _("In the trash"), BOOL, owner="sales"),
]


def reason_name(said: str) -> str | Promise:
    """A reason of those that ship, by name; any other as it was written."""
    return REASON_NAMES.get(said, said)
