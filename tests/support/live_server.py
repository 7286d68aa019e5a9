"""A real server: a process of its own on a free port, with a data directory that outlives it."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from tests.support.waiting import wait_until

START_SECONDS = 20.0
"""Shared machines pause; a start takes under a second."""
STOP_SECONDS = 20.0


class LiveServer:
    """`unbracket serve` (or `demo`) as a subprocess. `stop` is SIGTERM, `kill` SIGKILL; `start` again after either."""

    def __init__(
        self, data_dir: Path, command: str = "serve", *options: str, environ: Mapping[str, str] | None = None
    ) -> None:
        self.data_dir = data_dir
        self.port = 0
        self.output = data_dir.parent / f"{data_dir.name}-server.log"
        self._command = [sys.executable, "-m", "server", command, *options]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")}
        self._environ = {**kept, "PYTHONUNBUFFERED": "1", **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process, while it runs."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start it, on the port it had before if it had one, and wait until it answers."""
        begin = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*self._command, "--data-dir", str(self.data_dir), "--port", str(self.port)],
                stdout=output, stderr=subprocess.STDOUT, env=self._environ, cwd=Path(__file__).parents[2],
            )  # fmt: skip

        def told() -> re.Match[str] | None:
            assert self._process is not None
            printed = self.output.read_bytes()[begin:].decode(errors="replace")
            assert self._process.poll() is None, f"the server ended at once:\n{printed}"
            return re.search(r"Unbracket is at http://[^:]+:(\d+)", printed)

        wait_until(told, "the server to say where it is", START_SECONDS)
        found = told()
        assert found is not None
        self.port = int(found[1])
        wait_until(self.answers, "the server to answer", START_SECONDS)

    def answers(self) -> bool:
        """Whether `/healthz` says ok."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as response:
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
        """The exit code, once it has ended."""
        assert self._process is not None, "the server is not running"
        try:
            return self._process.wait(STOP_SECONDS)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        return self.wait()


@contextmanager
def live_server(
    data_dir: Path, command: str = "serve", *options: str, environ: Mapping[str, str] | None = None
) -> Iterator[LiveServer]:
    """A running server, ended with the block whatever happens in it."""
    server = LiveServer(data_dir, command, *options, environ=environ)
    server.start()
    try:
        yield server
    finally:
        server.kill()
