from django.db import models

from accord.kernel.instants import InstantField

LEAD, DEAL = "lead", "deal"


class Usual(models.Model):
    """How long leads or deals usually stand in a stage before they move on, in days, and what becomes of them.

    Computed from the whole loop and published downward. `n` stays were watched, `left` of them ended by moving on.
    By `median`, `p75` and `p95` days that share of those that move on has; none where too few were watched long
    enough to say. `chances` holds [days, chance to win if still open then or none, still open then], by days.
    """

    kind = models.CharField(max_length=10)
    stage = models.CharField(max_length=60)
    segment = models.CharField(max_length=200, blank=True)
    n = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    median = models.FloatField(null=True)
    p75 = models.FloatField(null=True)
    p95 = models.FloatField(null=True)
    chances = models.JSONField(default=list)
    computed_at = InstantField()

    class Meta:
        db_table = "usual"
        constraints = [models.UniqueConstraint(fields=["kind", "stage", "segment"], name="usual_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.stage} {self.segment}".strip()
