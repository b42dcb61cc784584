"""How the timeline tells that a record came with a file."""

from collections.abc import Sequence

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.kernel.imports.models import ImportedRecord
from accord.rooms.team.models import Member
from accord.web.records.timeline import IMPORTS, Entry, Source


def source(kind: str, records: Sequence[int], member: Member) -> Source:
    """The files that brought these records in; whoever may take files in is led to the import."""
    may_open = member.may("import_files")
    made = ImportedRecord.objects.filter(kind=kind, record__in=records, created=True).select_related("file")
    rows = made.annotate(occurred_at=F("file__made_at"), by_id=F("file__by_id"))

    def tell(found: Sequence[ImportedRecord]) -> dict[int, Entry]:
        return {
            one.pk: Entry(
                "file-down",
                _("Imported from %(file)s") % {"file": one.file.name},
                link=reverse("import", args=[one.file_id]) if may_open else "",
            )
            for one in found
        }

    return Source(IMPORTS, rows, tell)
