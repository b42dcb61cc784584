from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.kernel.instants import InstantField

QUEUED, SENDING, SENT, FAILED = "queued", "sending", "sent", "failed"


class NotSetUp(Exception):
    """The house has no mail server; the message is for a person."""


class Mail(models.Model):
    """One mail to one person. `message_id` is given when it is written, so that replies find it whenever it is sent."""

    kind = models.CharField(max_length=30)
    to = models.CharField(max_length=320)
    to_name = models.TextField(blank=True)
    sender = models.CharField(max_length=320)
    sender_name = models.TextField(blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True)
    invitation = models.TextField(blank=True)  # iCalendar (RFC 6047): what a calendar takes in
    message_id = models.CharField(max_length=400, unique=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    automatic = models.BooleanField(default=False)  # nobody wrote it: no out-of-office note should answer it
    contact_id = models.BigIntegerField(null=True)
    by_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default=QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = InstantField()
    leased_until = InstantField(null=True)
    error = models.TextField(blank=True)
    queued_at = InstantField()
    sent_at = InstantField(null=True)

    class Meta:
        db_table = "mail"
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=models.Q(state__in=(QUEUED, SENDING)), name="mail_waiting"
            ),
            models.Index(fields=["id"], condition=models.Q(state=FAILED), name="mail_failed"),
            models.Index(
                fields=["contact_id", "id"], condition=models.Q(contact_id__isnull=False), name="mail_contact"
            ),
        ]

    @classmethod
    def queue(
        cls,
        kind: str,
        *,
        to: str,
        subject: str,
        text: str,
        at: datetime,
        to_name: str = "",
        html: str = "",
        invitation: str = "",
        sender_name: str = "",
        reply_to: str = "",
        in_reply_to: str = "",
        automatic: bool = False,
        contact: int | None = None,
        by: int | None = None,
    ) -> "Mail":
        """Write a mail down; the schedule sends it, within seconds where the mail server answers.

        Raises NotSetUp without a mail server, and ValueError for what can be no mail: an address that is none, or a
        line break in a header, which could smuggle further headers in.
        """
        if not is_set_up():
            raise NotSetUp(_("No mail can be sent: this house has no mail server yet. An admin sets ACCORD_SMTP."))
        name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
        mail = cls(
            kind=kind, to=to, to_name=to_name, sender=sender, sender_name=sender_name or name, reply_to=reply_to,
            subject=subject, text=text, html=html, invitation=invitation, in_reply_to=in_reply_to, automatic=automatic,
            contact_id=contact, by_id=by, message_id=f"<{uuid4().hex}@{sender.rpartition('@')[2]}>", next_at=at,
            queued_at=at,
        )  # fmt: skip
        mail._check()
        mail.save(force_insert=True)
        return mail

    def message(self) -> EmailMultiAlternatives:
        headers = {"Message-ID": self.message_id, "Date": format_datetime(self.queued_at)}
        if self.in_reply_to:
            headers |= {"In-Reply-To": self.in_reply_to, "References": self.in_reply_to}
        if self.automatic:
            headers["Auto-Submitted"] = "auto-generated"
        message = EmailMultiAlternatives(
            subject=self.subject,
            body=self.text,
            from_email=formataddr((self.sender_name, self.sender)),
            to=[formataddr((self.to_name, self.to))],
            reply_to=[self.reply_to] if self.reply_to else None,
            headers=headers,
        )
        if self.html:
            message.attach_alternative(self.html, "text/html")
        if self.invitation:
            method = "CANCEL" if "METHOD:CANCEL" in self.invitation else "REQUEST"
            message.attach_alternative(self.invitation, f"text/calendar; method={method}")
        return message

    def _check(self) -> None:
        for address in (self.to, self.sender, *([self.reply_to] if self.reply_to else [])):
            try:
                validate_email(address)
            except ValidationError:
                raise ValueError(f"{address!r} is no e-mail address.")
        if any(set("\r\n\0") & set(line) for line in (self.subject, self.to_name, self.sender_name, self.in_reply_to)):
            raise ValueError("A header of a mail is one line.")
        self.message().message().as_bytes()


def is_set_up() -> bool:
    """Whether the house has a mail server."""
    return bool(settings.EMAIL_HOST)


def waiting() -> models.QuerySet[Mail]:
    return Mail.objects.filter(state__in=(QUEUED, SENDING))


def failed() -> models.QuerySet[Mail]:
    return Mail.objects.filter(state=FAILED)
