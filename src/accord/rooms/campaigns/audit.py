from accord.kernel.audit import entries, imported
from accord.rooms.campaigns.models import Campaign

INVARIANTS = [
    imported.made(Campaign, "campaign", "campaign_created"),
    imported.trashed(Campaign, "campaign"),
    entries.findable("campaign", Campaign),
]
