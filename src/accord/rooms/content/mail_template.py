from collections.abc import Mapping
from datetime import datetime

from django.db import models
from django.db.models import F

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.content import facts
from accord.rooms.people.models.races import guard
from accord.rooms.team.models import Member


class MailTemplateQuerySet(models.QuerySet["MailTemplate"]):
    def visible_to(self, member: Member) -> "MailTemplateQuerySet":
        """Whoever sees the whole house sees these; a partner none."""
        return self if member.scope == "all" else self.none()

    def here(self) -> "MailTemplateQuerySet":
        return self.filter(trashed_at=None)


class MailTemplate(models.Model):
    """A mail to begin with: its subject and its text, with merge fields in both."""

    name = models.CharField(max_length=120)
    language = models.CharField(max_length=10, blank=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    persona = models.CharField(max_length=120, blank=True)
    stage = models.CharField(max_length=20, blank=True)
    owner = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=0)
    made_at = InstantField()
    trashed_at = InstantField(null=True)

    objects = MailTemplateQuerySet.as_manager()

    class Meta:
        db_table = "mail_template"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def write(cls, values: Mapping[str, str], *, by: Member, at: datetime) -> "MailTemplate":
        with ledger.write(at, by.pk) as writing:
            template = cls.objects.create(**values, owner=by, made_at=at)
            writing.record(facts.MailTemplateWritten(template=template.pk))
        return template

    def edit(self, values: Mapping[str, str], *, seen: int, by: Member, at: datetime) -> None:
        """Raises LostRace where somebody else has changed it since version `seen`."""
        with ledger.write(at, by.pk) as writing:
            mine = MailTemplate.objects.here().filter(pk=self.pk, version=seen)
            guard(mine.update(**values, version=F("version") + 1))
            writing.record(facts.MailTemplateEdited(template=self.pk))
        self.refresh_from_db()

    def trash(self, *, by: Member, at: datetime) -> None:
        with ledger.write(at, by.pk) as writing:
            if MailTemplate.objects.here().filter(pk=self.pk).update(trashed_at=at):
                writing.record(facts.MailTemplateTrashed(template=self.pk))

    def restore(self, *, by: Member, at: datetime) -> None:
        with ledger.write(at, by.pk) as writing:
            if MailTemplate.objects.filter(pk=self.pk, trashed_at__isnull=False).update(trashed_at=None):
                writing.record(facts.MailTemplateRestored(template=self.pk))
