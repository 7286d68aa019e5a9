"""Our server, the peers from the registries and the relay: how each is started, on a core of its own, and measured.

Ours runs as `unbracket serve` does in production: gate, attribution, durable commits; `SETTINGS` are the only ones that
differ and are printed with the results. The peers come from their own locks (`tests/bench/peers`).
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.plans import Dialect, Server
from tests.bench.processes import Processes, cores

ROOT = Path(__file__).resolve().parents[2]
NATIVE = Path(__file__).parent / "native"
PEERS = Path(__file__).parent / "peers"
BUILT = ROOT / ".tools" / "bench-native"
PYTHON_PEERS = ROOT / ".tools" / "bench-peers" / "bin" / "python"
START_SECONDS = 30
SETTINGS: dict[str, str] = {"UNBRACKET_FRAMES_PER_SECOND": "1000000", "UNBRACKET_SOCKETS": "3000"}
"""The limit of one connection's rate is far above what people type, and far below a load generator."""


class Missing(Exception):
    """Something that the bench needs is not there; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that can be measured. `command` makes its command line from a directory to keep things in."""

    name: str
    dialect: Dialect
    command: Callable[[Path], Sequence[str]]
    checks: bool = False
    deflates: bool = False
    """Its clients offer permessage-deflate; the peers leave it off, as they come."""


def _node(script: str, *arguments: str, store: str = "") -> Callable[[Path], Sequence[str]]:
    def command(keep: Path) -> Sequence[str]:
        return ("node", str(PEERS / script), *arguments, *([str(keep / store)] if store else []))

    return command


def _python(*arguments: str, store: str = "") -> Callable[[Path], Sequence[str]]:
    def command(keep: Path) -> Sequence[str]:
        script = str(PEERS / "pycrdt_server.py")
        return (str(PYTHON_PEERS), script, *arguments, *([str(keep / store)] if store else []))

    return command


def _relay(window: str) -> Callable[[Path], Sequence[str]]:
    def command(keep: Path) -> Sequence[str]:
        answer = keep / "answer"
        return (str(program("relay")), window, *([str(answer)] if answer.exists() else []))

    return command


def _ours(keep: Path) -> Sequence[str]:
    return (sys.executable, "-m", "server", "serve", "--data-dir", str(keep / "data"), "--port", "0")


OURS = Contender("Unbracket", Dialect.UNBRACKET, _ours, checks=True)
OURS_DEFLATED = replace(OURS, name="Unbracket, to browsers", deflates=True)
RELAY = Contender("relay in C, at once", Dialect.RELAY, _relay("0"))
RELAY_50 = Contender("relay in C, 50 ms", Dialect.RELAY, _relay("50"))
HOCUSPOCUS = Contender("Hocuspocus", Dialect.HOCUSPOCUS, _node("hocuspocus.js", "memory"))
HOCUSPOCUS_SQLITE = Contender("Hocuspocus + SQLite", Dialect.HOCUSPOCUS, _node("hocuspocus.js", "sqlite", store="h.db"))
HOCUSPOCUS_50 = Contender("Hocuspocus, flushDelay 50", Dialect.HOCUSPOCUS, _node("hocuspocus.js", "batching"))
Y_WEBSOCKET = Contender("y-websocket", Dialect.YJS, _node("y_websocket.js", "memory"))
Y_WEBSOCKET_LEVEL = Contender("y-websocket + level", Dialect.YJS, _node("y_websocket.js", "leveldb", store="level"))
PYCRDT = Contender("pycrdt-websocket", Dialect.YJS, _python("memory"))
PYCRDT_SQLITE = Contender("pycrdt-websocket + SQLite", Dialect.YJS, _python("sqlite", store="p.db"))


class Running(Processes):
    """A server process that listens."""

    def __init__(self, contender: Contender, keep: Path, process: subprocess.Popen[bytes], port: int) -> None:
        super().__init__((process.pid,))
        self.contender = contender
        self.keep = keep
        self.port = port
        self.process = process

    def address(self, opinions: Sequence[str] = ()) -> Server:
        """As the plan wants it."""
        return Server(self.contender.dialect, self.port, opinions, self.contender.deflates)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def running(contender: Contender, keep: Path, more: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A started server, ended with SIGKILL at the end of the block. `keep` is where it stores things, `more` settings
    of ours.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UNBRACKET_")}
    if contender.checks:
        environ |= SETTINGS | {"UNBRACKET_LOG_LEVEL": "warning"} | dict(more or {})
    errors = (keep / "errors.log").open("ab")
    process = subprocess.Popen(
        contender.command(keep), stdout=subprocess.PIPE, stderr=errors, cwd=ROOT, env=environ, preexec_fn=_on(0)
    )
    try:
        assert process.stdout is not None
        port = 0
        for line in process.stdout:
            if found := re.search(rb"(?:^|:)(\d+)\s*$", line):
                port = int(found[1])
                break
        if not port:
            raise Missing(f"{contender.name} did not start:\n{(keep / 'errors.log').read_text()[-2000:]}")
        yield Running(contender, keep, process, port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        errors.close()


def _on(core: int) -> Callable[[], None] | None:
    """Pins a new process: the server to the first core, the generator to the second, where there are two."""
    both = cores()
    if both[0] == both[1]:
        return None
    return lambda: os.sched_setaffinity(0, {both[core]})


on_core = _on


def program(name: str) -> Path:
    """A program of `native/`, compiled when its source is newer. Raises `Missing` without a compiler."""
    source, built = NATIVE / f"{name}.c", BUILT / name
    if built.exists() and built.stat().st_mtime >= source.stat().st_mtime:
        return built
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise Missing(f"Compiling {source.name} needs a C compiler. Debian: apt-get install gcc libc6-dev")
    BUILT.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=BUILT, delete=False) as fresh:
        pass
    done = subprocess.run([compiler, "-O2", "-o", fresh.name, str(source)], capture_output=True, text=True, check=False)
    if done.returncode:
        os.unlink(fresh.name)
        raise Missing(f"{source.name} does not compile:\n{done.stderr}")
    os.replace(fresh.name, built)
    return built


def require_peers() -> None:
    """Raises `Missing` when the peers were not installed."""
    if not (PEERS / "node_modules" / ".package-lock.json").exists() or not PYTHON_PEERS.exists():
        raise Missing("The peers are not installed. Run: make bench")
