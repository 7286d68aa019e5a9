"""How the process is: the gauges of /metrics, and what it answers to load balancers at /healthz and /readyz.

/healthz: does it serve? /readyz: should new people be sent here? Both say `ok`, or why not in words for people; neither
needs a sign-in or tells anything of anybody.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server import metrics
from server.follower import Followers
from server.hub import Hub
from server.ownership import MARGIN, Ownership
from server.placement import OwnRooms, Readers
from server.signals import Signals
from server.update_log import UpdateLog
from server.workers import WorkerRooms

State = Literal["ok", "degraded", "failing"]

LATE_LEASES = 0.6
"""Of a lease's length: two beats were missed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the process: `degraded` is still good enough for new people, `failing` is not."""

    state: State = "ok"
    why: str = ""

    def to_json(self) -> dict[str, str]:
        """As /readyz tells it."""
        return {"state": self.state, **({"why": self.why} if self.why else {})}


@dataclass(frozen=True, slots=True)
class Health:
    """Looks at the parts of one process. `ownership` is None where the process is the only one."""

    hub: Hub
    log: UpdateLog
    own: OwnRooms
    readers: Readers
    signals: Signals
    ownership: Ownership | None

    def look(self) -> None:
        """Set the gauges."""
        open_here = self.own.figures
        metrics.ROOMS.set(open_here.rooms)
        metrics.WAITING_FRAMES.set(open_here.waiting)
        metrics.PEERS.set(self.hub.figures["sockets"])
        metrics.WAITING_APPENDS.set(self.log.waiting)
        metrics.READ_ONLY.set(self.log.failing)
        metrics.SIGNALS_CONNECTED.set(self.signals.connected)
        metrics.FOLLOWER_LAG.set(self.readers.lag if isinstance(self.readers, Followers) else 0)
        metrics.LEASE_AGE.set(self.ownership.renewed_ago if self.ownership is not None else 0)
        metrics.DRAINING.set(self.hub.draining)

    async def parts(self) -> dict[str, Part]:
        """Every part by its name. Where nothing was written lately, this writes: a disk says no other way how it is."""
        return {
            "database writes": self._writes(await self.log.takes_writes()),
            "lease": self._lease(),
            "room processes": self._processes(),
            "signals": self._told(),
            "draining": Part("failing", "The process is stopping.") if self.hub.draining else Part(),
        }

    def _writes(self, taken: bool) -> Part:
        return Part() if taken else Part("failing", "The database takes no writes.")

    def _lease(self) -> Part:
        if self.ownership is None:
            return Part()
        ago, length = self.ownership.renewed_ago, self.ownership.lease_seconds
        if ago > MARGIN * length:
            return Part("failing", "The database has not renewed this node's leases; they have run out.")
        if ago > LATE_LEASES * length:
            return Part("degraded", "The database is slow to renew this node's leases.")
        return Part()

    def _processes(self) -> Part:
        if not isinstance(self.own, WorkerRooms) or not self.own.missing:
            return Part()
        if self.own.pids:
            return Part("degraded", "A room process ended and is being replaced.")
        return Part("failing", "No room process runs.")

    def _told(self) -> Part:
        why = "Redis is not reached: readers on other nodes see changes up to two seconds late."
        return Part() if self.signals.connected else Part("degraded", why)


def _health(request: Request) -> Health:
    health = request.app.state.health
    assert isinstance(health, Health)
    return health


async def healthz(request: Request) -> Response:
    """Whether the server serves: 200, or 503 while it stops or the database takes no writes. For load balancers."""
    hub = _health(request).hub
    status = "draining" if hub.draining else "failing" if hub.failing else "ok"
    return JSONResponse({"status": status}, HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE)


async def readyz(request: Request) -> Response:
    """Whether new people should be sent here, and how each part is: 200 unless a part is failing, then 503."""
    parts = await _health(request).parts()
    states = {part.state for part in parts.values()}
    worst = next(state for state in ("failing", "degraded", "ok") if state in states)
    told = {"status": worst, "parts": {name: part.to_json() for name, part in parts.items()}}
    return JSONResponse(told, HTTPStatus.SERVICE_UNAVAILABLE if worst == "failing" else HTTPStatus.OK)
