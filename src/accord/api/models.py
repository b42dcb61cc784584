from datetime import datetime, timedelta

from django.db import models

from accord.kernel import clock
from accord.kernel.instants import InstantField
from accord.rooms.team.models import ApiKey

KEPT = timedelta(hours=24)


class Answer(models.Model):
    """What a request with an Idempotency-Key was answered, so that the same one is not done twice."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=200)  # what the sender calls the request
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    kept_at = InstantField(db_index=True)

    class Meta:
        db_table = "api_answer"
        constraints = [models.UniqueConstraint(fields=["key", "name"], name="api_answer_once")]

    @classmethod
    def claim(cls, key: int, name: str, digest: str) -> tuple["Answer", bool]:
        """The answer of that name, and whether it is still to be given.

        Inside a transaction: who comes second waits here until the first has answered or given up.
        """
        now: datetime = clock.machine()
        cls.objects.filter(kept_at__lt=now - KEPT).delete()
        return cls.objects.get_or_create(key_id=key, name=name, defaults={"digest": digest, "kept_at": now})

    def keep(self, status: int, body: str) -> None:
        Answer.objects.filter(pk=self.pk).update(status=status, body=body)
