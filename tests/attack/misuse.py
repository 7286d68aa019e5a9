"""The protocol misused: frames out of turn, of unknown kinds, broken below and above WebSocket; roles overstepped."""

from random import Random
from typing import Any

from crdt import protocol
from crdt.protocol import MAX_FRAME
from opinions.edits import InsertText
from server.deflate import deflated
from tests.attack.byte_level import letter, own
from tests.attack.corpus import answer, answered, closed, hostile, sent
from tests.attack.ground import ATTACKER, BOOM, OWN, P_TEXT, RULED, THEIRS, Ground, inserted
from tests.attack.replays import hello
from tests.crdt.bytes import varuint
from tests.support.stock import SECOND
from tests.support.stopwatch import cpu_seconds
from tests.support.wires import DEFLATED, Wire, message

FRAMES, SOCKET, ROLES, COMMAND = "frames", "WebSocket", "roles", "commands"

PLAIN = {
    1: protocol.client_update(1, "XAA", b"\0\0"),
    2: protocol.client_command(1, "", "key-00000001", {"act": "submit", "amendment": "a-none"}),
    3: protocol.client_presence("", 0),
    4: varuint(4),
}
"""A frame of each type that may not come first."""


@hostile(FRAMES, "every type before HELLO", "reliability 3", "CLOSE 4400", instances=4)
async def before_hello(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        return await answered(wire, [chance.choice(list(PLAIN.values()))])


@hostile(FRAMES, "types that are none", "own", "CLOSE 4400")
async def unknown_type(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        kind = chance.choice((5, 6, 7, 8, 127, 128, 2**31, 2**53 - 1, 2**53))
        return await answered(guest.wire, [varuint(kind) + chance.randbytes(chance.randint(0, 40))])


@hostile(FRAMES, "an empty frame", "own", "CLOSE 4400", instances=1)
async def empty(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        return await answered(guest.wire, [b""])


@hostile(FRAMES, "every type cut off", "own", "CLOSE 4400", instances=6)
async def cut(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        frame = chance.choice([hello(), *(PLAIN[kind] for kind in (1, 2, 3))])
        return await answered(guest.wire, [frame[: chance.randrange(len(frame))]])


@hostile(FRAMES, "every type with bytes left over", "own", "CLOSE 4400", instances=6)
async def left_over(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        frame = chance.choice([hello(), *PLAIN.values()])
        return await answered(guest.wire, [frame + chance.randbytes(chance.randint(1, 99))])


@hostile(
    FRAMES, "numbers beyond 2^53 and texts that are not UTF-8 in the frame itself", "own", "CLOSE 4400", instances=4
)
async def bad_numbers(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        bad = chance.choice(
            [
                varuint(1) + varuint(2**60) + PLAIN[1][2:],
                varuint(1) + varuint(1) + protocol.varbytes(b"\xff\xfe") + protocol.varbytes(b"\0\0"),
                varuint(3) + protocol.varstring("") + varuint(2**64),
                varuint(3) + varuint(2**40),
            ]
        )
        return await answered(guest.wire, [bad])


@hostile(FRAMES, "what the server alone may say", "reliability 3", "CLOSE 4400", instances=4)
async def servers_frames(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        frame = chance.choice(
            [
                protocol.room([{"peer": 1, "name": "Rosa Chair", "role": "chair"}]),
                protocol.notice("frozen", version=1, fingerprint="0" * 64),
                protocol.done(1, 1, {}),
                protocol.PONG,
            ]
        )
        return await answered(guest.wire, [frame])


@hostile(FRAMES, "after a refusal, before a new HELLO: dropped", "SPEC W6", "PONG")
async def after_refusal(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        assert await sent(scene, b"") == "REFUSED malformed"
        good = protocol.client_update(2, "XAA", own(scene, letter(scene)))
        submit = protocol.client_command(3, "", "key-00000003", {"act": "withdraw", "amendment": OWN})
        return await answered(scene.guest.wire, [good, submit, varuint(4)])


@hostile(FRAMES, "eleven refusals in ten seconds", "SPEC G17", "CLOSE 4429", instances=1)
async def refusals(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        n = guest.n
        for _ in range(15):
            guest.wire.send(protocol.client_update(n, "XAA", chance.randbytes(20)), hello())
        return f"CLOSE {await guest.wire.ended()}"


@hostile(
    FRAMES,
    "a frame at which the server itself fails, as if the library had panicked",
    "crdt 5",
    "REFUSED fault",
    instances=1,
)
async def fault(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        words = scene.edits(InsertText(P_TEXT, 0, BOOM, inserted(f"a-boom-{scene.client}")))
        told = await sent(scene, words)
        assert await scene.guest.wire.ended() == 4400
        return told


# -- WebSocket


@hostile(SOCKET, "text messages", "SPEC W11", "CLOSE 4400", instances=2)
async def text(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        return await closed(wire, message(chance.choice((b"HELLO", b"\xff\xfe", b"")), opcode=1))


BROKEN = {
    "unmasked frames": lambda chance: message(hello(), mask=False),
    "reserved bits": lambda chance: bytes((0x82 | chance.choice((0x40, 0x20, 0x10)), 0x81)) + bytes(5),
    "unknown opcodes": lambda chance: bytes((0x80 | chance.choice((3, 4, 7, 11, 15)), 0x81)) + bytes(5),
    "a continuation of nothing": lambda chance: message(b"\x04", opcode=0),
    "a message begun inside another": lambda chance: message(b"\x04", fin=False) + message(b"\x04"),
    "control frames in parts": lambda chance: message(b"", opcode=chance.choice((8, 9, 10)), fin=False),
    "control frames of more than 125 bytes": lambda chance: message(
        b"\x03\xe8" + b"x" * chance.randint(124, 9_999), opcode=chance.choice((8, 9))
    ),
    "close codes that are none": lambda chance: message(
        chance.choice((b"\x03", b"\0\0", b"\x03\xed", b"\x03\xee", b"\xff\xff", b"\x07\xd0")), opcode=8
    ),
}


def _broken(name: str, make: Any) -> None:
    @hostile(SOCKET, name, "reliability 7", "CLOSE 1002", instances=2)
    async def strike(ground: Ground, chance: Random) -> str:
        async with ground.wire() as wire:
            return await closed(wire, make(chance))


for name, make in BROKEN.items():
    _broken(name, make)


@hostile(SOCKET, "a message of more than 256 KiB", "reliability 8", "CLOSE 1009")
async def too_long(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        head = b"\x82\xff" + chance.choice((MAX_FRAME + 1, 2**31, 2**63)).to_bytes(8, "big") + bytes(4)
        return await closed(wire, head + bytes(1_000))


@hostile(SOCKET, "fragments without end", "own", "CLOSE 1009")
async def fragments(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        piece = message(bytes(chance.choice((0, 1, 4_000))), opcode=0, fin=False)
        return await closed(wire, message(b"\x01", fin=False) + piece * 400)


@hostile(SOCKET, "control frames without end", "own", "CLOSE 4429", instances=2)
async def pings(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        return await closed(wire, message(bytes(chance.choice((0, 125))), opcode=chance.choice((9, 10))) * 2_000)


@hostile(SOCKET, "one byte at a time, in fragments, between pings: taken", "own", "WELCOME", instances=1)
async def drip(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        first = hello()
        whole = message(first[:9], fin=False) + message(b"x", opcode=9) + message(first[9:], opcode=0)
        for byte in whole:
            wire.write(bytes((byte,)))
            await wire.drained()
        return await answer(wire)


BOMBS = 1_800
"""Some half a megabyte that would be half a gigabyte, and a third of a second of the loop."""


async def _bombed(ground: Ground, wire: Wire, size: int) -> str:
    """Deflated messages of zeros in one write with the handshake; the end, which must have cost next to nothing."""
    bomb = message(deflated(bytes(size)), opcode=2 | DEFLATED)
    before = cpu_seconds(ground.server.pid)
    try:
        assert await wire.open(bomb * BOMBS) == 101
        told = f"CLOSE {await wire.ended()}"
        await ground.honest.round_trip()
    finally:
        await wire.leave()
    spent = cpu_seconds(ground.server.pid) - before
    assert spent < 0.15, f"{spent:.2f} s of processor"
    return told


@hostile(SOCKET, "deflate bombs with the handshake, by nobody", "own", "CLOSE 4401", instances=2)
async def strangers_bombs(ground: Ground, chance: Random) -> str:
    wire = Wire(ground.port, None, deflates=True)
    return await _bombed(ground, wire, chance.choice((MAX_FRAME, 2 * MAX_FRAME)))


@hostile(SOCKET, "deflate bombs of a delegate, each a whole frame", "own", "CLOSE 4400", instances=1)
async def delegates_bombs(ground: Ground, chance: Random) -> str:
    return await _bombed(ground, Wire(ground.port, ground.stock[ATTACKER], deflates=True), MAX_FRAME)


@hostile(SOCKET, "deflate bombs of a delegate, each more than a frame", "own", "CLOSE 1009", instances=1)
async def larger_bombs(ground: Ground, chance: Random) -> str:
    return await _bombed(ground, Wire(ground.port, ground.stock[ATTACKER], deflates=True), MAX_FRAME + 1)


@hostile(SOCKET, "a ninth socket of one person", "reliability 8", "CLOSE 1013", instances=1)
async def ninth(ground: Ground, chance: Random) -> str:
    held = [ground.wire("m-xdd-2") for _ in range(8)]
    try:
        for wire in held:
            await wire.open()
            await answered(wire, [hello()])
        async with ground.wire("m-xdd-2") as wire:
            return f"CLOSE {await wire.ended()}"
    finally:
        for wire in held:
            await wire.leave()


# -- roles


@hostile(ROLES, "somebody without a session", "reliability 3", "CLOSE 4401", instances=1)
async def nobody(ground: Ground, chance: Random) -> str:
    async with ground.wire(None) as wire:
        return f"CLOSE {await wire.ended()}"


@hostile(ROLES, "observers and administrators at the socket", "reliability 3", "CLOSE 4403", instances=4)
async def outsiders(ground: Ground, chance: Random) -> str:
    async with ground.wire(chance.choice(("m-obs", "m-admin"))) as wire:
        wire.send(hello())
        return f"CLOSE {await wire.ended()}"


@hostile(ROLES, "an Opinion that is not there", "reliability 3", "CLOSE 4403", "HTTP 404", "HTTP 400", instances=4)
async def nowhere(ground: Ground, chance: Random) -> str:
    wire = ground.wire(opinion=chance.choice(("op-none", "op-digital%2Fxbb", "op-digital/xbb", "%00", "op-digital'--")))
    status = await wire.open()
    try:
        return f"CLOSE {await wire.ended()}" if status == 101 else f"HTTP {404 if status == 403 else status}"
    finally:
        await wire.leave()


@hostile(ROLES, "the chair types", "reliability 3", "REFUSED not-allowed")
async def chair_types(ground: Ground, chance: Random) -> str:
    async with ground.guest("m-chair") as chair:
        return await answered(chair.wire, [protocol.client_update(1, chance.choice(("CHR", "XAA", "")), b"\0\0")])


@hostile(
    ROLES,
    "an expert types in an opinion's text that is not open for live drafting",
    "reliability 3",
    "REFUSED not-allowed",
)
async def not_live(ground: Ground, chance: Random) -> str:
    async with ground.guest(opinion=SECOND) as guest:
        assert guest.client.welcome["read_only"]
        return await answered(guest.wire, [protocol.client_update(1, "XAA", b"\0\0")])


@hostile(ROLES, "the secretariat types for a delegation there is not", "own", "REFUSED not-allowed")
async def for_nobody(ground: Ground, chance: Random) -> str:
    async with ground.guest("m-sec") as clerk:
        return await answered(
            clerk.wire, [protocol.client_update(1, chance.choice(("XZZ", "CHR", "", "xaa")), b"\0\0")]
        )


# -- commands


RESERVED: list[dict[str, Any]] = [
    {"act": "record_outcome", "amendment": THEIRS, "revision": 1, "ruling": "agreed"},
    {"act": "record_outcome", "amendment": OWN, "revision": 1, "ruling": "agreed"},
    {"act": "reopen", "amendment": RULED},
    {"act": "consider_paragraph", "paragraph": P_TEXT, "state": "agreed"},
    {"act": "split_paragraph", "paragraph": P_TEXT, "at": 3, "new_paragraph": "p-split-0001"},
    {"act": "join_paragraph", "paragraph": P_TEXT},
    {"act": "move_paragraph", "paragraph": P_TEXT, "after": None},
    {"act": "insert_paragraph", "paragraph": "p-fresh-0001", "after": None, "kind": "paragraph", "text": "x"},
    {"act": "retype_paragraph", "paragraph": P_TEXT, "kind": "title"},
    {"act": "correct_text", "paragraph": P_TEXT, "start": 0, "end": 4, "was": "that", "text": "what"},
    {"act": "open_live_drafting", "on": False},
    {"act": "admit_observers", "on": False},
    {"act": "call_for_objections", "amendment": THEIRS, "revision": 1},
    {"act": "freeze", "label": "mine"},
]
"""Every act that is not an expert's."""


@hostile(
    COMMAND,
    "acts of chair and secretariat, by an expert",
    "reliability 4",
    "REFUSED not-allowed",
    instances=len(RESERVED),
)
async def reserved(ground: Ground, chance: Random) -> str:
    fields = RESERVED[int(chance.random() * len(RESERVED))]
    async with ground.guest() as guest:
        party = chance.choice(("", "XAA", "CHR", "SEC"))
        return await answered(guest.wire, [protocol.client_command(1, party, "key-00000001", fields)])


@hostile(
    COMMAND, "another's amendment withdrawn, submitted, discarded", "reliability 3",
    "REFUSED not-allowed", "REFUSED unknown-amendment", "REFUSED wrong-status", instances=4,
)  # fmt: skip
async def others_amendment(ground: Ground, chance: Random) -> str:
    async with ground.guest(workspace=True) as guest:
        fields = {"act": chance.choice(("withdraw", "submit", "discard")), "amendment": THEIRS}
        return await answered(guest.wire, [protocol.client_command(1, "XAA", "key-00000001", fields)])


@hostile(COMMAND, "fields missing, unknown, of the wrong kind, too long", "own", "REFUSED invalid-command", instances=8)
async def wrong_fields(ground: Ground, chance: Random) -> str:
    wrong: list[dict[str, Any]] = [
        {}, {"act": None}, {"act": "drop_table"}, {"act": "submit"}, {"act": "submit", "amendment": ["a"]},
        {"act": "submit", "amendment": "a" * 201}, {"act": "submit", "amendment": OWN, "reason": "x" * 2_001},
        {"act": "cosponsor", "amendment": THEIRS, "revision": 2**31}, {"act": "submit", "amendment": OWN, "at": "1999"},
        {"act": "cosponsor", "amendment": THEIRS, "revision": True}, {"act": "submit", "amendment": OWN, "by": "XBB"},
        {"act": "cosponsor", "amendment": THEIRS, "revision": 1.5}, {"act": {"$ne": ""}},
    ]  # fmt: skip
    async with ground.guest() as guest:
        return await answered(guest.wire, [protocol.client_command(1, "XAA", "key-00000001", chance.choice(wrong))])


@hostile(
    COMMAND,
    "control and reordering characters in reasons and notes",
    "reliability 4",
    "REFUSED invalid-command",
    instances=4,
)
async def bad_reason(ground: Ground, chance: Random) -> str:
    fields = {
        "act": "submit",
        "amendment": OWN,
        "reason": "because" + chance.choice("\x00\x1b\u202e\u2066\ufeff\x07"[:3] + "\ufeff\x07"),
    }
    async with ground.guest() as guest:
        return await answered(guest.wire, [protocol.client_command(1, "XAA", "key-00000001", fields)])


@hostile(COMMAND, "keys that are none", "own", "CLOSE 4400", instances=6)
async def wrong_key(ground: Ground, chance: Random) -> str:
    key = chance.choice(("", "short", "k" * 65, "key\x00\x00\x00\x00\x00", "key\r\nforged: 1", "key\u202e99999"))
    async with ground.guest() as guest:
        return await answered(guest.wire, [protocol.client_command(1, "", key, {"act": "freeze"})])


@hostile(COMMAND, "JSON that is deep, a list, half a character", "own", "CLOSE 4400", instances=5)
async def wrong_json(ground: Ground, chance: Random) -> str:
    body = chance.choice(
        ("[" * 60_000, "[]", "{", '{"key":"key-00000001","act":"\\ud800"}', '{"a":' * 9_000, '{"key":1}')
    )
    async with ground.guest() as guest:
        return await answered(
            guest.wire, [varuint(2) + varuint(1) + protocol.varstring("XAA") + protocol.varstring(body)]
        )
