"""Parts of a deal's card."""

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from accord.web.shell import wording

register = template.Library()


@register.simple_tag
def brief_money(minor: int, currency: str) -> str:
    return wording.brief_money(minor, currency)


@register.simple_tag(takes_context=True)
def moves_of(context: Context, column: Any, address: str) -> SafeString:
    """Where a card can go: written once a column, and for each card with the address of its deal."""
    if not column.moves:
        here = {"column": column, "columns": context["columns"], "request": context["request"], "deal": 0}
        column.moves = render_to_string("funnel/board_moves.html", here).split(reverse("deal", args=[0]))
    return mark_safe(address.join(column.moves))
