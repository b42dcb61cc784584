"""A mail server that speaks SMTP, for tests: what it took in, and how it can refuse or be away."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

SIGN_IN = ("accord", "a secret of the server")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Post:
    """The post of a house, at one port. It can be opened and closed again; what arrived stays."""

    def __init__(self) -> None:
        self.port = free_port()
        self.arrived: list[EmailMessage] = []
        self.answers: dict[str, str] = {}  # by recipient: what the server says instead of 250
        self.signs_in = False
        self.takes = 0.0  # seconds for every mail

    @contextmanager
    def open(self) -> Iterator[None]:
        asking: dict[str, Any] = {"auth_required": True, "auth_require_tls": False} if self.signs_in else {}
        running = Controller(self, hostname="127.0.0.1", port=self.port, authenticator=self._let_in, **asking)
        running.start()
        try:
            yield
        finally:
            running.stop()

    def at_house(self, settings) -> "Post":
        """The house hands its mail in here."""
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", self.port
        settings.DEFAULT_FROM_EMAIL = "accord@house.example"
        return self

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.takes)
        self.arrived.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def _let_in(self, server, session, envelope, mechanism, asked) -> AuthResult:
        name, password = asked.login.decode(), asked.password.decode()
        return AuthResult(success=(name, password) == SIGN_IN, handled=False)
