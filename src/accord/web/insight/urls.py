from django.urls import URLPattern, path

from accord.rooms.insight import reports
from accord.web.insight import earning, views
from accord.web.records import frame
from accord.web.shell.gate import needs

frame.register(earning.PANELS)

# The rail has a place of its own for it.
ADDRESSES = {"overrides": "overrides/"}


def _page(name: str) -> URLPattern:
    gated = needs(reports.NAMES[name].needs)(views.report)
    return path(ADDRESSES.get(name, f"insight/{name}/"), gated, {"name": name}, name=name)


urlpatterns = [
    *(_page(name) for name in views.PAGES),
    path("campaigns/<int:pk>/earned/", earning.of_campaign, name="campaign_earned"),
    path("assets/<int:pk>/earned/", earning.of_asset, name="asset_earned"),
    path("insight/leaks/", views.leaks, name="leaks"),
    path("insight/leads/", views.leads, name="insight_leads"),
    path("insight/leads/export/", views.leads_export, name="insight_leads_export"),
    path("insight/<slug:name>/figures.<slug:kind>", views.figures, name="report_figures"),
    path("insight/<slug:name>/drawing.<slug:kind>", views.drawing, name="report_drawing"),
]
