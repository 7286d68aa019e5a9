"""One person at the editor: what he or she does, with keys and mouse, and what the screen then shows."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, WebSocket, expect
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from opinions.model import AmendmentId, ParagraphId
from tests.browser.line import Line
from tests.support.waiting import wait_until

READING = (Path(__file__).parent / "reading.js").read_text(encoding="utf-8")
PATIENCE_MS = 60_000
"""How long a page may take to show something; machines that others use too can stand still for seconds."""
SAVED = re.compile(r"^\s*Saved")
OPEN = re.compile(r"^\s*(Saved|Connected|Read-only)")
BLAMELESS = re.compile(r"net::ERR_|WebSocket connection to|Failed to load resource")
"""Console errors that a cut line, or an answer of 409, brings with it."""

KEPT = """
async (opinion) => {
  const pages = await (await caches.open("pages")).keys();
  if (!pages.some(({ url }) => url.endsWith(opinion))) return false;
  return new Promise((done) => {
    indexedDB.open("unbracket").onsuccess = ({ target: { result: database } }) => {
      const texts = database.transaction("documents").objectStore("documents").count();
      texts.onsuccess = () => (database.close(), done(texts.result > 0));
    };
  });
}
"""
"""Whether the editor's page and its text are kept in the browser."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text on the screen and the amendments whose marks lie on it."""

    text: str
    insertion: tuple[str, ...] = ()
    deletion: tuple[str, ...] = ()
    bracket: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()


class Desk:
    """A persona at the editor of one Opinion. Every act waits until the screen shows that it was done."""

    def __init__(self, page: Page, persona: str, opinion: str, origin: str, line: Line | None = None) -> None:
        self.page = page
        self.persona = persona
        self.opinion = opinion
        self.origin = origin
        self.line = line
        self.received: list[bytes] = []
        self.sent: list[bytes] = []
        self.thrown: list[str] = []
        page.add_init_script(READING)
        page.on("websocket", self._listen)
        page.on("pageerror", lambda error: self.thrown.append(str(error)))
        page.on("console", self._console)

    # -- coming and going

    def open(self) -> "Desk":
        """Open the editor and wait for the text and the connection."""
        self.page.goto(f"{self.origin}/opinions/{self.opinion}")
        return self.ready()

    def ready(self) -> "Desk":
        """Wait for the text and the connection."""
        expect(self.text_box).to_be_visible()
        expect(self.page.locator("#connection-state")).to_have_text(OPEN)
        return self

    def unplug(self) -> None:
        """No network any more: the line is cut and the browser knows that it is offline."""
        assert self.line is not None, "this desk has no line of its own"
        self.page.context.set_offline(True)
        self.line.cut()
        expect(self.page.locator("#connection-state")).to_have_text(re.compile("Offline|Reconnecting"))

    def plug_in(self) -> None:
        """The network is back."""
        assert self.line is not None, "this desk has no line of its own"
        self.line.mend()
        self.page.context.set_offline(False)

    def try_now(self) -> None:
        """Try the connection at once, where the page waits before it tries again by itself."""
        # By the page itself, for the button may be gone before a pointer is there.
        self.page.evaluate(
            "() => [...document.querySelectorAll('.connection button')]"
            ".find(({ textContent }) => textContent === 'Try now')?.click()"
        )

    def kept(self) -> None:
        """Wait until the browser keeps page and text, so that they open without a network."""
        wait_until(lambda: self.page.evaluate(KEPT, self.opinion), "the browser to keep page and text", 15)

    # -- what is on the screen

    @property
    def text_box(self) -> Locator:
        """The text that is drafted in."""
        return self.page.locator(".live-text [role=textbox]")

    def paragraph(self, place: ParagraphId) -> Locator:
        """A paragraph of it."""
        return self.text_box.locator(f'p[data-id="{place}"]')

    def text(self, place: ParagraphId) -> str:
        """A paragraph's words, pending and struck ones included, without the signs drawn into it."""
        found = self.page.evaluate("id => stage.text(id)", place)
        assert isinstance(found, str), f"{self.persona} sees no paragraph {place}"
        return found

    def texts(self) -> list[tuple[str, str]]:
        """All paragraphs on the screen: id and words."""
        return [(str(id), str(words)) for id, words in self.page.evaluate("() => stage.all()")]

    def shown(self, place: ParagraphId) -> str:
        """A paragraph as it reads, codes and brackets included; the carets of others are not."""
        read: str = self.paragraph(place).evaluate(
            "p => { const copy = p.cloneNode(true);"
            " copy.querySelectorAll('.peer-caret').forEach((one) => one.remove()); return copy.textContent; }"
        )
        return read

    def runs(self, place: ParagraphId) -> list[Run]:
        """A paragraph's words with the amendments on them."""
        return [
            Run(one["text"], *(tuple(one[kind]) for kind in ("insertion", "deletion", "bracket", "origin")))
            for one in self.page.evaluate("id => stage.runs(id)", place)
        ]

    def run(self, place: ParagraphId, words: str) -> Run:
        """The one stretch that holds these words."""
        found = [one for one in self.runs(place) if words in one.text]
        assert len(found) == 1, f"{self.persona} sees {words!r} {len(found)} times: {self.runs(place)}"
        return found[0]

    def caret(self) -> tuple[str, int] | None:
        """The paragraph with the caret, and how far it is from its beginning."""
        found = self.page.evaluate("() => stage.caret()")
        return (str(found[0]), int(found[1])) if found else None

    def sees(self, place: ParagraphId, words: str, *, within_ms: float = PATIENCE_MS) -> None:
        """Wait until a paragraph holds these words."""
        self.until("([id, words]) => stage.text(id)?.includes(words)", [place, words], within_ms=within_ms)

    def reads(self, place: ParagraphId, words: str, *, within_ms: float = PATIENCE_MS) -> None:
        """Wait until a paragraph's words are exactly these."""
        self.until("([id, words]) => stage.text(id) === words", [place, words], within_ms=within_ms)

    def until(self, condition: str, argument: Any = None, *, within_ms: float = PATIENCE_MS) -> None:
        """Wait until a condition of the page holds."""
        self.page.wait_for_function(condition, arg=argument, timeout=within_ms)

    def saved(self, *, within_ms: float = PATIENCE_MS) -> "Desk":
        """Wait until the page says that everything is acknowledged."""
        expect(self.page.locator("#connection-state")).to_have_text(SAVED, timeout=within_ms)
        return self

    @property
    def status(self) -> str:
        """What the one indicator says."""
        return " ".join(self.page.locator("#connection-state").inner_text().split())

    def told(self, words: str) -> None:
        """Wait until the page says this in passing."""
        expect(self.page.locator(".told-list")).to_contain_text(words)

    def view(self, name: str) -> str:
        """Change to a view by its button; the text it shows."""
        self.page.get_by_role("group", name="How the text is shown").get_by_role("button", name=name).click()
        if name == "Revision marks":
            expect(self.text_box).to_be_visible()
            return self.text_box.inner_text()
        shown = self.page.get_by_role("region", name=name)
        expect(shown).to_have_attribute("aria-busy", "false")
        return shown.locator(".opinion-text").inner_text()

    def account(self, pictures: Path) -> str:
        """What this person has before him or her, for the report of a failure; a picture of it goes to the folder."""
        try:
            told = self.page.locator(".told-list").all_inner_texts()
            text = "\n".join(f"    {id} {words}" for id, words in self.texts())
            self.page.screenshot(path=pictures / f"{self.persona}.png")
            return f"{self.persona}: {self.status}; told {told}; threw {self.thrown}\n{text}"
        except PlaywrightError as error:
            return f"{self.persona}: no page ({error.message.splitlines()[0]})"

    # -- drafting

    def put_caret(self, place: ParagraphId, after: str = "") -> None:
        """Put the caret behind these words of a paragraph; without words, at its beginning."""
        self._select(place, after, wholly=False)

    def type_at(self, place: ParagraphId, after: str, text: str) -> None:
        """Type behind these words, key by key."""
        self.put_caret(place, after)
        self.type(text)
        self.sees(place, text)

    def type(self, text: str) -> None:
        """Type at the caret, key by key."""
        self.page.keyboard.type(text)

    def select(self, place: ParagraphId, words: str) -> None:
        """Select these words."""
        self._select(place, words, wholly=True)

    def strike(self, place: ParagraphId, words: str) -> None:
        """Select these words and press Backspace."""
        self.select(place, words)
        self.page.keyboard.press("Backspace")

    def bracket(self, place: ParagraphId, words: str) -> str:
        """Select these words and type `[`; the bracket's amendment id."""
        self.select(place, words)
        before = {one for run in self.runs(place) for one in run.bracket}
        self.page.keyboard.type("[")
        self.until(
            "([id, known]) => stage.runs(id).some((run) => run.bracket.some((one) => !known.includes(one)))",
            [place, sorted(before)],
        )
        (made,) = {one for run in self.runs(place) for one in run.bracket} - before
        return made

    # -- proposals

    def card(self, amendment: str) -> Locator:
        """The margin card of a proposal, opened."""
        card = self.page.locator(f"#card-{amendment}")
        head = card.locator(".card-head")
        expect(head).to_be_visible()
        # The caret may open the card by itself at the very moment of the click, which then closes it.
        for _ in range(5):
            if head.get_attribute("aria-expanded") == "true":
                break
            head.click()
            with suppress(AssertionError):
                expect(head).to_have_attribute("aria-expanded", "true", timeout=1_500)
        expect(head).to_have_attribute("aria-expanded", "true")
        return card

    def submit(self, amendment: str, reason: str = "") -> None:
        """Submit a draft from its card."""
        for _ in range(5):
            card = self.card(amendment)
            if reason:
                card.get_by_label("Reason").fill(reason)
            button = card.get_by_role("button", name=re.compile("^Submit"))
            # As above: the card may close between being seen open and the click.
            with suppress(PlaywrightTimeout):
                button.click(timeout=10_000)
                break
        else:
            raise AssertionError(f"{amendment} could not be submitted from its card")
        self.told("submitted. Everybody sees it now.")
        # What was told may be of the proposal before; this one is on record once it is no longer a draft.
        expect(button).to_have_count(0)

    def propose(self, place: ParagraphId, after: str, text: str, reason: str = "") -> AmendmentId:
        """Type a draft and submit it; its id."""
        self.type_at(place, after, text)
        self.saved()
        (amendment,) = self.run(place, text).insertion
        self.submit(amendment, reason)
        return AmendmentId(amendment)

    def outcome(self, amendment: str, words: str) -> None:
        """Record an outcome on a card, by the words on its button."""
        self.card(amendment)
        self.page.get_by_role("group", name=re.compile("^Record outcome")).get_by_role(
            "button", name=words, exact=True
        ).click()

    def paragraph_menu(self, place: ParagraphId) -> Locator:
        """The menu of a paragraph, opened from the chip in the toolbar after a click into its words."""
        self.paragraph(place).click()
        chip = self.page.locator("button.paragraph-chip")
        expect(chip).to_have_attribute("data-paragraph", place)
        chip.click()
        menu = self.page.locator("#paragraph-menu")
        expect(menu).to_be_visible()
        return menu

    def consider(self, place: ParagraphId, words: str = "Agreed as it stands") -> None:
        """Record a ruling on a paragraph as it stands, from its menu."""
        menu = self.paragraph_menu(place)
        menu.get_by_role("button", name=words, exact=True).click()
        expect(menu).to_be_hidden()

    # -- the sitting

    def open_live_drafting(self) -> None:
        """The chair's switch."""
        switch = self.page.get_by_role("switch", name="Live drafting")
        switch.click()
        expect(switch).to_be_checked()

    def write_live(self) -> None:
        """The expert's switch: what is typed from now on is seen as it is typed."""
        switch = self.page.get_by_role("switch", name="Write live")
        switch.click()
        expect(switch).to_be_checked()
        self.ready()

    def freeze(self, label: str) -> None:
        """Freeze, from the dialog."""
        dialog = self.open_freeze()
        dialog.get_by_label("Name of the version").fill(label)
        dialog.get_by_role("button", name="Freeze", exact=True).click()
        expect(dialog).to_be_hidden()

    def open_freeze(self) -> Locator:
        """The freeze dialog."""
        self.page.locator("button.freeze").click()
        dialog = self.page.get_by_role("dialog", name=re.compile("^Freeze"))
        expect(dialog).to_be_visible()
        return dialog

    # -- inside

    def _select(self, place: ParagraphId, words: str, *, wholly: bool) -> None:
        done = self.page.evaluate("([id, words, wholly]) => stage.select(id, words, wholly)", [place, words, wholly])
        assert done, f"{self.persona} sees no {words!r} in {self.text(place)!r}"

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: self.received.append(_bytes(data)))
        socket.on("framesent", lambda data: self.sent.append(_bytes(data)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not BLAMELESS.search(message.text):
            self.thrown.append(f"console: {message.text}")


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
