from datetime import datetime

from django.db import models
from django.db.models import Q

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.people import facts
from accord.rooms.people.models.contact import Contact
from accord.rooms.team.models import Member


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, member: Member) -> "HoldQuerySet":
        return self.filter(contact__in=Contact.objects.visible_to(member))

    def here(self) -> "HoldQuerySet":
        return self.filter(lifted_at=None)


class Hold(models.Model):
    """Marketing waits while a conversation with somebody is open. `lead`: the passage in which they are talked with."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="holds")
    lead = models.BigIntegerField()
    laid_at = InstantField()
    lifted_at = InstantField(null=True)
    lifted_by = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        db_table = "hold"
        constraints = [models.UniqueConstraint(fields=["lead"], condition=Q(lifted_at=None), name="hold_once")]
        indexes = [models.Index(fields=["contact", "id"], name="hold_contact")]

    @classmethod
    def lay(cls, contact: int, lead: int, *, by: int | None, at: datetime) -> "Hold":
        """Laid twice is laid once; where the passage has gone to another contact, the hold goes along."""
        with ledger.write(at, by) as writing:
            if standing := cls.objects.here().filter(lead=lead).first():
                cls.objects.filter(pk=standing.pk).update(contact=contact)
                return standing
            hold = cls.objects.create(contact_id=contact, lead=lead, laid_at=at)
            writing.record(facts.MarketingHeld(hold=hold.pk, contact=contact, lead=lead))
        return hold

    def lift(self, *, by: Member | None, at: datetime) -> bool:
        """Marketing may write again; whether it still waited."""
        with ledger.write(at, by.pk if by else None) as writing:
            lifted = Hold.objects.here().filter(pk=self.pk).update(lifted_at=at, lifted_by=by)
            if lifted:
                writing.record(facts.HoldLifted(hold=self.pk, contact=self.contact_id, lead=self.lead))
        self.refresh_from_db()
        return bool(lifted)
