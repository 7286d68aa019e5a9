"""The address of a mail server, as the settings spell it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
_STARTTLS = {"always": True, "never": False, "offered": None}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and how letters are handed over. `starttls` None: if it is offered."""

    host: str
    port: int
    tls: bool
    starttls: bool | None
    user: str = ""
    password: str = ""


def mail_server(url: str) -> MailServer:
    """The mail server of `smtp://user:password@host:587?starttls=always` or `smtps://host`. Where there is a user, no
    word goes out unencrypted unless `starttls` says so. Raises `ValueError`.
    """
    parts = urlsplit(url)
    options = parse_qs(parts.query, keep_blank_values=True)
    chosen = options.pop("starttls", ["always" if parts.username else "offered"])[-1]
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("must be smtp://host:587 or smtps://host:465, with user:password@ before the host if need be")
    if options or chosen not in _STARTTLS:
        raise ValueError("takes one option: starttls=always, starttls=offered or starttls=never")
    tls = parts.scheme == "smtps"
    return MailServer(
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        tls,
        False if tls else _STARTTLS[chosen],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )
