from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.kernel.worktime import Calendar
from accord.rooms.desk import rules, steps
from accord.rooms.desk.calls import Next
from accord.rooms.desk.fields import DECLINE_NAMES, NUDGE_NAMES, OUTCOME_NAMES, TASK_NAMES

NOTHING = "nothing"
PLANNED = [(kind, TASK_NAMES[kind]) for kind in rules.PLANNED]
WHEN_NAMES = {
    steps.LATER: _("In two hours"),
    steps.TOMORROW: _("Next working day"),
    steps.IN_THREE_DAYS: _("In three working days"),
    steps.NEXT_WEEK: _("In a week"),
    steps.ON: _("At this time:"),
}
LONGEST = timedelta(days=5 * 365)
A_TIME = "%Y-%m-%dT%H:%M"
ROWS = 3


def _noted(*, after: str = "") -> forms.Textarea:
    """Room for a note: the keys begin there, or go on there when one has chosen in the group `after`."""
    return forms.Textarea(attrs={"rows": ROWS} | ({"data-after": after} if after else {"data-first": True}))


class DueForm(forms.Form):
    """When something is due: in a few words, or at a time in the reader's zone, which needs no other word."""

    when = forms.ChoiceField(label=_("When"), widget=forms.RadioSelect, choices=list(WHEN_NAMES.items()))
    on = forms.DateTimeField(
        label=_("Day and time"), required=False, input_formats=[A_TIME],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "data-chooses": "when"}, format=A_TIME),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, calendar: Calendar, now: datetime, **more: Any) -> None:
        super().__init__(data, **more)
        self.calendar, self.now = calendar, now
        self.fields["when"].error_messages["required"] = _("Say when.")
        self.fields["when"].required = not (self.is_bound and self["on"].value())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("when") == "":
            cleaned["when"] = steps.ON
        if "when" in cleaned and cleaned["when"] != NOTHING and "on" in cleaned:
            self._settle(cleaned)
        return cleaned

    def _settle(self, cleaned: dict[str, Any]) -> None:
        if cleaned["when"] != steps.ON:
            cleaned["due_at"] = steps.due(cleaned["when"], self.calendar, self.now)
        elif not cleaned["on"]:
            self.add_error("on", _("Give the day and the time."))
        elif not self.now < cleaned["on"] < self.now + LONGEST:
            self.add_error("on", _("Give a time that is still to come, within five years."))
        else:
            cleaned["due_at"] = cleaned["on"]


class NextForm(DueForm):
    """Something that was done with a lead, and the next step. `seen`: what was logged when the page was opened."""

    next_kind = forms.ChoiceField(label=_("Kind of step"), choices=PLANNED, required=False)
    what = forms.CharField(label=_("What about"), max_length=300, required=False)
    settles = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        when = self.fields["when"]
        when.choices = [*WHEN_NAMES.items(), (NOTHING, _("Nothing follows"))]  # type: ignore[attr-defined]
        when.label = _("Next step")
        when.error_messages["required"] = _("Say when the next step is due, or that nothing follows.")

    @property
    def following(self) -> Next | None:
        said = self.cleaned_data
        if said["when"] == NOTHING:
            return None
        return Next(said["next_kind"] or rules.CALL, said["due_at"], said["what"])


class CallForm(NextForm):
    """What came of a call, a mail or a meeting, and the next step."""

    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=_noted(after="outcome"))

    def __init__(self, data: Any = None, *, kind: str, **more: Any) -> None:
        super().__init__(data, **more)
        outcome = self.fields["outcome"]
        outcome.choices = [(one, OUTCOME_NAMES[one]) for one in rules.OUTCOMES[kind]]  # type: ignore[attr-defined]
        outcome.error_messages["required"] = _("Say what came of it.")


class MailForm(NextForm):
    """An e-mail to one person, and the next step. `filled`: the template that was filled in last.

    Choosing a template asks for the form again, with what was typed.
    """

    template = forms.TypedChoiceField(label=_("Template"), required=False, coerce=int, empty_value=None)
    filled = forms.IntegerField(required=False, widget=forms.HiddenInput)
    subject = forms.CharField(
        label=_("Subject"),
        max_length=200,
        error_messages={"required": _("Write a subject: mails without one are lost.")},
    )
    text = forms.CharField(
        label=_("Text"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}),
        error_messages={"required": _("Write something first.")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, templates: Iterable[tuple[int, Any]], address: str, **more: Any) -> None:
        super().__init__(data, **more)
        known = list(templates)
        template, begun = self.fields["template"], bool(self["text"].value())
        template.choices = [("", _("None")), *known]  # type: ignore[attr-defined]
        template.widget.attrs |= {
            "hx-post": address, "hx-vals": '{"fill": "1"}', "hx-trigger": "change", "hx-target": "#act",
            "hx-select": "#act", "hx-swap": "outerHTML",
        }  # fmt: skip
        first = "text" if begun else "template" if known else "subject"
        self.fields[first].widget.attrs["data-first"] = True


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"), max_length=20_000, widget=_noted(),
        error_messages={"required": _("Write something down first.")},
    )  # fmt: skip


class TaskForm(DueForm):
    kind = forms.ChoiceField(label=_("What"), widget=forms.RadioSelect, choices=PLANNED)
    what = forms.CharField(label=_("What about"), max_length=300, required=False)


class ReturnForm(forms.Form):
    """Why a lead goes back. `owner`: who had it when the page was opened."""

    owner = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Why?"), widget=forms.RadioSelect,
        error_messages={"required": _("Say why: marketing takes it up by the reason.")},
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=_noted(after="reason"))

    def __init__(self, data: Any = None, *, reasons: Iterable[tuple[str, Any]], **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["reason"].choices = list(reasons)  # type: ignore[attr-defined]


class NudgeForm(forms.Form):
    """What is proposed to the owner of a lead."""

    kind = forms.ChoiceField(
        label=_("What?"), widget=forms.RadioSelect,
        error_messages={
            "required": _("Say what you propose."),
            "invalid_choice": _("It cannot be returned from where it stands, or the agreement knows no return of it."),
        },
    )  # fmt: skip
    said = forms.CharField(
        label=_("In a sentence"), max_length=300, widget=_noted(after="kind"),
        error_messages={"required": _("Say in a sentence what you propose: it becomes their step.")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, kinds: Iterable[str], **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["kind"].choices = [(kind, NUDGE_NAMES[kind]) for kind in kinds]  # type: ignore[attr-defined]


class DeclineForm(forms.Form):
    """Why it is not done."""

    reason = forms.ChoiceField(
        label=_("Why not?"), widget=forms.RadioSelect, choices=list(DECLINE_NAMES.items()),
        error_messages={"required": _("Say why not: whoever proposed it learns from that.")},
    )  # fmt: skip
    note = forms.CharField(label=_("In your words"), max_length=300, required=False, widget=_noted(after="reason"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == rules.OTHERWISE and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say it in your words: “something else” alone says nothing."))
        return cleaned
