from datetime import datetime

from django.db import models

from accord.kernel import ledger
from accord.kernel.instants import InstantField
from accord.kernel.ledger import Retraction
from accord.kernel.mail.models import Mail
from accord.rooms.capture.models import Touch
from accord.rooms.desk import facts, rules
from accord.rooms.desk.models.task import Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.models import Contact, Suppression
from accord.rooms.people.models.identity import USER
from accord.rooms.people.rules import BOUNCED
from accord.rooms.team.models import Member


class Letter(models.Model):
    """An e-mail that a member wrote to somebody with a lead. Its touch stands for as long as it can have arrived."""

    mail = models.OneToOneField(Mail, models.CASCADE, related_name="+")
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    undelivered_at = InstantField(null=True)

    class Meta:
        db_table = "letter"

    def give_up(self, *, at: datetime) -> None:
        """It did not arrive: what was logged of it is taken back, and whoever has the lead has to act. Once."""
        lead = Lead.objects.select_related("owner").get(pk=self.lead_id)
        written_to = Contact.objects.get(pk=self.mail.contact_id or 0)
        theirs = Touch.objects.filter(identity__kind=USER, identity__value=written_to.external_id, kind="email_out")
        told_by = theirs.filter(properties__mail=self.mail_id).values_list("fact_id", flat=True)
        with ledger.write(at) as writing:
            if not Letter.objects.filter(pk=self.pk, undelivered_at=None).update(undelivered_at=at):
                return
            taken = [Retraction(retracted_fact_id=fact, reason="undelivered") for fact in told_by]
            writing.record(facts.MailUndelivered(letter=self.pk, lead=lead.pk, contact=lead.contact_id), taken)
            if rules.no_such_mailbox(self.mail.error):
                Suppression.add(self.mail.to, BOUNCED, by=None, at=at)
            if lead.is_open and lead.trashed_at is None:
                Task.plan(
                    owner=lead.owner or self.by, lead=lead, kind=rules.UNDELIVERED, what=self.mail.subject, due_at=at,
                    by=self.by, at=at,
                )  # fmt: skip
