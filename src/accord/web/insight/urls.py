from django.urls import path

from accord.web.insight import views

urlpatterns = [
    path("insight/funnel/", views.funnel, name="funnel"),
    path("insight/funnel/drawing.svg", views.funnel_svg, name="funnel_svg"),
    path("insight/funnel/drawing.png", views.funnel_png, name="funnel_png"),
    path("insight/funnel/lines.csv", views.funnel_lines, name="funnel_lines"),
    path("insight/flow/", views.flow, name="flow"),
    path("insight/flow/lines.csv", views.flow_lines, name="flow_lines"),
    path("insight/cohorts/", views.cohorts, name="cohorts"),
    path("insight/cohorts/lines.csv", views.cohorts_lines, name="cohorts_lines"),
    path("insight/sources/", views.sources, name="sources"),
    path("insight/sources/lines.csv", views.sources_lines, name="sources_lines"),
    path("insight/leaks/", views.leaks, name="leaks"),
    path("insight/leaks/lines.csv", views.leaks_lines, name="leaks_lines"),
    path("insight/leads/", views.leads, name="insight_leads"),
]
