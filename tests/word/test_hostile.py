"""[P19, WR2] Hostile files: refused with a reason, or read harmlessly; within 10 s and 256 MiB, nothing fetched.

What is refused goes through `read_isolated`, two at a time as in the server; a listening socket is where the addresses
in the files lead. Memory is the system's to keep: the reading process has no more than 256 MiB of addresses, whatever
it does (`test_isolation.py`).
"""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from server.word_in import isolated
from server.word_in.isolated import read_isolated
from server.word_in.reader import read_document
from server.word_in.refusals import WordRefused
from tests.word import writing as w
from tests.word.hostile import REFUSED
from tests.word.odd_files import HARMLESS

GROUPS = 4
ATTEMPTS = 3
"""A machine so crowded that 10 s do not suffice for 1 s of reading is asked again; the refusal then is right, too."""


@pytest.fixture(scope="module")
def trap() -> Iterator[tuple[int, list[object]]]:
    """A listening socket, and who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, peer = server.accept()
                except TimeoutError:
                    continue
                came.append(peer)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], came
        over.set()
        thread.join()


def test_there_are_more_than_sixty() -> None:
    """The corpus: names say what each file tries."""
    assert len(REFUSED) >= 60
    assert not set(REFUSED) & set(HARMLESS)


@pytest.mark.parametrize("group", range(GROUPS))
async def test_every_hostile_file_is_refused_in_time_and_nothing_is_fetched(
    trap: tuple[int, list[object]], group: int
) -> None:
    """Each refusal names what was found; no file takes longer than is allowed, none reaches anything; and a good file
    behind them is read.
    """
    port, came = trap
    two = asyncio.Semaphore(2)
    names = sorted(REFUSED)[group::GROUPS]
    wrong = [one for one in await asyncio.gather(*(_outcome(name, port, two) for name in names)) if one]
    assert not wrong, "\n".join(wrong)
    assert not came
    good = await read_isolated(w.docx(w.p(w.ins("XAA", w.run("good")))))
    assert good.authors == ("XAA",)


async def _outcome(name: str, port: int, turn: asyncio.Semaphore) -> str:
    """What is wrong with how a file was taken; empty when it was refused for what it is."""
    make, words = REFUSED[name]
    content = make(port)
    for _ in range(ATTEMPTS):
        async with turn:
            began = time.monotonic()
            try:
                read = await read_isolated(content)
                return f"{name}: read as {''.join(row.text for row in read.paragraphs)[:80]!r}"
            except WordRefused as refused:
                said = str(refused)
            seconds = time.monotonic() - began
        if seconds > 2 * isolated.WALL_SECONDS:  # the server ends a reading at the limit; a crowded machine adds to it
            return f"{name}: took {seconds:.1f} s"
        if "more time" not in said:
            return "" if words in said and "not known here" not in said else f"{name}: {said}"
    return ""


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_odd_files_are_read_and_nothing_is_fetched(trap: tuple[int, list[object]], name: str) -> None:
    """Links, schemas, instructions and rings: the words are there, and nothing else was looked for."""
    port, came = trap
    make, words = HARMLESS[name]
    assert words in "".join(one.text for one in read_document(make(port)).paragraphs)
    assert not came
