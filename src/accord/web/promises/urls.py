from django.urls import path

from accord.web.promises import pages

urlpatterns = [
    path("promises/", pages.promises, name="promises"),
    path("promises/clocks/", pages.clocks, name="promise_clocks"),
    path("promises/clocks/<int:pk>/excusing/", pages.excusing, name="clock_excusing"),
]
