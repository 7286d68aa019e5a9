"""The real application on a real port, in the test's own process and loop, for tests that must reach inside it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import uvicorn

from server import serving
from server.app import create_app
from server.hub import Hub
from server.settings import Settings
from server.visit import Services


@dataclass(frozen=True, slots=True)
class InnerServer:
    """Where it listens, and what it serves with."""

    port: int
    services: Services

    @property
    def hub(self) -> Hub:
        """The open rooms."""
        return self.services.hub


@asynccontextmanager
async def inner_server(settings: Settings, *, fanout: bool = True) -> AsyncIterator[InnerServer]:
    """Serve a data directory while the block runs. Without `fanout`, sockets pass through Starlette."""
    serving.prepare(settings)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = create_app(replace(settings, port=port))
    config = uvicorn.Config(
        app,
        http=serving.entered(app) if fanout else "h11",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve(sockets=[listener]))
    try:
        while not server.started:
            assert not running.done(), "the server did not start"
            await asyncio.sleep(0.005)
        yield InnerServer(port, app.state.services)
    finally:
        server.should_exit = True
        await running
