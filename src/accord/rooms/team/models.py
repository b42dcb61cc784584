import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accord.kernel import ledger, traits
from accord.kernel.instants import InstantField
from accord.rooms.team import facts, rules

ROLE_NAMES = {
    rules.MARKETING: _("Marketing"),
    rules.INSIDE: _("Inside sales"),
    rules.FIELD: _("Field sales"),
    rules.SERVICE: _("Service"),
    rules.PARTNER: _("Partner"),
    rules.MARKETING_LEAD: _("Marketing lead"),
    rules.SALES_LEAD: _("Sales lead"),
    rules.EXECUTIVE: _("Executive"),
    rules.ADMIN: _("Administrator"),
}
SIDES = {"marketing": _("Marketing"), "sales": _("Sales"), "none": _("Neither side")}


class House(models.Model):
    """The company that runs this Accord: one row. What reports depend on is a trait of it."""

    name = models.CharField(max_length=120, default="Accord")
    zone = models.CharField(max_length=60, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    fiscal_year_start = models.PositiveSmallIntegerField(default=1)
    calendar = models.CharField(max_length=10, default="DE")
    inside_sales_side = models.CharField(max_length=10, default="sales")

    class Meta:
        db_table = "house"

    @classmethod
    def get(cls) -> "House":
        return cls.objects.get_or_create(pk=1)[0]

    def rename(self, name: str) -> None:
        House.objects.filter(pk=self.pk).update(name=name)

    def settle(self, values: dict[str, Any], *, by: int | None, at: datetime) -> None:
        """Set zone, currency, fiscal_year_start, calendar or inside_sales_side, dated."""
        with ledger.write(at, by) as writing:
            traits.put(writing, "house", self.pk, values, at)


class Team(models.Model):
    """People who share leads. `side` says whose turn it is when they hold one."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    side = models.CharField(max_length=10, choices=list(SIDES.items()), default="none")

    class Meta:
        db_table = "team"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MemberManager(BaseUserManager["Member"]):
    """Django's and allauth's way of making users; people join through `Member.join`."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **more)
        member.set_password(password)
        member.save()
        return member


class Member(AbstractBaseUser):
    """Somebody of the house, or a partner, who signs in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, null=True, unique=True)
    role = models.CharField(max_length=20, choices=list(ROLE_NAMES.items()), default=rules.MARKETING)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="members")
    language = models.CharField(max_length=10, blank=True)
    zone = models.CharField(max_length=60, blank=True)
    theme = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = InstantField(null=True)
    last_seen_at = InstantField(null=True)

    objects = MemberManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "member"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @classmethod
    def join(cls, *, email: str, name: str, role: str, team: Team | None = None, by: int | None, at: datetime, **more: Any) -> "Member":
        """Somebody joins with a role. Without a password they set one by the link of the invitation."""
        with ledger.write(at, by) as writing:
            member = cls.objects.create_user(email, more.pop("password", None), name=name, joined_at=at, **more)
            writing.record(facts.MemberJoined(member=member.pk))
            values = {"role": role, "active": True} | ({"team": team.pk} if team else {})
            traits.put(writing, "member", member.pk, values, at)
        member.refresh_from_db()
        return member

    def change(self, values: dict[str, Any], *, by: int | None, at: datetime) -> None:
        """Set role or team, dated."""
        with ledger.write(at, by) as writing:
            traits.put(writing, "member", self.pk, values, at)
        self.refresh_from_db()

    def leave(self, *, by: int | None, at: datetime) -> None:
        """Deactivate: no more sign-in; what they did and own stays."""
        with ledger.write(at, by) as writing:
            if Member.objects.filter(pk=self.pk, is_active=True).update(is_active=False):
                writing.record(facts.MemberLeft(member=self.pk))
                traits.put(writing, "member", self.pk, {"active": False}, at)
        self.refresh_from_db()

    def come_back(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if Member.objects.filter(pk=self.pk, is_active=False).update(is_active=True):
                writing.record(facts.MemberCameBack(member=self.pk))
                traits.put(writing, "member", self.pk, {"active": True}, at)
        self.refresh_from_db()

    def may(self, action: str) -> bool:
        return self.is_active and rules.may(self.role, action)

    @property
    def scope(self) -> str:
        return rules.scope(self.role) if self.is_active else rules.NONE

    def side(self, house: House) -> str:
        return rules.side(self.role, house.inside_sales_side)


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

    @classmethod
    def make(cls, *, name: str, scope: str, role: str, by: Member | None, at: datetime) -> tuple["ApiKey", str]:
        """Returns the key and its secret, which is not kept."""
        secret = f"acc_{secrets.token_urlsafe(30)}"
        with ledger.write(at, by and by.pk) as writing:
            key = cls.objects.create(
                name=name, scope=scope, role=role, prefix=secret[:10], digest=_digest(secret), made_by=by, made_at=at
            )
            writing.record(facts.KeyMade(key=key.pk, scope=scope, role=role))
        return key, secret

    @classmethod
    def held_by(cls, secret: str, scope: str) -> "ApiKey | None":
        return cls.objects.filter(digest=_digest(secret), scope=scope, revoked_at=None).first()

    def revoke(self, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if ApiKey.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at):
                writing.record(facts.KeyRevoked(key=self.pk))

    def used(self, at: datetime) -> None:
        with transaction.atomic():
            ApiKey.objects.filter(pk=self.pk).update(last_used_at=at)


def _digest(secret: str) -> str:
    # The secret has 240 random bits, so one pass of SHA-256 is as good as a slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()
