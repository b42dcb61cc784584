"""Choosing the contact that something new belongs to, by any part of a name."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from accord.kernel import search
from accord.web.shell.gate import MemberRequest

OFFERED = 20


def choose(request: MemberRequest, title: str, name: str, rows: QuerySet) -> HttpResponse:
    """A page on which a contact is found; each found one leads back here with its number as parameter `name`."""
    typed = request.GET.get("q", "").strip()
    found = list(rows.filter(pk__in=search.find(typed, "contact", OFFERED)).select_related("company")) if typed else []
    context = {"title": title, "name": name, "found": found, "q": typed, "may_make": request.user.may("edit_contact")}
    return render(request, "funnel/choose.html", context)
