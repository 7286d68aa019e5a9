"""[P19, R32] Hostile files: refused with a reason, or read harmlessly; within 10 s and 256 MiB, nothing fetched.

All of them go through `read_isolated`, two at a time as in the server; a listening socket is where their addresses
lead. Memory is the system's to keep: the reading process has no more than 256 MiB of addresses, whatever it does.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from server.word_in import isolated
from server.word_in.isolated import read_isolated
from server.word_in.refusals import WordRefused
from tests.word import writing as w
from tests.word.hostile import REFUSED
from tests.word.odd_files import HARMLESS

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


async def test_every_hostile_file_is_refused_or_read_and_nothing_is_fetched(trap: tuple[int, list[object]]) -> None:
    """Each refusal names what was found; no file takes longer than is allowed, none reaches anything."""
    port, came = trap
    two = asyncio.Semaphore(2)
    wrong: list[str] = []
    slowest = 0.0

    async def one(name: str, content: bytes, words: str, harmless: bool) -> None:
        nonlocal slowest
        async with two:
            for attempt in range(ATTEMPTS):
                began = time.monotonic()
                try:
                    read = await read_isolated(content)
                    said = "".join(paragraph.text for paragraph in read.paragraphs)
                    if not harmless or words not in said:
                        wrong.append(f"{name}: read as {said[:80]!r}")
                    break
                except WordRefused as refused:
                    crowded = "more time" in str(refused) and attempt < ATTEMPTS - 1
                    if not crowded and (harmless or words not in str(refused) or "not known here" in str(refused)):
                        wrong.append(f"{name}: {refused}")
                    if not crowded:
                        break
                finally:
                    slowest = max(slowest, time.monotonic() - began)

    files = [(name, make(port), words, False) for name, (make, words) in REFUSED.items()]
    files += [(name, make(port), words, True) for name, (make, words) in HARMLESS.items()]
    await asyncio.gather(*(one(*given) for given in files))
    assert not wrong, "\n".join(wrong)
    assert not came
    assert slowest < 2 * isolated.WALL_SECONDS, "the server ends a reading at the limit; a crowded machine adds to it"


async def test_the_server_reads_on_after_all_of_them() -> None:
    """A good file behind the hostile ones is read; what waits is bounded."""
    read = await read_isolated(w.docx(w.p(w.ins("XAA", w.run("good")))))
    assert read.authors == ("XAA",)
