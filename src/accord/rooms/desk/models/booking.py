from datetime import datetime

from django.db import models
from django.db.models import F

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.rooms.agreement.models import Version
from accord.rooms.agreement.words import called
from accord.rooms.desk import facts, rules
from accord.rooms.desk.models.task import Task
from accord.rooms.people.models import Contact


class BookingQuerySet(models.QuerySet["Booking"]):
    def standing(self) -> "BookingQuerySet":
        """Neither called off nor done with."""
        return self.filter(called_off_at=None, task__done_at=None, task__dropped_at=None)


class Booking(models.Model):
    """A meeting of which somebody outside chose the time; its task says with whom, when and about which lead.

    `version`, `route`: by whose routing it is with them; empty where they had the lead already. `zone`, `language`:
    the guest's. `changes`: how often its time was moved, which calendars ask for.
    """

    task = models.OneToOneField(Task, models.CASCADE, related_name="booking")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    route = models.CharField(max_length=120, blank=True)
    zone = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    changes = models.PositiveSmallIntegerField(default=0)
    booked_at = InstantField()
    called_off_at = InstantField(null=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        db_table = "booking"

    def __str__(self) -> str:
        return str(self.task)

    @classmethod
    def of(cls, contact: Contact, at: datetime) -> "Booking | None":
        """The one that is still to come or goes on just now."""
        ahead = cls.objects.standing().filter(task__lead__contact=contact, task__due_at__gt=at - rules.LENGTH)
        return ahead.select_related("task__owner", "task__lead__contact").order_by("task__due_at").first()

    @property
    def ends_at(self) -> datetime:
        return self.task.due_at + rules.LENGTH

    @property
    def routed_by(self) -> str:
        """What the route is called that named whom they meet."""
        document = self.version.document if self.version else None
        return called(document, document.routing, self.route) if document else ""

    @property
    def contact(self) -> Contact:
        assert self.task.lead is not None  # nobody books a meeting about nothing
        return self.task.lead.contact

    def keep_up(self, *, at: datetime) -> None:
        """With its task: at another time, or called off with it."""
        dropped = self.task.dropped_at is not None
        Booking.objects.filter(pk=self.pk).update(changes=F("changes") + 1, called_off_at=at if dropped else None)
        self.refresh_from_db(fields=["changes", "called_off_at"])

    def call_off(self, *, at: datetime) -> bool:
        """The guest cannot come or wants another time; whether it still stood."""
        with ledger.write(at) as writing:
            standing = Booking.objects.standing().filter(pk=self.pk)
            if not standing.update(called_off_at=at):
                return False
            self.called_off_at = at
            lead = self.task.lead_id
            writing.record(facts.MeetingCalledOff(booking=self.pk, lead=lead, contact=self.contact.pk))
            self.task.drop(at=at)
        return True
