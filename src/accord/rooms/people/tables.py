from accord.kernel.warehouse.tables import Table
from accord.rooms.people.models import Link

LINKS = Table("links", Link, ("id", "fact_id", "identity_id", "contact_id", "recorded_at", "stored_at"))
