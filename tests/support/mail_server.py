"""A real mail server (aiosmtpd) in a thread on a free loopback port: it keeps what it is handed, refuses whom it is
told to, and can be down.
"""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.services import free_port
from tests.support.waiting import PATIENCE, wait_until


@dataclass(frozen=True, slots=True)
class Received:
    """One letter as it came in: the envelope's recipients, and the message parsed."""

    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject, decoded."""
        return str(self.message["Subject"])

    @property
    def body(self) -> str:
        """Its words, decoded."""
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass
class Mail:
    """The server. `answers` by recipient: what it says instead of taking a letter ("550 no such mailbox")."""

    port: int
    user: str = ""
    password: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    """While it is set to an event that is not set, letters wait there before they are taken."""
    asked: int = 0
    """How often a recipient was named."""
    tls: ssl.SSLContext | None = None
    """With what it speaks TLS: from the first byte (`smtps`), or once it is asked to (STARTTLS)."""
    smtps: bool = False
    encrypted: list[bool] = field(default_factory=list)
    """Of each letter received, whether it came by TLS."""
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        """What `UNBRACKET_SMTP_URL` is."""
        who = f"{self.user}:{self.password}@" if self.user else ""
        return f"smtp://{who}127.0.0.1:{self.port}?starttls=never"

    @property
    def is_up(self) -> bool:
        """Whether it listens."""
        return self._controller is not None

    def up(self) -> None:
        """Listen."""
        assert self._controller is None
        extra: dict[str, Any] = {}
        if self.user:
            extra = {"authenticator": self._known, "auth_required": True, "auth_require_tls": self.tls is not None}
            extra["auth_require_tls"] = extra["auth_require_tls"] and not self.smtps
        if self.tls is not None and self.smtps:
            extra["ssl_context"] = self.tls
        elif self.tls is not None:
            extra |= {"tls_context": self.tls, "require_starttls": True}
        self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=self.port, **extra)
        self._controller.start()

    def down(self) -> None:
        """Listen no more; what was received stays."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, recipient: str) -> list[Received]:
        """What somebody was sent, the oldest first."""
        return [one for one in self.received if recipient in one.recipients]

    def wait_for(self, recipient: str, count: int = 1) -> list[Received]:
        """The letters to somebody, once there are so many."""
        wait_until(lambda: len(self.to(recipient)) >= count, f"{count} letters to {recipient}", PATIENCE)
        return self.to(recipient)

    def _known(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (
            self.user.encode(),
            self.password.encode(),
        )
        return AuthResult(success=known, handled=False)


class _Handler:
    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._mail.asked += 1
        if address in self._mail.answers:
            return self._mail.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._mail.hold is not None:
            await server.loop.run_in_executor(None, self._mail.hold.wait, PATIENCE)
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        assert server.transport is not None
        self._mail.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self._mail.received.append(Received(tuple(envelope.rcpt_tos), message))
        return "250 taken"


@contextmanager
def mail_server(
    user: str = "", password: str = "", *, tls: ssl.SSLContext | None = None, smtps: bool = False
) -> Iterator[Mail]:
    """A mail server while the block lasts."""
    mail = Mail(free_port(), user, password, tls=tls, smtps=smtps)
    mail.up()
    try:
        yield mail
    finally:
        mail.down()
