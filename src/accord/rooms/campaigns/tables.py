from accord.kernel.warehouse.tables import Table
from accord.rooms.campaigns.models import Campaign

CAMPAIGNS = Table("campaigns", Campaign, ("id", "key"), append_only=False)
