from django.urls import path

from accord.web.capture import kinds, sources

urlpatterns = [
    path("sources/", sources.sources, name="event_sources"),
    path("sources/new/", sources.making, name="source_new"),
    path("sources/kinds/", kinds.kinds, name="touch_kinds"),
    path("sources/kinds/<int:pk>/removal/", kinds.removal, name="touch_kind_removal"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/events/", sources.events, name="source_events"),
    path("sources/<int:pk>/revocation/", sources.revocation, name="source_revocation"),
]
