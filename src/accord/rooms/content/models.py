from django.db import models
from django.db.models import Q

from accord.rooms.content import facts
from accord.rooms.content.mail_template import MailTemplate
from accord.rooms.content.named import Named
from accord.rooms.people.models import Told

__all__ = ["Asset", "Competitor", "MailTemplate", "Product"]


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


class Product(Named):
    """What the house sells: a word that deals choose from, so that reports can count by it."""

    kind = "product"
    told = Told(facts.ProductCreated, facts.ProductTrashed, facts.ProductRestored)

    class Meta:
        db_table = "product"


class Competitor(Named):
    """Whom the house is measured against: a word that deals choose from."""

    kind = "competitor"
    told = Told(facts.CompetitorCreated, facts.CompetitorTrashed, facts.CompetitorRestored)

    class Meta:
        db_table = "competitor"
