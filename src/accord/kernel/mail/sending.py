"""The sender: takes up what is due, one mail after the other, until all are sent or a round's time is over.

A mail is sent at least once. Where this process dies, or the line breaks, between the server's answer and the mark,
it goes out again after its lease, with the same Message-ID, by which those who receive it drop the second.
"""

from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.mail.backends.smtp import EmailBackend
from django.db import connection, models, transaction
from django.db.models import Case, F, Q, Value, When

from accord.kernel import clock
from accord.kernel.instants import InstantField
from accord.kernel.mail.models import FAILED, QUEUED, SENDING, SENT, Mail, is_set_up, waiting

ROUND = timedelta(seconds=5)  # the worker has other work
LEASE = timedelta(minutes=5)  # longer than a server may take at all its steps, each of which ends with EMAIL_TIMEOUT
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240)]  # the last one for every further try
GIVES_UP = timedelta(days=3)
PERMANENT = 500  # and above
SIGN_IN = (530, 534, 535, 538)  # the server wants to know the house better: no fault of the mail
CLOSING = 421


def send_due(now: datetime) -> int:
    """Send what is due; how many mails were sent. What the server says against one is kept with it, never raised."""
    if not is_set_up() or not _due(now).exists():
        return 0
    server = EmailBackend()
    try:
        server.open()
    except OSError as error:
        _put_off(_due(now), now, _answer(error)[1])
        return 0
    try:
        return _send_all(server, now)
    finally:
        server.close()


def _send_all(server: EmailBackend, now: datetime) -> int:
    sent, until = 0, clock.machine() + ROUND
    while clock.machine() < until and (mail := _claim(now)):
        try:
            server.send_messages([mail.message()])
        except OSError as error:  # every error of smtplib is one
            code, words = _answer(error)
            _refused(mail, now, code, words)
            if code in (0, CLOSING):  # the line is dead
                break
        else:
            sent += _held(mail).update(state=SENT, sent_at=now, attempts=F("attempts") + 1, leased_until=None, error="")
    return sent


def _due(now: datetime) -> models.QuerySet[Mail]:
    """What may be taken up: due, or left by a process that is gone."""
    return waiting().filter(
        Q(state=QUEUED, next_at__lte=now) | Q(state=SENDING, next_at__lte=now, leased_until__lt=clock.machine())
    )


def _claim(now: datetime) -> Mail | None:
    with transaction.atomic():
        due = _due(now).order_by("next_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        mail = due.first()
        if mail is None:
            return None
        until = clock.machine() + LEASE
        taken = _due(now).filter(pk=mail.pk).update(state=SENDING, leased_until=until)
    mail.leased_until = until
    return mail if taken else None


def _held(mail: Mail) -> models.QuerySet[Mail]:
    """The mail while it is ours: whoever was too slow does not mark what another has taken up."""
    return Mail.objects.filter(pk=mail.pk, state=SENDING, leased_until=mail.leased_until)


def _refused(mail: Mail, now: datetime, code: int, words: str) -> None:
    if code >= PERMANENT and code not in SIGN_IN:
        _held(mail).update(state=FAILED, attempts=F("attempts") + 1, leased_until=None, error=words)
    else:
        _put_off(_held(mail), now, words)


def _put_off(mails: models.QuerySet[Mail], now: datetime, words: str) -> None:
    """Try again, each after the pause of its turn; give up what has waited for days."""
    tried = {"attempts": F("attempts") + 1, "leased_until": None, "error": words}
    mails.filter(queued_at__lte=now - GIVES_UP).update(state=FAILED, **tried)
    after = [Value(now + pause, InstantField()) for pause in PAUSES]
    turns = [When(attempts=turn, then=then) for turn, then in enumerate(after)]
    mails.update(state=QUEUED, next_at=Case(*turns, default=after[-1]), **tried)


def _answer(error: OSError) -> tuple[int, str]:
    """The code with which the server answered, 0 where it did not, and its words."""
    said: bytes | str
    if isinstance(error, SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        return 0, str(error) or type(error).__name__
    return code, f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
