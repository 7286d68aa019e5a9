"""One child process, started and heard from a thread: closing the event loop, whenever that is, waits for no child.

Asyncio's own way of starting one cannot be cancelled halfway: a loop that closes at that moment waits for an answer
that nobody will give. Here all waiting is the thread's, and none of it outlasts the deadline.
"""

import os
import selectors
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

_PIECE = 1 << 16
_DEAF = 1 << 62
_LAST_WAIT = 5.0
"""Seconds within which the system takes away a process that was killed."""


@dataclass(frozen=True, slots=True)
class Said:
    """How a child ended and what it said; `answer` is None where that was more than is taken."""

    code: int
    answer: bytes | None
    complaint: bytes


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds until it is killed, and bytes taken from its standard output and its standard error."""

    seconds: float
    answer: int
    complaint: int


class ReadingChild:
    """A child that gets `content` on its standard input. `run` is for a thread, `give_up` for whoever waits for it."""

    def __init__(self, command: Sequence[str], content: bytes, environment: Mapping[str, str], bounds: Bounds) -> None:
        self._command = command
        self._content = memoryview(content)
        self._environment = environment
        self._bounds = bounds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._given_up = False

    def give_up(self) -> None:
        """Kills the child, or has it killed as soon as it is there; never waits for the child."""
        self._given_up = True
        # While the lock is taken the child is starting or being reaped; `run` looks at the flag once it has started.
        if self._lock.acquire(blocking=False):
            try:
                self._kill()
            finally:
                self._lock.release()

    def run(self) -> Said:
        """Starts the child and hears it to its end. Raises `TimeoutError` when its time is up; no child is left."""
        deadline = time.monotonic() + self._bounds.seconds
        with self._lock:
            if self._given_up:
                raise TimeoutError
            process = self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=self._environment,
                start_new_session=True,
            )
        try:
            if self._given_up:
                raise TimeoutError
            answer, complaint = self._talk(process, deadline)
            code = _ended(process, deadline)
            return Said(code, answer, complaint or b"")
        finally:
            self._end(process)

    def _talk(self, process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes | None, bytes | None]:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        heard: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
        sizes: dict[IO[bytes], int] = dict.fromkeys(heard, 0)
        most = {process.stdout: self._bounds.answer, process.stderr: self._bounds.complaint}
        sent = 0
        with selectors.DefaultSelector() as ready:
            os.set_blocking(process.stdin.fileno(), False)
            ready.register(process.stdin, selectors.EVENT_WRITE)
            for stream in heard:
                ready.register(stream, selectors.EVENT_READ)
            while ready.get_map():
                left = deadline - time.monotonic()
                if left <= 0 or self._given_up:
                    raise TimeoutError
                for key, _ in ready.select(left):
                    if key.fileobj is process.stdin:
                        sent += _handed_in(process.stdin, self._content[sent : sent + _PIECE])
                        if sent >= len(self._content):
                            ready.unregister(process.stdin)
                            process.stdin.close()
                        continue
                    stream = process.stdout if key.fileobj is process.stdout else process.stderr
                    piece = os.read(key.fd, _PIECE)
                    if not piece:
                        ready.unregister(stream)
                        continue
                    sizes[stream] += len(piece)
                    if sizes[stream] <= most[stream]:
                        heard[stream] += piece
        told = [bytes(heard[one]) if sizes[one] <= most[one] else None for one in heard]
        return told[0], told[1]

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_WAIT)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def _handed_in(stream: IO[bytes], piece: memoryview) -> int:
    """How much of it the child took; beyond all that there is where it hears no more."""
    try:
        return os.write(stream.fileno(), piece)
    except BlockingIOError:
        return 0
    except OSError:
        return _DEAF


def _ended(process: subprocess.Popen[bytes], deadline: float) -> int:
    try:
        return process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as late:
        raise TimeoutError from late
