"""Peers: a reader too slow is told so once and then closed; a writer too fast is read more slowly, never refused."""

import pytest
from typing_extensions import override
from websockets.frames import Frame, Opcode

from crdt import protocol
from opinions.roles import Actor, Role
from server import peers
from server.peers import (
    BURST_SECONDS,
    LARGE,
    MAX_UNREAD_FRAMES,
    MAX_WAITING_BYTES,
    MAX_WAITING_WRITES,
    STRIKE_SECONDS,
    Bundle,
    Meter,
    Peer,
    Seat,
    States,
)
from tests.support.waiting import until

RESYNC = protocol.notice("resync")
HELLO = protocol.hello(schema=1, workspace=False, generation=0, client=None, state_vector=b"\0")


class Wire(Peer):
    """A peer whose transport takes nothing until told to."""

    def __init__(self) -> None:
        super().__init__(lambda: self.now)
        self.now = 0.0
        self.written: list[bytes] = []
        self.waiting = 0
        self.closed: int | None = None
        self.reading: list[bool] = []

    @override
    def waiting_bytes(self) -> int:
        return self.waiting

    @override
    def write(self, bundle: Bundle) -> None:
        self.written.extend(bundle.frames)
        self.waiting += bundle.size

    @override
    def close(self, code: int, reason: str) -> None:
        self.closed = code

    @override
    def pause(self) -> None:
        self.reading.append(False)

    @override
    def resume(self) -> None:
        self.reading.append(True)


def test_a_bundle_is_messages_as_rfc_6455_writes_them() -> None:
    frames = [b"", b"x" * 125, b"y" * 126, b"z" * 65_535, b"w" * 65_536]
    expected = b"".join(Frame(Opcode.BINARY, frame).serialize(mask=False) for frame in frames)
    assert Bundle(frames).wire == expected


def test_w10_past_the_bytes_a_peer_is_told_resync_and_nothing_else_until_hello() -> None:
    peer = Wire()
    kilobyte = Bundle((b"u" * 8192,))
    for _ in range(60):
        peer.send(kilobyte)
    assert peer.written[-1] == RESYNC
    assert MAX_WAITING_BYTES <= peer.waiting <= MAX_WAITING_BYTES + 8192 + len(RESYNC)
    count = len(peer.written)
    peer.send(kilobyte)
    assert len(peer.written) == count
    peer.waiting = 0
    peer.heard()
    peer.send(kilobyte)
    assert len(peer.written) == count + 1
    assert peer.closed is None


def test_w10_past_the_count_too_and_the_second_time_within_a_minute_it_is_closed() -> None:
    peer = Wire()
    for moment, closed in ((0.0, None), (STRIKE_SECONDS + 1, None), (STRIKE_SECONDS + 30, 4408)):
        peer.now = moment
        peer.waiting = 0
        peer.heard()
        for _ in range(MAX_WAITING_WRITES + 1):
            peer.send(Bundle((b"u",)))
        assert peer.closed == closed


def test_w10_a_large_change_throws_nobody_out_who_kept_up() -> None:
    """What a document brought in at once tells is more than may wait: it counts for itself, once."""
    large = Bundle((b"u" * 4 * MAX_WAITING_BYTES,))
    peer = Wire()
    for _ in range(10):
        peer.send(Bundle((b"u" * 8192,)))
    peer.send(large)
    for _ in range(20):
        peer.send(Bundle((b"u" * 8192,)))
    assert RESYNC not in peer.written
    peer.send(large)
    peer.send(Bundle((b"u",)))
    assert peer.written[-1] == RESYNC, "who never reads does not hold one large change after the other"
    assert peer.waiting < 10 * MAX_WAITING_BYTES


def test_a_whole_document_may_take_its_time_on_a_slow_line() -> None:
    peer = Wire()
    peer.send(Bundle((protocol.sync(1, 0, b"s" * 4 * MAX_WAITING_BYTES),)))
    for _ in range(MAX_WAITING_WRITES - 1):
        peer.send(Bundle((b"u" * 100,)))
    assert RESYNC not in peer.written


def test_w10_large_updates_are_no_excuse() -> None:
    peer = Wire()
    for _ in range(10):
        peer.send(Bundle((protocol.update(0, 1, [b"u" * 60_000]),)))
    assert peer.waiting <= MAX_WAITING_BYTES + 61_000


def test_a_meter_admits_the_burst_and_then_the_rate() -> None:
    meter = Meter(10.0, 30.0, now=0.0)
    assert [meter.take(0.0) for _ in range(30)] == [0.0] * 30
    assert meter.take(0.0) == 0.1
    assert meter.take(0.2) == 0.0
    assert meter.take(100.0) == 0.0


async def test_a_flood_is_read_more_slowly_and_every_frame_counts() -> None:
    peer = Wire()
    seat = Seat(1, peer, Actor("m", "N", Role.EXPERT), 1, per_second=1_000.0)
    frame = b"\x04"
    for _ in range(int(1_000 * BURST_SECONDS) + 50):
        seat.arrived(frame)
        seat.taken(frame)
    assert peer.reading == [False]
    await until(lambda: peer.reading == [False, True], "the socket is read again")
    seat.leave()


async def test_a_room_that_is_behind_stops_the_reading_until_it_has_caught_up() -> None:
    peer = Wire()
    seat = Seat(1, peer, Actor("m", "N", Role.EXPERT), 1, per_second=1e6)
    for _ in range(MAX_UNREAD_FRAMES):
        seat.arrived(b"\x04")
    assert peer.reading == [False]
    for _ in range(MAX_UNREAD_FRAMES // 2):
        seat.taken(b"\x04")
    assert peer.reading == [False, True]
    seat.leave()


async def test_hello_lets_a_deaf_peer_hear_again() -> None:
    peer = Wire()
    seat = Seat(1, peer, Actor("m", "N", Role.EXPERT), 1, per_second=1e6)
    for _ in range(MAX_WAITING_WRITES + 2):
        peer.send(Bundle((b"u",)))
    peer.waiting = 0
    peer.send(Bundle((b"unheard",)))
    seat.arrived(HELLO)
    seat.taken(HELLO)
    peer.send(Bundle((b"heard",)))
    assert peer.written[-2:] == [RESYNC, b"heard"]
    seat.leave()


async def test_the_messages_of_a_whole_text_are_kept_while_somebody_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "STATE_SECONDS", 0.05)
    states, frame = States(), protocol.sync(1, 0, b"s" * LARGE)
    first = states.bundle(frame)
    assert states.bundle(bytes(frame)) is first
    await until(lambda: states._last is None, "the text to be forgotten")
    assert states.bundle(frame) is not first
    assert states.bundle(frame) is states.bundle(frame)
