import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.team import facts, rules
from accord.rooms.team.fields import ROLE_NAMES
from accord.rooms.team.models.member import Member

NOTED_EVERY = timedelta(minutes=1)


class ApiKey(models.Model):
    """A key for machines. The secret is shown once; only its hash is kept."""

    name = models.CharField(max_length=120)
    scope = models.CharField(max_length=10, choices=[("capture", _("Capture")), ("api", _("API"))])
    role = models.CharField(max_length=20, choices=list(ROLE_NAMES.items()), default=rules.ADMIN)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    made_at = InstantField()
    last_used_at = InstantField(null=True)
    revoked_at = InstantField(null=True)

    class Meta:
        db_table = "api_key"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it, as that of a website: it is not one by which the house tells of talks."""
        return not rules.may(self.role, "tell_talks")

    @classmethod
    def make(cls, *, name: str, scope: str, role: str, by: Member | None, at: datetime) -> tuple["ApiKey", str]:
        """Returns the key and its secret, which is not kept."""
        secret = f"acc_{secrets.token_urlsafe(30)}"
        with ledger.write(at, by.pk if by else None) as writing:
            key = cls.objects.create(
                name=name, scope=scope, role=role, prefix=secret[:10], digest=digest_of(secret), made_by=by, made_at=at
            )
            writing.record(facts.KeyMade(key=key.pk, scope=scope, role=role))
        return key, secret

    @classmethod
    def held_by(cls, secret: str, scope: str) -> "ApiKey | None":
        return cls.objects.filter(digest=digest_of(secret), scope=scope, revoked_at=None).first()

    def revoke(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at):
                writing.record(facts.KeyRevoked(key=self.pk))

    def is_noted(self, at: datetime) -> bool:
        """Whether a use of it at that time needs no note: one a minute is enough."""
        return self.last_used_at is not None and self.last_used_at >= at - NOTED_EVERY

    def used(self, at: datetime) -> None:
        with transaction.atomic():
            ApiKey.objects.filter(pk=self.pk).update(last_used_at=at)


def digest_of(secret: str) -> str:
    # The secret has 240 random bits, so one pass of SHA-256 is as good as a slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
