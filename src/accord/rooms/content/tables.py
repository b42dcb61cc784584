from accord.kernel.warehouse.tables import Table
from accord.rooms.content.models import Asset

ASSETS = Table("assets", Asset, ("id", "key"), append_only=False)
