from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.rooms.people import queries, rules
from accord.rooms.people.fields import VETO_NAMES
from accord.rooms.people.models import Company, Contact
from accord.rooms.people.models.company import CompanyQuerySet
from accord.rooms.people.models.contact import ContactQuerySet
from accord.web.lists import countries
from accord.web.records.editing import RecordForm
from accord.web.records.forms import present

NAMES = "company-names"  # the list of names that a company is chosen from
BY_NAME = {
    "list": NAMES,
    "autocomplete": "off",
    "hx-get": reverse_lazy("company_names"),
    "hx-trigger": "input changed delay:200ms",
    "hx-target": f"#{NAMES}",
    "hx-sync": "this:replace",
}


class PeopleForm(RecordForm):
    """A contact or company. The company it belongs to is written by its name; one that is unknown is made."""

    kind: str
    named: str  # the field that holds a company

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, shown=[f for f in fields.of(self.kind).values() if f.slug != "trashed"], **more)
        self.fields[self.named] = _company_input(self.fields[self.named])
        self.suggestions = {"country": countries.names()}
        self.fields["country"].widget.attrs |= {"list": "known-country"}

    @classmethod
    def before_of(cls, record: Contact | Company | None) -> Mapping[str, str]:
        return {**present(cls.kind, record.pk), cls.named: str(getattr(record, cls.named) or "")} if record else {}

    def values(self, *, by: int | None, at: datetime) -> dict[str, Any]:
        """Inside the verb's transaction, because it may make a company."""
        changed: dict[str, Any] = self.changed()
        if name := changed.get(self.named):
            changed[self.named] = (
                queries.companies_named(name).first() or Company.create({"name": name}, by=by, at=at)
            ).pk
        return changed


class ContactForm(PeopleForm):
    kind, named = "contact", "company"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(slug) for slug in ("name", "email", "phone")):
            self.add_error(
                "name", _("Write a name, an e-mail address or a phone number: by one of them people find each other.")
            )
        if (email := cleaned.get("email")) and "@" not in email:
            self.add_error("email", _("This is no e-mail address: it has the form name@company.example."))
        return cleaned

    def duplicates(self) -> ContactQuerySet:
        company = (
            queries.companies_named(self.cleaned_data["company"]).first() if self.cleaned_data["company"] else None
        )
        return Contact.probable_duplicates(
            name=self.cleaned_data["name"], email=self.cleaned_data["email"], company=company
        )


class CompanyForm(PeopleForm):
    kind, named = "company", "parent"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("name") and not cleaned.get("domain"):
            self.add_error("name", _("Write the name of the company."))
        parent = queries.companies_named(cleaned.get("parent") or "").first()
        if parent and self.record and parent.pk == self.record.pk:
            self.add_error("parent", _("A company is not its own parent: choose another one."))
        return cleaned

    def duplicates(self) -> CompanyQuerySet:
        return queries.similar_companies(self.cleaned_data["name"], self.cleaned_data["domain"])


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}))


class VetoForm(forms.Form):
    """Why nobody is to market to somebody."""

    reason = forms.ChoiceField(
        label=_("Why?"), widget=forms.RadioSelect, choices=list(VETO_NAMES.items()),
        error_messages={"required": _("Say why: marketing works by the reason.")},
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == rules.OTHER and not cleaned.get("note"):
            self.add_error("note", _("Say in a few words what the reason is."))
        return cleaned


class MergeForm(forms.Form):
    survivor = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why are they one?"), max_length=2000, required=False)


def _company_input(made: forms.Field) -> forms.CharField:
    help_text = _("Begin to type its name. One that is not known yet is made.")
    return forms.CharField(
        label=made.label, required=False, max_length=255, help_text=help_text, widget=forms.TextInput(attrs=BY_NAME)
    )
