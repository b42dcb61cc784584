"""What scoring says of a contact."""

from datetime import datetime

from accord.rooms.agreement.models import Version
from accord.rooms.agreement.queries import in_force
from accord.rooms.scoring.models import ScoreNow


def judging(contact: int, at: datetime) -> Version | None:
    """The version under which a contact stands: the one that judged it last while that is in force, else the first."""
    versions = in_force(at)
    if len(versions) < 2:
        return versions[0] if versions else None
    last = ScoreNow.objects.filter(contact=contact).values_list("version_id", flat=True).first()
    return next((version for version in versions if version.pk == last), versions[0])
