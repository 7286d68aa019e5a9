"""Every setting of the server, read once at start from `UNBRACKET_*` variables.

One frozen dataclass; a field's metadata holds what it means, and `unbracket settings` prints that. Unknown
names are refused at start: a mistyped setting must not silently leave its default in force.
"""

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.errors import SettingsError
from server.post.mail_server import mail_server

PREFIX = "UNBRACKET_"
_PASSWORD = re.compile(r"(://[^/@:]*:)[^/]*@")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""Addresses that only this machine reaches."""
TEST_PREFIX = "UNBRACKET_TEST_"
"""Names of the test suite (which browser, which profile): none of the server's business."""


def _setting(meaning: str, read: Callable[[str], Any]) -> dict[str, Any]:
    return {"meaning": meaning, "read": read}


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(f"must lie between {low:g} and {high:g}")
        return value

    return read


def _count(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(f"must be a whole number between {low} and {high}")
        return value

    return read


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return read


def _path(text: str) -> Path:
    if not text:
        raise ValueError("must name a path")
    return Path(text).expanduser()


def _mail_server(text: str) -> str:
    if text:
        mail_server(text)
    return text


def _sender(text: str) -> str:
    name, address = parseaddr(text)
    if text and (not text.isprintable() or "@" not in address.strip("@") or formataddr((name, address)) != text):
        raise ValueError("must be an address, or a name and an address: Unbracket <unbracket@example.org>")
    return text


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
    if text and (not (parts.scheme == "https" or local) or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("must be an address with https, without query")
    return text


def _scopes(text: str) -> str:
    if "openid" not in text.split():
        raise ValueError("must hold openid, and email for people to be known by: openid email")
    return text


def _origins(text: str) -> tuple[str, ...]:
    return tuple(_origin(part.strip()) for part in text.split(",") if part.strip())


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.split(",") if part.strip())


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError(f"{text!r} is not an origin such as https://draft.example.org")
    return f"{parts.scheme}://{parts.netloc}".lower()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Times are seconds, sizes bytes, unless the name says otherwise."""

    data_dir: Path = field(
        default=Path("data"),
        metadata=_setting("Directory of the database and the signing key; made at first start.", _path),
    )
    database_url: str = field(
        default="",
        repr=False,
        metadata=_setting(
            "Database: postgresql://user:password@host/database, or sqlite:///absolute/or/relative/path; empty: "
            "unbracket.db in the data directory. PostgreSQL must be 14 or newer and run with fsync on.",
            str,
        ),
    )
    redis_url: str = field(
        default="",
        repr=False,
        metadata=_setting(
            "Redis (redis://host:6379/0) that tells several server processes of each other's commits, and hands their "
            "jobs to `unbracket work`; empty: none, and the server does its jobs itself.",
            str,
        ),
    )
    secret_file: Path | None = field(
        default=None,
        metadata=_setting(
            "Ed25519 key that signs versions, mode 0600; default signing.key in the data directory.", _path
        ),
    )
    host: str = field(default="127.0.0.1", metadata=_setting("Address to listen on.", str))
    port: int = field(default=8000, metadata=_setting("Port to listen on; 0 takes a free one.", _count(0, 65535)))
    origins: tuple[str, ...] = field(
        default=(),
        metadata=_setting(
            "Origins the pages are reached at, separated by commas; empty: the address listened on.", _origins
        ),
    )
    trusted_proxies: str = field(
        default="",
        metadata=_setting(
            "Reverse proxies (addresses, commas between) whose forwarded headers are believed; empty: none.",
            str,
        ),
    )
    idle_seconds: float = field(
        default=300.0,
        metadata=_setting(
            "A room nobody has been in for this long is written as a snapshot and leaves memory.",
            _number(0.05, 86400),
        ),
    )
    gather_ms: float = field(
        default=50.0,
        metadata=_setting(
            "Longest that a busy room gathers frames for one commit; an idle room answers at once.",
            _number(0, 1000),
        ),
    )
    frames_per_second: float = field(
        default=40.0,
        metadata=_setting(
            "Frames a connection may send per second; above it the server reads more slowly.",
            _number(1, 1000000.0),
        ),
    )
    sockets_per_member: int = field(
        default=8,
        metadata=_setting("Open sockets of one person; one more is told to try again later.", _count(1, 10000)),
    )
    sockets: int = field(
        default=2000,
        metadata=_setting("Open sockets in all; one more is told to try again later.", _count(1, 100000)),
    )
    drain_seconds: float = field(
        default=10.0,
        metadata=_setting("Longest that a stopping server finishes work before it exits.", _number(0.1, 600)),
    )
    link_host: str = field(
        default="127.0.0.1",
        metadata=_setting(
            "Address on which other server processes of the deployment reach this one; in a private network only.", str
        ),
    )
    link_port: int = field(default=0, metadata=_setting("Port for the same; 0 takes a free one.", _count(0, 65535)))
    link_address: str = field(
        default="",
        metadata=_setting(
            "What others are told of it (host:port, for containers and address translation); empty: as listened on.",
            str,
        ),
    )
    lease_seconds: float = field(
        default=3.0,
        metadata=_setting(
            "How long a server process owns a draft Opinion's writing unless it renews that; several times in between "
            "it does. After a crash another takes over so much later.",
            _number(0.2, 60),
        ),
    )
    room_workers: int = field(
        default=0,
        metadata=_setting(
            "Processes of their own in which rooms run, apart from pages and sign-in; 0: in the server's process.",
            _count(0, 64),
        ),
    )
    room_memory_mb: int = field(
        default=1024,
        metadata=_setting("MiB of address space of a room process; 0: as much as there is.", _count(0, 2**20)),
    )
    session_days: float = field(default=30.0, metadata=_setting("Days a sign-in lasts.", _number(0.001, 365)))
    invitation_hours: float = field(
        default=72.0, metadata=_setting("Hours an invitation link can be used.", _number(0.001, 24 * 90))
    )
    webhook_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_setting(
            "Hosts in a private network that webhooks may go to, separated by commas; empty: none.", _hosts
        ),
    )
    smtp_url: str = field(
        default="",
        repr=False,
        metadata=_setting(
            "Mail server: smtp://user:password@host:587 or smtps://host:465; ?starttls=always, offered or never (with "
            "a user always, else if offered). Empty: letters wait, and the page Letters shows them.",
            _mail_server,
        ),
    )
    smtp_password_file: Path | None = field(
        default=None, metadata=_setting("File whose first line is the password of the mail server.", _path)
    )
    mail_from: str = field(
        default="",
        metadata=_setting(
            "Whom letters are from: Unbracket <unbracket@example.org>; empty: unbracket@ the first origin's host.",
            _sender,
        ),
    )
    oidc_issuer: str = field(
        default="",
        metadata=_setting(
            "Provider of OpenID Connect by which people may sign in: its issuer, https://login.example.org/realm; "
            "empty: none. The address to register there is the first origin with /oidc/callback.",
            _issuer,
        ),
    )
    oidc_client_id: str = field(default="", metadata=_setting("What this server is called at the provider.", str))
    oidc_client_secret_file: Path | None = field(
        default=None, metadata=_setting("File with the secret agreed on with it; none: a public client.", _path)
    )
    oidc_name: str = field(
        default="your organization",
        metadata=_setting("What people call the provider; the button says: Sign in with ...", str),
    )
    oidc_scopes: str = field(default="openid email", metadata=_setting("What the provider is asked to tell.", _scopes))
    metrics_host: str = field(default="127.0.0.1", metadata=_setting("Address at which metrics are served.", str))
    metrics_port: int = field(
        default=0, metadata=_setting("Port of /metrics for Prometheus; 0 serves none.", _count(0, 65535))
    )
    log_format: str = field(
        default="plain", metadata=_setting("Shape of the log lines: plain or json.", _choice("plain", "json"))
    )
    log_level: str = field(
        default="info",
        metadata=_setting("Least severe lines to print.", _choice("debug", "info", "warning", "error")),
    )

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'unbracket.db'}"

    @property
    def place(self) -> str:
        """Where the record is, as people are told: the data directory, or the database's URL without its password."""
        return _PASSWORD.sub(r"\1***@", self.database_url) or str(self.data_dir)

    @property
    def signing_key_file(self) -> Path:
        """The key file in force."""
        return self.secret_file or self.data_dir / "signing.key"

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Origins whose requests and sockets are served. Without a setting: the address listened on, and its
        loopback names.
        """
        if self.origins:
            return frozenset(self.origins)
        hosts = {self.host}
        if self.host in {"127.0.0.1", "localhost", "::1", "0.0.0.0", "::"}:
            hosts |= {"127.0.0.1", "localhost", "[::1]"}
        return frozenset(f"http://{host}:{self.port}" for host in hosts)


def read_settings(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """The settings of an environment; `overrides` (from the command line, None ignored) go before it.

    Raises `SettingsError` naming the variable, what does not fit, and for an unknown name the nearest known
    one.
    """
    known = {_variable(item.name): item for item in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name.startswith(TEST_PREFIX):
            continue
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else " `unbracket settings` lists all."
            raise SettingsError(f"{name} is not a setting.{hint}")
        item = known[name]
        try:
            values[item.name] = item.metadata["read"](text)
        except ValueError as error:
            raise SettingsError(f"{name}={text!r} does not fit: {error}. Meaning: {item.metadata['meaning']}") from None
    values.update({name: value for name, value in overrides.items() if value is not None})
    return Settings(**values)


def public_address(settings: Settings) -> str:
    """Where people open the pages: the first public origin, else the address listened on."""
    if settings.origins:
        return settings.origins[0]
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


@dataclass(frozen=True, slots=True)
class Described:
    """A setting as `unbracket settings` prints it."""

    name: str
    default: str
    value: str
    meaning: str


def described(settings: Settings) -> Iterator[Described]:
    """Every setting with its variable's name, default, value in force and meaning."""
    for item in dataclasses.fields(Settings):
        default, value = _shown(item.default), _shown(getattr(settings, item.name))
        yield Described(_variable(item.name), default, value, item.metadata["meaning"])


def _variable(field_name: str) -> str:
    return PREFIX + field_name.upper()


def _shown(value: object) -> str:
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, tuple) else _PASSWORD.sub(r"\1***@", str(value))
