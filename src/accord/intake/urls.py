from django.urls import path

from accord.intake import calendar, health, metrics

urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("calendar/<str:token>.ics", calendar.calendar, name="calendar"),
]
