from datetime import UTC, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.values import FIRST_YEAR, LAST_YEAR

LONGEST = 300  # characters of a note: as many as a next step has
NO_TIME = _("Choose one of the times.")


class MeetForm(forms.Form):
    """Who asks for a meeting."""

    name = forms.CharField(label=_("Your name"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"), max_length=255, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=255,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )


class BookForm(forms.Form):
    """One of the times that were offered, and what it is about."""

    begins = forms.CharField(max_length=40, error_messages={"required": NO_TIME})
    note = forms.CharField(label=_("What is it about?"), max_length=LONGEST, required=False)

    def clean_begins(self) -> datetime:
        try:
            begins = datetime.fromisoformat(self.cleaned_data["begins"])
        except ValueError:
            raise forms.ValidationError(NO_TIME)
        if begins.tzinfo is None or not FIRST_YEAR <= begins.year <= LAST_YEAR:
            raise forms.ValidationError(NO_TIME)
        return begins.astimezone(UTC)
