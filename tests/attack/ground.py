"""Where the attacks happen: a real server with a text on which everything worth attacking stands, an honest
delegate who goes on typing, and what must hold after each attack.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx2

from crdt.decoder import Id, Kind, Struct, decode_update
from crdt.document import SharedDocument
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, SetMark
from opinions.model import AmendmentId, Mark, MarkKind, Marks, Paragraph, ParagraphId, Run
from opinions.model import Kind as ParagraphKind
from opinions.record import Document
from server.database import Database
from server.settings import Settings
from server.verify import verify
from tests.support.live_server import LiveServer
from tests.support.planted import fail_at
from tests.support.stock import CHAPEAU, ITEM, OPINION, TITLE, Stock, stocked
from tests.support.wires import Guest, Wire

ATTACKER, COLLEAGUE, HONEST = "m-xaa-1", "m-xaa-2", "m-xbb-1"
BOOM = "zzboom"
"""A word at which this server fails half-way, as if the CRDT library had panicked."""
RULED, OWN, OWN_ADD = (AmendmentId(f"a-xaa-{name}") for name in ("ruled", "own", "added"))
THEIRS, STRIKE, BRACKET, THEIR_ADD, INSIDE, FLAGS = (
    AmendmentId(f"a-xbb-{name}") for name in ("words", "strike", "bracket", "added", "inside", "flags")
)
P_RULED, P_THEIRS, P_STRIKE, P_BRACKET, P_OWN, P_HONEST = (ParagraphId(f"p-item-{n:05}") for n in range(2, 8))
P_TITLE, P_CHAPEAU, P_TEXT = ParagraphId(TITLE), ParagraphId(CHAPEAU), ParagraphId(ITEM)
P_THEIR_ADD, P_OWN_ADD = ParagraphId("p-xbb-added"), ParagraphId("p-xaa-added")


LANDMARKS = ("mine ", "zebra ", "ruled ", "\U0001f600", "that broadband")
"""Words whose items are known from the start: ids stay, however the text around them changes."""


def marked(kind: MarkKind, amendment: str) -> Marks:
    """One mark."""
    return frozenset({Mark(kind, AmendmentId(amendment))})


def inserted(amendment: str) -> Marks:
    """One insertion mark."""
    return marked(MarkKind.INSERTION, amendment)


class Scene:
    """What an attacker's own page knows: its document, its client id, the ids of every item in it."""

    def __init__(self, guest: Guest, chance: Random, units: Mapping[str, Id]) -> None:
        self.guest = guest
        self._units = units
        self.chance = chance
        self.client = int(guest.client.welcome["client"])
        document = guest.client.document
        assert document is not None
        self.state = document.state()
        self.fork = SharedDocument(self.client, (self.state,))
        self.structs: list[tuple[int, Struct]] = [
            (block.client, struct)
            for block in decode_update(self.state, trusted=True).blocks
            for struct in block.structs
        ]

    def edits(self, *edits: Edit) -> bytes:
        """The update that these edits make in the attacker's page."""
        update, _ = self.fork.write(edits)
        return update

    def unit(self, words: str, offset: int = 0) -> Id:
        """The item of the UTF-16 unit so far into words of `LANDMARKS`."""
        client, clock = self._units[words]
        return client, clock + offset

    def item(self, kind: Kind, number: int = 0) -> Id:
        """The id of one of the server's structs of a kind."""
        return [(client, one.clock) for client, one in self.structs if one.kind is kind and client == 1][number]

    def clock(self, client: int) -> int:
        """The next clock of a client."""
        return max((one.clock + one.length for held, one in self.structs if held == client), default=0)

    def text(self, paragraph: str) -> str:
        """A paragraph's words."""
        found = self.fork.opinion().find(paragraph)
        assert found is not None
        return found.text

    def word(self) -> str:
        """A word drawn."""
        return "".join(self.chance.choices("abcdefghij klmno", k=self.chance.randint(1, 9)))


class Ground:
    """The running server and who is there."""

    def __init__(self, stock: Stock, server: LiveServer) -> None:
        self.stock = stock
        self.server = server
        self.honest: Guest
        self.units: dict[str, Id] = {}
        self._letters = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.port

    @property
    def database(self) -> Path:
        """The database file."""
        return self.stock.settings.data_dir / "unbracket.db"

    def guest(self, member: str = ATTACKER, *, opinion: str = OPINION, workspace: bool = False) -> Guest:
        """Somebody at a page of an Opinion."""
        return Guest(self.port, self.stock[member], opinion, workspace)

    def wire(self, member: str | None = ATTACKER, *, opinion: str = OPINION, origin: str | None = "") -> Wire:
        """A bare connection, nothing said yet."""
        return Wire(self.port, self.stock[member] if member else None, opinion, origin=origin)

    @asynccontextmanager
    async def scene(self, chance: Random, member: str = ATTACKER) -> AsyncIterator[Scene]:
        """An attacker in the live drafting."""
        async with self.guest(member) as guest:
            yield Scene(guest, chance, self.units)

    @asynccontextmanager
    async def browser(self, member: str | None, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
        """An HTTP client with somebody's session, as one of our own pages would ask."""
        cookies = {f"unbracket-{self.port}": self.stock[member].token} if member else {}
        given = {"origin": self.server.url, **headers}
        async with httpx2.AsyncClient(
            base_url=self.server.url, cookies=cookies, headers=given, timeout=30, follow_redirects=False, verify=False
        ) as client:
            yield client

    def logged(self, query: str = "SELECT COUNT(*) FROM entries", *values: Any) -> int:
        """A number from the log: by default how many entries there are."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            return int(connection.execute(query, values).fetchone()[0] or 0)
        finally:
            connection.close()

    async def standing(self) -> Document:
        """Text and record as the honest delegate sees them, once everything sent so far has been answered."""
        await self.honest.round_trip()
        return self.honest.client.view()

    async def goes_on(self) -> None:
        """The honest delegate types a letter, and it is acknowledged."""
        self._letters += 1
        if self._letters % 2:
            edit: Edit = InsertText(P_HONEST, 0, "h", inserted("a-xbb-honest"))
        else:
            edit = DeleteText(P_HONEST, 0, 1)
        await self.honest.saved(self.honest.client.write([edit], "XBB"))


@contextmanager
def server_on(data_dir: Path) -> Iterator[tuple[Stock, LiveServer]]:
    """A stocked server that stops well and whose log verifies, whatever was done to it."""
    stock = stocked(Settings(data_dir=data_dir))
    server = LiveServer(data_dir, environ={"UNBRACKET_GATHER_MS": "0"}, plant=fail_at(BOOM))
    server.start()
    try:
        yield stock, server
        assert server.stop() == 0, "the server did not end well"
    finally:
        server.kill()
    assert "room dropped" not in server.output.read_text(errors="replace"), "a room was lost to an attack"
    with Database(stock.settings) as database:
        verdicts = database.run(lambda connection: list(verify(connection)))
    assert [one for one in verdicts if one.findings] == [], "the log does not verify"


@asynccontextmanager
async def ground_on(stock: Stock, server: LiveServer) -> AsyncIterator[Ground]:
    """The ground with its text: what each of two delegations has pending, and what was decided."""
    ground = Ground(stock, server)
    async with ground.guest("m-chair") as chair:
        await chair.command({"act": "open_live_drafting"})
    async with ground.guest("m-chair") as chair, ground.guest(ATTACKER) as mine, ground.guest(HONEST) as theirs:
        await mine.saved(mine.client.write([InsertText(P_RULED, 5, "ruled ", inserted(RULED))], "XAA"))
        await chair.round_trip()
        entry = chair.client.view().amendment(RULED)
        assert entry is not None
        ruling = {"act": "record_outcome", "amendment": RULED, "revision": entry.revision, "ruling": "agreed"}
        await chair.command(ruling)
        await mine.saved(
            mine.client.write(
                [
                    InsertText(P_OWN, 5, "mine ", inserted(OWN)),
                    AddParagraph(P_OWN, _paragraph(P_OWN_ADD, "added by us", OWN_ADD)),
                ],
                "XAA",
            )
        )
        await theirs.round_trip()
        await theirs.saved(
            theirs.client.write(
                [
                    InsertText(P_THEIRS, 5, "zebra ", inserted(THEIRS)),
                    SetMark(P_STRIKE, 5, 9, Mark(MarkKind.DELETION, STRIKE), True),
                    SetMark(P_BRACKET, 5, 9, Mark(MarkKind.BRACKET, BRACKET), True),
                    InsertText(P_CHAPEAU, 4, "\U0001f600 flags ", inserted(FLAGS)),
                    AddParagraph(P_BRACKET, _paragraph(P_THEIR_ADD, "added by them", THEIR_ADD)),
                    InsertText(P_OWN_ADD, 6, "theirs ", inserted(INSIDE)),
                ],
                "XBB",
            )
        )
    ground.honest = ground.guest(HONEST)
    async with ground.honest:
        document = ground.honest.client.document
        assert document is not None
        for block in decode_update(document.state(), trusted=True).blocks:
            for one in block.structs:
                for words in LANDMARKS:
                    if one.kind is Kind.STRING and words in one.value:
                        before = one.value[: one.value.index(words)]
                        ground.units[words] = block.client, one.clock + len(before.encode("utf-16-le")) // 2
        yield ground


def _paragraph(name: ParagraphId, words: str, amendment: AmendmentId) -> Paragraph:
    return Paragraph(name, ParagraphKind.PREAMBULAR_ITEM, 0, (Run(words, inserted(amendment)),), amendment)
