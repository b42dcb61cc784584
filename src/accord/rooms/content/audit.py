from accord.kernel.audit import entries, imported
from accord.rooms.content.models import Asset, Competitor, Product

INVARIANTS = [
    imported.made(Asset, "asset", "asset_created"),
    imported.trashed(Asset, "asset"),
    entries.findable("asset", Asset),
    imported.made(Product, "product", "product_created"),
    imported.trashed(Product, "product"),
    entries.findable("product", Product),
    imported.made(Competitor, "competitor", "competitor_created"),
    imported.trashed(Competitor, "competitor"),
    entries.findable("competitor", Competitor),
]
