from django.urls import path

from accord.web.records import frame
from accord.web.scoring import checking, pages, panels

frame.register(panels.PANELS)

urlpatterns = [
    path("contacts/<int:pk>/score/", pages.contact_score, name="contact_score"),
    path("contacts/<int:pk>/checks/", checking.contact_checks, name="contact_checks"),
]
