from django.urls import URLPattern, URLResolver, include, path

handler400 = "accord.web.shell.refusals.bad_request"
handler403 = "accord.web.shell.refusals.forbidden"
handler404 = "accord.web.shell.refusals.not_found"
handler500 = "accord.web.shell.refusals.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accord.web.shell.urls")),
    path("", include("accord.web.people.urls")),
    path("", include("accord.web.funnel.urls")),
    path("settings/", include("accord.web.team.urls")),
    path("api/", include("accord.api.urls")),
    path("accounts/", include("allauth.urls")),
]
