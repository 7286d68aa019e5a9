"""The stage of the browser tests: a real server, draft Opinions on its table, people who sit down at a desk each."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from opinions.model import ParagraphId
from opinions.record import Amendment, Document
from tests.browser.books import Books, Logged
from tests.browser.desk import PATIENCE_MS, Desk
from tests.browser.line import Line, lines
from tests.support.live_server import LiveServer

LINES = 3
"""People at once whose line can be slowed or cut."""
VIEWPORT = ViewportSize(width=1440, height=900)

TEXT = """DRAFT OPINION {number}: {title}

The seventh World Telecommunication/ICT Policy Forum (Nassau, 2026),

recognizing

a) that broadband reaches some of those who need it;

b) that rural areas wait for a service that is fast, safe and cheap;

c) that public funds are scarce and Member States differ,

invites Member States

1 to support affordable access for all;

2 to share experience on the use of funds;

3 to report on progress every year.
"""
NEED = "that broadband reaches some of those who need it;"
RURAL = "that rural areas wait for a service that is fast, safe and cheap;"
FUNDS = "that public funds are scarce and Member States differ,"
ACCESS = "to support affordable access for all;"
SHARE = "to share experience on the use of funds;"
REPORT = "to report on progress every year."

_numbers = count(101)


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft Opinion on the table, and what the server has of it."""

    id: str
    title: str
    books: Books

    def paragraph(self, words: str) -> ParagraphId:
        """The paragraph that holds these words."""
        return self.books.paragraph(self.id, words)

    def document(self, delegation: str | None = None) -> Document:
        """Text and record; with a delegation, its drafts included."""
        return self.books.document(self.id, delegation)

    def log(self, delegation: str | None = None) -> list[Logged]:
        """The Opinion's log, or a workspace's."""
        return self.books.log(self.id, delegation)

    def amendment(self, amendment: str, delegation: str | None = None) -> Amendment:
        """What is on record of an amendment."""
        return self.books.amendment(self.id, amendment, delegation)


@dataclass(frozen=True, slots=True)
class House:
    """A running demonstration: its people are the personas of `server.demo.people`."""

    server: LiveServer
    browser: Browser
    lines: tuple[Line, ...]

    @property
    def books(self) -> Books:
        """What the server wrote down."""
        return Books(self.server.data_dir / "unbracket.db")

    def origin(self, persona: str, line: Line | None = None) -> str:
        """The persona's own address, by its line if it has one."""
        return f"http://{persona}.localhost:{line.port if line else self.server.port}"

    def caller(self, persona: str) -> httpx2.Client:
        """The persona without a browser: requests as its page would make them. Close it."""
        origin = self.origin(persona)
        headers = {"host": origin.removeprefix("http://"), "origin": origin, "accept": "text/html"}
        return httpx2.Client(base_url=self.server.url, headers=headers, timeout=30)

    def draft(self, text: str = TEXT, *, title: str = "ACCESS TO BROADBAND", chair: str = "chair") -> Draft:
        """Put a text on the table, with somebody in the chair. `{number}` and `{title}` in it are filled in."""
        number = str(next(_numbers))
        unique = f"{title} {number}"
        written = text.replace("{number}", number).replace("{title}", unique)
        with self.caller("secretariat") as secretariat:
            fields = {"title": unique, "number": number, "theme": "", "text": written, "step": "found"}
            founded = secretariat.post("/opinions/new", data=fields)
            assert founded.status_code == 303, founded.text
            opinion = self.books.opinion_called(unique)
            appointed = secretariat.post(f"/opinions/{opinion}/chair", data={"chair": chair})
            assert appointed.status_code == 303, appointed.text
        return Draft(opinion, unique, self.books)


@dataclass(slots=True)
class Stage:
    """One scenario: who is at a desk."""

    house: House
    desks: list[Desk] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)
    lines_used: int = 0

    def context(self) -> BrowserContext:
        """A browser profile of its own."""
        context = self.house.browser.new_context(viewport=VIEWPORT, locale="en-GB", timezone_id="Europe/Zurich")
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS * 3)
        self._contexts.append(context)
        return context

    def desk(self, persona: str, draft: Draft, *, own_line: bool = False) -> Desk:
        """Seat a persona at the editor of an Opinion, in a browser profile of its own."""
        line = None
        if own_line:
            line = self.house.lines[self.lines_used]
            self.lines_used += 1
        desk = Desk(self.context().new_page(), persona, draft.id, self.house.origin(persona, line), line)
        self.desks.append(desk)
        return desk.open()

    def live(self, draft: Draft, *personas: str, own_lines: frozenset[str] = frozenset()) -> list[Desk]:
        """Chair first, then these experts, in live drafting: each sees the others type."""
        chair = self.desk("chair", draft)
        chair.open_live_drafting()
        desks = [self.desk(persona, draft, own_line=persona in own_lines) for persona in personas]
        for desk in desks:
            desk.write_live()
        return [chair, *desks]

    def account(self) -> str:
        """What everybody has before him or her, for the report of a failure."""
        pictures = self.house.server.data_dir.parent / "pictures" / "-".join(desk.opinion for desk in self.desks[:1])
        pictures.mkdir(parents=True, exist_ok=True)
        return "\n".join((f"pictures in {pictures}", *(desk.account(pictures) for desk in self.desks)))

    def close(self) -> list[str]:
        """Everybody leaves; whatever a page has thrown meanwhile."""
        thrown = [f"{desk.persona}: {one}" for desk in self.desks for one in desk.thrown]
        for line in self.house.lines:
            line.mend()
        for context in self._contexts:
            context.close()
        return thrown


@contextmanager
def house_on(data_dir: Path, browser: Browser) -> Iterator[House]:
    """A demonstration of its own in a data directory, ended with the block."""
    with lines(LINES) as made:
        port = _free_port()
        # The server must know the lines as origins, for browsers reach it by their ports; the first is its own address.
        addresses = [f"http://127.0.0.1:{one}" for one in (port, *(line.port for line in made))]
        server = LiveServer(data_dir, "demo", environ={"UNBRACKET_ORIGINS": ",".join(addresses)})
        server.port = port
        server.start()
        try:
            for line in made:
                line.lead_to(port)
            yield House(server, browser, made)
        finally:
            server.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def without_blanks(text: str) -> str:
    """A text for comparison, its stretches of white space made one blank."""
    return re.sub(r"\s+", " ", text).strip()
