"""Power cuts: from a journal of what a process wrote and synced, a directory as a disk may hold it after a cut.

The disk modelled here keeps what was synced and owes nothing else: of the writes since a file's last sync each sector
of 512 bytes may hold any of the contents it was given or the one before, whatever the order they were written in; a
file made, removed or renamed is so for certain only once its directory was synced. A sync under way is none. One
recorded run has as many cuts in it as one likes: the moment is drawn, then what the disk kept.
"""

import bisect
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from pathlib import Path
from random import Random

SECTOR = 512
_RECORD = struct.Struct("<BBHIqIIqq")


class Op(IntEnum):
    """What was done, as `disk.c` numbers it."""

    OPEN = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    UNLINK = 5
    RENAME = 6


class Flag(IntFlag):
    """How it went."""

    FAILED = 1
    CREATED = 2
    EMPTIED = 4


@dataclass(frozen=True, slots=True)
class Event:
    """One call. `handle` is the open file's (unique within `process`), `started` and `ended` are monotonic seconds."""

    op: Op
    flags: Flag
    process: int
    handle: int
    path: str
    offset: int
    data: bytes
    started: float
    ended: float


def read_journal(journal: Path) -> list[Event]:
    """The events in the order they were done. Of a last one that the process was killed in, nothing is read."""
    raw, events, at = journal.read_bytes(), list[Event](), 0
    while len(raw) - at >= _RECORD.size:
        op, flags, path, handle, offset, length, process, started, ended = _RECORD.unpack_from(raw, at)
        at += _RECORD.size
        if len(raw) - at < path + length:
            break
        name, data = raw[at : at + path].decode(), raw[at + path : at + path + length]
        at += path + length
        events.append(Event(Op(op), Flag(flags), process, handle, name, offset, data, started / 1e9, ended / 1e9))
    return events


@dataclass(slots=True)
class _File:
    """What is on the disk for certain, and what was done to it since. A change is (offset, data), or (size, None)."""

    synced: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        content = bytearray(self.synced)
        for offset, data in self.since:
            _apply(content, offset, data)
        self.synced, self.since = bytes(content), []

    def after_cut(self, chance: Random) -> bytes:
        content = bytearray(self.synced)
        keeping = chance.choice(("nothing", "everything", "the first", "some", "sectors", "sectors"))
        first = chance.randint(0, len(self.since))
        for number, (offset, data) in enumerate(self.since):
            if keeping == "sectors" and data is not None:
                _tear(content, offset, data, chance)
            elif (
                keeping == "everything"
                or (keeping == "the first" and number < first)
                or (keeping in ("some", "sectors") and chance.random() < 0.5)
            ):
                _apply(content, offset, data)
        return bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


def _tear(content: bytearray, offset: int, data: bytes, chance: Random) -> None:
    at = 0
    while at < len(data):
        end = min(len(data), at + SECTOR - (offset + at) % SECTOR)
        if chance.random() < 0.5:
            _apply(content, offset + at, data[at:end])
        at = end


class Recording:
    """A directory as it was, synced, when a run began, and what the run did to it."""

    def __init__(self, before: Path, events: Sequence[Event]) -> None:
        """`before` is a copy of the directory made before the run."""
        self.events = events
        self._before = {path.name: path.read_bytes() for path in before.iterdir() if path.is_file()}
        self._ends = [event.ended for event in events]

    @property
    def begin(self) -> float:
        """When the first event began, in monotonic seconds."""
        return self.events[0].started

    @property
    def end(self) -> float:
        """When the last one ended; later cuts would be guesses."""
        return self.events[-1].ended

    def syncs(self) -> int:
        """How many syncs of files there were."""
        return sum(event.op is Op.SYNC and not event.flags & Flag.FAILED for event in self.events)

    def cut(self, moment: float, chance: Random, into: Path) -> None:
        """Write the directory as it may be after a cut at this moment into an empty directory."""
        names = {name: _File(content) for name, content in self._before.items() if not name.endswith("-shm")}
        on_disk = dict(names)
        entries: list[tuple[str, _File | None]] = []
        handles: dict[tuple[int, int], _File | None] = {}
        done = bisect.bisect_right(self._ends, moment)
        for number, event in enumerate(self.events):
            begun = event.started <= moment
            if number >= done and (not begun or event.op is Op.SYNC):
                continue
            _carry(event, names, entries, handles)
            if event.op is Op.SYNC and not event.flags & Flag.FAILED and handles[event.process, event.handle] is None:
                for name, file in entries:
                    _enter(on_disk, name, file)
                entries.clear()
        # Of one name a later change cannot be on the disk without the earlier ones.
        lost: set[str] = set()
        for name, file in entries:
            if name in lost or chance.random() < 0.5:
                lost.add(name)
            else:
                _enter(on_disk, name, file)
        for name, file in on_disk.items():
            (into / name).touch(0o600)
            (into / name).write_bytes(file.after_cut(chance))
        if chance.random() < 0.5:
            # The index of the write-ahead log is never synced: after a cut it may hold anything.
            (into / "unbracket.db-shm").write_bytes(chance.randbytes(32768))


def _carry(
    event: Event,
    names: dict[str, _File],
    entries: list[tuple[str, _File | None]],
    handles: dict[tuple[int, int], _File | None],
) -> None:
    key = (event.process, event.handle)
    match event.op:
        case Op.OPEN if not event.path:
            handles[key] = None  # the directory itself
        case Op.OPEN:
            if event.flags & Flag.CREATED or event.path not in names:
                names[event.path] = _File()
                entries.append((event.path, names[event.path]))
            handles[key] = names[event.path]
            if event.flags & Flag.EMPTIED:
                names[event.path].since.append((0, None))
        case Op.WRITE | Op.TRUNCATE:
            file = handles[key]
            assert file is not None
            file.since.append((event.offset, event.data if event.op is Op.WRITE else None))
        case Op.SYNC:
            if (synced := handles[key]) is not None and not event.flags & Flag.FAILED:
                synced.sync()
        case Op.UNLINK:
            if names.pop(event.path, None) is not None:
                entries.append((event.path, None))
        case Op.RENAME:
            names[event.data.decode()] = moved = names.pop(event.path)
            entries.extend([(event.data.decode(), moved), (event.path, None)])


def _enter(directory: dict[str, _File], name: str, file: _File | None) -> None:
    if file is None:
        directory.pop(name, None)
    else:
        directory[name] = file
