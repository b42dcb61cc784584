from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.kernel.money import CURRENCIES, typed_amount
from accord.rooms.funnel import rules
from accord.rooms.funnel.fields import ENTRY_NAMES, LOST_NAMES, WON_NAMES
from accord.rooms.funnel.models import Deal, Lead, PipelineStage
from accord.rooms.funnel.models.pipeline import stage_names
from accord.rooms.team.models import House, Member
from accord.rooms.team.rules import MARKETERS, PARTNER, SELLERS, SERVICE
from accord.web.funnel.holding_forms import NO_COMPETITOR, NamingForm, a_name
from accord.web.records.editing import RecordForm
from accord.web.records.forms import present
from accord.web.shell.days import DayField

# Set by winning, losing and removing, not by hand.
BY_VERB = ("outcome", "reason", "note", "lost_to", "come_back_on", "trashed")


def owners(stage: str, now: int | None = None) -> QuerySet[Member]:
    """Who can have a lead in a stage: whoever sells or serves, marketers before sales has it; and whoever has it."""
    roles = SELLERS | {SERVICE, PARTNER} | (MARKETERS if rules.PLACE[stage] < rules.PLACE[rules.SAL] else set())
    return Member.objects.filter(Q(is_active=True, role__in=roles) | Q(pk=now or 0))


class LeadForm(forms.Form):
    entry = forms.ChoiceField(label=_("Entry"), choices=[(entry, ENTRY_NAMES[entry]) for entry in rules.BY_HAND])
    owner = forms.ModelChoiceField(
        Member.objects.none(), label=_("Owner"), required=False, empty_label=_("by the house's rule")
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["owner"].queryset = owners(rules.INQUIRY)  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """`stage`: where the lead stood on the page that the move was made from."""

    name = forms.ChoiceField(
        choices=[(name, name) for name in rules.MOVES if name not in (rules.JOINED, rules.REOPENED)],
        widget=forms.HiddenInput,
    )
    stage = forms.ChoiceField(
        choices=[(stage, stage) for stage in (*rules.STAGES, *rules.EXITS)], widget=forms.HiddenInput
    )
    reason = forms.CharField(label=_("Why?"), max_length=200, required=False)


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(Member.objects.none(), label=_("Owner"))

    def __init__(self, *given: Any, lead: Lead) -> None:
        super().__init__(*given)
        self.fields["owner"].queryset = owners(lead.stage, lead.owner_id)  # type: ignore[attr-defined]


CHOOSE = ("", _("Choose a reason"))


class ClosingForm(forms.Form):
    """What is said when a deal is closed; what the verb refuses stands beside its field."""

    note = forms.CharField(
        label=_("In their words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class WinForm(ClosingForm):
    field_order = ("reason", "note")

    reason = forms.ChoiceField(label=_("Why was it won?"), choices=[CHOOSE, *WON_NAMES.items()])


class LoseForm(NamingForm, ClosingForm):
    named, unknown = "lost_to", NO_COMPETITOR
    field_order = ("reason", "lost_to", "note", "come_back_on")

    reason = forms.ChoiceField(label=_("Why was it lost?"), choices=[CHOOSE, *LOST_NAMES.items()])
    lost_to = a_name(
        _("To which competitor?"), "competitors", required=False,
        help_text=_("Where they decided for somebody else: choose one, or write a new name."),
    )  # fmt: skip
    come_back_on = DayField(
        label=_("Come back on"), required=False, help_text=_("Not now is not never: the day on which to ask again.")
    )


class GiveBackForm(LoseForm):
    """Its lead goes back to nurture, so that it needs a day."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["reason"].label = _("Why not now?")
        del self.fields["lost_to"]


class DealForm(RecordForm):
    """A deal; its amount as people write it, in its currency."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, shown=[f for f in fields.of("deal").values() if f.slug not in BY_VERB], **more)
        stages = [(stage.key, str(stage)) for stage in PipelineStage.standing()]
        if (stands := self.record.stage if self.record else "") and stands not in dict(stages):
            stages.append((stands, stage_names().get(stands, stands)))
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]
        if not self.record:
            self.initial.setdefault("currency", House.get().currency)

    @classmethod
    def before_of(cls, record: Deal | None) -> Mapping[str, str]:
        if record is None:
            return {}
        amount = "" if record.amount is None else str(record.amount.amount)
        return {**present("deal", record.pk), "amount": amount}

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].strip().upper()
        if currency and currency not in CURRENCIES:
            raise forms.ValidationError(_("Write the three letters of the currency, such as EUR or CNY."))
        return currency

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("amount") and "currency" in cleaned:
            self._check_amount(cleaned["amount"], cleaned["currency"])
        if not self.record and not any(cleaned.get(slug) for slug in ("name", "amount")):
            self.add_error("name", _("Say in a few words what is to be sold."))
        return cleaned

    def _check_amount(self, amount: str, currency: str) -> None:
        if not currency:
            self.add_error("currency", _("An amount needs its currency."))
            return
        try:
            typed_amount(amount, currency)
        except ValueError as refused:
            self.add_error("amount", refused.args[0])

    def values(self, *, by: int | None, at: datetime) -> dict[str, Any]:
        changed: dict[str, Any] = self.changed()
        amount, currency = self.cleaned_data["amount"], self.cleaned_data["currency"]
        if "amount" in changed or (amount and "currency" in changed):
            changed["amount"] = typed_amount(amount, currency) if amount else None
        return changed
