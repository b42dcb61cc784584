"""What did we know on that day?"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.web.records import values
from accord.web.records.frame import Viewing
from accord.web.shell.days import DayField


class DaysForm(forms.Form):
    as_of = DayField(label=_("As of"))
    known_at = DayField(label=_("Known on"), required=False, help_text=_("Empty: on that same day."))


@dataclass(frozen=True)
class Known:
    as_of: date
    known_at: date
    values: list[values.Shown]


def panel(viewing: Viewing) -> dict[str, Any]:
    """The form, and once a day is given, what was known."""
    params = viewing.request.GET
    form = DaysForm(params if params.get("as_of") or params.get("known_at") else None)
    return {"form": form, "known": _known(viewing, form) if form.is_bound and form.is_valid() else None}


def _known(viewing: Viewing, form: DaysForm) -> Known:
    as_of = form.cleaned_data["as_of"]
    known_at = form.cleaned_data["known_at"] or as_of
    currency = getattr(viewing.record, "currency", "")
    found = values.known(viewing.kind, viewing.record.pk, values.end_of(as_of), values.end_of(known_at), currency)
    return Known(as_of, known_at, found)
