from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import IntegrityError, models

from accord.kernel import ledger, traits
from accord.kernel.instants import InstantField
from accord.rooms.team import facts, rules
from accord.rooms.team.fields import ROLE_NAMES
from accord.rooms.team.models.absence import Absence, AlreadyAway, Backwards
from accord.rooms.team.models.house import House
from accord.rooms.team.models.team import Team


class EmailTaken(Exception):
    """Somebody signs in with that address."""


class LastAdministrator(Exception):
    """Nobody would be left to administer the house."""


class Oneself(Exception):
    """Nobody shuts themselves out: another administrator does it."""


class MemberManager(BaseUserManager["Member"]):
    """Django's and allauth's way of making users; people join through `Member.join`."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "Member":
        member = self.model(email=_kept(email), **more)
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
    weight = models.PositiveSmallIntegerField(default=100)  # their share in the fair pick; 0: they get none
    most_open = models.PositiveSmallIntegerField(null=True)  # hand-offs that they may hold open; None: no bound
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
    def join(
        cls,
        *,
        email: str,
        name: str,
        role: str,
        team: Team | None = None,
        by: int | None,
        at: datetime,
        **more: Any,
    ) -> "Member":
        """Somebody joins. Without a password they set one by the link of the invitation. Raises EmailTaken."""
        with ledger.write(at, by) as writing:
            try:
                member = cls.objects.create_user(email, more.pop("password", None), name=name, joined_at=at, **more)
            except IntegrityError:
                raise EmailTaken(email)
            writing.record(facts.MemberJoined(member=member.pk))
            values = {"role": role, "active": True} | ({"team": team.pk} if team else {})
            traits.put(writing, "member", member.pk, values, at)
        member.refresh_from_db()
        return member

    def change(self, values: dict[str, Any], *, by: int | None, at: datetime) -> None:
        """Set role, team, weight or most_open, dated.

        Raises LastAdministrator or Oneself where an administrator would be lost.
        """
        with ledger.write(at, by) as writing:
            if values.get("role", rules.ADMIN) != rules.ADMIN:
                self._may_be_lost(by)
            traits.put(writing, "member", self.pk, values, at)
        self.refresh_from_db()

    def rename(self, name: str, *, by: int | None, at: datetime) -> None:
        with ledger.write(at, by) as writing:
            if Member.objects.filter(pk=self.pk).exclude(name=name).update(name=name):
                writing.record(facts.MemberRenamed(member=self.pk))
        self.refresh_from_db()

    def change_email(self, email: str, *, by: int | None, at: datetime) -> None:
        """They sign in with another address. Raises EmailTaken."""
        with ledger.write(at, by) as writing:
            try:
                changed = Member.objects.filter(pk=self.pk).exclude(email=_kept(email)).update(email=_kept(email))
            except IntegrityError:
                raise EmailTaken(email)
            if changed:
                # The sign-in remembers addresses of its own: the old one must not open the door any longer.
                EmailAddress.objects.filter(user_id=self.pk).delete()
                writing.record(facts.MemberEmailChanged(member=self.pk))
        self.refresh_from_db()

    def edit(
        self, *, name: str, email: str, role: str, team: Team | None, by: int | None, at: datetime, **shares: int | None
    ) -> None:
        """Name, address, role, team, and weight and most_open where they are given, at once, or none of them.

        Raises EmailTaken, LastAdministrator or Oneself.
        """
        wanted = {"role": (self.role, role), "team": (self.team_id, team and team.pk)}
        wanted |= {slug: (getattr(self, slug), share) for slug, share in shares.items()}
        changed = {slug: new for slug, (old, new) in wanted.items() if old != new}
        with ledger.write(at, by):
            self.rename(name, by=by, at=at)
            self.change_email(email, by=by, at=at)
            if changed:
                self.change(changed, by=by, at=at)
        self.refresh_from_db()

    def prefer(self, *, name: str, language: str, zone: str, theme: str, by: int | None, at: datetime) -> None:
        """Their own name and how they want to see things. No report depends on language, zone and theme."""
        with ledger.write(at, by):
            Member.objects.filter(pk=self.pk).update(language=language, zone=zone, theme=theme)
            self.rename(name, by=by, at=at)

    def leave(self, *, by: int | None, at: datetime) -> None:
        """Deactivate: no more sign-in; what they did and own stays. Raises LastAdministrator or Oneself."""
        with ledger.write(at, by) as writing:
            self._may_be_lost(by)
            if self.pk == by:
                raise Oneself
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

    def take_leave(self, since: datetime, until: datetime, *, by: int | None, at: datetime) -> Absence:
        """They are away for that time. Raises Backwards, or AlreadyAway where an absence stands for some of it."""
        if until <= since:
            raise Backwards
        with ledger.write(at, by) as writing:
            # Locked, so that of two overlapping ones that are planned at once the second sees the first.
            Member.objects.select_for_update().get(pk=self.pk)
            planned = Absence.objects.filter(member=self, called_off_at=None, since__lt=until, until__gt=since)
            if standing := planned.first():
                raise AlreadyAway(standing)
            absence = Absence.objects.create(member=self, since=since, until=until, planned_at=at)
            writing.record(facts.AbsencePlanned(absence=absence.pk, member=self.pk))
        return absence

    def may(self, action: str) -> bool:
        return self.is_active and rules.may(self.role, action)

    @property
    def scope(self) -> str:
        return rules.scope(self.role) if self.is_active else rules.NONE

    @property
    def invited(self) -> bool:
        """They have not set a password yet."""
        return not self.has_usable_password()

    def side(self, house: House) -> str:
        return rules.side(self.role, house.inside_sales_side)

    def _may_be_lost(self, by: int | None) -> None:
        # Locked, so that two administrators who take each other out at once do not both succeed.
        administrators = Member.objects.select_for_update().filter(role=rules.ADMIN, is_active=True)
        left = {member.pk for member in administrators}
        if left == {self.pk}:
            raise LastAdministrator
        if self.pk in left and self.pk == by:
            raise Oneself


def _kept(email: str) -> str:
    return BaseUserManager.normalize_email(email.strip()).lower()
