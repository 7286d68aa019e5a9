"""Updates under client ids that are not the sender's, with clocks that do not follow, on items that are not there."""

from random import Random

from crdt import protocol
from crdt.decoder import Kind
from crdt.protocol import ServerFrame
from tests.attack.byte_level import letter, own
from tests.attack.corpus import answered, hostile, sent, update
from tests.attack.ground import COLLEAGUE, Ground, Scene
from tests.crdt import bytes as raw
from tests.crdt.bytes import deletes, struct, typed

FAMILY = "clocks and dependencies"


def _foreign(scene: Scene, client: int) -> bytes:
    return typed(client, scene.clock(client), letter(scene))


CLIENTS = {
    "client id 0": ("crdt 5", lambda s: typed(0, 0, letter(s))),
    "the server's client ids": ("crdt 4", lambda s: _foreign(s, s.chance.choice((1, 2, 999)))),
    "a client id of somebody else": ("reliability L8", lambda s: _foreign(s, 1000 + s.chance.randrange(3))),
    "a client id cut to one's own in 32 bits": ("crdt 5", lambda s: typed(2**32 + s.client, 0, letter(s))),
    "client id 2^53 - 1": ("own", lambda s: typed(2**53 - 1, 0, letter(s))),
    "one's own client id beside another's": (
        "crdt 4",
        lambda s: raw.update(
            raw.block(s.client, s.clock(s.client), [letter(s)]), raw.block(s.client + 1, 0, [letter(s)])
        ),
    ),
}
for name, (source, make) in CLIENTS.items():
    update(FAMILY, name, source, "REFUSED foreign-client", make)
update(
    FAMILY,
    "client id 2^53, which the library cuts to 0",
    "crdt 5",
    "REFUSED malformed",
    lambda s: typed(2**53, 0, letter(s)),
)
update(
    FAMILY,
    "a clock further on: the server would show it, browsers never",
    "reliability L9",
    "REFUSED clock-gap",
    lambda s: typed(s.client, s.clock(s.client) + s.chance.randint(1, 999), letter(s)),
)


def _unknown(scene: Scene) -> bytes:
    chance, clock = scene.chance, scene.clock(scene.client)
    mine, right = scene.unit("mine "), scene.unit("mine ", 1)
    nowhere = (chance.randint(10**6, 2**40), chance.randint(0, 99))
    return own(
        scene,
        chance.choice(
            [
                struct(raw.string("x"), origin=nowhere, right=right),
                struct(raw.string("x"), origin=mine, right=nowhere),
                struct(raw.string("x"), parent=nowhere),
                struct(raw.string("x"), origin=(scene.client, clock), right=right),
                struct(raw.string("x"), origin=(scene.client, clock + chance.randint(1, 9)), right=right),
                struct(raw.xml_text(), parent=(scene.client, clock)),
            ]
        ),
    )


def _disorder(scene: Scene) -> bytes:
    mine, right, elsewhere = scene.unit("mine "), scene.unit("mine ", 1), scene.unit("zebra ")
    pairs = ((mine, mine), (mine, elsewhere), (elsewhere, right), (right, mine))
    origin, before = scene.chance.choice(pairs)
    return own(scene, struct(raw.string("x"), origin=origin, right=before))


def _deletes_unknown(scene: Scene) -> bytes:
    chance, clock = scene.chance, scene.clock(scene.client)
    return chance.choice(
        [
            raw.update(gone=deletes((1, scene.clock(1) + chance.randint(0, 999), 1))),
            raw.update(gone=deletes((chance.randint(10**6, 2**40), 0, 1))),
            own(scene, letter(scene), gone=deletes((scene.client, clock, chance.randint(2, 99)))),
        ]
    )


update(
    FAMILY,
    "origins and parents nobody has, the future's, its own",
    "crdt 5",
    "REFUSED unknown-dependency",
    _unknown,
    instances=6,
)
update(
    FAMILY, "neighbours in two places, or in no order", "crdt 4", "REFUSED unknown-dependency", _disorder, instances=4
)


def _never_neighbours(scene: Scene) -> bytes:
    """Items of one hand stand between the two, or before the one that is named as if it were the first."""
    first, second, third = (scene.unit("mine ", at) for at in range(3))
    origin, right = scene.chance.choice(((None, second), (None, third), (first, third)))
    return own(scene, struct(raw.string("x"), origin=origin, right=right))


def _over_ones_own(scene: Scene) -> bytes:
    """Twice between the same two in one update: the second as if the first were not there."""
    return own(scene, letter(scene), letter(scene, raw.string(scene.word())))


def _over_what_it_saw(scene: Scene) -> bytes:
    """Behind a letter, which shows that it was seen; then as if only what stands around it had been."""
    first, second, third = (scene.unit("mine ", at) for at in range(3))
    seen = struct(raw.string("x"), origin=second, right=third)
    return own(scene, seen, struct(raw.string("y"), origin=first, right=third))


def _paragraph_over_others(scene: Scene) -> bytes:
    """A paragraph behind one, and before another that never came right after it."""
    first, later = scene.item(Kind.ELEMENT), scene.item(Kind.ELEMENT, scene.chance.randint(2, 4))
    return own(scene, struct(raw.element(), origin=first, right=later))


for name, make in {
    "neighbours that never stood side by side": _never_neighbours,
    "neighbours with one's own words between them": _over_ones_own,
    "neighbours with something between them that the update itself builds on": _over_what_it_saw,
    "a paragraph between two that never were neighbours": _paragraph_over_others,
}.items():
    update(FAMILY, name, "own", "REFUSED unknown-dependency", make, instances=3)
update(FAMILY, "deletions of what nobody has", "crdt 6", "REFUSED unknown-dependency", _deletes_unknown)
update(
    FAMILY,
    "a parent that is a character or an attribute",
    "crdt 5",
    "REFUSED schema",
    lambda s: own(s, struct(raw.string("x"), parent=s.chance.choice((s.unit("zebra "), s.item(Kind.ATTRIBUTE))))),
)


@hostile(FAMILY, "half known, half new", "crdt 4", "REFUSED known", entries=1)
async def half_known(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        first = own(scene, letter(scene))
        assert await sent(scene, first) == "ACK"
        both = typed(
            scene.client,
            0,
            letter(scene),
            struct(raw.string("y"), origin=(scene.client, 0), right=scene.unit("mine ", 1)),
        )
        return await sent(scene, both, n=2)


@hostile(
    FAMILY,
    "other words under clocks already taken: known, and nothing of them is taken",
    "reliability 3",
    "ACK",
    entries=1,
)
async def squatting(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        assert await sent(scene, own(scene, letter(scene, raw.string("abc")))) == "ACK"
        other = typed(scene.client, 0, letter(scene, raw.string(chance.choice(("xyz", "xy", "x")))))
        answer = await sent(scene, other, n=2)
        assert "xyz" not in (await ground.standing()).text.paragraphs[6].text
        return answer


@hostile(FAMILY, "a lease of a colleague asked for in HELLO: another is given", "crdt 4", "another lease")
async def anothers_lease(ground: Ground, chance: Random) -> str:
    async with ground.guest(COLLEAGUE) as colleague, ground.wire() as wire:
        wanted = int(colleague.client.welcome["client"])
        hello = protocol.hello(schema=1, workspace=False, generation=1, client=wanted, state_vector=b"\0")
        assert await answered(wire, [hello]) == "WELCOME"
        welcome = next(frame for frame in wire.frames if frame[0] == ServerFrame.WELCOME)
        return "another lease" if f'"client":{wanted}'.encode() not in welcome else "the same lease"


@hostile(FAMILY, "one's own lease that another connection holds", "own", "REFUSED foreign-client")
async def lease_in_use(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as held, ground.scene(chance) as scene:
        return await sent(scene, typed(held.client, 0, letter(scene)))


@hostile(FAMILY, "message number 0, or one already logged", "own", "ACK", entries=1)
async def old_number(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        assert await sent(scene, own(scene, letter(scene))) == "ACK"
        more = typed(scene.client, 1, struct(raw.string("q"), origin=(scene.client, 0), right=scene.unit("mine ", 1)))
        return await sent(scene, more, n=chance.choice((0, 1)))


@hostile(FAMILY, "message number 2^53 - 1: taken, and harms nobody", "own", "ACK", entries=1)
async def last_number(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        return await sent(scene, own(scene, letter(scene)), n=2**53 - 1)
