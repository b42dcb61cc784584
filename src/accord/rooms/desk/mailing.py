"""One-to-one mail: written to somebody with a lead, sent by the house, logged as a touch, all of it or nothing."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accord.kernel import ledger
from accord.kernel.mail.models import FAILED, Mail
from accord.rooms.desk import calls
from accord.rooms.desk.calls import Next
from accord.rooms.desk.models import Letter, Task
from accord.rooms.funnel.models import Lead
from accord.rooms.people.contacting import may_contact
from accord.rooms.people.models import Contact
from accord.rooms.people.rules import EMAIL, ONE_TO_ONE
from accord.rooms.team.models import Member

KIND = "one_to_one"
NO_ADDRESS, BAD_ADDRESS = "no_address", "bad_address"
LEFT = 50  # letters that one round of the sweep gives up


class NotWritable(Exception):
    """They cannot be written to; the argument is why: one of the above or a reason of `people`."""

    @property
    def why(self) -> str:
        return self.args[0]


def hindrance(contact: Contact, at: datetime) -> str:
    """Why somebody cannot be written to by mail; empty where they can."""
    if not contact.email.strip():
        return NO_ADDRESS
    try:
        validate_email(contact.email.strip())
    except ValidationError:
        return BAD_ADDRESS
    said = may_contact(contact, EMAIL, ONE_TO_ONE, at)
    return "" if said.yes else said.against[0].reason


def send(
    lead: Lead, subject: str, text: str, *, by: Member, at: datetime, following: Next | None = None,
    settles: Task | None = None, seen: int | None = None,
) -> Letter:  # fmt: skip
    """Hand a mail to the sender, with the touch, the task that it settles and the next one.

    Raises NotWritable, NotSetUp, and what `calls.log` raises.
    """
    contact = lead.contact
    if why := hindrance(contact, at):
        raise NotWritable(why)
    with ledger.write(at, by.pk):
        mail = Mail.queue(
            KIND, to=contact.email.strip(), to_name=one_line(contact.name), subject=one_line(subject), text=text,
            sender_name=one_line(str(by)), reply_to=by.email, contact=contact.pk, by=by.pk, at=at,
        )  # fmt: skip
        letter = Letter.objects.create(mail=mail, lead=lead, by=by)
        calls.log(
            lead, "email_out", "sent", mail=mail.pk, following=following, settles=settles, seen=seen, by=by, at=at
        )
    return letter


def give_up(at: datetime) -> None:
    """Whatever the mail server refused for good, or could not be reached for, did not arrive."""
    for letter in Letter.objects.filter(undelivered_at=None, mail__state=FAILED).select_related("mail", "by")[:LEFT]:
        letter.give_up(at=at)


def one_line(text: str) -> str:
    """A header is one line, whatever a file has brought in."""
    return " ".join(text.split())
