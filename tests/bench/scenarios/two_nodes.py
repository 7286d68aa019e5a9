"""One hot document for 1,000 observers, on one server process and on two, with PostgreSQL and Redis.

With two, the writers are at the process that owns the document and the observers at the other, which gets what is new
once and passes it on. All of them run on one core here, so the figures are those of processor time; what a second
machine adds is the core that it brings.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.sql import SQL, Identifier

from server.rendezvous import preferred
from tests.bench import servers as known
from tests.bench.material import FIRST_CLIENT, Stock, stocked
from tests.bench.measuring import Found, Options, Scenario, Show, noted
from tests.bench.plans import Connection, Dialect, Server
from tests.bench.processes import Processes, cores
from tests.bench.runs import Load, Run, drive, repeated
from tests.bench.scenarios.rooms import WARM, people_in
from tests.bench.servers import Running, running
from tests.bench.workshop import Workshop
from tests.support.postgres_server import PostgresServer, postgres_server
from tests.support.services import RedisServer, Service, free_port, redis_server
from tests.support.waiting import wait_until

PER_WRITER = 5.0
LISTED_SECONDS = 20.0
TEMPLATE = "bench_stock"
ONE, TWO = "one process", "two processes"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the processes stand on. `stock` is in the database `TEMPLATE`; each run gets a copy."""

    postgres: PostgresServer
    redis: RedisServer
    stock: Stock

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The URL of a database with the stock in it, gone with the block."""
        name = Identifier("bench_run")
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, Identifier(TEMPLATE)))
            try:
                yield self.postgres.url("bench_run")
            finally:
                connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _two_nodes(shop: Workshop, options: Options, show: Show) -> Found:
    found = Found(
        "nodes",
        "one hot document on PostgreSQL and Redis: 50 writers x 5 updates a second, 1,000 observers; one server "
        "process, and two of which one has the observers",
    )
    found.remarks.append(
        "Shares are of one core. Everything runs on the server's core here, so p99 is of that, not of two machines."
    )
    with TemporaryDirectory(prefix="bench-nodes-") as place, _ground(shop, Path(place)) as ground:
        for number in range(options.rounds):
            for name, count in ((ONE, 1), (TWO, 2)):
                measured, figures = _measured(shop, ground, options, count)
                noted(found, name, measured, figures, f"{number + 1}/{options.rounds}", show)
    return found


@contextmanager
def _ground(shop: Workshop, place: Path) -> Iterator[Ground]:
    writers, readers = shop.sizes.plenary
    with postgres_server() as postgres, redis_server() as redis:
        for service in (postgres, redis):
            _to_the_servers_core(service)
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(TEMPLATE)))
        leases = [(0, FIRST_CLIENT + n) for n in range(writers)]
        url = postgres.url(TEMPLATE)
        stock = stocked(place / "shared", [shop.draft], leases, writers + readers, writers, database_url=url)
        yield Ground(postgres, redis, stock)


def _to_the_servers_core(service: Service) -> None:
    if len(set(cores())) > 1:
        for pid in service.pids():
            os.sched_setaffinity(pid, {cores()[0]})


def _measured(shop: Workshop, ground: Ground, options: Options, count: int) -> tuple[Run, dict[str, float]]:
    shares: dict[str, float] = {}

    def once() -> Run:
        with ground.copy() as url, _nodes(ground, url, count) as nodes:
            ports = [node.port for node in nodes]
            writers = shop.sizes.plenary[0]
            connections = [
                replace(one, token=ground.stock.tokens[n], port=ports[0] if n < writers else ports[-1])
                for n, one in enumerate(_people(shop, options))
            ]
            load = Load(connections, PER_WRITER * writers, options.seconds, WARM)
            services = [ground.postgres.pids()[0], ground.redis.pids()[0]]
            everything = Processes([*(node.process.pid for node in nodes), *services])
            address = Server(Dialect.UNBRACKET, ports[0], ground.stock.opinions)
            found = drive(everything, address, load, nodes[0].keep / "plan")
            shares.update(_shares(found, nodes, ground))
        return found

    measured = repeated(once)
    one = measured.stretches[-1]
    nodes_used = (shares["owner"] + shares["follower"]) * one.seconds
    figures = {
        "CPU s per million": nodes_used / one.counted * 1e6 if one.counted else float("inf"),
        "delivered %": one.share * 100,
        "p50 ms": one.p50,
        "p99 ms": one.p99,
        "owner": shares["owner"],
        "follower": shares["follower"],
        "PostgreSQL": shares["PostgreSQL"],
        "Redis": shares["Redis"],
        "lag p99 ms": one.lag99,
    }
    return measured, figures


def _people(shop: Workshop, options: Options) -> list[Connection]:
    return people_in(shop, shop.sizes.plenary, PER_WRITER * (options.seconds + WARM + 1))


def _shares(found: Run, nodes: Sequence[Running], ground: Ground) -> dict[str, float]:
    one = found.stretches[-1]
    used = dict(zip(found.pids, one.each, strict=True))

    def share(root: int) -> float:
        return sum(used.get(pid, 0.0) for pid in Processes([root]).pids) / one.seconds

    owner, *others = (share(node.process.pid) for node in nodes)
    return {
        "owner": owner,
        "follower": sum(others),
        "PostgreSQL": share(ground.postgres.pids()[0]),
        "Redis": share(ground.redis.pids()[0]),
    }


@contextmanager
def _nodes(ground: Ground, url: str, count: int) -> Iterator[Sequence[Running]]:
    """So many server processes that all know of each other, the owner of the document first."""
    with ExitStack() as stack:
        found: dict[int, Running] = {}
        for _ in range(count):
            keep = Path(stack.enter_context(TemporaryDirectory(prefix="bench-node-")))
            link = free_port()
            settings = {
                "UNBRACKET_DATABASE_URL": url,
                "UNBRACKET_REDIS_URL": ground.redis.url,
                "UNBRACKET_SECRET_FILE": str(ground.stock.data_dir / "signing.key"),
                "UNBRACKET_LINK_PORT": str(link),
            }
            found[link] = stack.enter_context(running(known.OURS, keep, settings))
        with psycopg.connect(url, autocommit=True) as connection:
            listed: dict[str, int] = {}

            def all_listed() -> bool:
                rows = connection.execute("SELECT id, address FROM nodes").fetchall()
                listed.update({node: int(address.rpartition(":")[2]) for node, address in rows})
                return len(listed) == count

            wait_until(all_listed, "the processes to know of each other", LISTED_SECONDS)
        # Whoever is asked first for a document that nobody owns leaves it to this one.
        owner = preferred(ground.stock.opinions[0], listed)
        assert owner is not None
        first = listed[owner]
        yield [found[first], *(node for link, node in found.items() if link != first)]


TWO_NODES = Scenario("nodes", _two_nodes, lambda asked: 15 + asked.rounds * 2 * (asked.seconds + 11))
