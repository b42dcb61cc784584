"""Choosing the contact or company that something new belongs to, by any part of a name."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from accord.kernel import search
from accord.web.shell.gate import MemberRequest

OFFERED = 20


def choose(
    request: MemberRequest, title: str, name: str, rows: QuerySet, companies: QuerySet | None = None
) -> HttpResponse:
    """A page on which a contact is found; each found one leads back here with its number as parameter `name`.

    Where `companies` are given, one of these will do as well.
    """
    typed = request.GET.get("q", "").strip()
    found = list(rows.filter(pk__in=search.find(typed, "contact", OFFERED)).select_related("company")) if typed else []
    firms = companies.filter(pk__in=search.find(typed, "company", OFFERED)) if companies is not None and typed else ()
    context = {
        "title": title, "name": name, "found": found, "q": typed, "companies": firms, "both": companies is not None,
        "may_make": request.user.may("edit_contact"),
    }  # fmt: skip
    return render(request, "funnel/choose.html", context)
