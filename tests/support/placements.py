"""One deployment of each kind, for tests that must hold wherever a room is: in the server's process, in a worker beside
it, or on another node than the browser's.
"""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

from server.settings import Settings
from tests.support.cluster import cluster
from tests.support.live_server import LiveServer, live_server
from tests.support.planted import seldom_pings
from tests.support.postgres_server import Databases
from tests.support.stock import OPINION, SECOND, Person, Stock, stocked

PLACEMENTS = ("here", "worker", "worker of a node", "another node")


@dataclass(frozen=True, slots=True)
class Deployment:
    """`home` is the server that owns the rooms, `away` the one that most browsers come to: the same one, or not."""

    stock: Stock
    home: LiveServer
    away: LiveServer
    placement: str


@contextmanager
def deployment(placement: str, directory: Path, databases: Databases) -> Iterator[Deployment]:
    """A deployment of this kind on freshly stocked data."""
    environ = {"UNBRACKET_FRAMES_PER_SECOND": "300"}
    if placement in {"here", "worker"}:
        environ["UNBRACKET_ROOM_WORKERS"] = "2" if placement == "worker" else "0"
        stock = stocked(Settings(data_dir=directory / "data"))
        with live_server(stock.settings.data_dir, environ=environ, plant=seldom_pings) as server:
            yield Deployment(stock, server, server, placement)
        return
    environ["UNBRACKET_ROOM_WORKERS"] = "1" if placement == "worker of a node" else "0"
    # Nothing is handed over meanwhile: a node takes what it is preferred for once it has run for five leases.
    environ["UNBRACKET_LEASE_SECONDS"] = "60"
    with cluster(directory, databases.fresh(), 1, environ, seldom_pings) as nodes:
        home = nodes.nodes[0]
        for opinion in (OPINION, SECOND):
            # A command, if only to be refused, makes the one node there is the owner.
            status, _ = ask(home, nodes.stock["m-sec"], "POST", f"/api/opinions/{opinion}/commands", json_of=_NOTHING)
            assert status == 409
        away = nodes.add()
        yield Deployment(nodes.stock, home, away, placement)


_NOTHING = {
    "act": "correct_text",
    "paragraph": "p-item-00002",
    "start": 0,
    "end": 4,
    "was": "that",
    "text": "that",
    "key": "key-of-the-owner",
    "party": "SEC",
}


def ask(
    server: LiveServer,
    person: Person,
    method: str,
    path: str,
    *,
    form: Mapping[str, str] | None = None,
    json_of: Mapping[str, Any] | None = None,
) -> tuple[int, str]:
    """What a person is answered: status and text."""
    data = json.dumps(json_of).encode() if json_of is not None else urlencode(form or {}).encode()
    kind = "application/json" if json_of is not None else "application/x-www-form-urlencoded"
    request = urllib.request.Request(
        f"{server.url}{path}",
        data=data if method == "POST" else None,
        method=method,
        headers={
            "Cookie": f"unbracket-{server.port}={person.token}",
            "Origin": server.url,
            "Content-Type": kind,
            "Accept": "text/html",
        },
    )
    try:
        with _opener.open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)
