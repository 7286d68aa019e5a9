"""[R32, WR1] The process that reads: what it has given up, and what the server says when it dies, hangs or is full."""

import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

import pytest

from server.word_in import isolated
from server.word_in.isolated import read_isolated
from server.word_in.reading_child import Bounds, ReadingChild
from server.word_in.reading_process import CPU_SECONDS, MEMORY
from server.word_in.refusals import WordRefused
from tests.support.waiting import until
from tests.word import writing as w
from tests.word.odd_files import very_large

GOOD = w.docx(w.p(w.run("good")))


async def test_who_comes_when_many_wait_is_told_to_come_again() -> None:
    """Two read, eight wait, the rest are told at once; those who wait are read in their turn."""
    count = isolated.AT_ONCE + isolated.WAITING + 3
    outcomes = await asyncio.gather(*(read_isolated(GOOD) for _ in range(count)), return_exceptions=True)
    busy = [one for one in outcomes if isinstance(one, isolated.WordBusy)]
    assert len(busy) == 3
    assert all(not isinstance(one, BaseException) or one in busy for one in outcomes)


async def test_a_reading_that_is_given_up_leaves_its_place() -> None:
    """Who closes the page while a file is read, or waits, takes no place from the next."""
    given_up = [asyncio.create_task(read_isolated(GOOD)) for _ in range(6)]
    await asyncio.sleep(0)
    for task in given_up:
        task.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    assert isolated._turns._reading == 0
    assert (await read_isolated(GOOD)).paragraphs[0].text == "good"


async def test_a_reading_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock on the wall is the server's: when it has run out the process is gone, and a sentence says why."""
    monkeypatch.setattr(isolated, "WALL_SECONDS", 0.05)
    with pytest.raises(WordRefused, match="more time to read"):
        await read_isolated(very_large())
    assert not children()


async def test_a_process_that_is_killed_is_a_refusal() -> None:
    """What the system's last resort against a lack of memory does; the next file is read."""
    reading = asyncio.create_task(read_isolated(very_large()))
    await until(children, "the reading process")
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(WordRefused, match="time or memory"):
        await reading
    assert (await read_isolated(GOOD)).paragraphs[0].text == "good"


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5])
async def test_a_loop_that_closes_while_a_reading_starts_does_not_hang(steps: int) -> None:
    """Wherever a reading is when its loop is cancelled and closed, that takes no time and leaves no process."""
    program = (
        "import asyncio\n"
        "from tests.word import writing as w\n"
        "from server.word_in.isolated import read_isolated\n"
        "content = w.docx(w.p(w.run('good')))\n"
        "async def main():\n"
        "    reading = asyncio.ensure_future(read_isolated(content))\n"
        f"    for _ in range({steps}): await asyncio.sleep(0)\n"
        "asyncio.run(main())\n"
        "from tests.word.test_isolation import children\n"
        "print('closed', children())"
    )
    code, out, err = await run(program)
    assert (code, out.strip()) == (0, "closed []"), err


def test_a_child_given_up_before_it_starts_is_never_started() -> None:
    child = ReadingChild((sys.executable, "-c", "import time; time.sleep(60)"), b"", {}, Bounds(30.0, 10, 10))
    child.give_up()
    with pytest.raises(TimeoutError):
        child.run()
    assert child._process is None


def test_a_child_that_hears_nothing_and_says_too_much_is_bounded() -> None:
    """Input that nobody reads is no fault; of what it says no more than the bound is kept."""
    program = "import os; os.close(0); os.write(1, b'x' * 100_000); os.write(2, b'because')"
    said = ReadingChild((sys.executable, "-c", program), b"y" * (1 << 20), {}, Bounds(30.0, 1000, 100)).run()
    assert (said.code, said.answer, said.complaint) == (0, None, b"because")


def children() -> list[int]:
    """The reading processes of this one."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            parent = (one / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"reading_process" in (one / "cmdline").read_bytes():
                found.append(int(one.name))
        except OSError:
            continue
    return found


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


async def test_the_reading_process_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment holds where Python finds its modules; nothing of the database, nothing of ours."""
    monkeypatch.setenv("UNBRACKET_DATABASE_URL", "postgresql://u:secret@h/d")
    assert "secret" not in repr(isolated._environment())
    assert not [name for name in isolated._environment() if name.startswith("UNBRACKET")]


async def run(program: str) -> tuple[int, str, str]:
    """A Python of its own: how it ended and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
