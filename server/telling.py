"""From a step's deliveries to writes: who gets the same gets one bundle, made once, and each peer gets one write."""

from collections.abc import Iterator, Mapping, Sequence

from crdt.step import Delivery, PeerId
from server.peers import LARGE, Bundle, Seat, States


class Telling:
    """Tells the peers of one room. `seats` are the room's own, looked at whenever something is told."""

    def __init__(self, seats: Mapping[PeerId, Seat]) -> None:
        self._seats = seats
        self._states = States()

    def tell(self, deliveries: Sequence[Delivery]) -> None:
        """One write for each peer. What goes to the same many is one bundle, made once and looked up once."""
        alone: dict[PeerId, list[int]] = {}
        together: dict[int, list[int]] = {}
        for number, delivery in enumerate(deliveries):
            if len(delivery.peers) > 1:
                together.setdefault(id(delivery.peers), []).append(number)
            else:
                for peer in delivery.peers:
                    alone.setdefault(peer, []).append(number)
        if len(together) > 1:
            self._in_order(deliveries)
            return
        seats = self._seats
        for numbers in together.values():
            bundle = Bundle([deliveries[number].frame for number in numbers])
            for peer in deliveries[numbers[0]].peers:
                if (seat := seats.get(peer)) is None:
                    continue
                if alone and (own := alone.pop(peer, None)) is not None:
                    seat.peer.send(Bundle([deliveries[number].frame for number in sorted((*numbers, *own))]))
                else:
                    seat.peer.send(bundle)
        large: dict[int, Bundle] = {}
        for peer, numbers in alone.items():
            if (seat := seats.get(peer)) is not None:
                for bundle in self._parts([deliveries[number].frame for number in numbers], large):
                    seat.peer.send(bundle)

    def _in_order(self, deliveries: Sequence[Delivery]) -> None:
        """The same where a peer is of several circles: each gets its frames in their order, an ACK behind what it
        speaks of (W5). Who hears "saved" first forgets words whose place went in the same step.
        """
        frames: dict[PeerId, list[int]] = {}
        for number, delivery in enumerate(deliveries):
            for peer in delivery.peers:
                frames.setdefault(peer, []).append(number)
        made: dict[tuple[int, ...], tuple[Bundle, ...]] = {}
        large: dict[int, Bundle] = {}
        for peer, numbers in frames.items():
            if (seat := self._seats.get(peer)) is None:
                continue
            same = tuple(numbers)
            if (bundles := made.get(same)) is None:
                bundles = made[same] = tuple(self._parts([deliveries[number].frame for number in numbers], large))
            for bundle in bundles:
                seat.peer.send(bundle)

    def _parts(self, frames: Sequence[bytes], large: dict[int, Bundle]) -> Iterator[Bundle]:
        """Frames as few writes. A large one goes by itself: many get the very same bytes, which are then kept once."""
        small: list[bytes] = []
        for frame in frames:
            if len(frame) < LARGE:
                small.append(frame)
                continue
            if small:
                yield Bundle(small)
                small = []
            if id(frame) not in large:
                large[id(frame)] = self._states.bundle(frame)
            yield large[id(frame)]
        if small:
            yield Bundle(small)
