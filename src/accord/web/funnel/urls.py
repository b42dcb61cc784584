from django.urls import path

from accord.web.funnel import board, closing, deals, holding, leads, moving, panels, telling, trash
from accord.web.records import frame, timeline

frame.register(panels.PANELS)
timeline.register(telling.FUNNEL)

urlpatterns = [
    path("leads/", leads.leads, name="leads"),
    path("leads/export/", leads.leads_export, name="leads_export"),
    path("leads/new/", leads.lead_new, name="lead_new"),
    path("leads/<int:pk>/", leads.lead, name="lead"),
    path("leads/<int:pk>/moves/", leads.lead_moves, name="lead_moves"),
    path("leads/<int:pk>/owner/", leads.lead_owner, name="lead_owner"),
    path("leads/<int:pk>/reopening/", leads.lead_reopening, name="lead_reopening"),
    path("leads/<int:pk>/trashing/", trash.lead_trashing, name="lead_trashing"),
    path("leads/<int:pk>/restoring/", trash.lead_restoring, name="lead_restoring"),
    path("pipeline/", board.pipeline, name="pipeline"),
    path("deals/", deals.deals, name="deals"),
    path("deals/export/", deals.deals_export, name="deals_export"),
    path("deals/new/", deals.deal_new, name="deal_new"),
    path("deals/<int:pk>/", deals.deal, name="deal"),
    path("deals/<int:pk>/edit/", deals.deal_edit, name="deal_edit"),
    path("deals/<int:pk>/fields/<str:slug>/", deals.deal_field, name="deal_field"),
    path("deals/<int:pk>/contacts/", holding.deal_contacts, name="deal_contacts"),
    path("deals/<int:pk>/contacts/<int:link>/removal/", holding.deal_contact_removal, name="deal_contact_removal"),
    path("deals/<int:pk>/products/", holding.deal_products, name="deal_products"),
    path("deals/<int:pk>/products/<int:link>/removal/", holding.deal_product_removal, name="deal_product_removal"),
    path("deals/<int:pk>/competitors/", holding.deal_competitors, name="deal_competitors"),
    path(
        "deals/<int:pk>/competitors/<int:link>/removal/",
        holding.deal_competitor_removal,
        name="deal_competitor_removal",
    ),
    path("deals/<int:pk>/moves/", moving.deal_moves, name="deal_moves"),
    path("deals/<int:pk>/winning/", closing.deal_winning, name="deal_winning"),
    path("deals/<int:pk>/losing/", closing.deal_losing, name="deal_losing"),
    path("deals/<int:pk>/giving-back/", closing.deal_giving_back, name="deal_giving_back"),
    path("deals/<int:pk>/reopening/", closing.deal_reopening, name="deal_reopening"),
    path("deals/<int:pk>/trashing/", trash.deal_trashing, name="deal_trashing"),
    path("deals/<int:pk>/restoring/", trash.deal_restoring, name="deal_restoring"),
]
