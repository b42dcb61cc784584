from django.urls import path

from accord.web.today import coming, dealing, frame, leading, marketing, overseeing, pages, selling

for part in (selling, dealing, marketing, coming, leading, overseeing):
    frame.register(part.SECTIONS)

urlpatterns = [
    path("today/", pages.today, name="today"),
    path("today/leads/", pages.today_leads, name="today_leads"),
]
