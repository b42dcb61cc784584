from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports import kinds, maps
from accord.kernel.imports.maps import BadMap, ImportMap
from accord.web.imports.drafts import LARGEST

# What a row of each kind of file is.
SENTENCES = {
    "contacts": _("Each row is a person, known by an external id or an e-mail address."),
    "companies": _("Each row is a company, known by an external id or its name."),
    "leads": _("Each row is one passage of a contact through the funnel."),
    "deals": _("Each row is a sale in the making, with its amount and how it ended."),
    "touches": _("Each row is one thing that passed between somebody and us: a visit, a call, a form."),
    "traits": _("Each row is one value of one field, and the day from which it was true."),
    "transitions": _("Each row is one step of a lead from a stage to a stage."),
    "links": _("Each row says which contact an anonymous visitor turned out to be."),
    "verdicts": _("Each row says whether a person or a machine made a touch."),
}


def kind_choices() -> list[tuple[str, Any]]:
    return [(name, kinds.kind(name).label) for name in kinds.names()]


class UploadForm(forms.Form):
    """A file, what its rows are, and perhaps a map that was kept from another time."""

    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(
            _("A table as text (CSV) with a row of headings, up to {size} MB. Larger ones: accord import."),
            size=LARGEST // 2**20,
        ),
    )
    kind = forms.ChoiceField(label=_("What its rows are"), widget=forms.RadioSelect, choices=kind_choices)
    map = forms.FileField(
        label=_("Map"),
        required=False,
        help_text=_("A map kept as YAML says what the columns mean. Without, it is guessed."),
    )

    chosen: ImportMap | None = None

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            message = _("The file has more than %(size)s MB: cut it, or use “accord import” on the server.")
            raise forms.ValidationError(message, params={"size": LARGEST // 2**20})
        return file

    def clean_map(self) -> str:
        given = self.cleaned_data["map"]
        if not given:
            return ""
        if given.size > maps.LONGEST_MAP:
            raise forms.ValidationError(_("This is too large for a map."))
        try:
            # With a line break at its end it can be taken for nothing but the text of a map.
            text = given.read().decode("utf-8-sig") + "\n"
            self.chosen = maps.load_map(text)
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The map is not text in UTF-8: save it so."))
        except BadMap as bad:
            raise forms.ValidationError([str(problem) for problem in bad.problems])
        return text

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.chosen and given.get("kind") and self.chosen.kind != given["kind"]:
            message = _("This map is for %(map)s, and %(kind)s are chosen: change one of the two.")
            self.add_error(
                "map", forms.ValidationError(message, params={"map": self.chosen.kind, "kind": given["kind"]})
            )
        return given

    def described_kinds(self) -> list[tuple[Any, Any]]:
        """Each choice of a kind with its sentence."""
        return [(radio, SENTENCES.get(str(radio.data["value"]), "")) for radio in self["kind"]]
