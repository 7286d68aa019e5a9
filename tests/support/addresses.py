"""Where a deployment is reached by tests: a server's own port, or a proxy's name with a certificate of its own."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.stock import Person


@dataclass(frozen=True, slots=True)
class Address:
    """An origin, the name of the cookie that signs people in there, and whose certificates are believed."""

    origin: str
    cookie: str
    trust: ssl.SSLContext | None = field(default=None, compare=False)

    @property
    def sockets(self) -> str:
        """The origin as WebSockets spell it."""
        return self.origin.replace("http", "ws", 1)

    def headers(self, person: Person) -> Mapping[str, str]:
        """What a browser says of who it is and where its page is from."""
        return {"Cookie": f"{self.cookie}={person.token}", "Origin": self.origin}


def address_of(place: int | Address) -> Address:
    """A port of this machine as an address."""
    return place if isinstance(place, Address) else Address(f"http://127.0.0.1:{place}", f"unbracket-{place}")
