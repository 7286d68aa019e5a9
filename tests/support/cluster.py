"""Several server processes on one PostgreSQL, and on one Redis if it is given: a deployment on one machine."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from server.settings import Settings
from tests.support.live_server import LiveServer
from tests.support.stock import Stock, stocked

LEASE_SECONDS = 1.0


class Cluster:
    """The nodes by number. Each is a `LiveServer` that may be stopped, killed, paused and started again."""

    def __init__(
        self, stock: Stock, directory: Path, environ: Mapping[str, str], plant: Callable[[], None] | None = None
    ) -> None:
        """`plant`: a mistake of `tests.support.planted`, in every node."""
        self.stock = stock
        self.plant = plant
        self.nodes: list[LiveServer] = []
        self._directory = directory
        self._environ = {
            "UNBRACKET_DATABASE_URL": stock.settings.database_url,
            "UNBRACKET_SECRET_FILE": str(stock.settings.signing_key_file),
            "UNBRACKET_LEASE_SECONDS": str(LEASE_SECONDS),
            "UNBRACKET_FRAMES_PER_SECOND": "100000",
            **environ,
        }

    def add(self) -> LiveServer:
        """One more node, running."""
        directory = self._directory / f"node-{len(self.nodes)}"
        directory.mkdir()
        node = LiveServer(directory, environ=self._environ, plant=self.plant)
        self.nodes.append(node)
        node.start()
        return node

    def told(self, event: str) -> list[str]:
        """The lines of all nodes' logs with this event, as `number: line`."""
        return [
            f"{number}: {line}"
            for number, node in enumerate(self.nodes)
            for line in node.output.read_text(errors="replace").splitlines()
            if f" {event}  " in f"{line}  "
        ]

    def owner(self, opinion: str) -> int:
        """The number of the node that took an Opinion last, by the fences in the logs."""
        owned = [line for line in self.told("owns") if f'opinion="{opinion}"' in line]
        assert owned, f"nobody owns {opinion} yet"
        newest = max(owned, key=lambda line: int(line.rpartition("fence=")[2].split()[0]))
        return int(newest.partition(":")[0])


@contextmanager
def cluster(
    directory: Path,
    database_url: str,
    count: int = 2,
    environ: Mapping[str, str] | None = None,
    plant: Callable[[], None] | None = None,
) -> Iterator[Cluster]:
    """So many nodes on an empty database, stocked first; all ended with the block whatever happens in it."""
    data_dir = directory / "shared"
    data_dir.mkdir(parents=True)
    stock = stocked(Settings(data_dir=data_dir, database_url=database_url))
    running = Cluster(stock, directory, environ or {}, plant)
    try:
        for _ in range(count):
            running.add()
        yield running
    finally:
        for node in running.nodes:
            node.kill()
