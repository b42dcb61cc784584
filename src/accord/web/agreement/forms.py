from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accord.rooms.agreement import queries
from accord.rooms.agreement.document.problems import Problem, Refused
from accord.rooms.agreement.document.reading import Read, read
from accord.rooms.agreement.models import Version


class DocumentForm(forms.Form):
    """The document as YAML or JSON. What is wrong in it is told by place, beside what was typed."""

    text = forms.CharField(
        label=_("The document, as YAML or JSON"),
        strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "autocomplete": "off", "class": "agr-source"}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: Version | None = None, **more: Any) -> None:
        if version is not None:
            more["initial"] = {"text": version.yaml, "seen": version.edition}
        super().__init__(*args, **more)
        self.version = version
        self.problems: tuple[Problem, ...] = ()
        self.warnings: tuple[Problem, ...] = ()
        self.read: Read | None = None

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            self.read = read(text, queries.house())
        except Refused as refused:
            self.problems, self.warnings = refused.problems, refused.warnings
            raise ValidationError(_("This cannot be an agreement yet: mend what is named above."))
        self.warnings = self.read.warnings
        if self.version and self.read.document.name != self.version.agreement.name:
            named = {"name": self.version.agreement.name}
            raise ValidationError(_("A version keeps the name of its agreement: “%(name)s”.") % named)
        return str(text)
