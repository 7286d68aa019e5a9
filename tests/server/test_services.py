"""The servers that tests start: what they promise to the tests of faults."""

from pathlib import Path

import psycopg
import pytest
import redis

from tests.support import services
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.services import RedisServer, redis_server


def owner_of(pid: int) -> int:
    """The user id under which a process runs."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("Uid:")[1].split()[0])


def test_postgresql_keeps_its_data_over_stop_and_kill_and_leaves_nothing() -> None:
    with postgres_server() as server:
        for number, end in enumerate((PostgresServer.stop, PostgresServer.kill, PostgresServer.kill)):
            with psycopg.connect(server.url()) as connection:
                connection.execute(f"CREATE TABLE kept_{number} ()".encode())
                assert connection.execute("SHOW fsync").fetchone() == ("on",)
            port, pids = server.port, server.pids()
            assert owner_of(pids[0]) != 0, "root's server runs as nobody"
            end(server)
            assert not server.running
            assert not any(services.alive(pid) for pid in pids)
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(server.url(), connect_timeout=5)
            server.start()
            assert server.port == port
        with psycopg.connect(server.url()) as connection:
            connection.execute("SELECT FROM kept_0, kept_1, kept_2")
        directory = server.directory
    assert not directory.exists()
    assert "PostgreSQL" in services.ran["PostgreSQL"]


def test_redis_forgets_and_stands_still_when_told() -> None:
    with redis_server() as server, redis.Redis.from_url(server.url, socket_timeout=0.2) as client:
        client.set("told", "once")
        server.pause()
        with pytest.raises(redis.exceptions.TimeoutError):
            client.get("told")
        server.resume()
        assert client.get("told") == b"once"
        for end in (RedisServer.kill, RedisServer.stop):
            end(server)
            with pytest.raises(redis.exceptions.ConnectionError):
                client.ping()
            server.start()
            assert client.get("told") is None
    assert not server.directory.exists()
