"""The network: connections whose frames take their time, stop for a while, and are lost together when the line is cut.

One connection keeps the order of its frames, as TCP does. Frames overtake each other only on different connections, and
are said twice only by those who connect again. A line that was cut is noticed by each end in its own time: until then
the server believes a dead peer to be there.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from typing_extensions import override

from server.peers import CLOSE_SECONDS, Bundle, Peer, Placed


@dataclass(slots=True)
class Weather:
    """How the lines are. Delays are drawn between a quarter of `slow` and `slow` seconds; `buffer` is what the kernel
    takes for a peer that does not read, in bytes.
    """

    random: Random
    slow: float = 0.1
    notice: float = 30.0
    buffer: int = 1024

    def delay(self) -> float:
        """How long the next frame is on its way."""
        return self.slow * (0.25 + 0.75 * self.random.random())

    def noticing(self) -> float:
        """How long an end believes in a line that was cut."""
        return self.notice * self.random.random()


class _Pipe:
    """One direction of a line: things arrive in their order, each after its delay."""

    def __init__(self, weather: Weather, arrive: Callable[[bytes | tuple[int, str]], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self.weather = weather
        self._arrive = arrive
        self._under_way: deque[bytes | tuple[int, str]] = deque()
        self._due: deque[float] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._held_by: set[str] = set()
        self.bytes = 0
        self.dead = False

    def put(self, thing: bytes | tuple[int, str]) -> None:
        if self.dead:
            return
        due = self._loop.time() + self.weather.delay()
        self._due.append(max(due, self._due[-1]) if self._due else due)
        self._under_way.append(thing)
        self.bytes += len(thing) if isinstance(thing, bytes) else 0
        self._plan()

    def hold(self, why: str) -> None:
        self._held_by.add(why)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def release(self, why: str) -> None:
        self._held_by.discard(why)
        self._plan()

    def cut(self) -> None:
        self.dead = True
        self._under_way.clear()
        self._due.clear()
        self.bytes = 0
        if self._timer is not None:
            self._timer.cancel()

    def _plan(self) -> None:
        if self._timer is None and self._due and not self._held_by and not self.dead:
            self._timer = self._loop.call_at(self._due[0], self._next)

    def _next(self) -> None:
        self._timer = None
        self._due.popleft()
        thing = self._under_way.popleft()
        self.bytes -= len(thing) if isinstance(thing, bytes) else 0
        self._arrive(thing)
        self._plan()


class Caller(Protocol):
    """Who opens a line: a browser, honest or not."""

    def opened(self, line: "Line") -> None:
        """The handshake is done."""

    def heard(self, line: "Line", frame: bytes) -> None:
        """A frame came."""

    def ended(self, line: "Line", code: int) -> None:
        """The line is closed; 1006 when it broke."""


class Line:
    """One connection. The caller's end is this; the server's end is `server`."""

    def __init__(
        self,
        weather: Weather,
        caller: Caller,
        told: Callable[["ServerEnd", bytes], None],
        said: Callable[["ServerEnd", bytes], None],
    ) -> None:
        self.weather = weather
        self._caller = caller
        self._said = said
        self._loop = asyncio.get_running_loop()
        self.up = _Pipe(weather, self._at_server)
        self.down = _Pipe(weather, self._at_caller)
        self.server = ServerEnd(self, told)
        self.over = False

    def send(self, frame: bytes) -> None:
        """The caller sends."""
        if not self.over:
            self.up.put(frame)

    def close(self) -> None:
        """The caller closes, as when a page is left; what it sent before still arrives."""
        if not self.over:
            self.over = True
            self.down.cut()
            self.up.put((1001, "left"))

    def cut(self) -> None:
        """The network breaks the line: what is on it is lost, and both ends find out in their own time."""
        if not self.up.dead:
            self.up.cut()
            self.down.cut()
            self._loop.call_later(self.weather.noticing(), self._caller_notices)
            self._loop.call_later(self.weather.noticing(), self.server.gone)

    def kill(self) -> None:
        """The server's process died: the caller's system is told at once."""
        self.up.cut()
        self.down.cut()
        self.server.closed = True
        self.server.place = None
        self._loop.call_later(self.weather.delay(), self._caller_notices)

    def stall(self, on: bool) -> None:
        """A partition: nothing moves, nothing is lost yet."""
        for pipe in (self.up, self.down):
            if on:
                pipe.hold("stall")
            else:
                pipe.release("stall")

    def accepted(self) -> None:
        """The handshake reaches the caller."""
        self._loop.call_later(self.weather.delay(), self._opened)

    def _opened(self) -> None:
        if not self.over and not self.down.dead:
            self._caller.opened(self)

    def _caller_notices(self) -> None:
        if not self.over:
            self.over = True
            self._caller.ended(self, 1006)

    def _at_server(self, thing: bytes | tuple[int, str]) -> None:
        if isinstance(thing, bytes):
            self._said(self.server, thing)
            self.server.arrived(thing)
        else:
            self.server.gone()

    def _at_caller(self, thing: bytes | tuple[int, str]) -> None:
        if isinstance(thing, bytes):
            self._caller.heard(self, thing)
        elif not self.over:
            self.over = True
            self.up.put(thing)
            self._caller.ended(self, thing[0])


class ServerEnd(Peer):
    """The server's end: the peer that the hub seats. `told` hears of every frame the moment it is handed over."""

    def __init__(self, line: Line, told: Callable[["ServerEnd", bytes], None]) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(self._loop.time)
        self.line = line
        self.member = ""
        self.life = 0
        """The server process that it is connected to."""
        self.place: Placed | None = None
        self.closed = False
        self._told = told
        self._early: list[bytes] = []
        self.over = False

    def seated(self, place: Placed) -> None:
        """The hub gave it a place."""
        self.place = place
        if self.over:
            place.leave()
            return
        early, self._early = self._early, []
        for frame in early:
            place.submit(frame)

    def arrived(self, frame: bytes) -> None:
        """A frame came over the line."""
        if self.closed:
            return
        if self.place is None:
            self._early.append(frame)
        else:
            self.place.submit(frame)

    def gone(self) -> None:
        """The line is known to be dead here too."""
        self.over = True
        self.line.up.cut()
        if self.place is not None:
            self.place.leave()

    @override
    def waiting_bytes(self) -> int:
        return max(self.line.down.bytes - self.line.weather.buffer, 0)

    @override
    def write(self, bundle: Bundle) -> None:
        if self.closed:
            return
        for frame in bundle.frames:
            self._told(self, frame)
            self.line.down.put(frame)

    @override
    def close(self, code: int, reason: str) -> None:
        if not self.closed:
            self.closed = True
            self.line.down.put((code, reason))
            self._loop.call_later(CLOSE_SECONDS, self.gone)

    @override
    def pause(self) -> None:
        self.line.up.hold("pause")

    @override
    def resume(self) -> None:
        self.line.up.release("pause")
