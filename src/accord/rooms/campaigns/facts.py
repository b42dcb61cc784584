from accord.kernel.facts import fact


@fact
class CampaignCreated:
    campaign: int


@fact
class CampaignTrashed:
    campaign: int


@fact
class CampaignRestored:
    campaign: int
