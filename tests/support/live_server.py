"""A real server: a process of its own on a free port, with a data directory that outlives it.

Processes are forked from one that has imported the server and done nothing else, so that a start costs a twentieth of
the command's.
"""

import multiprocessing
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.error import URLError

from tests.support.services import free_port
from tests.support.waiting import wait_until, within

START_SECONDS = 60.0
"""A start takes a fraction of a second; shared machines pause."""
STOP_SECONDS = 30.0

_processes = multiprocessing.get_context("forkserver")
_fresh = multiprocessing.get_context("spawn")
_processes.set_forkserver_preload(
    [
        "__main__",
        "server.__main__",
        "server.cli.commands",
        "tests.support.live_server",
        "pydantic.types",
        "pydantic.fields",
        "typer._adapters",
        "uvicorn.loops.asyncio",
        "uvicorn.lifespan.on",
        "uvicorn.protocols.http.h11_impl",
    ]
)


class LiveServer:
    """`unbracket serve` (or `demo`) in a process of its own. `stop` is SIGTERM, `kill` SIGKILL; `start` again after
    either.
    """

    def __init__(
        self,
        data_dir: Path,
        command: str = "serve",
        *options: str,
        environ: Mapping[str, str] | None = None,
        plant: Callable[[], None] | None = None,
        under: Mapping[str, str] | None = None,
    ) -> None:
        """`plant` is called in the new process before anything else: a mistake of `tests.support.planted`. `under` is
        an environment that must be there before the process begins (a `tests.support.disk.Disk`'s): it is then a fresh
        interpreter, which takes longer.
        """
        self.data_dir = data_dir
        self.output = data_dir.parent / f"{data_dir.name}-server.log"
        self._command = (command, *options)
        self._environ = dict(environ or {})
        # Behind a proxy it says where people open the pages, and not where it listens.
        self.port = free_port() if "UNBRACKET_ORIGINS" in self._environ else 0
        self.plant = plant
        """May be changed before `start`: another build, to the process that begins then."""
        self._under = dict(under or {})
        self._process: BaseProcess | None = None

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process, while it runs."""
        assert self._process is not None, "the server is not running"
        assert self._process.pid is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, on the port it had before if it had one, and wait until it answers."""
        self.output.touch()
        begin = self.output.stat().st_size
        arguments = (*self._command, "--data-dir", str(self.data_dir), "--port", str(self.port))
        work = (arguments, self._environ, self.output, self.plant)
        if self._under:
            self._process = _fresh.Process(target=_serve, args=work, daemon=True)
        else:
            self._process = _processes.Process(target=_serve, args=work, daemon=True)
        with _environment(self._under):
            self._process.start()

        def told() -> re.Match[str] | None:
            assert self._process is not None
            printed = self.output.read_bytes()[begin:].decode(errors="replace")
            assert self._process.is_alive(), f"the server ended at once:\n{printed}"
            return re.search(r"Unbracket is at https?://[^:]+:(\d+)", printed)

        wait_until(told, "the server to say where it is", START_SECONDS)
        found = told()
        assert found is not None
        self.port = self.port or int(found[1])
        wait_until(self.answers, "the server to answer", START_SECONDS)

    def answers(self) -> bool:
        """Whether `/healthz` says ok."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=within(5)) as response:
                return bool(response.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> int:
        """SIGTERM; the exit code. Fails when it does not end in time."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send a signal and do not wait."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """The exit code, once it has ended; minus the signal when one ended it."""
        assert self._process is not None, "the server is not running"
        self._process.join(STOP_SECONDS)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            self._process.join()
        self._process = None
        assert code is not None, f"the server did not end within {STOP_SECONDS} s"
        return code

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.is_alive():
            self.send(number)
        return self.wait()


def _serve(
    arguments: Sequence[str], environ: Mapping[str, str], output: Path, plant: Callable[[], None] | None
) -> None:
    """In the new process: the command line, as if it had been typed."""
    from server.__main__ import main

    if plant is not None:
        plant()
    for name in [name for name in os.environ if name.startswith("UNBRACKET_")]:
        del os.environ[name]
    os.environ.update(environ)
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(written, stream)
    sys.argv = ["unbracket", *arguments]
    main()


@contextmanager
def _environment(more: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def live_server(
    data_dir: Path,
    command: str = "serve",
    *options: str,
    environ: Mapping[str, str] | None = None,
    plant: Callable[[], None] | None = None,
) -> Iterator[LiveServer]:
    """A running server, ended with the block whatever happens in it."""
    server = LiveServer(data_dir, command, *options, environ=environ, plant=plant)
    server.start()
    try:
        yield server
    finally:
        server.kill()
