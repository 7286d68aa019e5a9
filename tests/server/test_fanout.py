"""A socket on the bare transport: what a hostile peer may make of it, byte by byte, and how it ends whatever comes."""

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from crdt.protocol import MAX_FRAME
from server import fanout
from server.deflate import deflated
from server.fanout import BEATS, MAX_AFTER_CLOSE, READ, FanoutSocket, Pulse
from tests.support.waiting import until
from tests.support.wires import message

BINARY, DEFLATED, PING, CLOSE = 2, 0x42, 9, 8
BOMB = message(deflated(bytes(MAX_FRAME)), opcode=DEFLATED)
"""Some 280 bytes that become a whole frame."""
TOO_LARGE = message(deflated(bytes(MAX_FRAME + 1)), opcode=DEFLATED)


class Line(asyncio.Transport):
    """A transport with nobody at the other end; `takes` says whether the kernel takes what is written."""

    def __init__(self, takes: bool = True) -> None:
        super().__init__()
        self.takes = takes
        self.written = b""
        self.reads = True
        self.closing = self.aborted = False
        self.told: Callable[[], None] = lambda: None

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    @override
    def get_write_buffer_size(self) -> int:
        return 0 if self.takes else len(self.written)

    @override
    def is_closing(self) -> bool:
        return self.closing

    @override
    def close(self) -> None:
        self.closing = True
        if self.takes:
            self.told()

    @override
    def abort(self) -> None:
        self.closing = self.aborted = True
        self.told()

    @override
    def is_reading(self) -> bool:
        return self.reads

    @override
    def pause_reading(self) -> None:
        self.reads = False

    @override
    def resume_reading(self) -> None:
        self.reads = True


class Desk:
    """A place whose room has taken what is in `frames`; `stop` has it read no further for now."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.left = 0
        self.stop: Callable[[], None] = lambda: None

    def submit(self, frame: bytes) -> None:
        """As `Placed.submit`."""
        self.frames.append(frame)
        self.stop()

    def leave(self) -> None:
        """As `Placed.leave`."""
        self.left += 1


class Sitting:
    """A socket whose handshake was answered, with its line and its place."""

    def __init__(self, early: bytes = b"", *, takes: bool = True) -> None:
        self.line = Line(takes)
        self.desk = Desk()
        self.pulse = Pulse()
        self.codes: list[int] = []
        self.socket = FanoutSocket(self.line, self.pulse, set(), early)
        self.line.told = self._lost
        self._is_lost = False
        self.socket.accept(b"", deflates=True)

    def opened(self) -> "Sitting":
        """The same, with its place."""
        self.socket.open(self.desk, self.codes.append)
        return self

    @property
    def pinged(self) -> int:
        """Sockets that the pulse has."""
        return sum(map(len, self.pulse._due))

    def _lost(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self.socket.connection_lost(None)


async def test_until_it_has_its_place_a_socket_is_read_no_further() -> None:
    sitting = Sitting(message(b"early"))
    assert not sitting.line.is_reading()
    sitting.socket.pause()
    sitting.socket.resume()
    assert not sitting.line.is_reading()
    sitting.opened()
    assert sitting.line.is_reading()
    assert sitting.desk.frames == [b"early"]


async def test_one_turn_inflates_no_more_than_a_frame_and_nothing_is_lost() -> None:
    sitting = Sitting().opened()
    bombs = READ // len(BOMB)
    sitting.socket.data_received(BOMB * bombs + message(b"last"))
    assert len(sitting.desk.frames) == 1
    assert not sitting.line.is_reading()
    await until(lambda: sitting.line.is_reading(), "the rest")
    assert [len(frame) for frame in sitting.desk.frames] == [MAX_FRAME] * bombs + [4]


async def test_many_small_deflated_messages_take_their_turns_too() -> None:
    sitting = Sitting().opened()
    small = message(deflated(b"\4"), opcode=DEFLATED)
    count = READ // len(small)
    sitting.socket.data_received(small * count)
    assert 1 < len(sitting.desk.frames) < count // 2
    await until(lambda: sitting.line.is_reading(), "the rest")
    assert sitting.desk.frames == [b"\4"] * count


async def test_a_room_that_stops_the_reading_between_turns_is_obeyed() -> None:
    sitting = Sitting().opened()
    sitting.desk.stop = sitting.socket.pause
    sitting.socket.data_received(BOMB * 3)
    for count in (1, 2, 3):
        await until(lambda count=count: len(sitting.desk.frames) == count, "one more")  # type: ignore[misc]
        assert not sitting.line.is_reading()
        sitting.socket.resume()
    await until(lambda: sitting.line.is_reading(), "to be read again")


async def test_after_something_too_large_nothing_more_is_inflated() -> None:
    sitting = Sitting().opened()
    sitting.socket.data_received(TOO_LARGE + BOMB * 20)
    assert sitting.line.written[2:4] == (1009).to_bytes(2, "big")
    assert sitting.line.is_closing()
    assert sitting.desk.frames == []
    assert sitting.codes == [1009]


async def test_what_comes_early_of_whom_there_is_no_place_for_is_not_inflated_and_counts() -> None:
    sitting = Sitting(TOO_LARGE * 50)
    sitting.socket.close(4401, "You are signed out.")
    sitting.socket.open(None)
    await asyncio.sleep(0)
    assert not sitting.line.is_closing(), "an inflated bomb would have closed it"
    sitting.socket.data_received(bytes(MAX_AFTER_CLOSE - len(TOO_LARGE)))
    assert sitting.line.aborted


async def test_after_our_close_frame_nothing_is_answered_but_theirs() -> None:
    sitting = Sitting().opened()
    sitting.socket.close(4409, "Changed.")
    before = len(sitting.line.written)
    sitting.socket.data_received(message(b"ping", opcode=PING) + message(b"more"))
    assert len(sitting.line.written) == before
    assert sitting.desk.frames == []
    assert not sitting.line.is_closing()
    sitting.socket.data_received(message((4409).to_bytes(2, "big"), opcode=CLOSE))
    assert sitting.line.is_closing()
    assert sitting.codes == [4409]


@pytest.mark.parametrize(
    "frame",
    [
        message((1000).to_bytes(2, "big"), opcode=CLOSE, fin=False),
        message((1000).to_bytes(2, "big") + b"x" * 124, opcode=CLOSE)[:4],
        bytes((0x88, 0xFF)),
        message(b"", opcode=10, fin=False),
    ],
    ids=["without end", "of 126 bytes, of which four came", "of who knows how many", "a pong without end"],
)
async def test_a_control_frame_is_whole_and_small(frame: bytes) -> None:
    sitting = Sitting().opened()
    sitting.socket.data_received(frame)
    assert sitting.line.written[2:4] == (1002).to_bytes(2, "big")


async def test_who_says_close_and_does_not_read_is_cut_off_and_loses_the_seat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "CLOSE_SECONDS", 0.05)
    sitting = Sitting(takes=False).opened()
    assert sitting.pinged == 1
    sitting.socket.data_received(message((1001).to_bytes(2, "big"), opcode=CLOSE))
    assert sitting.line.is_closing()
    assert sitting.pinged == sitting.desk.left == 0
    await until(lambda: sitting.line.aborted, "to be cut off")
    assert (sitting.desk.left, sitting.codes) == (1, [1001])


async def test_who_goes_while_being_looked_up_is_pinged_by_nobody_and_keeps_no_place() -> None:
    sitting = Sitting()
    sitting.line.abort()
    sitting.socket.accept(b"101", deflates=False)
    sitting.opened()
    assert sitting.line.written == b""
    assert (sitting.pinged, sitting.desk.left, sitting.codes) == (0, 1, [1006])


async def test_a_hall_that_comes_at_once_is_not_pinged_at_once() -> None:
    pulse = Pulse()
    for _ in range(10 * BEATS):
        pulse.add(FanoutSocket(Line(), pulse, set()))
    assert [len(due) for due in pulse._due] == [10] * BEATS


@given(st.lists(st.binary(max_size=300), max_size=6), st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_frames_are_the_same_however_they_are_cut(frames: list[bytes], cuts: list[int]) -> None:
    async def taken() -> list[bytes]:
        sitting = Sitting().opened()
        data = b"".join(map(message, frames))
        while data:
            for cut in cuts:
                sitting.socket.data_received(data[:cut])
                data = data[cut:]
        return sitting.desk.frames

    assert asyncio.run(taken()) == frames


async def test_a_large_frame_in_single_bytes_costs_no_more_than_its_bytes() -> None:
    """Joined anew at every read, 256 KiB would be copied 262,144 times: some ten seconds."""
    sitting = Sitting().opened()
    before = time.process_time()
    for byte in message(bytes(MAX_FRAME)):
        sitting.socket.data_received(bytes((byte,)))
    assert time.process_time() - before < 3.0
    assert [len(frame) for frame in sitting.desk.frames] == [MAX_FRAME]
