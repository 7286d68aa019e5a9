"""People at their browsers for tests without a socket: the real app on the stocked data directory, a cookie each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from httpx2 import Response
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.testclient import TestClient

from server.app import create_app
from server.settings import Settings
from server.visit import Services
from tests.support.stock import Stock, stocked

T = TypeVar("T")

PORT = 8123
HOST = f"127.0.0.1:{PORT}"
ORIGIN = f"http://{HOST}"
COOKIE = f"unbracket-{PORT}"


@dataclass(frozen=True, slots=True)
class House:
    """The running app with its people."""

    app: Starlette
    client: TestClient
    stock: Stock

    @property
    def services(self) -> Services:
        """What the app serves with."""
        services = self.app.state.services
        assert isinstance(services, Services)
        return services

    def ask(
        self, who: str | None, method: str, path: str, *, token: str | None = None, host: str = HOST, **given: Any
    ) -> Response:
        """What a person (None: nobody) is answered, as a browser's page would ask; redirections are not followed."""
        headers = {
            "accept": "text/html",
            "host": host,
            "origin": f"http://{host}",
            **({"cookie": f"{COOKIE}={token or (self.stock[who].token if who else '')}"} if who or token else {}),
            **given.pop("headers", {}),
        }
        self.client.cookies.clear()
        return self.client.request(method, path, headers=headers, follow_redirects=False, **given)

    def get(self, who: str | None, path: str, **given: Any) -> Response:
        """What a person is answered to a GET."""
        return self.ask(who, "GET", path, **given)

    def post(self, who: str | None, path: str, data: dict[str, Any] | None = None, **given: Any) -> Response:
        """What a person is answered to a posted form."""
        return self.ask(who, "POST", path, data=data or {}, **given)

    def write(self, fn: Callable[[Connection], T]) -> T:
        """The value of a function of the house's own database, while it is open."""
        assert self.client.portal is not None
        return self.client.portal.call(self.services.database.write, fn)


@contextmanager
def house(settings: Settings, **options: Any) -> Iterator[House]:
    """The app on a freshly stocked data directory, served at `HOST`."""
    settings = replace(settings, port=PORT)
    stock = stocked(settings)
    with opened(settings, stock, **options) as running:
        yield running


@contextmanager
def opened(settings: Settings, stock: Stock, **options: Any) -> Iterator[House]:
    """The app on a data directory that is stocked already."""
    app = create_app(settings, **options)
    with TestClient(app, base_url=ORIGIN) as client:
        yield House(app, client, stock)
