"""A mail server that takes the call and says nothing holds up the mail alone, and not the worker."""

import socket

import pytest

from accord.kernel import clock
from accord.kernel.mail.models import QUEUED, Mail
from accord.schedule import Due

SENDER = "send the mail that is due"


@pytest.fixture
def silent(settings):
    listening = socket.create_server(("127.0.0.1", 0))
    settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
    yield listening
    listening.close()


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_the_mail_server_is_nobody_else(silent):
    mail = Mail.queue("digest", to="ines@house.example", subject="Hello", text="Hello", at=clock.now())
    due = Due()
    due.run(clock.machine())
    called, _from = silent.accept()
    assert due.threads[SENDER].is_alive()
    due.last.clear()
    due.run(clock.machine())  # a second sender is not begun
    called.close()
    due.wait()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (QUEUED, 1)
    assert mail.error
