from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.rooms.funnel.checks import FAILED, PASSED

ANSWERS = [("", _("not asked")), ("yes", _("yes")), ("no", _("no")), ("open", _("still open"))]
QUESTION = "answer."


class CheckForm(forms.Form):
    """What a check found: one answer to each readiness question of the agreement, and the result."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, questions: Mapping[str, str]) -> None:
        super().__init__(data)
        self.questions = questions
        for name, label in questions.items():
            self.fields[QUESTION + name] = forms.ChoiceField(label=label, choices=ANSWERS, required=False)
        self.fields["result"] = forms.ChoiceField(
            label=_("Result"),
            choices=[(PASSED, _("Passed")), (FAILED, _("Failed"))],
            widget=forms.RadioSelect,
            error_messages={"required": _("Say whether the check was passed or failed.")},
        )
        self.fields["note"] = forms.CharField(
            label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[QUESTION + name] for name in self.questions]

    @property
    def answers(self) -> dict[str, str]:
        return {name: self.cleaned_data[QUESTION + name] for name in self.questions}
