"""One writer of the mirror at a time, over all processes and machines."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q

from accord.kernel import clock
from accord.kernel.instants import InstantField

LEASE = timedelta(seconds=60)


class MirrorLease(models.Model):
    """One row: who writes the mirror, and until when unless they show that they are alive."""

    holder = models.CharField(max_length=32, blank=True)
    until = InstantField(null=True)

    class Meta:
        db_table = "mirror_lease"


@dataclass(frozen=True)
class Held:
    """The lease in one's hands. A writer that stalled for longer than it lasts finds it gone."""

    holder: str

    @classmethod
    def take(cls) -> "Held | None":
        """The lease, or None while somebody else holds it."""
        now, holder = clock.machine(), secrets.token_hex(16)
        with transaction.atomic():
            MirrorLease.objects.get_or_create(pk=1)
            free = MirrorLease.objects.filter(Q(until=None) | Q(until__lt=now), pk=1)
            taken = free.update(holder=holder, until=now + LEASE)
        return cls(holder) if taken else None

    def beat(self) -> bool:
        """Hold it for longer; False where it went to somebody else."""
        with transaction.atomic():
            return bool(self._mine.update(until=clock.machine() + LEASE))

    def give_back(self) -> None:
        with transaction.atomic():
            self._mine.update(holder="", until=None)

    @property
    def _mine(self) -> models.QuerySet[MirrorLease]:
        return MirrorLease.objects.filter(pk=1, holder=self.holder)
