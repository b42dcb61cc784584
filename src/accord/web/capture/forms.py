from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accord.kernel.text import sort_key
from accord.rooms.agreement.words import KIND_NAMES, touch_name
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
    """The name of an event, as it is sent, and the kind of touch that it means here: one that ships, or an own one."""

    name = forms.CharField(label=_("Name of the event"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind of touch"), required=False)
    own = forms.CharField(label=_("Or a kind of our own"), max_length=60, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        named = sorted(((kind, capfirst(touch_name(kind))) for kind in KIND_NAMES), key=lambda one: sort_key(one[1]))
        self.fields["kind"].choices = [("", "–"), *named]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        return self._named("name")

    def clean_own(self) -> str:
        return self._named("own") if self.cleaned_data["own"] else ""

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "kind" in given and "own" in given and bool(given["kind"]) == bool(given["own"]):
            self.add_error("kind", _("Choose a kind, or write one of our own: one of the two."))
        return given

    def _named(self, field: str) -> str:
        name = snake(self.cleaned_data[field])
        if not name:
            raise forms.ValidationError(_("Use letters and digits."))
        return name
