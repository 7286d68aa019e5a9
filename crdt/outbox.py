"""What one batch will tell, gathered until its appends are committed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from crdt import protocol
from crdt.acts import Done
from crdt.step import Answer, Append, Closing, Delivery, Fault, PeerId, Step
from crdt.stream import Stream
from crdt.workspaces import Workspaces
from opinions.model import DelegationCode


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

    def step(
        self, opinion: Stream, workspaces: Workspaces, audiences: Mapping[DelegationCode | None, tuple[PeerId, ...]]
    ) -> Step:
        """All of it as a value: what the logs must take, and what is told then, and in which order."""
        appends = [self._append(stream, stream is opinion) for stream in (opinion, *workspaces)]
        deliveries = [*self.first]
        for audience, members in audiences.items():
            workspace = workspaces.of(audience) if audience is not None else None
            deliveries.extend(Delivery(members, frame) for frame in self._frames_for(opinion, workspace))
            deliveries.extend(Delivery(members, frame) for frame in self.notices)
        for (peer, stream), (n, seq) in self.acknowledged.items():
            deliveries.append(Delivery((peer,), protocol.ack(n, stream, seq)))
        for peer, n, done in self.done:
            deliveries.append(Delivery((peer,), protocol.done(n, done.seq, done.result)))
        # Last: whoever hears REFUSED begins anew, and must have heard what became of the words acknowledged before.
        deliveries.extend(Delivery((peer,), frame) for peer, frame in self.refused.items())
        return Step(
            tuple(append for append in appends if append is not None),
            tuple(deliveries),
            tuple(self.closings),
            tuple(self.answers),
            tuple(self.faults),
            self.taken,
        )

    def _append(self, stream: Stream, is_opinion: bool) -> Append | None:
        append = stream.take_append()
        if append is None or self.version is None or not is_opinion:
            return append
        return replace(append, version=self.version, next_epoch=stream.epoch)

    def _frames_for(self, opinion: Stream, workspace: Stream | None) -> list[bytes]:
        """One frame for the whole batch: to the opinion's peers its updates, to a workspace's peers both in their
        order.
        """
        mine = [(stream, told) for stream, told in self.told if stream is opinion or stream is workspace]
        if workspace is None or not any(stream is workspace for stream, _ in mine):
            updates = [update for stream, told in mine for update in told]
            return [protocol.update(protocol.OPINION_STREAM, opinion.seq, updates)] if updates else []
        frames = [protocol.update(protocol.WORKSPACE_STREAM, workspace.seq, [u for _, told in mine for u in told])]
        if any(stream is opinion for stream, _ in mine):
            frames.append(protocol.update(protocol.OPINION_STREAM, opinion.seq, ()))
        return frames
