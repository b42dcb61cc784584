from datetime import datetime

from django.db import models
from django.db.models import Q

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.people import facts, queries, rules
from accord.rooms.people.fields import VETO_NAMES
from accord.rooms.people.models.contact import Contact
from accord.rooms.team.models import Member


class AlreadyVetoed(Exception):
    """Sales has vetoed it already; the argument is the veto."""

    @property
    def veto(self) -> "Veto":
        return self.args[0]


class AlreadyLifted(Exception):
    """Somebody has lifted it; the argument is who, None where they have left."""

    @property
    def who(self) -> Member | None:
        return self.args[0]


class VetoQuerySet(models.QuerySet["Veto"]):
    def visible_to(self, member: Member) -> "VetoQuerySet":
        return self.filter(contact__in=Contact.objects.visible_to(member))

    def here(self) -> "VetoQuerySet":
        """Those that stand, of people who are not in the trash."""
        return self.filter(lifted_at=None, contact__trashed_at=None)


class Veto(models.Model):
    """Sales says that somebody is not to be marketed to, and why. It stands until somebody lifts it, and is kept."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="vetoes")
    reason = models.CharField(max_length=20, choices=list(VETO_NAMES.items()))
    note = models.CharField(max_length=2000, blank=True)
    since = InstantField()
    by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    lifted_at = InstantField(null=True)
    lifted_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    lifted_because = models.CharField(max_length=2000, blank=True)

    objects = VetoQuerySet.as_manager()

    class Meta:
        db_table = "veto"
        constraints = [models.UniqueConstraint(fields=["contact"], condition=Q(lifted_at=None), name="veto_once")]
        indexes = [models.Index(fields=["since", "id"], name="veto_standing", condition=Q(lifted_at=None))]

    @classmethod
    def lay(cls, contact: Contact, reason: str, *, by: Member, at: datetime, note: str = "") -> "Veto":
        """Raises AlreadyVetoed, or ValueError for a reason that there is not."""
        if reason not in rules.VETOES:
            raise ValueError(reason)
        with ledger.write(at, by.pk) as writing:
            Contact.objects.select_for_update().get(pk=contact.pk)
            if standing := cls.objects.filter(contact__in=queries.selves(contact.pk), lifted_at=None).first():
                raise AlreadyVetoed(standing)
            veto = cls.objects.create(contact=contact, reason=reason, note=note.strip(), since=at, by=by)
            writing.record(facts.MarketingVetoed(veto=veto.pk, contact=contact.pk))
        return veto

    def lift(self, *, by: Member, at: datetime, because: str = "") -> None:
        """Marketing may write to this person again, whatever other records of them say. Raises AlreadyLifted."""
        with ledger.write(at, by.pk) as writing:
            lifted = {"lifted_at": at, "lifted_by": by, "lifted_because": because.strip()}
            if not Veto.objects.filter(pk=self.pk, lifted_at=None).update(**lifted):
                self.refresh_from_db()
                raise AlreadyLifted(self.lifted_by)
            person = queries.selves(queries.survivor(self.contact_id))
            Veto.objects.filter(contact__in=person, lifted_at=None).update(**lifted)
            writing.record(facts.MarketingAllowed(veto=self.pk, contact=self.contact_id))
        self.refresh_from_db()
