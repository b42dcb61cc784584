"""The link by which a member sets a password, and the mail that carries it."""

import logging
from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accord.rooms.team.models import House, Member
from accord.web.shell.gate import MemberRequest

PATIENCE = 10  # seconds that a page waits for the mail server
DAY = 24 * 3600
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Invitation:
    member: Member
    link: str
    sent: bool

    @property
    def days(self) -> int:
        return settings.PASSWORD_RESET_TIMEOUT // DAY


def send(request: MemberRequest, member: Member) -> Invitation:
    """Mail the link to the member. Where no mail leaves the house, the link is there to be passed on by hand."""
    link = request.build_absolute_uri(_path(member))
    return Invitation(member, link, _sent(_mail(request, member, link), member))


def _path(member: Member) -> str:
    key = {"uidb36": user_pk_to_url_str(member), "key": default_token_generator.make_token(member)}
    return reverse("account_reset_password_from_key", kwargs=key)


def _mail(request: MemberRequest, member: Member, link: str) -> EmailMessage:
    shown = {"member": member, "sender": request.user, "house": House.get(), "link": link}
    shown["days"] = Invitation(member, link, sent=False).days
    with translation.override(member.language or translation.get_language()):
        subject = render_to_string("team/mail/subject.txt", shown)
        body = render_to_string("team/mail/body.txt", shown)
    return EmailMessage(" ".join(subject.split()), body, to=[member.email], connection=get_connection(timeout=PATIENCE))


def _sent(mail: EmailMessage, member: Member) -> bool:
    try:
        mail.send()
    except OSError as refused:  # no connection, or what the mail server said, which may name the address
        log.warning("no mail to member %s: %s", member.pk, type(refused).__name__)
        return False
    return True
