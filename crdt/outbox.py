"""What one batch will tell, gathered until its appends are committed."""

from collections.abc import Iterable
from typing import Any

from crdt.acts import Done
from crdt.step import Answer, Closing, Delivery, Fault, PeerId
from crdt.stream import Stream


class Outbox:
    """What one batch will tell, gathered until its appends are committed."""

    def __init__(self) -> None:
        self.first: list[Delivery] = []
        self.told: list[tuple[Stream, tuple[bytes, ...]]] = []
        self.acknowledged: dict[tuple[PeerId, int], tuple[int, int]] = {}
        self.refused: dict[PeerId, bytes] = {}
        self.done: list[tuple[PeerId, int, Done]] = []
        self.notices: list[bytes] = []
        self.closings: list[Closing] = []
        self.answers: list[Answer] = []
        self.faults: list[Fault] = []
        self.taken = 0
        self.version: Any = None

    def send(self, peers: Iterable[PeerId], frame: bytes) -> None:
        """Before everything else."""
        self.first.append(Delivery(tuple(peers), frame))

    def acknowledge(self, peer: PeerId, n: int, stream: int, seq: int) -> None:
        """One ACK for all up to n (W5)."""
        self.acknowledged[(peer, stream)] = (n, seq)

    def later(self, peer: PeerId, n: int, done: Done) -> None:
        """A DONE, after the updates that it made."""
        self.done.append((peer, n, done))

    def close(self, peer: PeerId, code: int, reason: str) -> None:
        """The end of a socket."""
        self.closings.append(Closing(peer, code, reason))
