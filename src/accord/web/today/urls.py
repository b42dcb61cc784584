from django.urls import path

from accord.web.today import (
    agreeing,
    coming,
    dealing,
    frame,
    leading,
    marketing,
    overseeing,
    pages,
    selling,
    serving,
    trail_pages,
)

for part in (agreeing, selling, serving, dealing, marketing, coming, leading, overseeing):
    frame.register(part.SECTIONS)

urlpatterns = [
    path("today/", pages.today, name="today"),
    path("today/leads/", pages.today_leads, name="today_leads"),
    path("today/steps/", pages.today_steps, name="today_steps"),
    path("trail/", trail_pages.trail, name="trail"),
    path("trail/visitor/", trail_pages.trail_visitor, name="trail_visitor"),
    path("trail/dismissal/", trail_pages.trail_dismissal, name="trail_dismissal"),
    path("trail/restoring/", trail_pages.trail_restoring, name="trail_restoring"),
    path("trail/<str:step>/opening/", trail_pages.trail_opening, name="trail_opening"),
]
