from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import holidays
from babel.core import get_global
from babel.dates import get_month_names
from babel.numbers import get_currency_name, get_territory_currencies
from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.urls import reverse_lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.kernel.worktime import Hours
from accord.rooms.funnel.models import PipelineStage
from accord.rooms.funnel.rules import PIPELINE
from accord.rooms.team.models import ROLE_NAMES, SIDES, ApiKey, House, Member, Team
from accord.web.shell.context import THEMES
from accord.web.shell.days import DayField
from accord.web.shell.wording import locale
from accord.web.shell.zones import zones
from accord.web.team import hours

KINDS = {
    "contact": _("Contact"), "company": _("Company"), "lead": _("Lead"), "deal": _("Deal"),
    "campaign": _("Campaign"), "asset": _("Content"),
}  # fmt: skip
OWNERS = {side: name for side, name in SIDES.items() if side != "none"}
THEME_NAMES = dict(zip(THEMES, (_("Light"), _("Dark"), _("As the system")), strict=True))
Choices = list[tuple[str, Any]]
YEARS_AHEAD = 3


class LongSelect(forms.Select):
    """Hundreds of options, written in one go: Django renders a template for each of them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        shown = self.get_context(name, value, attrs)["widget"]
        options = [option for _group, members, _index in shown["optgroups"] for option in members]
        chosen = {True: " selected", False: ""}
        return format_html(
            '<select name="{}"{}>{}</select>',
            name,
            flatatt(shown["attrs"]),
            format_html_join(
                "",
                '<option value="{}"{}>{}</option>',
                ((option["value"], chosen[bool(option["selected"])], option["label"]) for option in options),
            ),
        )


def currencies(at: datetime) -> Choices:
    """The currencies that are legal tender somewhere at that time."""
    codes = _tender(at.date())
    return [(code, f"{code} · {get_currency_name(code, locale=locale())}") for code in codes]


@lru_cache(maxsize=2)
def _tender(day: date) -> list[str]:
    territories = get_global("territory_currencies")
    return sorted({code for territory in territories for code in get_territory_currencies(territory, day)})


def countries() -> Choices:
    """Those whose holidays are known, in the reader's language and order."""
    names = locale().territories
    codes = holidays.list_supported_countries(include_aliases=False)
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda choice: choice[1])


def months() -> Choices:
    return [(str(number), name) for number, name in get_month_names("wide", "stand-alone", locale()).items()]


class HoursField(forms.CharField):
    """Working hours, written and shown with the days of the reader's language, kept with those of the calendar."""

    def __init__(self, **more: Any):
        super().__init__(max_length=200, **more)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text:
            try:
                Hours.read(text)
            except ValueError as refused:
                raise forms.ValidationError(hours.said(str(refused)))
        return text

    def to_python(self, value: Any) -> str:
        return hours.kept(super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class MemberForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "off"}))
    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"), max_length=120, widget=forms.TextInput({"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_NAMES.items()))
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("No team"))


class MemberChangeForm(MemberForm):
    """With what the fair pick knows about somebody."""

    weight = forms.IntegerField(
        label=_("Share in the fair pick"),
        min_value=0,
        max_value=1000,
        help_text=_("100 is a full share, 50 half of one; with 0 they get none."),
    )
    most_open = forms.IntegerField(
        label=_("Most hand-offs open at once"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=_("Whoever holds so many gets no more until one is answered. Left empty, there is no bound."),
    )

    @classmethod
    def of(cls, member: Member, data: Any = None) -> "MemberChangeForm":
        return cls(data, initial={name: getattr(member, name) for name in cls.base_fields})


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    side = forms.ChoiceField(label=_("Side"), choices=list(SIDES.items()))

    def __init__(self, *args: Any, but: Team | None = None, **more: Any):
        super().__init__(*args, **more)
        self.others = Team.objects.exclude(pk__in=[but.pk] if but else [])

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not fields.slug_of(name):
            raise forms.ValidationError(_("A name needs a letter or a figure."))
        if self.others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("There is a team of this name: choose another."))
        return name


class TeamChangeForm(TeamForm):
    """With when its people work."""

    zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=LongSelect)
    hours = HoursField(label=_("Working hours"), required=False)

    def __init__(self, house: House, *args: Any, **more: Any):
        super().__init__(*args, **more)
        as_the_house = _("As the house: %(zone)s") % {"zone": house.zone}
        self.fields["zone"].choices = [("", as_the_house), *zones()]  # type: ignore[attr-defined]
        self.fields["hours"].help_text = _("Left empty, as the house: %(hours)s") % {"hours": hours.said(house.hours)}


class KeyForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=120)
    scope = forms.ChoiceField(
        label=_("What it may do"),
        choices=[("capture", _("Bring touches in")), ("api", _("Read and write records as a role"))],
    )
    role = forms.ChoiceField(
        label=_("In the role of"),
        required=False,
        choices=[("", "–"), *ROLE_NAMES.items()],
        help_text=_("For records only."),
    )

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if ApiKey.objects.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError(_("There is a key of this name: revoke it first, or choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("scope") == "api" and not given.get("role"):
            self.add_error("role", _("Say as which role the key reads and writes."))
        if given.get("scope") == "capture":
            given["role"] = ""
        return given


class DescriptionForm(forms.Form):
    """What can be said anew about a field of the house's own."""

    label = forms.CharField(label=_("Label"), max_length=120)
    definition = forms.CharField(
        label=_("What it means, for whoever types it"), required=False, widget=forms.Textarea({"rows": 3})
    )
    owner = forms.ChoiceField(label=_("Owner"), choices=list(OWNERS.items()))
    personal = forms.BooleanField(label=_("Says something about a person"), required=False)


class FieldForm(DescriptionForm):
    slug = forms.CharField(
        label=_("Short name"),
        max_length=60,
        required=False,
        help_text=_("For files and rules; it never changes. Left empty, it is made from the label."),
    )
    type = forms.ChoiceField(label=_("Type"), choices=list(fields.TYPES.items()), help_text=_("It never changes."))
    field_order = ["label", "slug", "type", "owner", "definition", "personal"]

    def __init__(self, kind: str, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.taken = fields.of(kind)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        wanted = given.get("slug") or given.get("label", "")
        given["slug"] = slug = fields.slug_of(wanted)
        if given.get("label") and not slug:
            self.add_error("slug", _("Type a short name with a letter or a figure."))
        if slug in self.taken:
            told = _("The field “%(label)s” has this short name: choose another.") % {"label": self.taken[slug].label}
            self.add_error("slug", told)
        return given


class HouseForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    zone = forms.ChoiceField(label=_("Time zone of the house"), choices=zones, widget=LongSelect)
    currency = forms.ChoiceField(label=_("Base currency"), widget=LongSelect)
    fiscal_year_start = forms.ChoiceField(label=_("The business year begins in"), choices=months)
    calendar = forms.ChoiceField(label=_("Holidays of"), choices=countries, widget=LongSelect)
    hours = HoursField(
        label=_("Working hours"), help_text=_("Like “Mon–Fri 09:00–12:00 13:00–18:00; Sat 10:00–14:00”.")
    )
    inside_sales_side = forms.ChoiceField(
        label=_("Inside sales belongs to"), choices=list(OWNERS.items()), widget=forms.RadioSelect
    )

    def __init__(self, at: datetime, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.fields["currency"].choices = currencies(at)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, house: House, at: datetime, data: Any = None) -> "HouseForm":
        # As text, like what comes back: else an unchanged month would count as changed.
        initial = {name: str(getattr(house, name)) for name in cls.base_fields}
        return cls(at, data, initial={**initial, "hours": hours.said(house.hours)})

    def settled(self) -> dict[str, Any]:
        """What is to be dated, among what was changed."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name != "name"}
        if "fiscal_year_start" in changed:
            changed["fiscal_year_start"] = int(changed["fiscal_year_start"])
        return changed


class OwnDayForm(forms.Form):
    """A day of which the house says itself whether it is worked."""

    day = DayField(label=_("Day"))
    works = forms.TypedChoiceField(
        label=_("What it is"),
        choices=[("no", _("Nobody works")), ("yes", _("It is worked"))],
        coerce=lambda chosen: chosen == "yes",
    )
    label = forms.CharField(label=_("Why"), max_length=120, required=False)

    def __init__(self, today: date, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if abs(day - self.today) > timedelta(days=366 * YEARS_AHEAD):
            raise forms.ValidationError(_("This day is far from today: choose one within three years."))
        return day


class LeaveForm(forms.Form):
    """Days on which somebody is away, the first and the last among them."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))

    def __init__(self, today: date, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.today = today

    def clean_last(self) -> date:
        first, last = self.cleaned_data.get("first"), self.cleaned_data["last"]
        if last < self.today:
            raise forms.ValidationError(_("This day is over: choose today or a later one."))
        if last - self.today > timedelta(days=366 * YEARS_AHEAD):
            raise forms.ValidationError(_("This day is far from today: choose one within three years."))
        if first and last < first:
            raise forms.ValidationError(_("The last day is before the first: choose the same day or a later one."))
        return last


ASKS_WHAT_THEY_HOLD = {
    "hx-get": reverse_lazy("absences"), "hx-trigger": "change", "hx-target": "#held", "hx-select": "#held",
    "hx-swap": "outerHTML",
}  # fmt: skip


class OthersLeaveForm(LeaveForm):
    member = forms.ModelChoiceField(
        Member.objects.filter(is_active=True),
        label=_("Who"),
        empty_label=_("Choose somebody"),
        widget=forms.Select(attrs=ASKS_WHAT_THEY_HOLD),
    )
    field_order = ["member", "first", "last"]


def _languages() -> Choices:
    return [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


class PreferencesForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=_languages)
    zone = forms.ChoiceField(label=_("Time zone"), required=False, widget=LongSelect)
    theme = forms.ChoiceField(label=_("Light or dark"), choices=list(THEME_NAMES.items()))

    def __init__(self, house: House, *args: Any, **more: Any):
        super().__init__(*args, **more)
        as_the_house = _("As the house: %(zone)s") % {"zone": house.zone}
        self.fields["zone"].choices = [("", as_the_house), *zones()]  # type: ignore[attr-defined]


class StageForm(forms.Form):
    """A stage of the pipeline. One that ships may go without a name of its own."""

    name = forms.CharField(label=_("Name"), max_length=60)

    def __init__(self, *args: Any, kept: PipelineStage | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if kept and kept.key in PIPELINE:
            self.fields["name"].required = False
            self.fields["name"].help_text = _("Empty: as it ships, in the language of whoever reads it.")
