from typing import Any

from django.db import models

from accord.kernel.ledger import DatedRow
from accord.rooms.team.models import Member


class Choice(DatedRow):
    """Why somebody got a hand-off: by which rule, among whom, and who was out and why.

    `candidates`: a list of [member, weight, turn before, why out or ""], in the order in which they stood in line.
    """

    handoff_id = models.BigIntegerField()
    lead_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    why = models.CharField(max_length=20)
    rule = models.CharField(max_length=120)  # id of the route; empty: of the hand-off itself
    line = models.CharField(max_length=120)  # whose turn was asked: team:slug or role:name; empty where nobody's was
    candidates: Any = models.JSONField(default=list)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "choice"
        indexes = [models.Index(fields=["handoff_id", "id"], name="choice_handoff")]


class Turn(models.Model):
    """Where a member stands in a line."""

    line = models.CharField(max_length=120)
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    standing = models.IntegerField(default=0)

    class Meta:
        db_table = "turn"
        constraints = [models.UniqueConstraint(fields=["line", "member"], name="turn_once")]
