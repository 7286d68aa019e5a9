"""Writes that come when they may no longer: after a freeze, after live drafting closed, after rights were taken away;
and floods, stalls and half-open connections.
"""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from crdt import protocol
from opinions.edits import InsertText
from server.half_open import MOST_HALF_OPEN
from tests.attack.corpus import answered, hostile
from tests.attack.ground import ATTACKER, P_HONEST, P_TEXT, Ground, inserted
from tests.attack.replays import hello
from tests.crdt.bytes import varuint
from tests.support.stock import OPINION, SECOND
from tests.support.stopwatch import cpu_seconds, descriptors
from tests.support.waiting import until
from tests.support.wires import Guest, message

LATE, FLOODS = "late writes", "floods"
THOUSAND = 1_000
LEAST_LETTERS, MOST_LETTERS = 20, 5_000
"""What the honest delegate types beside a flood."""


def typed(guest: Guest, words: str, amendment: str) -> bytes:
    """An UPDATE of words at the beginning of a paragraph."""
    return guest.client.write([InsertText(P_TEXT, 0, words, inserted(amendment))], guest.party)


@hostile(
    LATE,
    "typed before a freeze, sent after it: joins the next draft, the version stays",
    "design 14",
    "ACK",
    entries=4,
    instances=1,
)
async def after_freeze(ground: Ground, chance: Random) -> str:
    async with ground.guest("m-sec", opinion=SECOND) as clerk, ground.guest(opinion=SECOND, workspace=True) as late:
        waiting = typed(late, "late ", "a-late-0001")
        frozen = await clerk.command({"act": "freeze", "label": "first", "ruled_by": "Rosa Chair"})
        async with ground.browser(ATTACKER) as browser:
            page = f"/opinions/{SECOND}/versions/{frozen['version']}/canonical.txt"
            before = (await browser.get(page)).content
            told = await answered(late.wire, [waiting])
            submit = {"act": "submit", "amendment": "a-late-0001"}
            assert (await late.command(submit, "XAA"))["status"] == "submitted"
            assert (await browser.get(page)).content == before
            assert b"late " not in before
        return told


@hostile(
    LATE, "typed on after live drafting was closed", "reliability 3", "REFUSED not-allowed", entries=2, instances=2
)
async def after_closing(ground: Ground, chance: Random) -> str:
    async with ground.guest("m-chair") as chair, ground.guest() as late:
        await chair.command({"act": "open_live_drafting", "on": False})
        told = await answered(
            late.wire, [late.client.write([InsertText(P_HONEST, 0, "late", inserted("a-late-0002"))], "XAA")]
        )
        await chair.command({"act": "open_live_drafting", "on": True})
        return told


async def stream(guest: Guest, stop: asyncio.Event) -> None:
    """Types without pause until told to stop or thrown out."""
    number = 0
    while not stop.is_set() and guest.wire.closed is None:
        number += 1
        guest.wire.send(typed(guest, f"{number} ", "a-stream-0001"))
        await asyncio.sleep(0.01)


async def _taken_away(ground: Ground, member: str, path: str, form: dict[str, str], asks: str, code: int) -> str:
    opinion = SECOND
    guest = ground.guest(member, opinion=opinion, workspace=True)
    stop = asyncio.Event()
    async with guest, ground.browser(asks) as browser:
        typing = asyncio.create_task(stream(guest, stop))
        await guest.wire.until(lambda: guest.client.acknowledged, "the first edits to be taken")
        done = await browser.post(path, data=form)
        assert done.status_code in {200, 303}, done.text
        count = "SELECT COUNT(*) FROM entries WHERE member = ?"
        after = ground.logged(count, member) if code == 4401 else 0
        told = f"CLOSE {await guest.wire.ended()}"
        stop.set()
        await typing
        if code != 4401:
            # What was under way when a session ended may still be saved; when rights ended, it may not.
            async with ground.guest("m-chair", opinion=opinion) as behind:
                await behind.round_trip()
            after = ground.logged(count, member)
        again = ground.wire(member, opinion=opinion)
        await again.open()
        assert await again.ended() == 4401
        await again.leave()
        assert ground.logged(count, member) == after, "something was written after the rights were gone"
        return told


@hostile(
    LATE,
    "suspended during a stream of edits: nothing is written after",
    "reliability 3",
    "CLOSE 4401",
    entries=-1,
    instances=1,
)
async def suspended(ground: Ground, chance: Random) -> str:
    return await _taken_away(ground, "m-xcc-1", "/people/m-xcc-1/suspension", {"suspended": "yes"}, "m-sec", 4401)


@hostile(
    LATE,
    "signed out during a stream of edits: nothing is written after",
    "reliability 3",
    "CLOSE 1012",
    entries=-1,
    instances=1,
)
async def signed_out(ground: Ground, chance: Random) -> str:
    return await _taken_away(ground, "m-xcc-2", "/sign-out", {}, "m-xcc-2", 1012)


@hostile(LATE, "a command by HTTP with a session that was ended", "reliability 3", "HTTP 401", instances=1)
async def dead_session(ground: Ground, chance: Random) -> str:
    async with ground.browser("m-xcc-2") as browser:
        asked = {"act": "submit", "amendment": "a-stream-0001", "key": "key-00000009"}
        return f"HTTP {(await browser.post(f'/api/opinions/{SECOND}/commands', json=asked)).status_code}"


# -- floods


@hostile(
    FLOODS,
    "five times the rate: all read, more slowly; others wait for nobody",
    "reliability 3",
    "all answered",
    instances=1,
)
async def flood(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        before = len(guest.wire.frames)
        guest.wire.send(*[varuint(4)] * 200)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await ground.honest.round_trip()
        assert loop.time() - started < 2.0, "the honest delegate waited for the flood"
        await guest.wire.until(lambda: guest.wire.frames[before:].count(protocol.PONG) == 200, "every PONG")
        return "all answered"


@hostile(
    FLOODS,
    "frames of 64 KiB of noise, as fast as they go",
    "reliability 3",
    "REFUSED malformed",
    "REFUSED too-large",
    instances=1,
)
async def noise(ground: Ground, chance: Random) -> str:
    async with ground.guest() as guest:
        return await answered(
            guest.wire, [protocol.client_update(1, "XAA", chance.randbytes(60_000)) for _ in range(60)]
        )


@hostile(FLOODS, "answers asked for and never read: forgotten, not kept", "reliability 10", "others go on", instances=1)
async def deaf(ground: Ground, chance: Random) -> str:
    async with ground.wire("m-xdd-1") as wire:
        wire.send(hello())
        wire.deaf()
        wire.write(message(bytes(125), opcode=9) * 5_000)
        wire.send(*[varuint(4)] * 100)
        await ground.honest.round_trip()
        return "others go on"


async def goes_on_beside(ground: Ground, hostility: Coroutine[Any, Any, None]) -> None:
    """The honest delegate types while something is done: each letter saved within 2 s; all costs 10 s of processor at
    most.
    """
    letters, before, loop = 0, cpu_seconds(ground.server.pid), asyncio.get_running_loop()
    doing = asyncio.create_task(hostility)
    try:
        # An even number, for every second letter takes the one before away.
        while not (doing.done() and letters % 2 == 0 and letters >= LEAST_LETTERS):
            started = loop.time()
            await ground.goes_on()
            assert loop.time() - started < 2.0, "the honest delegate waited for the flood"
            letters += 1
            assert letters < MOST_LETTERS, "the flood does not end"
        await doing
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
    spent = cpu_seconds(ground.server.pid) - before
    assert spent < 10.0, f"{spent:.1f} s of processor"


@hostile(
    FLOODS,
    "a thousand connections on which nothing, half a request or half a handshake is said: the oldest are let go",
    "reliability 3",
    "others go on",
    entries=-1,
    instances=1,
)
async def half_open(ground: Ground, chance: Random) -> str:
    begun = (
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        f"GET /ws/opinions/{OPINION} HTTP/1.1\r\nHost: 127.0.0.1:{ground.port}\r\nUpgrade: websocket\r\n".encode(),
    )
    held: list[asyncio.StreamWriter] = []

    async def opened(number: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", ground.port)
        held.append(writer)
        writer.write(begun[number % len(begun)])

    async def all_opened() -> None:
        for first in range(0, THOUSAND, 50):
            await asyncio.gather(*(opened(number) for number in range(first, first + 50)))

    before = descriptors(ground.server.pid)
    try:
        await goes_on_beside(ground, all_opened())
        async with ground.browser(None) as browser:
            assert (await browser.get("/healthz")).status_code == 200
        most = before + MOST_HALF_OPEN + 20
        await until(lambda: descriptors(ground.server.pid) <= most, "the oldest to be let go")
        assert len(held) == THOUSAND
        return "others go on"
    finally:
        for writer in held:
            writer.close()
        await until(lambda: descriptors(ground.server.pid) <= before + 20, "the others to go")


@hostile(
    FLOODS,
    "a thousand sockets of nobody, all at once, none of which is closed by whoever opened it",
    "reliability 3",
    "CLOSE 4401",
    entries=-1,
    instances=1,
)
async def strangers(ground: Ground, chance: Random) -> str:
    codes = []
    before = descriptors(ground.server.pid)
    standing: list[asyncio.Task[None]] = []

    async def opened() -> None:
        async with ground.wire(None) as wire:
            wire.send(bytes(20_000))
            codes.append(await wire.ended())
            await wire.cut_off()

    async def all_opened() -> None:
        for number in range(0, THOUSAND, 100):
            standing.extend(asyncio.create_task(opened()) for _ in range(100))
            await until(lambda more=number + 100: len(codes) == more, "the close frames")  # type: ignore[misc]

    try:
        await goes_on_beside(ground, all_opened())
        most = before + MOST_HALF_OPEN + 20
        await until(lambda: descriptors(ground.server.pid) <= most, "the oldest to be cut off")
    finally:
        for task in standing:
            task.cancel()
        await asyncio.gather(*standing, return_exceptions=True)
    return f"CLOSE {', '.join(map(str, sorted(set(codes))))}"
