"""Pages for what cannot be done: in the look and the language of the reader, saying what to do instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = _("The address or the form could not be read. Go back and try once more.")
    return _refuse(request, 400, _("That could not be understood"), said)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = _("Your role does not include this. Ask an administrator of your house if it should.")
    return _refuse(request, 403, _("This is not open to you"), said)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    said = _("This form was open for too long, or cookies are off. Go back, load the page again and send it once more.")
    return _refuse(request, 403, _("The form has expired"), said)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = _("It was moved, put in the trash, or you do not see it with your role. Search for it by name.")
    return _refuse(request, 404, _("There is nothing here"), said)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks neither database nor session: they may be what broke."""
    return render(None, "500.html", {"theme": "system"}, status=500)  # type: ignore[arg-type]


def _refuse(request: HttpRequest, status: int, title: str, said: str) -> HttpResponse:
    frame = "base.html" if request.user.is_authenticated else "shell/outside.html"
    return render(request, "shell/refused.html", {"frame": frame, "heading": title, "said": said}, status=status)
