"""How letters leave the house: the mail server of the settings, and what its answers mean for a letter.

Whatever it says is told as one of three: taken; refused for good, for this letter; or not now, for any.
"""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.errors import ServerError
from server.post.mail_server import MailServer, mail_server
from server.settings import Settings

if TYPE_CHECKING:
    from aiosmtplib import SMTPResponseException

SECONDS = 15.0
"""Longest that a mail server may take to connect, and to each answer; a letter takes four to six of them."""
AWAY_SECONDS = 60.0
"""After a mail server could not be reached no other letter asks for it so long: jobs that wait behind go first."""


class LetterUnsendable(ServerError):
    """Raised when the mail server refuses this letter for good: there is no such address, or it takes none for it."""


class MailServerAway(ServerError):
    """Raised when a letter does not go now: nobody answers, sign-in fails, or it is asked to come back later."""


def sender_of(settings: Settings) -> str:
    """Whom letters are from, as `Name <address>`."""
    return settings.mail_from or f"Unbracket <unbracket@{_host_of(settings)}>"


def message_of(settings: Settings, letter_id: str, recipient: str, subject: str, body: str) -> EmailMessage:
    """A letter as it is sent, but for its date: plain text in UTF-8. Its Message-ID is always the same, so that one
    handed over twice is known. Raises `ValueError` for a line break in a heading.
    """
    message = EmailMessage()
    message["From"] = sender_of(settings)
    message["To"] = recipient
    message["Subject"] = subject
    message["Message-ID"] = f"<{letter_id}@{parseaddr(sender_of(settings))[1].rpartition('@')[2]}>"
    # Answers to a machine by a machine would go on for ever (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, charset="utf-8")
    return message


class Carrier:
    """Hands letters to the mail server of the settings, one connection each."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._away_until = 0.0
        self._why = ""

    @property
    def configured(self) -> bool:
        """Whether there is a mail server to hand letters to."""
        return bool(self._settings.smtp_url)

    async def hand_over(self, message: EmailMessage) -> None:
        """Give a letter to the mail server, which has it when this returns.

        Raises `LetterUnsendable` and `MailServerAway`; their message is the server's own where it said something.
        """
        # Only here: a server that sends no letters need not hold it in memory.
        from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

        if self._clock() < self._away_until:
            raise MailServerAway(self._why)
        try:
            await self._send(message)
        except SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0]) from None
        except (SMTPSenderRefused, SMTPDataError) as error:
            raise _refused(error) from None
        except (SMTPException, OSError, MailServerAway) as error:
            self._away_until = self._clock() + AWAY_SECONDS
            self._why = str(error) or type(error).__name__
            raise MailServerAway(self._why) from None

    async def _send(self, message: EmailMessage) -> None:
        from aiosmtplib import SMTP, SMTPException

        server = self._server()
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=ssl.create_default_context(),
            username=server.user or None,
            password=server.password or None,
            local_hostname=_host_of(self._settings),
            timeout=SECONDS,
        )
        await smtp.connect()
        try:
            await smtp.send_message(message)
        finally:
            # The letter is taken by now, or refused: how the server says good-bye changes neither.
            with suppress(SMTPException, OSError):
                await smtp.quit()
            smtp.close()

    def _server(self) -> MailServer:
        server, file = mail_server(self._settings.smtp_url), self._settings.smtp_password_file
        if file is None:
            return server
        try:
            return replace(server, password=file.read_text(encoding="utf-8").splitlines()[0])
        except (OSError, UnicodeDecodeError, IndexError):
            raise MailServerAway(f"The password of the mail server cannot be read from {file}.") from None


def _refused(answer: "SMTPResponseException") -> LetterUnsendable | MailServerAway:
    told = f"{answer.code} {answer.message}"
    return LetterUnsendable(told) if answer.code >= 500 else MailServerAway(told)


def _host_of(settings: Settings) -> str:
    origin = urlsplit(settings.origins[0]).hostname if settings.origins else None
    return origin or "localhost"
