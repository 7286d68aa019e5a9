"""Genuine frames from the wrong socket, and state vectors and presence that lie."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from crdt import protocol
from crdt.protocol import ServerFrame
from opinions.edits import InsertText
from tests.attack.byte_level import letter, own
from tests.attack.corpus import answered, hostile, sent
from tests.attack.ground import COLLEAGUE, HONEST, P_TEXT, P_THEIRS, Ground, inserted
from tests.crdt.bytes import varuint
from tests.support.stock import SECOND

REPLAYS, VECTORS, PRESENCE = "replays", "state vectors and HELLO", "presence"


@hostile(REPLAYS, "a genuine frame of another delegation", "reliability 4", "REFUSED not-allowed", entries=1)
async def anothers_frame(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance, HONEST) as victim, ground.scene(chance) as scene:
        words = victim.edits(InsertText(P_THEIRS, 0, victim.word(), inserted("a-xbb-honest")))
        frame = protocol.client_update(1, "XBB", words)
        assert await answered(victim.guest.wire, [frame]) == "ACK"
        return await answered(scene.guest.wire, [frame])


@hostile(REPLAYS, "a genuine frame of a colleague", "reliability 4", "REFUSED foreign-client", entries=1)
async def colleagues_frame(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance, COLLEAGUE) as victim, ground.scene(chance) as scene:
        frame = protocol.client_update(1, "XAA", own(victim, letter(victim)))
        assert await answered(victim.guest.wire, [frame]) == "ACK"
        return await answered(scene.guest.wire, [frame])


@hostile(REPLAYS, "one's own frame again", "reliability 4", "ACK", entries=1)
async def own_frame(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        frame = protocol.client_update(1, "XAA", own(scene, letter(scene)))
        assert await answered(scene.guest.wire, [frame]) == "ACK"
        return await answered(scene.guest.wire, [frame] * chance.randint(1, 20))


@hostile(REPLAYS, "one's own update again under the next number: known, not logged", "crdt 8", "ACK", entries=1)
async def renumbered(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        data = own(scene, letter(scene))
        assert await sent(scene, data) == "ACK"
        return await sent(scene, data, n=2)


@hostile(
    REPLAYS, "the whole log sent by a new connection", "reliability 4", "REFUSED foreign-client", "REFUSED too-large"
)
async def whole_log(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        return await sent(scene, scene.state)


@hostile(REPLAYS, "an update of another draft Opinion", "reliability 3", "REFUSED foreign-client", "REFUSED clock-gap")
async def from_elsewhere(ground: Ground, chance: Random) -> str:
    async with ground.guest(opinion=SECOND, workspace=True) as elsewhere, ground.scene(chance) as scene:
        document = elsewhere.client.document
        assert document is not None
        words, _ = document.write([InsertText(P_TEXT, 0, scene.word(), inserted("a-elsewhere"))])
        return await sent(scene, words)


@hostile(REPLAYS, "the chair's command, its key and all", "reliability 4", "REFUSED not-allowed")
async def chairs_command(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        frame = protocol.client_command(1, "", "key-of-the-chair", {"act": "open_live_drafting", "on": False})
        return await answered(guest.wire, [frame])


@hostile(
    REPLAYS, "a command under a key already carried out: answered, not done again", "reliability 4", "DONE", entries=2
)
async def same_key(ground: Ground, chance: Random) -> str:
    async with ground.guest("m-chair") as chair:
        key = f"key-{chance.randrange(10**9):09}"
        await chair.command({"act": "admit_observers", "on": False}, key=key)
        await chair.command({"act": "admit_observers", "on": True})
        again = protocol.client_command(chair.n, "", key, {"act": "admit_observers", "on": False})
        return await answered(chair.wire, [again])


# -- HELLO


def hello(vector: bytes = b"\0", /, **fields: Any) -> bytes:
    """A HELLO with fields as given, however wrong."""
    given = {"schema": 1, "scope": "opinion", "generation": 1, "client": None} | fields
    return varuint(0) + protocol.varstring(json.dumps(given)) + protocol.varbytes(vector)


async def greeted(ground: Ground, frame: bytes) -> str:
    """What a greeting is answered on a fresh connection."""
    async with ground.wire() as wire:
        return await answered(wire, [frame])


@hostile(VECTORS, "counts that allocate", "reliability L6", "CLOSE 4400", instances=6)
async def bomb(ground: Ground, chance: Random) -> str:
    vector = chance.choice(
        [bytes.fromhex("ffffff7a"), varuint(2 ** chance.randint(20, 50)), varuint(2**53) + b"\1", b"\xff" * 40]
    )
    return await greeted(ground, hello(vector))


@hostile(VECTORS, "more than 16 KiB, or 2,000 clients", "reliability 8", "CLOSE 4400")
async def vast_vector(ground: Ground, chance: Random) -> str:
    many = varuint(2_001) + b"".join(varuint(1000 + n) + b"\x01" for n in range(2_001))
    return await greeted(ground, hello(chance.choice((many, bytes(16 * 1024 + 1)))))


@hostile(VECTORS, "cut off, left over, a client twice, clocks beyond 2^31", "crdt 5", "CLOSE 4400", instances=6)
async def broken_vector(ground: Ground, chance: Random) -> str:
    vector = chance.choice(
        [b"", b"\x01", b"\x01\x05", b"\x02\x05\x01\x05\x01", b"\0\0", b"\x01\x05" + varuint(2**31 + 1), b"\x81\x00"]
    )
    return await greeted(ground, hello(vector))


@hostile(VECTORS, "clocks far ahead of the server: greeted, and told nothing it lacks", "own", "WELCOME")
async def ahead(ground: Ground, chance: Random) -> str:
    vector = varuint(2) + varuint(1) + varuint(2**31 - 1) + varuint(chance.randint(1000, 2000)) + varuint(2**30)
    return await greeted(ground, hello(vector))


@hostile(VECTORS, "fields of the wrong kind", "reliability 3", "CLOSE 4400", instances=8)
async def wrong_fields(ground: Ground, chance: Random) -> str:
    wrong: list[dict[str, Any]] = [
        {"scope": "record"}, {"scope": None}, {"scope": ["opinion"]}, {"generation": -1}, {"generation": True},
        {"generation": 1.5}, {"generation": 2**53}, {"client": "1000"}, {"client": -1}, {"client": {}}, {"schema": "1"},
    ]  # fmt: skip
    return await greeted(ground, hello(**chance.choice(wrong)))


@hostile(VECTORS, "another schema", "SPEC W3", "CLOSE 4409")
async def wrong_schema(ground: Ground, chance: Random) -> str:
    return await greeted(ground, hello(schema=chance.choice((0, 2, 99, 2**53 - 1))))


@hostile(VECTORS, "JSON that is deep, long, a list or no JSON", "own", "CLOSE 4400", instances=6)
async def wrong_json(ground: Ground, chance: Random) -> str:
    text = chance.choice(
        ["[" * 60_000, '{"a":' * 9_000, "[]", "null", "{", '{"x":"' + "y" * 70_000 + '"}', '{"scope":"\\ud800"}', "NaN"]
    )
    return await greeted(ground, varuint(0) + protocol.varstring(text) + protocol.varbytes(b"\0"))


@hostile(VECTORS, "a generation of the future: the whole text under a fresh lease", "SPEC W3", "WELCOME")
async def future_generation(ground: Ground, chance: Random) -> str:
    return await greeted(ground, hello(generation=chance.randint(2, 2**40), client=1000))


@hostile(VECTORS, "HELLO without end", "own", "CLOSE 4429", instances=1)
async def hellos(ground: Ground, chance: Random) -> str:
    async with ground.wire() as wire:
        wire.send(*[hello()] * 40)
        return f"CLOSE {await wire.ended()}"


# -- presence


async def rosters(ground: Ground, payloads: list[bytes]) -> tuple[list[bytes], str]:
    """The ROOM frames that the honest delegate gets of what an attacker sends, and the attacker's peer id."""
    async with ground.guest() as guest:
        peer = str(guest.client.welcome["peer"])
        before = len(ground.honest.wire.frames)
        guest.wire.send(*payloads)
        await guest.round_trip()
        await ground.honest.wire.until(
            lambda: any(f'"peer":{peer}'.encode() in frame for frame in ground.honest.wire.frames[before:]), "ROOM"
        )
        await ground.honest.round_trip()
        return [one for one in ground.honest.wire.frames[before:] if one[0] == ServerFrame.ROOM], peer


@hostile(PRESENCE, "a hundred carets at once: a few rosters", "reliability 9", "few", instances=2)
async def presence_flood(ground: Ground, chance: Random) -> str:
    # It must not end where the one before, whose number it carries on, stood: nobody is told of who did not move.
    first = chance.randrange(1_000_000)
    told, _ = await rosters(ground, [protocol.client_presence(P_TEXT, first + n) for n in range(100)])
    return "few" if len(told) <= 8 else f"{len(told)} rosters"


@hostile(PRESENCE, "a caret in markup, control characters, another's name: nowhere", "reliability 3", "nowhere")
async def presence_markup(ground: Ground, chance: Random) -> str:
    place = chance.choice(
        ("<script>", "Chair of the Council", "\x1b[2J\r\n", "\u202e", "p" * 9_999, "../x", '"name":"Rosa"')
    )
    async with ground.guest() as guest:

        def seen() -> list[Mapping[str, Any]]:
            return [one for one in ground.honest.client.peers if one["peer"] == guest.client.welcome["peer"]]

        # Somewhere first: that somebody is nowhere is told of those alone who were somewhere.
        guest.wire.send(protocol.client_presence(P_TEXT, 1))
        await ground.honest.wire.until(lambda: [one.get("paragraph") for one in seen()] == [P_TEXT], "the caret")
        guest.wire.send(protocol.client_presence(place, 2**53 - 1))
        await ground.honest.wire.until(lambda: [one.get("paragraph") for one in seen()] != [P_TEXT], "ROOM")
        mine = seen()
        assert {entry["name"] for entry in mine} == {"Expert Arcadia 1"}
        return "nowhere" if not any("paragraph" in entry for entry in mine) else str(mine)


@hostile(PRESENCE, "names and roles appended to a caret", "reliability 3", "CLOSE 4400")
async def presence_forged(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        return await answered(
            guest.wire, [protocol.client_presence(P_TEXT, 1) + protocol.varstring('{"role":"chair"}')]
        )


@hostile(PRESENCE, "where a delegation drafts, looked for from outside", "reliability 4", "nothing", entries=1)
async def presence_of_drafts(ground: Ground, chance: Random) -> str:
    before = len(ground.honest.wire.frames)
    async with ground.guest("m-xdd-1", workspace=True) as drafting:
        drafting.wire.send(protocol.client_presence(P_TEXT, chance.randrange(20)))
        await drafting.saved(drafting.client.write([InsertText(P_TEXT, 0, "canary", inserted("a-xdd-canary"))], "XDD"))
        await ground.honest.round_trip()
        told = b"".join(ground.honest.wire.frames[before:])
        peer = drafting.client.welcome["peer"]
        entries = [entry for entry in ground.honest.client.peers if entry["peer"] == peer]
        return "nothing" if b"canary" not in told and not any("paragraph" in entry for entry in entries) else "told"
