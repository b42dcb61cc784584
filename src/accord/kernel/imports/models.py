from typing import Any

from django.conf import settings
from django.db import models

from accord.kernel.instants import InstantField

RUNNING_COUNTS = ("rows", "created", "updated", "unchanged", "rejected", "asserted", "flagged")


class Import(models.Model):
    """One file taken in, or looked at: how it is read, how far it got, what came of it."""

    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    encoding = models.CharField(max_length=40)
    delimiter = models.CharField(max_length=4)
    map = models.TextField()
    history = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="en")  # of whoever gave the file: reasons are written in it
    by_id = models.BigIntegerField(null=True)
    made_at = InstantField()
    began_at = InstantField(null=True)
    finished_at = InstantField(null=True)
    reverted_at = InstantField(null=True)
    next_row = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    asserted = models.BigIntegerField(default=0)
    flagged = models.BigIntegerField(default=0)
    kept = models.JSONField(default=list)  # after a revert: what stayed, because something later refers to it

    class Meta:
        db_table = "import"
        ordering = ["-id"]

    @property
    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in RUNNING_COUNTS}

    @property
    def state(self) -> str:
        if self.reverted_at:
            return "reverted"
        return "finished" if self.finished_at else ("running" if self.began_at else "prepared")

    @property
    def rejects_file(self) -> Any:
        return settings.HOME / "files" / "rejects" / f"{self.pk}-rejects.csv"


class ImportKey(models.Model):
    """By this key a sender's row is known again: the record it became, and a digest of what it said last."""

    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=255)
    record = models.BigIntegerField()
    digest = models.CharField(max_length=32)
    made_by = models.ForeignKey(Import, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    line = models.BigIntegerField()
    seen_in = models.BigIntegerField()  # the import that saw it last

    class Meta:
        db_table = "import_key"
        constraints = [models.UniqueConstraint(fields=["kind", "source", "key"], name="import_key_once")]


class ImportedRecord(models.Model):
    """A record that an import created or changed: what its revert has to look at."""

    file = models.ForeignKey(Import, models.CASCADE, related_name="records", db_constraint=False)
    kind = models.CharField(max_length=20)
    record = models.BigIntegerField()
    created = models.BooleanField()

    class Meta:
        db_table = "imported_record"
        indexes = [models.Index(fields=["kind", "record"], name="imported_record_of")]


class RejectedRow(models.Model):
    """A row that could not be taken, whole, with the reason in words."""

    file = models.ForeignKey(Import, models.CASCADE, related_name="rejects")
    line = models.BigIntegerField()
    reason = models.TextField()
    cells = models.JSONField()

    class Meta:
        db_table = "rejected_row"
        ordering = ["line"]


class FlaggedRow(models.Model):
    """A row that was taken although something about it is odd."""

    file = models.ForeignKey(Import, models.CASCADE, related_name="flags")
    line = models.BigIntegerField()
    reason = models.TextField()

    class Meta:
        db_table = "flagged_row"
        ordering = ["line"]
