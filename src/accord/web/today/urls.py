from django.urls import path

from accord.web.today import coming, frame, leading, marketing, pages, selling

for part in (selling, marketing, coming, leading):
    frame.register(part.SECTIONS)

urlpatterns = [
    path("today/", pages.today, name="today"),
    path("today/leads/", pages.today_leads, name="today_leads"),
]
