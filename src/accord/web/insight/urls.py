from django.urls import path

from accord.web.insight import views

urlpatterns = [
    *(path(f"insight/{name}/", views.report, {"name": name}, name=name) for name in views.PAGES),
    path("insight/leaks/", views.leaks, name="leaks"),
    path("insight/leads/", views.leads, name="insight_leads"),
    path("insight/<slug:name>/figures.<slug:kind>", views.figures, name="report_figures"),
    path("insight/<slug:name>/drawing.<slug:kind>", views.drawing, name="report_drawing"),
]
