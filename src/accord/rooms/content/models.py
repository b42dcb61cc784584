from django.db import models
from django.db.models import Q

from accord.rooms.content import facts
from accord.rooms.content.mail_template import MailTemplate
from accord.rooms.content.named import Named
from accord.rooms.people.models import Told

__all__ = ["Asset", "MailTemplate"]


class Asset(Named):
    """A piece of content: a checklist, a webinar, a case study."""

    kind = "asset"
    told = Told(facts.AssetCreated, facts.AssetTrashed, facts.AssetRestored)

    class Meta:
        db_table = "asset"
        indexes = [
            models.Index(fields=["sort_key", "id"], name="asset_sorted"),
            models.Index(fields=["id"], name="asset_by_event", condition=Q(by_event=True)),
        ]
