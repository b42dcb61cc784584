from typing import Any, NoReturn

from django.db import models

from accord.kernel.instants import InstantField
from accord.rooms.agreement.models.refusals import Frozen
from accord.rooms.team.models import Member


class SignatureQuerySet(models.QuerySet["Signature"]):
    def update(self, **given: Any) -> NoReturn:
        raise Frozen

    def delete(self) -> NoReturn:
        raise Frozen


class Signature(models.Model):
    """One side has signed the text of this hash. Without a member: made in a home of tests, for both sides at once."""

    version = models.ForeignKey("agreement.Version", models.PROTECT, related_name="signatures")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    side = models.CharField(max_length=10)
    hash = models.CharField(max_length=64)
    at = InstantField()

    objects = SignatureQuerySet.as_manager()

    class Meta:
        db_table = "agreement_signature"
        ordering = ["side"]
        constraints = [
            models.UniqueConstraint(fields=["version", "side"], name="signature_once_a_side"),
            models.UniqueConstraint(fields=["version", "member"], name="signature_once_a_member"),
        ]

    def __str__(self) -> str:
        return f"{self.side}: {self.member or '–'}"

    def save(self, *args: Any, **more: Any) -> None:
        if not self._state.adding:
            raise Frozen
        super().save(*args, **more)

    def delete(self, *args: Any, **more: Any) -> NoReturn:
        raise Frozen
