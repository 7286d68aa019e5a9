"""PostgreSQL as the composition makes it: the roles, their passwords, a migration by the owner, servers who are not."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL

from server.settings import Settings
from tests.support.drafters import Drafter
from tests.support.live_server import live_server
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.stock import CHAPEAU, stocked

HERE = Path(__file__).resolve().parents[2] / "deploy" / "postgres"
DATABASE = "unbracket"


def run(server: PostgresServer, *command: str, **more: str) -> None:
    """A command in the surroundings that its container would have."""
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGDATABASE": DATABASE}
    path = f"{server.tool('psql').parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        env={**os.environ, **where, **more, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def grant(server: PostgresServer) -> None:
    """What the service `rights` does, and the container of PostgreSQL before anything else."""
    run(server, "psql", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file", str(HERE / "roles.sql"))


async def test_a_server_with_the_least_rights_serves_what_the_owner_migrated(tmp_path: Path) -> None:
    """Also a freeze, with the job that it leaves; and nobody who has the server's password can rewrite a log."""
    with postgres_server() as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE unbracket"))
        grant(server)
        run(server, str(HERE / "passwords.sh"), OWNER_PASSWORD="it's one", SERVER_PASSWORD="another")
        with psycopg.connect(server.url(DATABASE)) as connection:
            rows = connection.execute(
                "SELECT rolname, rolpassword IS NOT NULL, rolsuper FROM pg_authid WHERE rolname LIKE 'unbracket%'"
            ).fetchall()
        assert sorted(rows) == [("unbracket", True, False), ("unbracket_owner", True, False)]
        stock = stocked(Settings(data_dir=tmp_path / "keys", database_url=server.url(DATABASE, "unbracket_owner")))
        grant(server)
        url = server.url(DATABASE, "unbracket")
        environ = {"UNBRACKET_DATABASE_URL": url}
        with live_server(tmp_path / "keys", environ=environ) as running:
            async with Drafter(running.port, stock["m-xaa-1"], workspace=True) as author:
                await author.saved(await author.type(CHAPEAU, 3, " word"))
            async with Drafter(running.port, stock["m-chair"]) as chair:
                assert await chair.command({"act": "freeze", "label": "Draft", "seen_seq": chair.client.seqs[0]})
            assert running.stop() == 0
            told = running.output.read_text()
        assert "permission denied" not in told
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in ("UPDATE entries SET name = 'x'", "DELETE FROM versions", "TRUNCATE entries"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
