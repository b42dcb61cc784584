"""The parts that pages are made of, as tags that every template has."""

import re
from datetime import date, datetime
from functools import cache
from itertools import zip_longest
from typing import Any

import lucide
from django import forms, template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.templatetags import i18n, static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from accord.kernel import jobs
from accord.kernel.intervals import FEW
from accord.kernel.money import format_money
from accord.rooms.agreement import queries
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import listed as in_a_row
from accord.rooms.agreement.words import strung as one_after_the_other
from accord.rooms.funnel import rules, usual
from accord.rooms.funnel.fields import OUTCOME_NAMES, STAGE_NAMES
from accord.rooms.notices.queries import unread
from accord.rooms.team.models import SIDES, House, Member
from accord.web.shell import places, wording

register = template.Library()
# Every template speaks and names files, so these need no {% load %}.
for library in (i18n.register, static.register):
    register.tags.update(library.tags)
    register.filters.update(library.filters)

JOB_NAMES = {
    "import": _("Import"),
    "revert": _("Taking an import back"),
    "rescore": _("Scores reckoned anew"),
    "usual": _("Usual times in each stage"),
    jobs.BACKUP: _("Backup"),
}
JOB_STATES = {
    jobs.QUEUED: _("Waiting"),
    jobs.RUNNING: _("Running"),
    jobs.DONE: _("Done"),
    jobs.FAILED: _("Failed"),
    jobs.CANCELLED: _("Cancelled"),
}
FIRST_OF_SALES = rules.PLACE[rules.SAL]
SMALL = "i-sm"
KINDS_OF_INPUT = {
    forms.CheckboxInput: "",
    forms.Textarea: "textarea",
    forms.Select: "select",
    forms.SelectMultiple: "input",
}


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """A sign beside a word: `{% icon "search" %}`, smaller with "i-sm". Raises ValueError for another size."""
    if size not in ("", SMALL):
        raise ValueError(f"an icon is of the usual size or {SMALL}, not {size}")
    look = {"class": f"i {size}".strip(), "aria-hidden": "true"}
    return mark_safe(" ".join(lucide._render_icon(str(name), None, **look).split()))


@register.simple_tag(takes_context=True)
def avatar(context: Context, member: Member | None, size: str = "") -> SafeString:
    """The initials of a member in the hue of their side."""
    if member is None:
        return format_html('<span class="avatar avatar-none {}" aria-hidden="true">–</span>', size)
    side = member.side(context.get("house") or House.get())
    return format_html(
        '<span class="avatar {}" data-side="{}" aria-hidden="true">{}</span>', size, side, initials(str(member))
    )


def initials(name: str) -> str:
    """Two letters of a name of several words; the first sign of one without."""
    words = [word for word in name.split("@")[0].split() if word[0].isalnum()] or ["?"]
    first = words[0][0].upper()
    return first if len(words) == 1 or (not first.isascii() and ord(first) > 0x2E80) else first + words[-1][0].upper()


@register.simple_tag
def side_dot(side: str, hollow: bool = False) -> SafeString:
    """A dot in the hue of a side, named for those who do not see it."""
    return format_html(
        '<span class="dot {}" data-side="{}"></span><span class="visually-hidden">{}: </span>',
        "dot-hollow" if hollow else "",
        side,
        SIDES[side],
    )


@register.filter
def outcome_name(outcome: str) -> Any:
    return OUTCOME_NAMES.get(outcome, outcome)


@register.filter
def stage_name(stage: str) -> Any:
    return STAGE_NAMES.get(stage, stage)


@register.filter
def stage_side(stage: str) -> str:
    """Whose turn it is in a stage: before SAL marketing's, from there on sales'; after an end nobody's."""
    if stage not in rules.PLACE:
        return "none"
    return "sales" if rules.PLACE[stage] >= FIRST_OF_SALES else "marketing"


@register.simple_tag(takes_context=True)
def under(context: Context) -> SafeString | str:
    """Under which agreement everything stands now: said in the frame of every page, and beneath reports."""
    request = context["request"]
    if not hasattr(request, "under"):
        request.under = queries.standing(request.now)
    if not request.under:
        return gettext("Before any agreement")
    first = request.under[0]
    name = gettext("Unsigned starter") if first.starter else _version_name(first)
    if not request.user.may("see_agreement"):
        return name
    return format_html('<a class="rec" href="{}">{}</a>', reverse("agreement"), name)


@register.simple_tag(takes_context=True)
def version_link(context: Context, version: Version) -> SafeString | str:
    """What a version is called: as a link, for whom it is open."""
    name = _version_name(version)
    if not context["request"].user.may("see_agreement"):
        return name
    return format_html('<a class="link" href="{}">{}</a>', reverse("agreement_version", args=[version.pk]), name)


def _version_name(version: Version) -> str:
    return gettext("%(name)s, version %(number)s") % {"name": version.agreement.name, "number": version.number}


@register.simple_tag
def stage_chip(stage: str) -> SafeString:
    return format_html('<span class="chip" data-side="{}">{}</span>', stage_side(stage), stage_name(stage))


@register.inclusion_tag("shell/path.html")
def stage_path(
    stage: str, reached: str = "", spent: dict[str, str] | None = None, mini: bool = False, skipped: Any = ()
) -> dict[str, Any]:
    """The funnel as one line. `reached`: the furthest stage of an ended lead; `spent`: words beneath a stage."""
    here = rules.PLACE.get(stage)
    last = rules.PLACE.get(reached, -1) if here is None else here
    steps = []
    for place, name in enumerate(rules.STAGES):
        state = "now" if place == here else "past" if place <= last else ""
        step = {"stage": name, "side": stage_side(name), "state": "skip" if name in skipped else state}
        steps.append({**step, "spent": (spent or {}).get(name, ""), "gate": place == FIRST_OF_SALES})
    return {"steps": steps, "mini": mini, "crossed": last >= FIRST_OF_SALES, "stage": stage}


AGES = {
    rules.LONG: _("longer than three quarters of those that moved on from here"),
    rules.STALLED: _("longer than 95 in 100 of those that moved on from here"),
}


@register.simple_tag
def age_chip(age: usual.Age | None) -> SafeString | str:
    """The days in a stage, coloured only against what is usual there; in words for whoever sees no colour."""
    if age is None:
        return ""
    days = wording.days(age.here)
    if not age.mark:
        return format_html('<span class="age num">{}</span>', days)
    said = AGES[age.mark]
    return format_html(
        '<span class="age num" data-age="{}" title="{}">{}<span class="visually-hidden">, {}</span></span>',
        age.mark, said, days, said,
    )  # fmt: skip


@register.simple_tag
def age_told(age: usual.Age | None, only_marked: bool = False) -> SafeString | str:
    """“usual 9 d, here 14 d”; nothing where it is too early to say what is usual."""
    if age is None or age.usual is None or (only_marked and not age.mark):
        return ""
    said = gettext("usual %(days)s d, here") % {"days": wording.number(round(age.usual, 1))}
    return format_html("{} {}", said, age_chip(age))


@register.simple_tag
def early(of: int | None = None) -> SafeString:
    """In place of a figure of fewer than 30, how many they are; of more, or where nobody says, that it is early."""
    if of is None or of >= FEW:
        said = gettext("Not enough of them have come as far for this figure.")
        return format_html('<span class="early" title="{}">{}</span>', said, gettext("too early"))
    counts = {"number": wording.number(of), "few": wording.number(FEW)}
    said = gettext("Too few yet: %(number)s of the %(few)s that such a figure needs.") % counts
    return format_html(
        '<span class="early" title="{}">{} <span class="ci">{}</span></span>', said, gettext("too few yet"), of_few(of)
    )


@register.filter
def of_few(of: int) -> str:
    """13 of 30: how many there are of those that a figure needs."""
    return gettext("%(number)s of %(few)s") % {"number": wording.number(of), "few": wording.number(FEW)}


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime | None, form: str = "short") -> SafeString | str:
    """An instant in the reader's zone: `short`, `moment`, `day` or `whole`; the whole of it always in the title."""
    if at is None:
        return "–"
    whole = said = wording.whole(at)
    if form == "short":
        said = wording.short(at, context["request"].now)
    elif form == "moment":
        said = wording.moment(at, context["request"].now)
    elif form == "day":
        said = wording.day(timezone.localtime(at).date())
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), whole, said)


@register.filter
def day(text: str) -> str:
    """A day that is kept as text, in the reader's language."""
    return wording.day(date.fromisoformat(text))


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ deal.amount_minor|money:deal.currency }}`"""
    return "–" if minor is None else format_money(minor, currency, get_language() or "en")


@register.filter
def number(value: Any, decimals: int | None = None) -> str:
    return "–" if value is None else wording.number(value, decimals)


@register.filter
def percent(share: Any, decimals: int = 1) -> str:
    return "–" if share is None else wording.percent(share, decimals)


@register.simple_tag
def interval(low: float, high: float) -> str:
    return wording.interval(low, high)


@register.filter
def brief_money(minor: int, currency: str) -> str:
    return wording.brief_money(minor, currency)


@register.filter
def listed(names: Any) -> str:
    """Names in a row, as the reader's language strings them."""
    return in_a_row(names)


@register.filter
def strung(texts: Any) -> str:
    """One after the other, without a last “and”."""
    return one_after_the_other(texts)


@register.filter
def breaking(text: Any) -> SafeString:
    """An e-mail address that is too long for its line breaks before its sign, not within a word."""
    return mark_safe(escape(text).replace("@", "<wbr>@"))


@register.simple_tag
def progress(done: int, total: int, label: str = "") -> SafeString:
    """A bar of `done` out of `total`; without a total it only says that something is going on."""
    if not total:
        return format_html('<progress class="progress" aria-label="{}"></progress>', label or gettext("Progress"))
    words = (label or gettext("Progress"), min(done, total), total)
    return format_html('<progress class="progress" aria-label="{}" value="{}" max="{}"></progress>', *words)


@register.inclusion_tag("shell/empty.html")
def empty(title: str, text: str = "", href: str = "", label: str = "", sign: str = "inbox") -> dict[str, Any]:
    """What will be here and the one next step."""
    return {"title": title, "text": text, "href": href, "label": label, "sign": sign}


@register.inclusion_tag("shell/filter_chip.html")
def filter_chip(name: str, value: Any, without: str) -> dict[str, Any]:
    """A condition that the list obeys; `without` is the address of the list without it."""
    return {"name": name, "value": value, "without": without}


@register.inclusion_tag("shell/load_more.html")
def load_more(
    address: str, rows: str, shown: int | None = None, total: int | None = None, beyond: bool = False
) -> dict[str, Any]:
    """A button that appends the next page's rows to the element `rows` (a CSS selector)."""
    return {"address": address, "rows": rows, "shown": shown, "total": total, "beyond": beyond}


@register.inclusion_tag("shell/field.html")
def field(bound: BoundField, label: str = "", placeholder: str = "") -> dict[str, Any]:
    """A field of a form: label above, help beneath, what is wrong beside it."""
    told = [f"{bound.auto_id}_{part}" for part, there in (("error", bound.errors), ("help", bound.help_text)) if there]
    kind = _input_class(bound)
    given: dict[str, Any] = {"class": kind} if kind else {}
    given |= {"aria-describedby": " ".join(told)} if told else {}
    given |= {"aria-invalid": "true"} if bound.errors else {}
    given |= {"placeholder": placeholder} if placeholder else {}
    ticked = isinstance(bound.field.widget, forms.CheckboxInput)
    shown = {"field": bound, "label": label or bound.label, "ticked": ticked, "mark": _needed(bound)}
    return shown | {"control": bound.as_widget(attrs=given)}


def _needed(bound: BoundField) -> str | Promise:
    """Whichever is rarer in the form is said at its fields: that they must be filled, or that they need not be."""
    fields = [one.field.required for one in bound.form.visible_fields()]
    needed, rest = fields.count(True), fields.count(False)
    if not needed or not rest:
        return ""
    if bound.field.required:
        return _("required") if needed <= rest else ""
    return _("optional") if rest < needed else ""


def _input_class(bound: BoundField) -> str:
    widget = bound.field.widget
    kind = next((kind for base, kind in KINDS_OF_INPUT.items() if type(widget) is base), None)
    if kind is None:
        kind = "select" if isinstance(widget, forms.Select) else "input"
    return f"{widget.attrs.get('class', '')} {kind}".strip()


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The page's own query string with some parameters changed; None or "" takes one away."""
    kept = context["request"].GET.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        for one in value if isinstance(value, list | tuple) else [value]:
            if one not in (None, ""):
                kept.appendlist(name, str(one))
    return f"?{kept.urlencode()}"


@register.filter
def duration(seconds: int) -> str:
    """How long work still takes, in the two units that matter."""
    return wording.duration(seconds)


@register.filter
def job_name(kind: str) -> Any:
    return JOB_NAMES.get(kind, kind)


@register.filter
def job_state(state: str) -> Any:
    return JOB_STATES[state]


@register.filter
def own_name(language: str) -> str:
    """A language as its speakers call it."""
    return get_language_info(language)["name_local"]


@register.filter
def language_name(code: str) -> str:
    """What the reader's language calls a language that is kept by its code; anything else as it was written."""
    names = wording.locale().languages
    return names.get(code.partition("-")[0].lower(), code)


@register.filter
def marked(text: Any, sought: str) -> SafeString:
    """The text with what was sought underlined, where it stands in it as it was typed."""
    words = sorted(map(re.escape, sought.split()), key=len, reverse=True)
    if not words:
        return format_html("{}", text)
    parts = re.split(f"({'|'.join(words)})", str(text), flags=re.IGNORECASE)
    return format_html_join("", "{}{}", ((plain, _mark(hit)) for plain, hit in zip_longest(parts[::2], parts[1::2])))


def _mark(hit: str | None) -> str:
    return format_html("<mark>{}</mark>", hit) if hit else ""


@register.inclusion_tag("shell/rail.html", takes_context=True)
def rail(context: Context) -> dict[str, Any]:
    request = context["request"]
    member = request.user
    return {
        "request": request,
        "member": member,
        "house": context["house"],
        "theme": context["theme"],
        "languages": context["languages"],
        "LANGUAGE_CODE": context["LANGUAGE_CODE"],
        "csrf_token": context.get("csrf_token"),
        "places": _marked(places.open_to(member, places.RAIL), request.path),
        "foot": _marked(places.open_to(member, places.FOOT), request.path),
        "more": places.MORE,
        "bell": places.NOTICES,
        "unread": unread(member),
    }


def _marked(shown: list[places.Place], path: str) -> list[tuple[places.Place, bool]]:
    return [(place, place.holds(path)) for place in shown]
