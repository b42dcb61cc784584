"""Pages for what cannot be done: in the look and the language of the reader, saying what to do instead."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request refused at the door has neither member nor session yet."""
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = _("Your role does not include this. Ask an administrator of your house if it should.")
    return _refuse(request, 403, _("This is not open to you"), said)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    said = _("It was moved, put in the trash, or you do not see it with your role. Search for it by name.")
    return _refuse(request, 404, _("There is nothing here"), said)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks neither database nor session: they may be what broke."""
    return HttpResponse(render_to_string("500.html"), status=500)


def _refuse(request: HttpRequest, status: int, title: str, said: str) -> HttpResponse:
    frame = "base.html" if request.user.is_authenticated else "shell/outside.html"
    return render(request, "shell/refused.html", {"frame": frame, "heading": title, "said": said}, status=status)
