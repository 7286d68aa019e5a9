"""Commands that start the server and look after its data directory."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from opinions.roles import Role
from server import serving
from server.cli.plain import ServeOptions, serve_process, settings_of
from server.database import Database
from server.demo.build import found_demonstration
from server.errors import ServerError, SettingsError
from server.people_store import add_member, all_members
from server.process_store import Process, load_process, save_process
from server.session_store import issue_invitation
from server.settings import LOOPBACK_HOSTS, described, public_address
from server.signing import SigningKey, load_key

DataDir = Annotated[Path | None, typer.Option(help="Directory of the database and the signing key.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)]


def serve(data_dir: DataDir = None, host: Host = None, port: Port = None) -> None:
    """Serve the process in a data directory until stopped.

    Example: unbracket serve --data-dir /srv/unbracket --port 8000
    """
    serve_process(ServeOptions(data_dir, host, port))


def work(data_dir: DataDir = None) -> None:
    """Do the jobs of a deployment - exports of frozen versions, the hourly audit - until stopped.

    Needs the same database, Redis and signing key as its server processes; without a Redis those do the jobs.

    Example: UNBRACKET_REDIS_URL=redis://redis:6379/0 unbracket work
    """
    chosen = settings_of(data_dir)
    if not chosen.redis_url:
        raise SettingsError(
            "`unbracket work` takes its jobs from Redis. Set UNBRACKET_REDIS_URL; without it the server does its jobs "
            "itself, and there is nothing to start."
        )
    database = Database(chosen)
    if not database.is_shared:
        raise SettingsError(
            "`unbracket work` shares a database with server processes, and an SQLite file has one user: there the "
            "server does its jobs itself. Set UNBRACKET_DATABASE_URL to the PostgreSQL database."
        )
    serving.require_process(chosen)
    serving.prepare(chosen)
    serving.serve_jobs(chosen)


def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the schema of this program, or make an empty one; `serve` brings an existing one along.

    Example: unbracket migrate --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    serving.prepare(chosen)
    print(f"The database in {chosen.place} is up to date.")


def settings(data_dir: DataDir = None, host: Host = None, port: Port = None) -> None:
    """List every setting: its variable, the value in force, its default and what it means.

    Example: UNBRACKET_PORT=9000 unbracket settings
    """
    for one in described(settings_of(data_dir, host, port)):
        changed = "" if one.value == one.default else f"  (default: {one.default or 'empty'})"
        print(f"{one.name}={one.value}{changed}\n    {one.meaning}")


def demo(
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    open_to_network: Annotated[
        bool, typer.Option("--open-to-network", help="Listen beyond this machine: anybody there can be anyone.")
    ] = False,
) -> None:
    """Serve the demonstration: an invented process, five draft Opinions, and its people to choose from without a link.

    Example: unbracket demo --port 9000
    """
    chosen = settings_of(data_dir, host, port)
    if chosen.host not in LOOPBACK_HOSTS and not open_to_network:
        raise SettingsError(
            f"The demonstration lets anybody in as anyone, so it listens on this machine only, not on {chosen.host}. "
            "Add --open-to-network if that is what you want."
        )
    serving.prepare(chosen)
    with Database(chosen) as database:
        key = load_key(chosen.signing_key_file)
        database.run(lambda connection: _found_demo(connection, key))
    serving.serve(chosen, demo=True, any_host=open_to_network)


def init(
    administrator: Annotated[str, typer.Option(help="Name of the first administrator.")],
    process: Annotated[str, typer.Option(help="Name of the process.")] = "Preparatory process",
    email: Annotated[str, typer.Option(help="The administrator's e-mail address.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Set a new process up and print the link with which its first administrator signs in.

    Example: unbracket init --administrator "Ana Lund" --process "WTPF-26" --data-dir /srv/unbracket
    """
    chosen = settings_of(data_dir)
    serving.prepare(chosen)
    lifetime = timedelta(hours=chosen.invitation_hours)

    def found(connection: Connection) -> str:
        if all_members(connection):
            raise ServerError(f"{chosen.place} has people already. Invite more with `unbracket invite`.")
        save_process(connection, Process(name=process))
        member = add_member(connection, administrator, Role.ADMINISTRATOR, email=email)
        return issue_invitation(connection, member.id, None, datetime.now(UTC), lifetime)

    with Database(chosen) as database:
        token = database.run(found)
    print(f"{process} is set up in {chosen.place}. Start it with `unbracket serve`; {administrator} signs in with")
    print(f"  {public_address(chosen)}/sign-in/{token}")
    print(f"The link works once, for {chosen.invitation_hours:g} hours.")


def _found_demo(connection: Connection, key: SigningKey) -> None:
    if all_members(connection) and not load_process(connection).demo:
        raise SettingsError(
            "This data directory holds a real process, and the demonstration would let anybody in as anyone. "
            "Choose another one with --data-dir."
        )
    if not all_members(connection):
        found_demonstration(connection, key, datetime.now(UTC))
