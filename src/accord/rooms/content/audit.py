from accord.kernel.audit import entries, imported
from accord.rooms.content.models import Asset

INVARIANTS = [
    imported.made(Asset, "asset", "asset_created"),
    imported.trashed(Asset, "asset"),
    entries.findable("asset", Asset),
]
