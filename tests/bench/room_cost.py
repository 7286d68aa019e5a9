"""What a room costs per update, server and sockets apart: `python -m tests.bench.room_cost [--rounds N] [--profile]`.

A draft of 30 pages, and one ten times as large, under live drafting; fifty writers type, each for a party of its own,
and a thousand readers are connected. Their frames come in batches as the server makes them, each writer after the
other. Measured is the processor time of `Room.receive` and `Room.commit`: everything but the log, the socket and the
wires. Small rooms are measured as the bench has them: a page, two writers, three readers.
"""

import argparse
import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from crdt import gate as gate_limits
from crdt import protocol
from crdt.founding import founding_entry
from crdt.log import Lease, StoredLog, chained
from crdt.room import Room, Setting
from crdt.step import Frame
from opinions.model import DelegationCode
from opinions.record import Document
from opinions.roles import Actor, Role
from server.serving import COLLECT_AFTER
from tests.bench.material import FIRST_CLIENT, PAGES, Typed, codes, keystrokes, short, state_of, thirty_pages

NOW = datetime(2026, 1, 21, tzinfo=UTC)
BATCH = timedelta(milliseconds=50)


@cache
def material(factor: int, writers: int, each: int) -> tuple[Document, bytes, Sequence[Typed]]:
    """A draft and what is typed in it; `factor` 0: one page."""
    document = thirty_pages(PAGES[0] * factor, PAGES[1] * factor) if factor else short()
    state = state_of(document)
    parties = codes(writers)
    typed = [keystrokes(document, state, FIRST_CLIENT + n, parties[n], each) for n in range(writers)]
    return document, state, typed


class Hall:
    """A room with its writers and readers, each greeted, and the frames that the writers send."""

    def __init__(self, factor: int, writers: int, readers: int, each: int) -> None:
        document, _, typed = material(factor, writers, each)
        entry = founding_entry("op", document, member="m-0", name="A", at=NOW, source="bench")
        head = chained("op", entry, bytes(32))
        leases = tuple(Lease(FIRST_CLIENT + n, f"m-{n}") for n in range(writers))
        parties = frozenset(DelegationCode(code) for code in codes(writers))
        minted = iter(range(10**9))
        setting = Setting("op", parties, lambda kind: f"{kind}-made-{next(minted)}", lambda record: b"")
        self.room = Room(setting, StoredLog("op", seq=1, head=head.hash, tail=(head,), leases=leases), {})
        self.now = NOW
        party = codes(writers)
        for n in range(writers + readers):
            role = Role.EXPERT if n < writers else Role.OBSERVER
            delegation = DelegationCode(party[n % writers]) if n < writers else None
            self.room.connect(n, Actor(f"m-{n}", f"Expert {n}", role, delegation))
            client = FIRST_CLIENT + n if n < writers else None
            hello = protocol.hello(schema=1, workspace=False, generation=1, client=client, state_vector=b"\0")
            self.room.receive([Frame(n, hello)], self.now)
            self.room.commit()
        self.frames = [
            Frame(n, protocol.client_update(turn + 1, typed[n].party, typed[n].updates[turn][0]))
            for turn in range(each)
            for n in range(writers)
        ]

    def batches(self, size: int) -> Iterator[list[Frame]]:
        """The frames in batches."""
        for start in range(0, len(self.frames), size):
            yield self.frames[start : start + size]

    def type(self, size: int) -> float:
        """Processor time per update, in microseconds, of all that is typed."""
        spent = 0
        for batch in self.batches(size):
            self.now += BATCH
            started = time.process_time_ns()
            step = self.room.receive(batch, self.now)
            self.room.commit()
            spent += time.process_time_ns() - started
            assert step.taken == len(batch)
            assert not any(delivery.frame[0] == protocol.ServerFrame.REFUSED for delivery in step.deliveries)
        return spent / len(self.frames) / 1000


def profiled(factor: int, writers: int, readers: int, each: int, size: int, lines: int) -> None:
    """Prints where the time goes."""
    hall = Hall(factor, writers, readers, each)
    profile = cProfile.Profile()
    for batch in hall.batches(size):
        hall.now += BATCH
        profile.enable()
        hall.room.receive(batch, hall.now)
        hall.room.commit()
        profile.disable()
    print(f"{len(hall.frames)} updates in batches of {size}")
    pstats.Stats(profile).sort_stats("tottime").print_stats(lines)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--each", type=int, default=80, help="updates of each writer")
    parser.add_argument("--factors", type=int, nargs="*", default=[1, 10, 0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 5, 13])
    parser.add_argument("--profile", type=int, default=0, help="lines of a profile")
    given = parser.parse_args()
    # The larger document is beyond what a gate admits.
    gate_limits.MAX_CHARACTERS, gate_limits.MAX_AMENDMENTS = 2_000_000, 20_000
    for factor in given.factors:
        writers, readers = (50, 1000) if factor else (2, 3)
        for size in given.sizes:
            if given.profile:
                profiled(factor, writers, readers, given.each, size, given.profile)
                continue
            spent: list[float] = []
            for _ in range(given.rounds):
                hall = Hall(factor, writers, readers, given.each)
                gc.collect()
                gc.freeze()  # as the server does
                gc.set_threshold(COLLECT_AFTER)
                spent.append(hall.type(size))
                gc.unfreeze()
            name = f"draft x {factor}" if factor else "one page"
            low, high = min(spent), max(spent)
            print(f"{name:12} batch {size:3}: {statistics.median(spent):7.1f} us [{low:.1f}..{high:.1f}]", flush=True)


if __name__ == "__main__":
    main()
