"""Connections whose request has not come in whole: how long they may take, and how many there may be at once.

To open a connection and say nothing costs nobody anything but the server, a descriptor each. Nobody is turned away for
that, and nobody's address counts, for a whole hall may come from one: where too many are half open, the one that has
been so longest is let go. A browser's request is whole within a round trip, so it is that one only while more than
`MOST_HALF_OPEN` others begin one within the same time. What takes longer, a large body or a slow line, is waited for
apart from what strangers can begin: bodies count as such once something has asked for them, and that is done after it
was seen who sends.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import h11
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from server.peers import CLOSE_SECONDS

HEAD_SECONDS = 10.0
"""How long a connection may take to say all of what it asks for. What is kept open between requests is uvicorn's."""
BODY_SECONDS = 300.0
"""How long what is sent with a request may take: the largest that is allowed, over a slow line. The proxy has the same
(`read_body` in deploy/caddy/Caddyfile).
"""
UNASKED_SECONDS = 30.0
"""How long a body may take that nothing has asked for: who sends it is still looked up, or the answer went out without
it and is left the time to be read.
"""
ANSWER_SECONDS = 300.0
"""How long an answer may wait for whoever asked to take it."""
MOST_HALF_OPEN = 512
"""Of each kind at once."""
MOST_UNTAKEN = 8_192
"""Answers under way at once: a hall of 1,000 loads its pages over one slow line, six connections for each browser, and
none of them is to be cut. Half of the descriptors that a server asks for.
"""


class Waited(Protocol):
    """A connection that is half open."""

    def give_up(self) -> None:
        """End it. Called at most once for each time it is waited for."""


class HalfOpen:
    """Who is waited for, those longest waited for first. Belongs to one event loop."""

    def __init__(self, seconds: float, most: int = MOST_HALF_OPEN) -> None:
        self._seconds = seconds
        self._most = most
        self._until: dict[Waited, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._until)

    def wait(self, one: Waited) -> None:
        """Wait for one; for whom is waited already, not longer."""
        if one in self._until:
            return
        loop = asyncio.get_running_loop()
        self._until[one] = loop.time() + self._seconds
        if len(self._until) > self._most:
            self._give_up(next(iter(self._until)))
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)

    def came(self, one: Waited) -> None:
        """It is whole, or gone."""
        self._until.pop(one, None)

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        while self._until:
            one, until = next(iter(self._until.items()))
            if until > loop.time():
                self._timer = loop.call_at(until, self._look)
                return
            self._give_up(one)

    def _give_up(self, one: Waited) -> None:
        del self._until[one]
        one.give_up()


class Waiting:
    """Who is waited for in one server: for the head of a request, for its body, asked for or not, for the taking of its
    answer, for the end of a stranger's socket.
    """

    def __init__(self) -> None:
        self.heads = HalfOpen(HEAD_SECONDS, MOST_HALF_OPEN)
        self.bodies = HalfOpen(BODY_SECONDS, MOST_HALF_OPEN)
        self.unasked = HalfOpen(UNASKED_SECONDS, MOST_HALF_OPEN)
        self.answers = HalfOpen(ANSWER_SECONDS, MOST_UNTAKEN)
        self.strangers = HalfOpen(CLOSE_SECONDS, MOST_HALF_OPEN)


class _Flow(FlowControl):
    """uvicorn's way to be told that a body is asked for, and that an answer is not taken; waits no longer for that."""

    def __init__(self, transport: asyncio.Transport, answers: HalfOpen, asked: Callable[[], None]) -> None:
        super().__init__(transport)
        self._answers = answers
        self._asked = asked

    def give_up(self) -> None:
        """As `Waited`. What waits there is never taken, so a polite end would wait as well."""
        self._transport.abort()

    @override
    def resume_reading(self) -> None:
        super().resume_reading()
        self._asked()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._answers.wait(self)

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._answers.came(self)


class Requests(H11Protocol):
    """uvicorn's HTTP, waiting no longer than that for a request, nor for its answer to be taken."""

    def __init__(self, waiting: Waiting, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        self._waiting = waiting
        self._asked_by: RequestResponseCycle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = _Flow(transport, self._waiting.answers, self._asked)
        # Told of whatever waits, however little: an answer of some bytes holds a connection as well as a large one.
        transport.set_write_buffer_limits(high=0)

    def give_up(self) -> None:
        """As `Waited`."""
        self.transport.close()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    @override
    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._came()
        self.flow.resume_writing()
        self.transport.set_write_buffer_limits()
        super().handle_websocket_upgrade(event)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._came()
        super().connection_lost(exc)

    def _look(self) -> None:
        self._came_but_for(self._missing())

    def _asked(self) -> None:
        self._asked_by = self.cycle
        self._look()

    def _missing(self) -> HalfOpen | None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return None
        if self.conn.their_state is h11.SEND_BODY:
            is_asked = self._asked_by is self.cycle and not self.cycle.response_complete
            return self._waiting.bodies if is_asked else self._waiting.unasked
        begun = self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]
        return self._waiting.heads if begun else None

    def _came(self) -> None:
        self._came_but_for(None)

    def _came_but_for(self, missing: HalfOpen | None) -> None:
        for half_open in (self._waiting.heads, self._waiting.bodies, self._waiting.unasked):
            if half_open is not missing:
                half_open.came(self)
        if missing is not None:
            missing.wait(self)
