from django.db import models
from django.db.models import Q

from accord.rooms.campaigns import facts
from accord.rooms.content.named import Named
from accord.rooms.people.models import Told


class Campaign(Named):
    """What marketing undertakes to be noticed: a mailing, a fair, a series of advertisements."""

    kind = "campaign"
    told = Told(facts.CampaignCreated, facts.CampaignTrashed, facts.CampaignRestored)

    class Meta:
        db_table = "campaign"
        indexes = [
            models.Index(fields=["sort_key", "id"], name="campaign_sorted"),
            models.Index(fields=["id"], name="campaign_by_event", condition=Q(by_event=True)),
        ]
