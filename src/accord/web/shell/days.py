"""Days that somebody types: one field for all forms."""

from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.values import FIRST_YEAR, LAST_YEAR


class DayField(forms.DateField):
    """A day as browsers send it, in the years in which a company has customers."""

    widget = forms.DateInput(attrs={"type": "date"})

    def __init__(self, **more: Any):
        super().__init__(input_formats=["%Y-%m-%d"], **more)
        self.error_messages["invalid"] = _("Write a day like 2026-12-24.")

    def clean(self, value: Any) -> Any:
        day: date | None = super().clean(value)
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = _("“{text}” is not between the years {first} and {last}: correct the year.")
            raise forms.ValidationError(str(format_lazy(message, text=value, first=FIRST_YEAR, last=LAST_YEAR)))
        return day
