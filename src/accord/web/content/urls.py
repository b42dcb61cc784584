from django.utils.translation import gettext_lazy as _

from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.web.content import panels, telling
from accord.web.content.forms import AssetForm, CampaignForm
from accord.web.content.listings import ASSETS, CAMPAIGNS
from accord.web.content.pages import Pages
from accord.web.records import frame, timeline

frame.register(panels.PANELS)
timeline.register(telling.CONTENT)

urlpatterns = [
    *Pages(ASSETS, Asset, AssetForm, _("New content"), _("Edit content")).urls(),
    *Pages(CAMPAIGNS, Campaign, CampaignForm, _("New campaign"), _("Edit campaign")).urls(),
]
