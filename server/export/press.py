"""PDF files set apart from the server: in a process that has a time, a memory and a low rank, and sees data alone.

What a text does to that process the server outlives; and its memory, some 40 MB and more with each page, goes with it.
"""

import asyncio
import json
import logging
import os
import struct
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from server.errors import PdfUnavailable, ServerError
from server.export.pdf_data import Data
from server.export.typefaces import faces
from server.word_in.reading_child import Bounds, ReadingChild

WALL_SECONDS = 60.0
"""Longest that files are set: a volume of 500 pages takes 4 s on one core of two."""
AT_ONCE = 2
WAITING = 16
"""Who may wait beside those; beyond, people are told to try again."""
MAX_ANSWER = 128 * 1024 * 1024
_COMPLAINT = 4096
_workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="press")
_log = logging.getLogger("unbracket.export")


class PressBusy(PdfUnavailable):
    """Raised when too many files wait to be set; the same may be asked for again."""


async def set_apart(papers: Sequence[tuple[Data, int]]) -> list[bytes]:
    """The PDF files of papers (`pdf_data.data_of`, with the file's own time in seconds). Raises `ServerError`:
    `PdfUnavailable` where the same may be asked for later.
    """
    faces()
    if _workers._work_queue.qsize() >= WAITING:
        raise PressBusy("Many PDF files are being made at this moment. Ask for yours again in a minute.")
    order = json.dumps(list(papers), ensure_ascii=False).encode("utf-8", "replace")
    command = (sys.executable, "-m", "server.export.pressing")
    child = ReadingChild(command, order, _environment(), Bounds(WALL_SECONDS, MAX_ANSWER, _COMPLAINT))
    running = asyncio.get_running_loop().run_in_executor(_workers, child.run)
    try:
        said = await asyncio.shield(running)
    except TimeoutError as problem:
        raise ServerError("The text takes too long to be set as PDF. Ask for another format.") from problem
    finally:
        child.give_up()
    if said.code or said.answer is None:
        _log.error("PDF not made", extra={"code": said.code, "complaint": said.complaint.decode(errors="replace")})
        raise ServerError("The text could not be set as PDF. Ask for another format and tell the operator.")
    return _parted(said.answer)


def _parted(answer: bytes) -> list[bytes]:
    files, place = [], 0
    while place < len(answer):
        (size,) = struct.unpack_from(">L", answer, place)
        files.append(answer[place + 4 : place + 4 + size])
        place += 4 + size
    return files


def _environment() -> dict[str, str]:
    kept = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"}
