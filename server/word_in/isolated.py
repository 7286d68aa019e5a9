"""Word files read apart from the server: each in a process of its own that has no network, no files and no secrets.

Whatever a file does to that process - time, memory, a fault in native code - the server says so in a sentence and goes
on. Two files are read at a time, some more wait, and beyond that people are told to try again.
"""

import asyncio
import json
import logging
import os
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from opinions.incoming import IncomingDocument
from opinions.incoming_json import document_of
from server.word_in.reading_child import Bounds, ReadingChild
from server.word_in.refusals import MAX_FILE, WordRefused

WALL_SECONDS = 10.0
"""Longest that a file is read; a 30-page draft with revision marks takes 0.3 s, most of it the start of Python."""
AT_ONCE = 2
"""Files read side by side: with 256 MiB each they take no more than half a GiB of the server's machine."""
WAITING = 8
"""Files that may wait for their turn; the last of them waits 40 s when all take the longest."""
MAX_ANSWER = 32 * 1024 * 1024
"""Bytes of what a reading gives back: a million characters and 60,000 stretches fit twice."""
MAX_COMPLAINT = 4096
_LAST_SECONDS = 2.0
"""Longest that a reading given up waits for its process to be gone; killing one takes milliseconds."""

_log = logging.getLogger("unbracket.word_in")

_TOO_MUCH = "The file takes more {} to read than a draft Opinion needs. Copy its text into a new document in Word."


class WordBusy(WordRefused):
    """Raised when too many files wait already; the same file may be handed in again."""


class _Turns:
    """Who may read now, and who waits, in the order of arrival."""

    def __init__(self) -> None:
        self._reading = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A place among those who read. Raises `WordBusy`."""
        if self._reading < AT_ONCE:
            self._reading += 1
        else:
            await self._wait()
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self) -> None:
        if len(self._waiting) >= WAITING:
            raise WordBusy("Many Word files are being read at this moment. Hand yours in again in a minute.")
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._pass_on()
            else:
                with suppress(ValueError):
                    self._waiting.remove(mine)
            raise

    def _pass_on(self) -> None:
        """Gives the place to the next who still waits."""
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._reading -= 1


_turns = _Turns()


async def read_isolated(content: bytes) -> IncomingDocument:
    """As `read_document`, in a process of its own. Raises `WordRefused`, `WordBusy` when too many wait."""
    if len(content) > MAX_FILE:
        raise WordRefused(
            f"The file has {len(content) / 1e6:.0f} MB; {MAX_FILE >> 20} MB is the most. Compress its pictures in Word "
            "and save it again."
        )
    async with _turns.turn():
        answer = await _answer(content)
    return await asyncio.to_thread(_document, answer)


async def _answer(content: bytes) -> bytes:
    """What the reading process says."""
    child = ReadingChild(
        (sys.executable, "-m", "server.word_in.reading_process"),
        content,
        _environment(),
        Bounds(WALL_SECONDS, MAX_ANSWER, MAX_COMPLAINT),
    )
    running = asyncio.get_running_loop().run_in_executor(None, child.run)
    try:
        said = await asyncio.shield(running)
    except asyncio.CancelledError:
        child.give_up()
        await asyncio.wait({running}, timeout=_LAST_SECONDS)  # the place is another's when the process is gone
        if running.done() and not running.cancelled():
            running.exception()
        raise
    except TimeoutError as problem:
        raise WordRefused(_TOO_MUCH.format("time")) from problem
    finally:
        child.give_up()
    code, answer, complaint = said.code, said.answer, said.complaint
    if code == 0 and answer is not None:
        return answer
    if answer is None:
        raise WordRefused(_TOO_MUCH.format("room"))
    if code == 3 or b"MemoryError" in complaint:
        raise WordRefused(_TOO_MUCH.format("memory"))
    if code in (-24, -9):  # SIGXCPU; SIGKILL by the system
        raise WordRefused(_TOO_MUCH.format("time or memory"))
    _log.error("a Word file broke the process that read it", extra={"code": code, "complaint": _tail(complaint)})
    raise WordRefused(
        "The file could not be read: it is put together in a way not known here. Open it in Word, save it as a new "
        ".docx and hand that in."
    )


def _document(answer: bytes) -> IncomingDocument:
    """The document in the answer; what the process said is believed no more than the file."""
    try:
        told = json.loads(answer)
        refused = told.get("refused")
        if isinstance(refused, str):
            raise WordRefused(refused[:1000])
        return document_of(told["document"])
    except (ValueError, KeyError, AttributeError, RecursionError) as problem:
        raise WordRefused("The file could not be read. Open it in Word, save it as a new .docx.") from problem


def _environment() -> dict[str, str]:
    """What the process is told of the server's environment: where Python finds its modules, nothing else."""
    kept = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"}


def _tail(complaint: bytes) -> str:
    return complaint.decode("utf-8", "replace")[-1000:]
