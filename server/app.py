"""The application: what it is made of, in which order it starts and stops, its routes. Things are wired here alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from server import backup, invitations, signing
from server.announcing import AnnouncingStore
from server.channels import Channels
from server.cluster import ClusterRooms
from server.control import control_socket
from server.database import Database
from server.database_store import DatabaseStore
from server.doors import Doors
from server.follower import Followers
from server.freezes.cutting import Cutting, Gather, gather_nothing
from server.health import Health, healthz, readyz
from server.hub import Hub
from server.identity.oidc import provider_of
from server.ids import new_id
from server.jobs import jobs
from server.metrics import watched_loop
from server.ownership import Ownership
from server.ownership_store import mark as mark_alone
from server.phasing.watch import PhaseWatch
from server.placement import OwnRooms, Readers, Rooms
from server.room_store import RoomStore
from server.rooms import LocalRooms
from server.roster.turning import Phases
from server.routes import EXCEPTION_HANDLERS, routes
from server.security import Origins, Security
from server.session_store import forget_ended
from server.settings import Settings
from server.signals import Signals, signals
from server.signing import SigningKey
from server.update_log import UpdateLog
from server.visit import Services
from server.workers import WorkerRooms


def create_app(settings: Settings, *, demo: bool = False, any_host: bool = False) -> Starlette:
    """The ASGI application, for a data directory made ready by `server.serving.prepare`.

    `demo` admits the personas' host names, `any_host` every host name (a demonstration only). Whatever holds a file or
    a task is opened in its lifespan: two apps in one process are fine, two on one data directory are refused.
    """
    origins = Origins(settings.allowed_origins, demo=demo, any_host=any_host)
    provider = provider_of(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(settings)
        await database.open()
        try:
            key = signing.load_key(settings.signing_key_file)
            node = new_id("n")
            ownership = Ownership(database, node, version("unbracket"), settings.lease_seconds)
            fence_of = ownership.fence_of if database.is_shared else lambda opinion: None
            # Where others share the database the beats of this node's leases are commits enough.
            mark = None if database.is_shared else partial(mark_alone, node=node, build=ownership.build)
            log = UpdateLog(database, key.id, mark)
            async with (
                DatabaseStore(database, log, fence_of) as store,
                signals(settings.redis_url, key.id) as told,
                jobs(settings, database, key.id) as todo,
                placed(settings, AnnouncingStore(store, told.committed, todo.begin), key, database, told) as placing,
                clustered(settings, placing[0], ownership, key, is_shared=database.is_shared) as rooms,
            ):
                own, readers = placing
                hub = Hub(settings, rooms, readers, store)
                doors = Doors(hub.revoke)

                def expelled(member: str) -> None:
                    """Another process has closed a member's sockets everywhere; what else is open here ends too."""
                    hub.revoked(member)
                    doors.shut_streams_of(member)

                if isinstance(rooms, ClusterRooms):
                    rooms.expelled = expelled
                channels = Channels(node)
                phases = Phases(database, doors)
                process_phases = PhaseWatch(database, own.reopen)
                app.state.services = Services(
                    settings,
                    origins,
                    database,
                    hub,
                    doors,
                    channels=channels,
                    begin=todo.begin,
                    wake_phases=phases.wake,
                    phases=process_phases,
                    provider=provider,
                    cutting=Cutting(database, log, hub.command, key, *gathering(rooms)),
                )
                await database.write(lambda connection: forget_ended(connection, datetime.now(UTC)))
                owned = ownership if database.is_shared else None
                health = app.state.health = Health(hub, log, own, readers, told, owned)
                # Of a database that others share the command line is one more user, and needs no server.
                operator = control_socket(settings.data_dir, partial(operated, settings, database))
                async with nullcontext() if database.is_shared else operator, watched_loop(health.look):
                    async with phases.running(), process_phases.running():
                        yield
                doors.shut_all()
                await app.state.services.noting.finish()
        finally:
            await database.close()

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), *routes()],
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[Middleware(Security, origins=lambda: origins)],
        lifespan=lifespan,
    )


@asynccontextmanager
async def placed(
    settings: Settings, store: RoomStore, key: SigningKey, database: Database, told: Signals
) -> AsyncIterator[tuple[OwnRooms, Readers]]:
    """This process's rooms, where the settings want them, and the texts for those who only read; leaving ends all."""
    here = partial(LocalRooms, settings, store, key.sign, signing.seal_of(key))
    rooms = WorkerRooms(settings, store) if settings.room_workers else here()
    async with rooms:
        if isinstance(rooms, LocalRooms) and not database.is_shared:
            yield rooms, rooms
            return
        followers = Followers(database, told)
        try:
            yield rooms, followers
        finally:
            followers.end()


def gathering(rooms: Rooms) -> tuple[Gather, Callable[[], None]]:
    """How a cut gets hold of every Opinion, and lets go of them: where one process is all there is, it has them."""
    return (rooms.gather, rooms.release) if isinstance(rooms, ClusterRooms) else (gather_nothing, lambda: None)


@asynccontextmanager
async def clustered(
    settings: Settings, own: OwnRooms, ownership: Ownership, key: SigningKey, *, is_shared: bool
) -> AsyncIterator[Rooms]:
    """The rooms of all server processes, where several may share the database."""
    if not is_shared:
        yield own
        return
    async with ClusterRooms(settings, own, ownership, key) as rooms:
        yield rooms


async def operated(settings: Settings, database: Database, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out what the command line asks of the running server (`server.control`)."""
    match request:
        case {"act": "invite"}:
            asked = partial(invitations.asked, request=request, settings=settings, now=datetime.now(UTC))
            return await database.write(asked)
        case {"act": "backup", "file": str(file), "with_key": bool(with_key)}:
            heads = await backup.copied_beside(settings, database, Path(file), with_key=with_key)
            return {"logs": len(heads.documents), "versions": len(heads.versions)}
    return {"error": "This server does not know that command; it may be of another version."}
