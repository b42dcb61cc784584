"""The page of a list: tabs, chips, the open condition, the columns, the rows, and more of them."""

from dataclasses import dataclass
from typing import Any, cast

from django.db import models
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accord.kernel import fields
from accord.rooms.team.models import Member
from accord.web.lists import cells, export
from accord.web.lists.columns import MEMBER, MOMENT, Column, Listing
from accord.web.lists.conditions import DAY_WORDS, IS, KNOWN, ME, ONE_OF, UNKNOWN, WORDS, Condition, operators
from accord.web.lists.filters import Filter, read
from accord.web.lists.paging import page
from accord.web.shell.gate import MemberRequest


@dataclass(frozen=True)
class Chip:
    name: str
    value: str
    without: str


@dataclass(frozen=True)
class Tab:
    label: str | Promise
    address: str
    here: bool


@dataclass(frozen=True)
class Choice:
    value: str
    label: str | Promise
    chosen: bool = False


def show(request: MemberRequest, listing: Listing, rows: models.QuerySet) -> HttpResponse:
    """The page of a list, of those of its rows that the member may see."""
    asked = asked_of(request, listing)
    if request.GET.get("field") and "op" in request.GET:
        return HttpResponseRedirect(request.path + with_new(request, asked))
    records = asked.records(rows.select_related(*listing.related))
    shown, place = page(records, asked.by, request.GET.get("after", ""))
    total, beyond = _total(request, asked, rows, len(shown), place)
    context = {
        "listing": listing,
        "filter": asked,
        "rows": cells.rows(shown, asked.shown, listing.kind, request.now),
        "more": place and f"{asked.query()}&{_after(place)}",
        "total": total,
        "so_far": None if "after" in request.GET else len(shown),
        "beyond": beyond,
        "chips": chips(asked),
        "tabs": _tabs(asked, request.user),
        "opened": opened(request, asked),
        "columns": [(column, column in asked.shown, column is asked.shown[0]) for column in _shown_first(asked)],
        "sorts": [(asked.query(sort=sort), sort) for sort in listing.sorts],
        "bare": asked.query(conditions=(), sought=""),
        "results": listing.results if request.user.may("see_insight") else "",
        "board": listing.board(asked) if listing.board else "",
        "export_address": reverse(f"{listing.name}_export"),
        "may_begin": request.user.may(listing.begin_action),
        "may_export": request.user.may("export_records"),
    }
    return render(request, "lists/list.html", context)


def _total(
    request: MemberRequest, asked: Filter, rows: models.QuerySet, shown: int, place: str | None
) -> tuple[int, bool]:
    """How many there are, and whether there are more; counted only where that is cheap and somebody reads it."""
    if "after" in request.GET or (place and not asked.countable):
        return shown, True
    return asked.counted(rows) if place else (shown, False)


def to_file(request: MemberRequest, listing: Listing, rows: models.QuerySet) -> HttpResponse:
    """The same list as a file."""
    streamed = export.stream(asked_of(request, listing), rows.select_related(*listing.related), request.now)
    return cast(HttpResponse, streamed)


def asked_of(request: MemberRequest, listing: Listing) -> Filter:
    """The filter of the address; columns that were chosen once stay chosen in this session."""
    kept = f"columns.{listing.kind}"
    params = request.GET.copy()
    before = request.session.get(kept, list(listing.shown))
    if "col" in params:
        ticked = params.getlist("col")
        params["c"] = ",".join([*(slug for slug in before if slug in ticked), *(s for s in ticked if s not in before)])
    asked = Filter.of(listing, params, request.user, before)
    if params.get("c") and request.session.get(kept) != list(asked.chosen):
        request.session[kept] = list(asked.chosen)
    return asked


def with_new(request: MemberRequest, asked: Filter) -> str:
    """The address with the condition that was just filled in; one that means nothing stays to be mended."""
    values = [v.strip() for v in request.GET.getlist("value") if v.strip()]
    op = request.GET["op"]
    if op == IS and len(values) > 1:
        op = ONE_OF
    said = ":".join([request.GET["field"], op, *(["|".join(values)] if values and op not in (KNOWN, UNKNOWN) else [])])
    try:
        added = read(said, asked.columns, request.user)
    except ValueError:
        params = QueryDict(asked.query()[1:], mutable=True)
        params.appendlist("f", said)
        params["open"] = said
        return f"?{params.urlencode()}"
    kept = tuple(c for c in asked.conditions if str(c) != request.GET.get("instead"))
    return asked.query(conditions=(*kept, added))


def _shown_first(asked: Filter) -> list[Column]:
    return [*asked.shown, *(column for slug, column in asked.columns.items() if slug not in asked.chosen)]


def _after(place: str) -> str:
    params = QueryDict(mutable=True)
    params["after"] = place
    return params.urlencode()


def chips(asked: Filter) -> list[Chip]:
    names = _names(asked.conditions)
    return [Chip(_name(c), _values(c, names), asked.without(c)) for c in asked.conditions]


def _name(condition: Condition) -> str:
    """What is asked; where the values are whole clauses, no verb stands between."""
    column = condition.column
    return str(column.label) if column.narrowed else f"{column.label} {condition.word}"


def _names(conditions: tuple[Condition, ...]) -> dict[str, str]:
    wanted = [v for c in conditions if c.column.look == MEMBER for v in c.values if v.isdigit()]
    return {str(m.pk): str(m) for m in Member.objects.filter(pk__in=wanted)} if wanted else {}


def _values(condition: Condition, names: dict[str, str]) -> str:
    if condition.op in (KNOWN, UNKNOWN):
        return ""
    column = condition.column
    if column.look == MEMBER:
        return ", ".join(_("me") if v == ME else names.get(v, _("somebody who is gone")) for v in condition.values)
    if column.type == fields.BOOL:
        return cells.shown(column, fields.value(fields.Field("", "", "", fields.BOOL), condition.values[0]).text)
    return ", ".join(str(column.choices.get(v, v)) for v in condition.values)


def _tabs(asked: Filter, member: Member) -> list[Tab]:
    mine = [str(c) for c in asked.conditions]
    tabs = []
    for view in asked.listing.views:
        conditions = tuple(read(said, asked.columns, member) for said in view.conditions)
        here = mine == list(view.conditions) and not asked.sought
        tabs.append(Tab(view.label, asked.query(conditions=conditions, sought=""), here))
    return tabs


def opened(request: MemberRequest, asked: Filter) -> dict[str, Any] | None:
    """The condition that is being filled in: its field was chosen, or what was typed could not be used."""
    said = request.GET.get("open") or (asked.problems[0].asked if asked.problems else "")
    slug, op, value = [*said.split(":", 2), "", ""][:3]
    column = asked.columns.get(slug)
    if column is None or not column.filtered:
        return None
    words = DAY_WORDS if column.type in (fields.DATE, MOMENT) else WORDS
    return {
        "column": column,
        "ops": [Choice(o, words[o], o == op) for o in operators(column)],
        "choices": _choices(column, value.split("|")),
        "other": "|".join(one for one in value.split("|") if one not in column.choices) if column.others else None,
        "value": value,
        "instead": said if op else "",
        "type": "date" if column.type in (fields.DATE, MOMENT) else "text",
        "many": ONE_OF in operators(column) and bool(column.choices or column.look == MEMBER),
    }


def _choices(column: Column, chosen: list[str]) -> list[Choice]:
    if column.look == MEMBER:
        members = [Choice(str(m.pk), str(m), str(m.pk) in chosen) for m in Member.objects.filter(is_active=True)]
        return [Choice(ME, _("me"), ME in chosen), *members]
    if column.type == fields.BOOL:
        return [Choice("true", _("yes"), "true" in chosen), Choice("false", _("no"), "false" in chosen)]
    return [Choice(value, label, value in chosen) for value, label in column.choices.items()]
