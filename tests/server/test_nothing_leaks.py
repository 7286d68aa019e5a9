"""What is drafted or noted in private is seen by its own people alone: canary words are written into every private
place there is, and looked for in all that everybody else is sent (crdt/SPEC.md D1, W8; opinions/SPEC.md GR1).

Whoever adds a private place adds a row to `PLACES`.
"""

import asyncio
import io
import zipfile
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Connection, select, update

from crdt.client import Client
from crdt.protocol import PONG, client_presence
from opinions.edits import InsertText
from opinions.model import Mark, MarkKind, ParagraphId
from opinions.roles import Role
from opinions.views import View
from server.database import Database
from server.drafting_groups import groups
from server.people_store import actor_for, require_member
from server.post.digest import compose_due
from server.post.wishes import Pace, Tells, Wishes, save_wishes
from server.projecting import links
from server.routes import TABLE
from server.settings import Settings
from server.tables import members
from server.tables.post import letters
from server.work import Tools
from tests.support.drafters import Drafter
from tests.support.live_server import live_server
from tests.support.stock import ITEM, OPINION, Stock, stocked
from tests.support.waiting import PATIENCE

XAA, XBB, XCC, XDD = (tuple(f"m-{code}-{n}" for n in (1, 2)) for code in ("xaa", "xbb", "xcc", "xdd"))
SHARED_NAME, INFORMAL_NAME = "Zqnameshared", "Zqnameinformal"
TABLE_HOLDERS = ("m-chair", "m-sec")


@dataclass(frozen=True)
class Place:
    """A private place: what is written there, by whom, whose it is; `group` names a drafting group."""

    canary: str
    writer: str
    own: tuple[str, ...]
    group: str = ""
    note: bool = False


PLACES = (
    Place("zqdraftxaa", "m-xaa-1", XAA),
    Place("zqdraftxbb", "m-xbb-2", XBB),
    Place("zqdraftxcc", "m-xcc-1", XCC),
    Place("zqdraftxdd", "m-xdd-2", XDD),
    Place("zqsharedone", "m-xbb-1", (*XAA, *XBB), "shared"),
    Place("zqsharedtwo", "m-xaa-2", (*XAA, *XBB), "shared"),
    Place("zqinformal", "m-xdd-1", (*XCC, *XDD), "informal"),
    *(Place(f"zqnote{code}", f"m-{code}-1", own, note=True) for code, own in (("xaa", XAA), ("xbb", XBB))),
    *(Place(f"zqnote{code}", f"m-{code}-1", own, note=True) for code, own in (("xcc", XCC), ("xdd", XDD))),
)
SEATS = {
    "m-xaa-1": "", "m-xaa-2": "shared", "m-xbb-1": "shared", "m-xbb-2": "", "m-xcc-1": "", "m-xcc-2": "informal",
    "m-xdd-1": "informal", "m-xdd-2": "",
}  # fmt: skip
"""Where each expert drafts: in a group, or in the delegation's own workspace."""


LOOKERS = ("m-xdd-1", "m-sec", "m-obs")
"""Who asks for every page there is: somebody of one group and not of the other, the secretariat, an observer."""
GLANCERS = ("m-xaa-1", "m-chair", "m-admin", "m-views")
"""Who asks for those of the Opinion where private things are."""
FOLLOWED = (("m-obs", "live"), ("m-xcc-1", "live"), ("m-xdd-2", "projector"), ("m-chair", "console"))
"""Streams that are open all the while, and whose. Beside them a screen in the room, by its link."""
SCREEN = "screen"
DIGESTED = ("m-xaa-2", "m-xdd-2", "m-xbb-1", "m-xcc-1")
"""Who is sent a digest of the day, not having looked; the first two as the brief for their capital."""


@dataclass
class Heard:
    """All that one person was sent: answers by their address, frames."""

    answers: dict[str, bytes] = field(default_factory=dict)
    frames: list[bytes] = field(default_factory=list)

    def holding(self, word: str) -> list[str]:
        """Where a word is in it."""
        spelled = word.encode()
        found = [address for address, body in self.answers.items() if spelled in body]
        return [*found, *(f"frame {frame[0]}" for frame in self.frames if spelled in frame)]


@dataclass
class Day:
    """What came of it: everybody's share, what was logged and written to people, the codes of the groups."""

    heard: Mapping[str, Heard]
    logged: str
    letters: str
    codes: Mapping[str, str]
    counts: Mapping[str, list[int]]
    streams: Mapping[str, "Followed"]


@dataclass
class Followed:
    """What a stream brought: events by then, and how many had come before anything private was written."""

    events: list[bytes] = field(default_factory=list)
    before: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """One sitting with everything written everywhere, and everybody looking everywhere."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("private") / "data")
    stock = stocked(settings)
    with Database(settings) as database:
        codes = database.run(_founded)
        secret = database.run(_watched)
    asyncio.run(_digested(settings, datetime.now(UTC)))
    with live_server(settings.data_dir) as server:
        heard = {who: Heard() for who in stock.people}
        streams: dict[str, Followed] = {}
        counts = asyncio.run(_sitting(server.port, stock, codes, heard, streams, secret))
        everywhere = _addresses(codes)
        glanced = {one for one in everywhere if f"/opinions/{OPINION}" in one and one.endswith(_TELLING)}
        for who in (*LOOKERS, *GLANCERS):
            seen = everywhere if who in LOOKERS else {*glanced, "/", "/audit", "/letters"}
            _look_at(server.url, stock, who, seen, heard[who])
    asyncio.run(_digested(settings, datetime.now(UTC) + timedelta(days=2)))
    with Database(settings) as database:
        # As text a row itself is cut short.
        told = database.run(lambda c: "\n".join(str(tuple(row)) for row in c.execute(select(letters))))
    return Day(heard, Path(server.output).read_text(errors="replace"), told, codes, counts, streams)


def _founded(connection: Connection) -> dict[str, str]:
    now = datetime.now(UTC)
    lead = actor_for(require_member(connection, "m-xaa-1"))
    shared = groups.found_shared(connection, OPINION, lead, SHARED_NAME, ["XBB"], now)
    (found,) = groups.living(connection, OPINION)
    groups.join(connection, found, found.invited[0], now)
    chair = actor_for(require_member(connection, "m-chair"), {"m-chair": Role.CHAIR})
    informal = groups.found_informal(connection, OPINION, chair, INFORMAL_NAME, "m-xcc-1", ["XCC", "XDD"], [ITEM], now)
    return {"shared": shared, "informal": informal}


def _watched(connection: Connection) -> str:
    """Observers in the room, a screen on its wall, digests wished for; the screen's secret."""
    now = datetime.now(UTC)
    connection.execute(update(members).values(email=members.c.id + "@example.org"))
    for who in DIGESTED:
        tells = Tells.BRIEF if who in DIGESTED[:2] else Tells.NEWS
        wishes = Wishes(Pace.DAILY, tells=tells, quiet_from=0, quiet_until=0)
        save_wishes(connection, who, wishes, now - timedelta(days=2))
    _, secret = links.make(connection, OPINION, "The wall", View.MARKED, 1, "m-sec", now)
    return secret


async def _digested(settings: Settings, now: datetime) -> None:
    """The digests that are due. A person's first one only says from when on things are news."""
    with Database(settings) as database:
        await compose_due(Tools(settings, database, lambda job: None), now)


async def _come(followed: Followed, count: int) -> None:
    """So many events came."""
    async with asyncio.timeout(PATIENCE):
        while len(followed.events) < count:
            await followed.news.wait()
            followed.news.clear()


async def _follow(http: httpx2.AsyncClient, path: str, headers: Mapping[str, str], followed: Followed) -> None:
    async with http.stream("GET", path, headers=dict(headers), timeout=60) as answer:
        assert answer.status_code == 200, path
        async for chunk in answer.aiter_bytes():
            told = (one for one in chunk.split(b"\n\n") if one.strip())
            followed.events += [one for one in told if not one.startswith((b":", b"retry"))]
            followed.news.set()


async def _sitting(
    port: int,
    stock: Stock,
    codes: Mapping[str, str],
    heard: Mapping[str, Heard],
    streams: dict[str, Followed],
    secret: str,
) -> dict[str, list[int]]:
    """Everybody at once: notes, drafts, carets. How many frames those outside got while each place was written in."""
    counts: dict[str, list[int]] = {}
    async with AsyncExitStack() as stack:
        desks: dict[str, Drafter] = {}
        for who in (*SEATS, *TABLE_HOLDERS):
            group = codes.get(SEATS.get(who, ""), "")
            client = Client(workspace=who in SEATS, group=group)
            desks[who] = await stack.enter_async_context(Drafter(port, stock[who], client=client))
        origin = f"http://127.0.0.1:{port}"
        following = await stack.enter_async_context(httpx2.AsyncClient(base_url=origin))
        reading = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = []
        for who, page in FOLLOWED:
            followed = streams[f"{page} {who}"] = Followed()
            path = f"/opinions/{OPINION}/{page}/events"
            tasks.append(reading.create_task(_follow(following, path, _headers(origin, stock, who), followed)))
        followed = streams[SCREEN] = Followed()
        tasks.append(reading.create_task(_follow(following, f"/projector/{secret}/events", {}, followed)))
        for task in tasks:
            stack.callback(task.cancel)
        for one in streams.values():
            await _come(one, 1)
            one.before = len(one.events)
        async with httpx2.AsyncClient(base_url=origin) as http:
            for place in PLACES:
                if place.note:
                    form = {"text": f"Our line is {place.canary}.", "audience": "delegation", "paragraph": ITEM}
                    headers = _headers(f"http://127.0.0.1:{port}", stock, place.writer)
                    answer = await http.post(f"/opinions/{OPINION}/threads", data=form, headers=headers)
                    assert answer.status_code == 303, answer.text
        await _quiet(desks)
        for number, place in enumerate(one for one in PLACES if not one.note):
            inside = [who for who, seat in SEATS.items() if who in place.own and seat == place.group]
            others = [who for who in desks if who not in inside]
            before = {who: len(desks[who].frames) for who in others}
            writer = desks[place.writer]
            party = str(writer.client.welcome["party"])
            n = await writer.write([_words(place.canary, number)], party)
            await writer.saved(n)
            await writer.line.send(_caret(number + 1))
            for colleague in inside:
                await desks[colleague].until(partial(_sees, desks[colleague], number + 1), "the caret")
            await _ponged(desks, others)
            counts[place.canary] = [len(desks[who].frames) - before[who] - 1 for who in others]
        for who, desk in desks.items():
            heard[who].frames += desk.frames
        # Then the meeting goes on: something is submitted, and a version frozen with all the exports that follow.
        http_headers = _headers(f"http://127.0.0.1:{port}", stock, "m-sec")
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            asked = {"act": "freeze", "label": "First draft", "ruled_by": "Rosa Chair", "key": "freeze-canary"}
            answer = await http.post(f"/api/opinions/{OPINION}/commands", json=asked, headers=http_headers)
            assert answer.status_code == 200, answer.text
        for one in streams.values():
            # What is frozen comes behind whatever was told of before.
            await _come(one, one.before + 1)
    return counts


def _words(canary: str, number: int) -> InsertText:
    return InsertText(ParagraphId(ITEM), 0, canary, frozenset({Mark(MarkKind.INSERTION, f"a-canary-{number:04}")}))


def _caret(offset: int) -> bytes:
    return client_presence(ITEM, offset)


def _sees(desk: Drafter, offset: int) -> bool:
    return any(peer.get("offset") == offset and peer.get("paragraph") == ITEM for peer in desk.client.peers)


async def _ponged(desks: Mapping[str, Drafter], who: list[str]) -> None:
    """What was on its way to them has come: the answer to a PING is behind it."""
    for one in who:
        desk = desks[one]
        before = sum(frame == PONG for frame in desk.frames)
        await desk.line.send(b"\x04")
        await desk.until(partial(_answered, desk, before), "a PONG")


def _answered(desk: Drafter, before: int) -> bool:
    return sum(frame == PONG for frame in desk.frames) > before


def _all_here(desk: Drafter, count: int) -> bool:
    return len(desk.client.peers) == count


async def _quiet(desks: Mapping[str, Drafter]) -> None:
    """Everybody was told of everybody."""
    for desk in desks.values():
        await desk.until(partial(_all_here, desk, len(desks)), "the roster")
    await _ponged(desks, list(desks))


def _headers(origin: str, stock: Stock, who: str) -> dict[str, str]:
    return {"cookie": f"unbracket-{origin.rsplit(':', 1)[1]}={stock[who].token}", "origin": origin}


_TELLING = ("/groups", "/threads", "/new", "/table", "/history", "/console", "/console/parts", OPINION)


def _look_at(origin: str, stock: Stock, who: str, addresses: Collection[str], heard: Heard) -> None:
    """Asks for these addresses as a person. Streams do not end; what they send is made by what makes the pages."""
    with httpx2.Client(base_url=origin, headers=_headers(origin, stock, who), follow_redirects=False) as http:
        for path in sorted(one for one in addresses if not one.endswith("/events")):
            answer = http.get(path, timeout=60)
            assert answer.status_code < 500, (who, path)
            heard.answers[path] = _unpacked(answer.content)


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return b"\n".join(packed.read(name) for name in packed.namelist())


def _addresses(codes: Mapping[str, str]) -> set[str]:
    """Every address of the table that is asked with GET, in the forms that it has."""
    fills = {
        "{opinion}": [OPINION], "{paragraph}": [ITEM], "{group}": [*codes.values()], "{number:int}": ["1"],
        "{view}": ["clean", "rolling", "marked"], "{member}": ["m-xbb-1"], "{code}": ["XAA"],
    }  # fmt: skip
    found: set[str] = set()
    for entry in TABLE:
        if entry.method != "GET" or "{token}" in entry.path or "{channel}" in entry.path:
            continue
        paths = [entry.path]
        for name, values in fills.items():
            paths = [path.replace(name, value) for path in paths for value in values]
        found.update(path.replace("{", "x-").replace("}", "") for path in paths)
    files = (("rolling", "docx"), ("rolling", "json"), ("marked", "html"), ("marked", "txt"), ("clean", "html"))
    for view, form in files:
        found.add(f"/opinions/{OPINION}/export?view={view}&format={form}&mark_not_agreed=1")
    found.update(f"/opinions/{OPINION}/threads?show={show}" for show in ("mine", "notes", "every"))
    found.update(f"/opinions/{OPINION}?group={code}" for code in codes.values())
    return found


# -- what came of it


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.canary)
def test_d1_nobody_else_is_sent_what_is_private(day: Day, place: Place) -> None:
    """[D1, GR1] Neither in a frame nor in an answer, of whatever form; nor is it logged, or in a letter."""
    for who, heard in day.heard.items():
        if who not in place.own:
            assert heard.holding(place.canary) == [], who
    for name, followed in day.streams.items():
        assert name.rpartition(" ")[2] in place.own or not any(place.canary.encode() in one for one in followed.events)
    assert place.canary not in day.logged
    assert place.canary not in day.letters


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.canary)
def test_what_is_private_is_where_it_must_be(day: Day, place: Place) -> None:
    """The search finds what it looks for: its own people are sent it. Were one of them counted as another, the test
    above would fail.
    """
    looked = (*LOOKERS, *GLANCERS)
    readers = [who for who in place.own if (who in looked if place.note else SEATS[who] == place.group)]
    assert readers or place.note
    for who in readers:
        assert day.heard[who].holding(place.canary), who


def test_gr1_a_group_itself_is_known_to_its_people_alone(day: Day) -> None:
    """[GR1] Its name and its code; of an informal group also to those who set it up. Not in the log either."""
    knows = {
        (SHARED_NAME, "shared"): {*XAA, *XBB},
        (INFORMAL_NAME, "informal"): {*XCC, *XDD, *TABLE_HOLDERS},
    }
    for (name, group), people in knows.items():
        for who, heard in day.heard.items():
            # An address that somebody asks for is in the page's own canonical links at most.
            others = {address: body for address, body in heard.answers.items() if day.codes[group] not in address}
            held = Heard(others, heard.frames)
            looked = who in LOOKERS or who in GLANCERS
            assert bool(held.holding(name)) == (who in people and looked), (who, name)
            if who not in people:
                assert held.holding(day.codes[group]) == [], (who, group)
        assert name not in day.logged
        assert not any(name.encode() in one for followed in day.streams.values() for one in followed.events)
        assert name not in day.letters


@pytest.mark.parametrize("place", [one for one in PLACES if not one.note], ids=lambda place: place.canary)
def test_w8_nobody_else_gets_a_frame_when_something_private_is_typed(day: Day, place: Place) -> None:
    """[W8, D1] Nor when the caret moves in it: not one frame, so that no timing tells of it."""
    assert day.counts[place.canary] == [0] * len(day.counts[place.canary])


def test_w8_no_stream_brings_anything_of_it(day: Day) -> None:
    """[W8, D1] From the first note to the last caret not one event; then that of the freeze, which all got."""
    for name, followed in day.streams.items():
        frozen = followed.events[followed.before :]
        assert len(frozen) == 1, (name, frozen)


def test_the_digests_told_of_the_day(day: Day) -> None:
    """What was looked through for private words are letters that have something in them."""
    assert day.letters.count("First draft") >= len(DIGESTED)


def test_p1_every_person_was_let_in_somewhere(day: Day) -> None:
    """The walk asked real pages: everybody was answered with something of weight."""
    for who, heard in ((one, day.heard[one]) for one in LOOKERS):
        assert sum(len(body) for body in heard.answers.values()) > 20_000, who
        assert len(heard.answers) > 90
