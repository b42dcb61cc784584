from datetime import datetime

from django.db import models

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.people import facts
from accord.rooms.people.models.company import Company
from accord.rooms.people.models.contact import Contact
from accord.rooms.team.models import Member


class Note(models.Model):
    """What somebody wrote down about a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="notes")
    company = models.ForeignKey(Company, models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    written_at = InstantField()

    class Meta:
        db_table = "note"

    @classmethod
    def write(cls, contact: Contact, text: str, *, by: Member | None, at: datetime) -> "Note":
        with ledger.write(at, by.pk if by else None) as writing:
            note = cls.objects.create(contact=contact, company=contact.company, text=text, by=by, written_at=at)
            writing.record(facts.NoteWritten(note=note.pk, contact=contact.pk, company=contact.company_id))
        return note
