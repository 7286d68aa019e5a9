"""Mutated frames: bytes of every frame type, the server's own too, and of the WebSocket below them, changed at random
and rained on a running server by several delegations at once while an honest one types.

What is measured: the server is there at the end, no frame made it fail (a line in its log), the longest turn of its
event loop in CPU time stays below 50 ms (on a crowded machine the clock on the wall measures the neighbours; the
slowest acknowledgement of the honest delegate is kept beside it), its memory grows by less than 64 MiB, its log
verifies.

So that frames are judged one after the other and not one per handshake, this server does not close on a frame that is
none (4400, planted; tests/attack has it close). What is broken below the frames does close, and the client comes back.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from crdt import protocol
from crdt.protocol import MAX_FRAME, ServerFrame
from opinions.edits import InsertText
from server.deflate import deflated
from tests.attack.ground import P_TEXT, THEIRS, inserted
from tests.soak._mutations import drawn_update
from tests.soak._rain import STALL_MS, Campaigner, House, hostile_guests
from tests.soak.campaign import Campaign, Outcome
from tests.support.planted import forgiving
from tests.support.wires import DEFLATED, Guest, message

GUESTS = 6
BURST = 120
"""Frames of one guest in one write, then a command that is refused, and that answer is waited for."""
BROKEN = 1 / 400
"""The share of frames that are broken below the frame: each costs a new handshake."""
DEFLATING = 0.3
"""The share of those that are deflated before, or bombs."""
PER_HOUSE = 150_000
WARM = 3_000
"""Trials before memory is measured: the first of everything allocates."""
AGAIN = 2
"""A turn that took too long counts when the same frames bring it about again, so many times: what the machine did to
the process in that moment they do not.
"""
PING = protocol.varuint(protocol.ClientFrame.PING)


class Frames:
    """Draws frames: sound ones of every type as seeds, and what becomes of them."""

    def __init__(self, chance: Random, guest: Guest) -> None:
        document = guest.client.document
        assert document is not None
        client, n = int(guest.client.welcome["client"]), 0
        state, vector = document.state(), document.state_vector()
        record = document.record().amendments
        mine = [one.id for one in record.values() if one.delegation == guest.party]
        words, _ = document.write([InsertText(P_TEXT, 0, "words", inserted(f"a-frame-{client}"))])
        updates = [words, state, *(drawn_update(chance, client, state, mine, list(record)) for _ in range(4))]
        acts: list[dict[str, Any]] = [
            {"act": "submit", "amendment": "a-none", "reason": "because"},
            {"act": "cosponsor", "amendment": THEIRS, "revision": 1},
            {"act": "freeze", "label": "first"},
            {"act": "correct_text", "paragraph": P_TEXT, "start": 0, "end": 4, "was": "that", "text": "what"},
        ]
        self.chance = chance
        self.hello = protocol.hello(schema=1, workspace=False, generation=1, client=client, state_vector=vector)
        self.seeds = [
            self.hello,
            protocol.hello(schema=1, workspace=True, generation=1, client=client, state_vector=vector),
            *(protocol.client_update(n + 1, guest.party, update) for update in updates if update),
            *(protocol.client_command(n + 1, guest.party, "key-of-frames", act) for act in acts),
            protocol.client_presence(P_TEXT, 7),
            protocol.room([{"peer": 1, "name": "Rosa Chair"}]),
            protocol.notice("frozen", version=1),
            protocol.ack(1, 0, 9),
            PING,
        ]

    def frame(self) -> bytes:
        """One frame, mutated in one to four places, or noise."""
        chance = self.chance
        data = bytearray(chance.choice(self.seeds))
        for _ in range(chance.choice((1, 1, 2, 4))):
            self._change(data)
        return bytes(data)

    def _change(self, data: bytearray) -> None:
        chance = self.chance
        at = chance.randrange(len(data) + 1)
        match chance.randrange(9):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at:]
            case 2:
                data[at:at] = chance.randbytes(chance.choice((1, 2, 40)))
            case 3 if at < len(data):
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 4:
                data[at : at + 1] = protocol.varuint(chance.choice((2**7, 2**31, 2**32, 2**52, 2**53, 2**63)))
            case 5:
                other = chance.choice(self.seeds)
                data[at:] = other[chance.randrange(len(other)) :]
            case 6:
                data[at:at] = data[max(0, at - chance.randint(1, 30)) : at] * chance.randint(1, 40)
            case 7:
                data[at:at] = json.dumps(chance.choice(([[]] * 50, {"a": {"b": None}}, "\ud83d", 1e308))).encode()
            case _:
                del data[at : at + chance.randint(1, 9)]

    def broken(self) -> bytes:
        """Something below the frames that no browser sends."""
        chance = self.chance
        payload = self.frame()
        opcode = chance.randrange(16)
        if chance.random() < DEFLATING:
            payload, opcode = deflated(chance.choice((payload, bytes(chance.randint(0, 2 * MAX_FRAME))))), 2 | DEFLATED
        whole = bytearray(message(payload, opcode=opcode, fin=chance.random() < 0.8))
        whole[chance.randrange(min(2, len(whole)))] ^= 1 << chance.randrange(8)
        return bytes(whole) + message(self.frame(), mask=False)


class MutatedFrames(Campaigner):
    """Runs trials on one server after the other."""

    said = "closed with"

    async def run(self) -> Outcome:
        """Trials until the time is over."""
        while not self.over:
            first, state = self.trials, self.chance.getstate()
            longest, turn = await self._house(first + PER_HOUSE)
            tried = self.trials
            for _ in range(AGAIN):
                if longest <= STALL_MS or self.failures:
                    break
                self.trials = first
                self.chance.setstate(state)
                longest = min(longest, (await self._house(tried, replay=True))[0])
                self.trials = tried
            self.keep({"longest turn (CPU ms)": longest})
            if longest > STALL_MS:
                self.failures.append(
                    f"{self.seed}: trials {first}-{tried}: {longest:.0f} ms of CPU in one turn: {turn}"
                )
        return self.outcome()

    async def _house(self, last: int, *, replay: bool = False) -> tuple[float, str]:
        """Trials up to number `last` on a fresh server, or until the time is over; the longest turn of its loop."""
        first = self.trials
        async with self.housed(f"{self.seed}: trials {first}-") as made:
            await self._rain(made, last, replay=replay)
        return made.longest, made.turn

    async def _rain(self, made: House, last: int, *, replay: bool) -> None:
        first = self.trials
        async with hostile_guests(made.ground, GUESTS) as guests:
            frames = [Frames(self.chance, guest) for guest in guests]
            while self.trials < last and (replay or not self.over):
                await self._burst(guests, frames)
                if not made.begun and self.trials - first >= min(WARM, self.most // 4):
                    made.begin()

    async def _burst(self, guests: Sequence[Guest], frames: Sequence[Frames]) -> None:
        mark = 2**40 + self.trials
        answered = protocol.varuint(ServerFrame.REFUSED) + protocol.varuint(mark)
        for guest, drawn in zip(guests, frames, strict=True):
            guest.wire.frames.clear()
            guest.wire.took = guest.wire.frames.append
            if self.chance.random() < BURST * BROKEN:
                guest.wire.write(drawn.broken())
                self.trials += 1
            # A HELLO in between: after a refused update nothing else is looked at.
            payloads = [drawn.hello if number % 4 == 0 else drawn.frame() for number in range(BURST * 4 // 3)]
            self.trials += sum(payload is not drawn.hello for payload in payloads)
            guest.wire.send(
                *payloads, drawn.hello, protocol.client_command(mark, "", "key-of-the-mark", {"act": "mark"})
            )
        for number, guest in enumerate(guests):
            wire = guest.wire
            await wire.until(lambda wire=wire: any(one.startswith(answered) for one in wire.frames), "the mark", 60)  # type: ignore[misc]
            if guest.wire.closed is not None:
                self.answers[str(guest.wire.closed)] += 1
                await guest.wire.leave()
                fresh = Guest(guest.port, guest.person, deflates=True)
                await fresh.__aenter__()
                guests[number] = fresh  # type: ignore[index]


def trials(seed: int, seconds: float, *, most: int = 10**9, plant: Callable[[], None] = forgiving) -> Outcome:
    """The campaign; about `most` trials at most, on a server with something planted."""
    return asyncio.run(MutatedFrames(seed, seconds, most, plant).run())


CAMPAIGN = Campaign(
    name="mutated frames",
    promise="No bytes make the server fail, keep its loop for 50 ms, or make its memory grow by 64 MiB.",
    goal=1_000_000,
    run=trials,
)
