from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accord.kernel import fields
from accord.rooms.campaigns.models import Campaign
from accord.rooms.content.models import Asset
from accord.rooms.content.named import Named, key_of
from accord.web.records.editing import RecordForm
from accord.web.records.forms import present


class NamedForm(RecordForm):
    """A record that touches name: only its name is needed, and no other record may have the name that touches use."""

    model: type[Named]

    def __init__(self, *args: Any, **more: Any) -> None:
        shown = [field for field in fields.of(self.model.kind).values() if field.slug != "trashed"]
        super().__init__(*args, shown=shown, **more)

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


class CampaignForm(NamedForm):
    model = Campaign

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begins, ends = (cleaned.get(slug) or "" for slug in ("starts_on", "ends_on"))
        if not self.errors and begins and ends and ends < begins:
            self.add_error("ends_on", _("A campaign ends on the day it begins, or later."))
        return cleaned
