"""[P19, WR2] Hostile files: refused with a reason, or read harmlessly; within 10 s and 256 MiB, nothing fetched.

All are read under the limits of the reading process, many in one (`reading_row.py`): what each costs is counted in
seconds of a processor, which no neighbour on the machine adds to. One of each sort, and what takes most memory, go
through `read_isolated` too, as in the server; that the server ends a reading when 10 s are over, whatever it does, is
in `test_isolation.py`. A listening socket is where the addresses in the files lead.
"""

import asyncio
import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from server.word_in import isolated
from server.word_in.isolated import read_isolated
from server.word_in.reader import read_document
from server.word_in.refusals import WordRefused
from tests.word import writing as w
from tests.word.hostile import REFUSED
from tests.word.odd_files import HARMLESS

GOOD = w.docx(w.p(w.run("good")))
ROWS = 4
MOST_CPU = isolated.WALL_SECONDS / 2
"""Seconds of a processor that a file may take: the worst takes two. So little is done within 10 s on a busy machine."""
ISOLATED = (
    *("many_elements", "bomb_of_30_mb", "doctype_laughs", "doctype_http", "deep", "dde"),
    *("docm", "linked_picture", "name_with_dots", "rtf", "many_attributes", "lying_size"),
)
"""What takes most memory, and one of each sort."""


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


@pytest.mark.parametrize("row", range(ROWS))
async def test_every_hostile_file_is_refused_for_what_it_is(trap: tuple[int, list[object]], row: int) -> None:
    """Each refusal names what was found, within the time and the memory; none reaches anything; and a good file behind
    them is read by the same process.
    """
    port, came = trap
    names = sorted(REFUSED)[row::ROWS]
    answers = await _read_in_a_row([*(REFUSED[name][0](port) for name in names), GOOD])
    wrong = [
        f"{name}: {told}"
        for name, told in zip(names, answers, strict=False)
        if REFUSED[name][1] not in told.get("refused", "") or "refused" not in told or told["cpu"] > MOST_CPU
    ]
    assert not wrong, "\n".join(wrong)
    assert answers[len(names) :], "the process broke"
    assert answers[-1]["read"] == "good"
    assert not came


async def _read_in_a_row(contents: list[bytes]) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.word.reading_row"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    handed = b"".join(struct.pack("<Q", len(content)) + content for content in contents)
    async with asyncio.timeout(180):
        out, _ = await process.communicate(handed)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


async def test_the_worst_and_one_of_each_sort_as_the_server_reads_them(
    trap: tuple[int, list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process each, two at a time. The clock on the wall is set wide: what is asked is the reason."""
    monkeypatch.setattr(isolated, "WALL_SECONDS", 120)
    port, came = trap
    two = asyncio.Semaphore(2)
    wrong = [one for one in await asyncio.gather(*(_outcome(name, port, two) for name in ISOLATED)) if one]
    assert not wrong, "\n".join(wrong)
    assert not came
    assert (await read_isolated(GOOD)).paragraphs[0].text == "good"


async def _outcome(name: str, port: int, turn: asyncio.Semaphore) -> str:
    """What is wrong with how a file was taken; empty when it was refused for what it is."""
    make, words = REFUSED[name]
    async with turn:
        try:
            read = await read_isolated(make(port))
        except WordRefused as refused:
            return "" if words in str(refused) and "not known here" not in str(refused) else f"{name}: {refused}"
    return f"{name}: read as {''.join(row.text for row in read.paragraphs)[:80]!r}"


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_odd_files_are_read_and_nothing_is_fetched(trap: tuple[int, list[object]], name: str) -> None:
    """Links, schemas, instructions and rings: the words are there, and nothing else was looked for."""
    port, came = trap
    make, words = HARMLESS[name]
    assert words in "".join(one.text for one in read_document(make(port)).paragraphs)
    assert not came
