from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.kernel.money import typed_amount
from accord.rooms.content.named import key_of
from accord.rooms.funnel.fields import BUYER_ROLE_NAMES
from accord.rooms.funnel.models import Deal
from accord.rooms.people.models import Contact
from accord.rooms.team.models import Member

MOST = 1_000_000_000
ALIKE = 8  # known names that are offered for a new one


def known_contacts(deal: Deal, member: Member) -> QuerySet[Contact]:
    """The deal's own contact, and those of its company, whom the member sees."""
    people = Contact.objects.visible_to(member).here()
    return people.filter(Q(pk=deal.contact_id or 0) | Q(company=deal.company_id or 0))


class RoleForm(forms.Form):
    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Contact"))
    role = forms.ChoiceField(label=_("Role"), choices=list(BUYER_ROLE_NAMES.items()))

    def __init__(self, *args: Any, people: QuerySet[Contact], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["contact"].queryset = people.order_by("sort_key", "pk")  # type: ignore[attr-defined]


def a_name(label: Any, known: str, **more: Any) -> forms.CharField:
    """A name of those that the house knows, or a new one."""
    return forms.CharField(
        label=label, max_length=255, widget=forms.TextInput(attrs={"list": known, "autocomplete": "off"}), **more
    )


class NamingForm(forms.Form):
    """`named`: the field that names a record of the house, one of `known` or a new one.

    A new name that is part of known ones is asked about: `meant` is then one of these, or the name itself.
    """

    named = ""
    unknown: str | Promise = ""

    def __init__(self, *args: Any, known: QuerySet[Any], **more: Any) -> None:
        super().__init__(*args, **more)
        self.known = known

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said = cleaned.get(self.named)
        if not said:
            return cleaned
        if not key_of(said):
            self.add_error(self.named, _("This names nothing: write a name."))
        elif (meant := self.data.get("meant", "")) and (meant == said or self.known.filter(key=meant).exists()):
            cleaned[self.named] = meant
        elif alike := self._alike(key_of(said)):
            self._ask(said, alike)
        return cleaned

    def _ask(self, said: str, alike: list[Any]) -> None:
        self.add_error(self.named, self.unknown % {"name": said})
        new = (said, _("“%(name)s” is new: add it") % {"name": said})
        choices = [*((one.key, str(one)) for one in alike), new]
        self.fields["meant"] = forms.ChoiceField(
            label=_("Which one is meant?"), choices=choices, widget=forms.RadioSelect, required=False
        )
        names = [name for name in self.fields if name != "meant"]
        names.insert(names.index(self.named) + 1, "meant")
        self.order_fields(names)

    def _alike(self, key: str) -> list[Any]:
        """Known ones of whose names this is a part, where none is called so."""
        if self.known.filter(key=key).exists():
            return []
        return list(self.known.filter(Q(key__contains=key) | Q(name_norm__contains=key)).order_by("sort_key")[:ALIKE])


class ProductForm(NamingForm):
    named = "product"
    unknown = _("There is no product “%(name)s” yet. Say which one is meant, or add it.")

    product = a_name(_("Product"), "products")
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MOST, initial=1)
    amount = forms.CharField(label=_("Amount"), max_length=40, required=False, help_text=_("For all of them together."))

    def __init__(self, *args: Any, deal: Deal, **more: Any) -> None:
        super().__init__(*args, **more)
        self.deal = deal

    def clean_amount(self) -> int | None:
        """Raises ValidationError, in words, for what is no amount, or where the deal has no currency."""
        said: str = self.cleaned_data["amount"].strip()
        if not said:
            return None
        if not self.deal.currency:
            raise forms.ValidationError(_("An amount needs its currency: give the deal one first."))
        try:
            return typed_amount(said, self.deal.currency)
        except ValueError as refused:
            raise forms.ValidationError(refused.args[0]) from refused


NO_COMPETITOR = _("There is no competitor “%(name)s” yet. Say which one is meant, or add it.")


class CompetitorForm(NamingForm):
    named, unknown = "competitor", NO_COMPETITOR

    competitor = a_name(_("Competitor"), "competitors")
