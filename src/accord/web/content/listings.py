"""The lists of content and campaigns, for the one list machinery."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.web.lists.columns import BY_NAME, CREATED, RECENT, Listing, View, named

MINE = View(_("Mine"), ("owner:is:me",))

ASSETS = Listing(
    kind="asset",
    name="assets",
    record="asset",
    title=_("Content"),
    nothing=_("Every piece of content that a touch names will be here by itself: downloads, webinars, cases."),
    begin=pgettext_lazy("new", "Content"),
    begins="asset_new",
    begin_action="edit_content",
    model=Asset,
    own=(named("asset"), CREATED),
    shown=("name", "format", "stage", "persona", "language", "owner", "created"),
    sorts=(RECENT, BY_NAME),
    views=(View(_("All")), MINE),
    related=("owner",),
    sought="asset",
)
CAMPAIGNS = Listing(
    kind="campaign",
    name="campaigns",
    record="campaign",
    title=_("Campaigns"),
    nothing=_("Every campaign that a touch names, itself or by its UTM parameters, will be here by itself."),
    begin=pgettext_lazy("new", "Campaign"),
    begins="campaign_new",
    begin_action="edit_campaign",
    model=Campaign,
    own=(named("campaign"), CREATED),
    shown=("name", "channel", "starts_on", "ends_on", "budget", "owner", "created"),
    sorts=(RECENT, BY_NAME),
    views=(View(_("All")), MINE),
    related=("owner",),
    sought="campaign",
    results="/insight/sources/?by=lead.campaign",
)
