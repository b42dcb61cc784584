from django import forms
from django.utils.translation import gettext_lazy as _

from accord.rooms.capture.rules import snake
from accord.rooms.team.models import ApiKey
from accord.rooms.team.rules import INSIDE, MARKETING


class SourceForm(forms.Form):
    name = forms.CharField(label=_("What sends the events?"), max_length=120)
    role = forms.ChoiceField(
        label=_("Who can read its key?"), initial=MARKETING, required=False,
        choices=[
            (MARKETING, _("Everybody: a website or an app")),
            (INSIDE, _("Nobody: our telephone, calendar or chat")),
        ],
    )  # fmt: skip

    def clean_role(self) -> str:
        return self.cleaned_data["role"] or MARKETING

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if ApiKey.objects.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError(_("There is a key of this name: revoke it first, or choose another."))
        return name


class KindForm(forms.Form):
    """The name of an event, as it is sent or in snake case, and the kind of touch that it means here."""

    name = forms.CharField(label=_("Name of the event"), max_length=100)
    kind = forms.CharField(label=_("Kind of touch"), max_length=60)

    def clean_name(self) -> str:
        return self._named("name")

    def clean_kind(self) -> str:
        return self._named("kind")

    def _named(self, field: str) -> str:
        name = snake(self.cleaned_data[field])
        if not name:
            raise forms.ValidationError(_("Use letters and digits."))
        return name
