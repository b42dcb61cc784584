from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.kernel.traits import FieldNow
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content import filling, rules
from accord.rooms.content.models import Asset, MailTemplate
from accord.rooms.content.named import Named, key_of
from accord.rooms.funnel.fields import STAGE_NAMES
from accord.web.records.editing import RecordForm
from accord.web.records.forms import present

SUGGESTED = 50


class NamedForm(RecordForm):
    """A record that touches name: only its name is needed, and no other record may have the name that touches use."""

    model: type[Named]
    suggested: tuple[str, ...] = ()  # fields for which the values are offered that others have

    def __init__(self, *args: Any, **more: Any) -> None:
        shown = [field for field in fields.of(self.model.kind).values() if field.slug != "trashed"]
        super().__init__(*args, shown=shown, **more)
        self.suggestions = {slug: self._in_use(slug) for slug in self.suggested}
        for slug in self.suggested:
            self.fields[slug].widget.attrs |= {"list": f"known-{slug}", "autocomplete": "off"}

    def _in_use(self, slug: str) -> list[str]:
        said = FieldNow.objects.filter(kind=self.model.kind, field=slug, text__gt="").order_by("text")
        return [text or "" for text in said.values_list("text", flat=True).distinct()[:SUGGESTED]]

    @classmethod
    def before_of(cls, record: Named | None) -> Mapping[str, str]:
        return present(record.kind, record.pk) if record else {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        key = key_of(cleaned.get("name", ""))
        if "name" in cleaned and not key:
            self.add_error("name", _("Write a name."))
        elif key and self.record is None:
            self._look_for(key)
        return cleaned

    def _look_for(self, key: str) -> None:
        known = self.model.objects.filter(key=key).first()
        if known:
            link = format_html('<a href="{}">{}</a>', reverse(known.kind, args=[known.pk]), known)
            self.add_error("name", format_html(str(_("This is known already: {}")), link))


class AssetForm(NamedForm):
    model = Asset
    suggested = ("format", "persona", "industry")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["url"].help_text = _("Where it can be read, such as https://example.com/checklist.pdf.")


class CampaignForm(NamedForm):
    model = Campaign
    suggested = ("channel",)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begins, ends = (cleaned.get(slug) or "" for slug in ("starts_on", "ends_on"))
        if not self.errors and begins and ends and ends < begins:
            self.add_error("ends_on", _("A campaign ends on the day it begins, or later."))
        return cleaned


class MailTemplateForm(forms.Form):
    """A mail to begin with. What stands in braces has to be a field that there is."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=120, error_messages={"required": _("Write a name.")})
    subject = forms.CharField(
        label=_("Subject"), max_length=200, error_messages={"required": _("Write the subject of the mail.")}
    )
    text = forms.CharField(
        label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": _("Write the text of the mail.")},
    )  # fmt: skip
    language = forms.CharField(label=_("Language"), max_length=10, required=False, help_text=_("Such as en, de or zh."))
    persona = forms.CharField(label=_("Persona"), max_length=120, required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)

    def __init__(self, data: Any = None, *, record: MailTemplate | None = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["stage"].choices = [("", _("Any")), *STAGE_NAMES.items()]  # type: ignore[attr-defined]
        if record:
            self.initial = {name: getattr(record, name) for name in self.fields if name != "seen"}
            self.initial["seen"] = record.version

    @property
    def said(self) -> dict[str, str]:
        said = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return said | {"text": said["text"].replace("\r\n", "\n"), "subject": " ".join(said["subject"].split())}

    def clean_subject(self) -> str:
        return self._with_fields("subject")

    def clean_text(self) -> str:
        return self._with_fields("text")

    def _with_fields(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if wrong := rules.unknown(text, filling.known()):
            said = {"fields": ", ".join(wrong)}
            raise forms.ValidationError(
                _("There is no such field: %(fields)s. Take one of the list below."), params=said
            )
        return text
