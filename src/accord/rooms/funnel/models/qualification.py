from django.db import models

from accord.kernel.instants import InstantField
from accord.rooms.funnel.models.lead import Lead


class Qualification(models.Model):
    """The instant at which a lead met the definition of the version that judged it, until a return or its end.

    `doubtful` names why it would not have happened by what is known since; empty while it stands.
    """

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="qualifications")
    contact_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    at = InstantField()
    segment = models.BigIntegerField()  # µs: when the return or end before it became known
    doubtful = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "qualification"
        constraints = [models.UniqueConstraint(fields=["lead", "segment"], name="qualification_once")]
        indexes = [models.Index(fields=["contact_id", "at"], name="qualification_contact")]
