"""The gate of every page: who is signed in, what they may do, which rows they see."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accord.rooms.team import rules
from accord.rooms.team.models import Member

Row = TypeVar("Row", bound=models.Model)
View = Callable[..., HttpResponse]
NUL = "\0"  # no keyboard has it, and PostgreSQL takes no text that holds it


class MemberRequest(HttpRequest):
    """A request behind the gate: `user` is a member, `now` its business time."""

    user: Member
    now: datetime
    htmx: HtmxDetails


def needs(action: str) -> Callable[[View], View]:
    """Declare what a page needs: `@needs("see_records")`. No sign-in: the sign-in page. No right: 403."""
    if action not in rules.MAY:
        raise ValueError(f"{action} is not in the table of rights")

    def declare(view: View) -> View:
        @wraps(view)
        def gated(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            if not request.user.may(action):
                raise PermissionDenied
            if quote(NUL) in request.META["QUERY_STRING"]:
                raise BadRequest
            return view(request, *args, **kwargs)

        gated.needs = action  # type: ignore[attr-defined]
        return gated

    return declare


def typed(request: MemberRequest, name: str) -> str:
    """What was sent under a name that no form of Django's reads."""
    return request.POST.get(name, "").replace(NUL, "")


def visible_or_404(rows: "models.QuerySet[Row]", pk: int) -> Row:
    """One of the rows that this member sees; a hidden row is as unknown as a missing one."""
    return get_object_or_404(rows, pk=pk)


def _sign_in(request: Any) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(reverse("account_login"))
    return redirect_to_login(request.get_full_path())
