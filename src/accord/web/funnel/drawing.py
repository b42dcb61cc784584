"""Parts of a deal's card."""

from django import template

from accord.web.shell import wording

register = template.Library()


@register.simple_tag
def brief_money(minor: int, currency: str) -> str:
    return wording.brief_money(minor, currency)
