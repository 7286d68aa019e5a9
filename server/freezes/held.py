"""The parts of a cut, held until all are there: then they are one transaction (crdt/SPEC.md, V6).

Each room freezes as it always does and waits for its append, which is here; so its queue waits, and what is typed
meanwhile becomes part of the next draft. When the last part has come the log commits all of them at once.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from crdt.versions import Version
from server.errors import AppendConflict, CutAbandoned, WriterRevoked
from server.log_store import RoomAppends

Keep = Callable[[Connection, Mapping[str, Version]], None]
"""Keeps a cut of versions, by Opinion, in the transaction that keeps those."""


@dataclass(frozen=True, slots=True)
class _Part:
    step: RoomAppends
    writers: Mapping[str, int]
    done: asyncio.Future[None]


class Held:
    """A cut that waits for its parts, one of each Opinion. `keep` is called in their transaction."""

    def __init__(self, cut: str, opinions: frozenset[str], keep: Keep) -> None:
        self.cut = cut
        self.opinions = opinions
        self.is_over = False
        """It was given up, or submitted: nobody joins any more."""
        self.whole: asyncio.Future[None] | None = None
        """Its commit, once it is submitted."""
        self._keep = keep
        self._parts: dict[str, _Part] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every part is there."""
        return self._parts.keys() == self.opinions

    @property
    def steps(self) -> Sequence[RoomAppends]:
        """What is to be appended, all or nothing."""
        return [part.step for _, part in sorted(self._parts.items())]

    @property
    def writers(self) -> Sequence[tuple[str, int]]:
        """Who wrote what is in it, at which version of their rights."""
        return [pair for part in self._parts.values() for pair in part.writers.items()]

    def join(self, step: RoomAppends, writers: Mapping[str, int]) -> asyncio.Future[None]:
        """A room's part; done when the cut is committed. Raises `CutAbandoned` when it is not waited for."""
        if self.is_over or step.opinion not in self.opinions or step.opinion in self._parts:
            raise CutAbandoned(self.cut)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._parts[step.opinion] = _Part(step, writers, done)
        return done

    def keep(self, connection: Connection) -> None:
        """Keep the cut itself, after its versions."""
        made = {
            part.step.opinion: append.version
            for part in self._parts.values()
            for append in part.step.appends
            if append.version is not None
        }
        self._keep(connection, made)

    def give_up(self) -> None:
        """Release every room that waits: it goes on as if nobody had wanted to freeze."""
        self.is_over = True
        for part in self._parts.values():
            _tell(part.done, CutAbandoned(self.cut))

    def settle(self, whole: "asyncio.Future[None]") -> None:
        """Tell every room what became of the transaction."""
        error = AppendConflict(min(self.opinions)) if whole.cancelled() else whole.exception()
        for part in self._parts.values():
            match error:
                case None | AppendConflict():
                    # It may be in the log, by an attempt that seemed to fail: the room reads there what is true.
                    _tell(part.done, error)
                case WriterRevoked() if error.member in part.writers:
                    _tell(part.done, error)
                case _:
                    _tell(part.done, CutAbandoned(self.cut))


def _tell(done: "asyncio.Future[None]", error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
