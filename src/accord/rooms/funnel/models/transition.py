from django.db import models

from accord.kernel import traits
from accord.kernel.ledger import DatedRow


class Transition(DatedRow):
    """One move of a passage: what happened, from which stage to which, when, why, and under which version.

    `lead` is empty where history tells of a return or an end of a contact who had no open passage: it moves the base
    all the same.
    `version` is empty before any agreement is in force.
    """

    lead_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField()
    entry = models.CharField(max_length=20, null=True)
    move = models.CharField(max_length=20)
    from_stage = models.CharField(max_length=20, null=True)
    to_stage = models.CharField(max_length=20)
    owner_id = models.BigIntegerField(null=True)
    deal_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    by_id = models.BigIntegerField(null=True)
    version_id = models.BigIntegerField(null=True)
    early = models.BooleanField(default=False)  # dated before the passage was opened

    class Meta:
        db_table = "transition"
        indexes = [
            models.Index(fields=["lead_id", "id"], name="transition_lead"),
            models.Index(fields=["contact_id", "id"], name="transition_contact"),
        ]

    @classmethod
    def standing(cls) -> models.QuerySet["Transition"]:
        """Those that were not taken back."""
        return traits.standing(cls.objects.all())
