from django.urls import path

from accord.web.notices import pages

urlpatterns = [
    path("notices/", pages.notices, name="notices"),
    path("notices/reading/", pages.notices_reading, name="notices_reading"),
    path("notices/<int:pk>/", pages.notice, name="notice"),
]
