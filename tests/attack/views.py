"""Words for an entity that gives views only, by every route there is: its own people, the secretariat on its behalf,
forms, and the roster.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from opinions.edits import InsertText
from tests.attack.corpus import answered, hostile
from tests.attack.ground import P_TEXT, THEIRS, Ground, inserted
from tests.attack.replays import hello
from tests.support.stock import OPINION

VIEWS, ENTITY, CLERK = "m-views", "XUU", "m-sec"
FAMILY = "views only"
ISSUE = "S1, resolves 10"
PROPOSAL: Mapping[str, Any] = {
    "amendment": "a-views-01",
    "delegation": ENTITY,
    "kind": "MOD",
    "paragraph": P_TEXT,
    "replacements": [{"start": 0, "end": 0, "was": "", "text": "forged "}],
}
COMMANDS: tuple[dict[str, Any], ...] = (
    {"act": "submit", "amendment": "a-views-01"},
    {"act": "propose_removal", "amendment": "a-views-01", "paragraph": P_TEXT},
    {"act": "withdraw", "amendment": THEIRS},
    {"act": "cosponsor", "amendment": THEIRS, "revision": 1},
    {"act": "take_position", "amendment": THEIRS, "revision": 1, "attitude": "support"},
    {"act": "enter_proposals", "proposals": [PROPOSAL]},
    {"act": "enter_proposals", "proposals": [{**PROPOSAL, "kind": "SUP", "replacements": []}]},
    {"act": "enter_proposals", "proposals": [{**PROPOSAL, "kind": "ADD", "paragraph": "p-views-01", "text": "new"}]},
)
SPONSORED = {"act": "enter_proposals", "proposals": [{**PROPOSAL, "delegation": "XAA", "sponsors": [ENTITY]}]}


async def _asked(ground: Ground, member: str, command: Mapping[str, Any], party: str, chance: Random) -> str:
    """What a command over HTTP is answered."""
    fields = {"key": f"key-{chance.random()}", "party": party, **command}
    async with ground.browser(member) as browser:
        answer = await browser.post(f"/api/opinions/{OPINION}/commands", json=fields)
    told = answer.json().get("code", "") if answer.headers["content-type"] == "application/json" else ""
    return f"HTTP {answer.status_code} {told}".rstrip()


@hostile(FAMILY, "its people open a socket", ISSUE, "HTTP 403", "CLOSE 4403", instances=1)
async def by_socket(ground: Ground, chance: Random) -> str:
    wire = ground.wire(VIEWS)
    status = await wire.open()
    if status != 101:
        await wire.leave()
        return f"HTTP {status}"
    try:
        return await answered(wire, [hello()])
    finally:
        await wire.leave()


@hostile(FAMILY, "its people open a channel over HTTP", ISSUE, "HTTP 403", instances=1)
async def by_channel(ground: Ground, chance: Random) -> str:
    async with ground.browser(VIEWS) as browser:
        return f"HTTP {(await browser.post(f'/frames/opinions/{OPINION}')).status_code}"


@hostile(FAMILY, "its people give a command", ISSUE, "HTTP 403", "HTTP 403 not-allowed", instances=2 * len(COMMANDS))
async def by_command(ground: Ground, chance: Random) -> str:
    return await _asked(ground, VIEWS, chance.choice(COMMANDS), chance.choice((ENTITY, "", "XAA", "SEC")), chance)


@hostile(FAMILY, "the secretariat gives a command for it", ISSUE, "HTTP 403 not-allowed", instances=2 * len(COMMANDS))
async def on_its_behalf(ground: Ground, chance: Random) -> str:
    return await _asked(ground, CLERK, chance.choice(COMMANDS), ENTITY, chance)


@hostile(FAMILY, "entered with others' proposals, or as a co-sponsor", ISSUE, "HTTP 403 not-allowed")
async def among_others(ground: Ground, chance: Random) -> str:
    theirs = {**PROPOSAL, "amendment": "a-views-02", "delegation": "XAA"}
    both = {"act": "enter_proposals", "proposals": [theirs, dict(PROPOSAL)]}
    return await _asked(ground, CLERK, chance.choice((both, SPONSORED)), "", chance)


@hostile(FAMILY, "an expert of another delegation names it", ISSUE, "HTTP 403 not-allowed")
async def by_another(ground: Ground, chance: Random) -> str:
    command = chance.choice(({"act": "enter_proposals", "proposals": [dict(PROPOSAL)]}, SPONSORED))
    return await _asked(ground, "m-xaa-1", command, chance.choice(("XAA", "", ENTITY)), chance)


@hostile(FAMILY, "the secretariat types for it", ISSUE, "REFUSED not-allowed")
async def typed_for_it(ground: Ground, chance: Random) -> str:
    async with ground.guest(CLERK) as clerk:
        frame = clerk.client.write([InsertText(P_TEXT, 0, "forged ", inserted("a-views-03"))], ENTITY)
        return await answered(clerk.wire, [frame])


@hostile(FAMILY, "one of its people is entered as an expert", ISSUE, "refused")
async def by_the_roster(ground: Ground, chance: Random) -> str:
    role = chance.choice(("expert", "focal_point"))
    before = ground.logged("SELECT COUNT(*) FROM members WHERE delegation = 'XUU' AND role <> 'contributor'")
    async with ground.browser(CLERK) as browser:
        form = {"name": "Vera Views", "role": role, "delegation": ENTITY, "email": ""}
        await browser.post(f"/people/{VIEWS}", data=form)
        await browser.post("/people/new", data={**form, "name": f"New {chance.random()}"})
    after = ground.logged("SELECT COUNT(*) FROM members WHERE delegation = 'XUU' AND role <> 'contributor'")
    return "refused" if before == after == 0 else "entered"


@hostile(FAMILY, "the delegation of an expert is made one of those", ISSUE, "refused", instances=1)
async def by_its_kind(ground: Ground, chance: Random) -> str:
    async with ground.browser(CLERK) as browser:
        form = {"code": "XBB", "name": "Belmora", "kind": "academia", "region": ""}
        await browser.post("/delegations/XBB", data=form)
    kinds = ground.logged("SELECT COUNT(*) FROM delegations WHERE code = 'XBB' AND kind = 'academia'")
    return "changed" if kinds else "refused"
