from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

handler400 = "accord.web.shell.refusals.bad_request"
handler403 = "accord.web.shell.refusals.forbidden"
handler404 = "accord.web.shell.refusals.not_found"
handler500 = "accord.web.shell.refusals.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accord.web.shell.urls")),
    path("", include("accord.web.today.urls")),
    path("", include("accord.web.people.urls")),
    path("", include("accord.web.funnel.urls")),
    path("", include("accord.web.desk.urls")),
    path("", include("accord.web.booking.urls")),
    path("", include("accord.web.content.urls")),
    path("", include("accord.web.imports.urls")),
    path("", include("accord.web.capture.urls")),
    path("", include("accord.web.agreement.urls")),
    path("", include("accord.web.promises.urls")),
    path("", include("accord.web.notices.urls")),
    path("", include("accord.web.scoring.urls")),
    path("", include("accord.web.insight.urls")),
    path("settings/", include("accord.web.team.urls")),
    path("api/", include("accord.api.urls")),
    # An address is what somebody signs in with and is met by: it changes by a verb of the team, never on the side.
    path("accounts/email/", RedirectView.as_view(pattern_name="me")),
    path("accounts/", include("allauth.urls")),
    path("", include("accord.intake.urls")),
]
