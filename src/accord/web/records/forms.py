"""Forms made of the field registry: every field of a kind of record, the house's own included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields, traits
from accord.kernel.fields import BOOL, DATE, Field
from accord.rooms.team.models import Member

LONGEST = 2000  # characters of a text that has no column of its own
WAS = "was-"  # before the name of a field: what it was when the form was opened
YES_OR_NO = [("", _("unknown")), ("true", _("yes")), ("false", _("no"))]


class FieldsForm(forms.Form):
    """Fields of the registry, kept as text. `changed` says what differs from what the form was opened with.

    `seen` is the version of the record that the person looked at, and `was-…` what its fields were then.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    suggestions: Mapping[str, Iterable[str]] = {}  # values that are offered, by field

    def __init__(
        self, *args: Any, shown: Iterable[Field], before: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.shown = list(shown)
        self.before = dict(before or {})
        for one in self.shown:
            self.fields[one.slug] = _input(one, self.before.get(one.slug, ""))
        for slug, value in self.before.items():
            self.initial.setdefault(slug, value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one in self.shown:
            if one.slug in cleaned and not one.refers_to and one.type != fields.MONEY:
                self._check(one, cleaned[one.slug])
        return cleaned

    def _check(self, one: Field, given: str) -> None:
        try:
            fields.value(one, given)
        except ValueError as refused:
            self.add_error(one.slug, refused.args[0])

    def was(self, slug: str) -> str:
        """What the field was when this person opened the form."""
        return self.data.get(f"{WAS}{slug}", self.before.get(slug, ""))

    def changed(self) -> dict[str, str]:
        """What the person changed, as typed."""
        return {
            s.slug: str(v or "")
            for s in self.shown
            if str(v := self.cleaned_data.get(s.slug) or "") != self.was(s.slug)
        }

    @property
    def kept(self) -> list[tuple[str, str]]:
        return [(f"{WAS}{one.slug}", self.before.get(one.slug, "")) for one in self.shown]

    @property
    def groups(self) -> list[tuple[Any, list[Any]]]:
        """Built-in fields, then the house's own."""
        own = [self[one.slug] for one in self.shown if one.custom]
        return [
            ("", [self[one.slug] for one in self.shown if not one.custom]),
            *([(_("Fields of this house"), own)] if own else []),
        ]


@dataclass(frozen=True)
class Clash:
    """One field that two people changed."""

    label: Any
    mine: str
    theirs: str
    original: str


def clashes(form: FieldsForm, theirs: Mapping[str, str]) -> list[Clash]:
    """Where somebody else changed what this person saw."""
    return [
        Clash(one.label, form.data.get(one.slug, ""), theirs.get(one.slug, ""), form.was(one.slug))
        for one in form.shown
        if theirs.get(one.slug, "") != form.was(one.slug)
    ]


def after_race(form: FieldsForm, theirs: Mapping[str, str], version: int) -> dict[str, Any]:
    """The form again: what this person changed as they typed it, the rest as it now is."""
    mine = {one.slug: form.data.get(one.slug, "") for one in form.shown}
    merged = {slug: value if value != form.was(slug) else theirs.get(slug, "") for slug, value in mine.items()}
    return {**merged, "seen": version}


def present(kind: str, record: int) -> dict[str, str]:
    """The values of a record's fields as a form shows them. One query."""
    latest: dict[str, str] = {}
    for trait in traits.history(kind, record):
        latest.setdefault(trait.field, trait.text or "")
    return latest


def member_choices(now: str) -> list[tuple[str, Any]]:
    """Active members, and whoever it is now."""
    rows = Member.objects.filter(is_active=True) | Member.objects.filter(pk=int(now or 0))
    return [("", _("nobody")), *((str(m.pk), str(m)) for m in rows)]


def _input(one: Field, now: str) -> forms.Field:
    more: dict[str, Any] = {"label": one.label, "required": False, "help_text": one.definition}
    if one.refers_to == "member":
        return forms.ChoiceField(choices=member_choices(now), **more)
    if one.choices:
        other = [(now, now)] if now and now not in one.choices else []
        return forms.ChoiceField(choices=[("", ""), *one.choices.items(), *other], **more)
    if one.type == BOOL:
        return forms.ChoiceField(choices=YES_OR_NO, **more)
    if one.type == DATE:
        return forms.CharField(widget=forms.TextInput(attrs={"type": "date"}), **more)
    widget = forms.Textarea(attrs={"rows": 10}) if one.long else None
    return forms.CharField(max_length=fields.longest(one) or LONGEST, widget=widget, **more)
