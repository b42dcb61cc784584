"""A row of a list. A page has hundreds of cells: what a column says of all of its own is asked once, not in each."""

from collections.abc import Callable

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accord.kernel.fields import DATE
from accord.web.lists.cells import Cell, Row
from accord.web.lists.columns import AGED, GRADE, MEMBER, MOMENT, PLAIN, STAGE, Column, Listing
from accord.web.shell.templatetags.shell import avatar, when

register = template.Library()
Drawn = Callable[[Context, Cell], SafeString | str]


@register.simple_tag(takes_context=True)
def cells(context: Context, row: Row, listing: Listing) -> SafeString:
    first, *others = row.cells
    address = reverse(listing.record, args=[row.record.pk])
    called = format_html('<span class="who"><a class="rec" href="{}">{}</a></span>', address, first.shown or row.record)
    return _cell(first, called) + format_html_join("", "{}", ((_cell(one, _inside(context, one)),) for one in others))


def _cell(cell: Cell, inside: SafeString | str) -> SafeString:
    column = cell.column
    if not inside:
        return format_html("<td>{}</td>", inside)
    # On a phone the heads are gone: a figure or a day says itself what it is.
    if column.right:
        return format_html('<td class="r num" data-label="{}">{}</td>', column.label, inside)
    if column.type in (MOMENT, DATE):
        return format_html('<td data-label="{}">{}</td>', column.label, inside)
    if column.look != PLAIN:
        return format_html("<td>{}</td>", inside)
    if column.told:
        return format_html('<td class="clip" title="{}">{}</td>', cell.shown, inside)
    return format_html('<td class="clip">{}</td>', inside)


def _inside(context: Context, cell: Cell) -> SafeString | str:
    return _drawn(cell.column)(context, cell) if cell.shown else ""


def _drawn(column: Column) -> Drawn:
    if column.look in _BY_LOOK:
        return _BY_LOOK[column.look]
    if column.refers_to == "company":
        return _company
    return _moment if column.type == MOMENT else _text


def _text(_context: Context, cell: Cell) -> SafeString | str:
    return format_html("{} {}", cell.shown, cell.mark) if cell.mark else cell.shown


def _stage(_context: Context, cell: Cell) -> SafeString:
    return format_html('<span class="stage-cell">{}<span>{}</span></span>', cell.mark, cell.shown)


def _grade(_context: Context, cell: Cell) -> SafeString:
    return format_html('<span class="grade" data-grade="{}">{}</span>', cell.value, cell.shown)


def _member(context: Context, cell: Cell) -> SafeString:
    return format_html('<span class="row">{}<span>{}</span></span>', avatar(context, cell.value), cell.shown)


def _company(_context: Context, cell: Cell) -> SafeString:
    return format_html('<a class="rec" href="{}">{}</a>', reverse("company", args=[cell.value.pk]), cell.shown)


def _moment(context: Context, cell: Cell) -> SafeString | str:
    return when(context, cell.value)


def _aged(context: Context, cell: Cell) -> SafeString:
    return format_html('<span class="row">{}{}</span>', when(context, cell.value), cell.mark)


_BY_LOOK: dict[str, Drawn] = {STAGE: _stage, GRADE: _grade, MEMBER: _member, AGED: _aged}
