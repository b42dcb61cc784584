"""Parts of a deal's card: a brief amount, and an age that is coloured only against what is usual in its stage."""

from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.web.funnel.wording import DAY
from accord.web.shell import wording

register = template.Library()
MARKS = {
    "long": gettext_lazy("longer here than three quarters of those that moved on"),
    "stalled": gettext_lazy("longer here than 95 in 100 of those that moved on"),
}


@register.simple_tag
def brief_money(minor: int, currency: str) -> str:
    return wording.brief_money(minor, currency)


@register.simple_tag
def age(stood: timedelta, mark: str = "") -> SafeString:
    days = stood // DAY
    told = _("%(days)s d") % {"days": wording.number(days)} if days else _("today")
    if mark not in MARKS:
        return format_html('<span class="age">{}</span>', told)
    spoken = '<span class="age" data-age="{}" title="{}">{}<span class="visually-hidden">, {}</span></span>'
    return format_html(spoken, mark, MARKS[mark], told, MARKS[mark])
