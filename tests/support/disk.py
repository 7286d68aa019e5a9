"""The disk and the clock under a real server: what it writes is recorded, and the disk fails when a test wants it to.

`disk.c` is compiled when it is first needed and loaded before everything else into the server's process. A `Disk` is
one data directory's: its journal (`tests.support.power_cut` reads it), the fault in force, the jump of the wall clock.
"""

import hashlib
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path
from sys import executable
from types import TracebackType
from typing import Self

SOURCE = Path(__file__).with_name("disk.c")
_CONTROL = struct.Struct("<iiq")


class Fault(IntEnum):
    """What happens to every change of a file in the directory, as `disk.c` numbers it."""

    NONE = 0
    IO = 1
    """Writes and syncs fail with an I/O error."""
    FULL = 2
    """No room is left, not even to write over what is there: as on disks that write everything anew."""
    READ_ONLY = 3
    STALL = 4
    """Syncs do not come back."""


class Disk:
    """The layer under one data directory. `environment` is what a process needs to be under it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.journal = directory.parent / f"{directory.name}.journal"
        control = directory.parent / f"{directory.name}.control"
        control.write_bytes(bytes(_CONTROL.size))
        with control.open("r+b") as opened:
            self._control = mmap.mmap(opened.fileno(), _CONTROL.size)
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(layer()),
            "DISK_DIRECTORY": str(directory),
            "DISK_JOURNAL": str(self.journal),
            "DISK_CONTROL": str(control),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.close()

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """The fault holds inside the block."""
        self._control[0:4] = struct.pack("<i", fault)
        try:
            yield
        finally:
            self._control[0:4] = struct.pack("<i", Fault.NONE)

    @property
    def refused(self) -> int:
        """Calls that failed by the fault so far: a fault that nobody met shows nothing."""
        return int(_CONTROL.unpack(self._control[:])[1])

    @contextmanager
    def clock_off_by(self, seconds: int) -> Iterator[None]:
        """The wall clock is so far ahead inside the block (negative: behind); elapsed time goes on as ever."""
        self._control[8:16] = struct.pack("<q", seconds)
        try:
            yield
        finally:
            self._control[8:16] = struct.pack("<q", 0)


def layer() -> Path:
    """The compiled layer. Fails with what to install where there is no C compiler."""
    source = SOURCE.read_bytes()
    made = Path(tempfile.gettempdir()) / f"unbracket-disk-{os.getuid()}-{hashlib.sha256(source).hexdigest()[:16]}.so"
    if not made.exists():
        fresh = made.with_suffix(f".{os.getpid()}")
        options = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(fresh), str(SOURCE), "-ldl", "-lpthread"]
        done = subprocess.run([*_compiler(), *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"disk.c does not compile:\n{done.stderr}"
        fresh.rename(made)
    return made


def _compiler() -> list[str]:
    for name in ("cc", "gcc", "clang"):
        if (found := shutil.which(name)) is not None:
            return [found]
    if find_spec("ziglang") is not None:
        return [executable, "-m", "ziglang", "cc"]
    raise AssertionError("There is no C compiler here. Run this and try again: .venv/bin/python -m pip install ziglang")
