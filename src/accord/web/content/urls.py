from django.urls import path
from django.utils.translation import gettext_lazy as _

from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.web.content import mail_templates, panels, telling
from accord.web.content.forms import AssetForm, CampaignForm
from accord.web.content.listings import ASSETS, CAMPAIGNS
from accord.web.content.pages import Pages
from accord.web.records import frame, timeline

frame.register(panels.PANELS)
timeline.register(telling.CONTENT)

urlpatterns = [
    *Pages(ASSETS, Asset, AssetForm, _("New content"), _("Edit content")).urls(),
    path("templates/", mail_templates.mail_templates, name="mail_templates"),
    path("templates/new/", mail_templates.mail_template_new, name="mail_template_new"),
    path("templates/<int:pk>/", mail_templates.mail_template, name="mail_template"),
    path("templates/<int:pk>/edit/", mail_templates.mail_template_edit, name="mail_template_edit"),
    path("templates/<int:pk>/trashing/", mail_templates.mail_template_trashing, name="mail_template_trashing"),
    path("templates/<int:pk>/restoring/", mail_templates.mail_template_restoring, name="mail_template_restoring"),
    *Pages(CAMPAIGNS, Campaign, CampaignForm, _("New campaign"), _("Edit campaign")).urls(),
]
