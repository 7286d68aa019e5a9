"""One process that serves the application: it binds, says where, and stops without losing or hanging."""

import asyncio
import gc
import logging
import resource
import signal
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import cast

import uvicorn
from starlette.applications import Starlette
from typing_extensions import override

from crdt.protocol import MAX_FRAME
from server import jobs, signing
from server.app import create_app
from server.database import Database
from server.entrance import Entrance
from server.errors import SettingsError
from server.export.typefaces import missing
from server.fanout import KEEPALIVE_SECONDS
from server.freezes.rotation import go_on_where_brought
from server.key_store import register_key
from server.metrics import serve_metrics
from server.reception import Reception
from server.settings import Settings, public_address
from server.visit import Services

BACKLOG = 2048
"""Connections that may wait to be accepted: a whole hall that comes back after a restart."""
FAREWELL_SECONDS = 3.0
"""How long a stopping server waits for polls that fetch the end of their channel."""
ACCEPTED_AT_ONCE = 8
"""Connections accepted in one turn of the loop. Where no descriptor is left asyncio fails, and logs, that often a
second; it takes its backlog for this number.
"""
DESCRIPTORS = 16_384
"""Files and sockets the process may have open, where the system lets it."""
COLLECT_AFTER = 20_000
"""Objects made and not freed before the collector looks: a room makes thousands in a turn, and hardly any in cycles."""

_log = logging.getLogger("unbracket.serving")


def _tell_what_is_missing() -> None:
    """A server without the fonts of PDF files serves all the rest; whoever starts it is told."""
    if faces := missing():
        _log.warning("no PDF files: their fonts are missing; bring them with `make bundle`", extra={"missing": faces})


def _raise_descriptors() -> None:
    """Take as many as the system allows: a hall of a thousand needs more than shells give at first."""
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    if given != resource.RLIM_INFINITY and given < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def serve(settings: Settings, *, demo: bool = False, any_host: bool = False) -> None:
    """Serve a data directory made ready by `prepare` until SIGTERM or SIGINT, then stop within seconds.

    Raises `SettingsError` when the address cannot be had.
    """
    _raise_descriptors()
    _tell_what_is_missing()
    listener = _bind(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    app = create_app(settings, demo=demo, any_host=any_host)
    if settings.metrics_port:
        serve_metrics(settings.metrics_host, settings.metrics_port)
    server = _Server(_config(app, settings), app, f"Unbracket is at {public_address(settings)}")
    # uvicorn raises the signal that stopped it once more at the end; a stop that went well is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])


def serve_jobs(settings: Settings) -> None:
    """Do the jobs of a deployment until SIGTERM or SIGINT; what is under way then is done by whoever comes next."""
    _tell_what_is_missing()
    if settings.metrics_port:
        serve_metrics(settings.metrics_host, settings.metrics_port)
    with suppress(asyncio.CancelledError):
        asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    working = asyncio.current_task()
    assert working is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    database = Database(settings)
    await database.open()
    try:
        print("Unbracket takes jobs", flush=True)
        await jobs.work(settings, database, signing.load_key(settings.signing_key_file).id)
    finally:
        await database.close()


def prepare(settings: Settings) -> None:
    """Bring the data directory up to date, and make it when it is not there: schema, signing key.

    Raises `ServerError` when that cannot be done.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with Database(settings) as database:
        key = signing.load_key(settings.signing_key_file)
        now = datetime.now(UTC)
        database.run(lambda connection: register_key(connection, key, now))
        database.run(lambda connection: go_on_where_brought(connection, key, now))


def require_process(settings: Settings) -> None:
    """That there is a database to work on, for commands that must not make one where a directory was mistyped.

    Raises `DatabaseUnavailable` when there is none; nothing is created.
    """
    Database.require_process(settings)


class _Server(uvicorn.Server):
    """uvicorn's server, with our sockets drained before it closes them."""

    def __init__(self, config: uvicorn.Config, app: Starlette, announcement: str) -> None:
        super().__init__(config)
        self._app = app
        self._announcement = announcement

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What the program is made of stays: the collector need not walk it again each time somebody types.
        gc.collect()
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        for listening in sockets or ():
            listening.listen(BACKLOG)
        if not self.should_exit:
            print(self._announcement, flush=True)

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn closes sockets with 1012 the moment it is told to stop; what they sent must be committed first.
        services = getattr(self._app.state, "services", None)
        if isinstance(services, Services):
            for listening in self.servers:
                listening.close()
            services.doors.shut_all()
            await services.hub.drain()
            await services.channels.all_told(FAREWELL_SECONDS)
        await super().shutdown(sockets)


def _config(app: Starlette, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=entered(app),
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=KEEPALIVE_SECONDS,
        ws_ping_timeout=KEEPALIVE_SECONDS,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=3,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        server_header=False,
        access_log=False,
        log_config=None,
        lifespan="on",
    )


def entered(app: Starlette) -> type[asyncio.Protocol]:
    """For `uvicorn.Config(http=...)`: the protocol of connections to this app."""
    reception = Reception(lambda: getattr(app.state, "services", None))
    return cast(type[asyncio.Protocol], partial(Entrance, reception))


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Choose another address with --host and --port."
        ) from None
    return listener
