"""[P19, R32] Hostile files: refused with a reason, or read harmlessly; within 10 s and 256 MiB, nothing fetched.

All of them go through `read_isolated`, two at a time as in the server; a listening socket is where their addresses
lead. Memory is the system's to keep: the reading process has no more than 256 MiB of addresses, whatever it does.
"""

import asyncio
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from server.word_in import isolated
from server.word_in.isolated import read_isolated
from server.word_in.reading_process import CPU_SECONDS, MEMORY
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


async def test_who_comes_when_many_wait_is_told_to_come_again() -> None:
    """Two read, eight wait, the rest are told at once; those who wait are read in their turn."""
    good = w.docx(w.p(w.run("good")))
    count = isolated.AT_ONCE + isolated.WAITING + 3
    outcomes = await asyncio.gather(*(read_isolated(good) for _ in range(count)), return_exceptions=True)
    busy = [one for one in outcomes if isinstance(one, isolated.WordBusy)]
    assert len(busy) == 3
    assert all(not isinstance(one, BaseException) or one in busy for one in outcomes)


async def test_a_reading_that_is_given_up_leaves_its_place() -> None:
    """Who closes the page while a file is read, or waits, takes no place from the next."""
    good = w.docx(w.p(w.run("good")))
    given_up = [asyncio.create_task(read_isolated(good)) for _ in range(6)]
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    assert isolated._turns._reading == 0
    assert (await read_isolated(good)).paragraphs[0].text == "good"


@pytest.mark.parametrize(
    ("attempt", "told"),
    [
        ("import socket; socket.socket()", "socket"),
        ("open('/etc/hostname')", "open"),
        ("import subprocess; subprocess.Popen(['true'])", "subprocess"),
        ("import os; os.system('true')", "os.system"),
        ("import ctypes; ctypes.CDLL(None)", "ctypes"),
    ],
)
async def test_the_reading_process_has_no_way_out(attempt: str, told: str) -> None:
    """Sockets, files and other programs are beyond the process once it reads, whatever code runs in it."""
    program = (
        "import socket, subprocess, os, ctypes\n"
        "from server.word_in.reading_process import confine, give_up\n"
        f"confine(); give_up()\n{attempt}\nprint('out')"
    )
    code, out, err = await run(program)
    assert code != 0
    assert "out" not in out
    assert told in err
    assert "_Forbidden" in err


async def test_memory_and_time_of_the_reading_process_are_bounded() -> None:
    """256 MiB of addresses, 10 s of processor: the system's limits, set before a byte of the file is read."""
    assert MEMORY == 256 * 1024 * 1024
    code, _, err = await run(
        "from server.word_in.reading_process import confine\nconfine()\nx = bytearray(300 * 1024 * 1024)"
    )
    assert code != 0
    assert "MemoryError" in err
    code, out, _ = await run(
        "import resource\nfrom server.word_in.reading_process import confine\nconfine()\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_AS)[0])"
    )
    assert out.split() == [str(CPU_SECONDS), str(MEMORY)]
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != MEMORY, "and the server itself has kept its own"


async def run(program: str) -> tuple[int, str, str]:

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
