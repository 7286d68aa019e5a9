"""A draft is its delegation's alone: until Submit no other delegation can see it by any means."""

import io
import zipfile
from dataclasses import dataclass, field

from playwright.sync_api import Page, Response

from opinions.record import Status
from tests.browser.desk import Desk
from tests.browser.stage import ACCESS, NEED, RURAL, Draft, House, Stage

CANARY = "zzcanaryzz"
ADDED = "zzsecondzz"
OTHERS = ("bressay", "glenmark", "chair", "secretariat")
READERS = (*OTHERS, "observer", "administrator")
VIEWS = ("clean", "rolling", "marked")
FORMATS = ("txt", "html", "json", "docx")


@dataclass
class Tap:
    """Everything a page is sent: bodies of answers, events of its streams; frames of sockets are the desk's."""

    bodies: list[bytes] = field(default_factory=list)
    _answers: list[Response] = field(default_factory=list)

    def on(self, page: Page) -> "Tap":
        page.on("response", lambda answer: self._answers.append(answer))
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.eventSourceMessageReceived", lambda event: self.bodies.append(str(event["data"]).encode()))
        return self

    def take(self, body: bytes) -> None:
        """What a request without a page was answered; of a packed file what is in it."""
        if body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                self.bodies += [packed.read(name) for name in packed.namelist()]
        else:
            self.bodies.append(body)

    def everything(self) -> list[bytes]:
        """All of it so far, to be asked before the page goes elsewhere. Of a stream it is what came as events."""
        for answer in self._answers:
            streamed = "event-stream" in answer.headers.get("content-type", "")
            if answer.status == 200 and not streamed and "/static/" not in answer.url:
                self.bodies.append(answer.body())
        self._answers.clear()
        return self.bodies


def test_nothing_of_a_draft_reaches_anybody_else_until_submit(house: House, stage: Stage, draft: Draft) -> None:
    """Frames, bodies, exports, live page, presence, lists of all others: neither the words nor the ids of a draft."""
    taps: dict[str, Tap] = {}
    others: list[Desk] = []
    for persona in OTHERS:
        desk = stage.desk(persona, draft)
        taps[persona] = Tap().on(desk.page)
        others.append(desk)
    observer = stage.context().new_page()
    taps["observer"] = Tap().on(observer)
    observer.goto(f"{house.origin('observer')}/opinions/{draft.id}/live")
    author, colleague = stage.desk("dunmara", draft), stage.desk("dunmara-2", draft)
    access, need = draft.paragraph(ACCESS), draft.paragraph(NEED)
    ids = drafted(author, draft)
    colleague.sees(access, CANARY)
    secrets = [CANARY.encode(), ADDED.encode(), *(one.encode() for one in ids)]

    for desk in others:
        desk.page.locator(".presence button").click()
        assert "Amadi Okoth" in desk.page.locator("#presence-list").inner_text()
        desk.page.keyboard.press("Escape")
        for view in ("Agreed text only", "Text with square brackets", "Revision marks"):
            desk.view(view)
        taps[desk.persona].everything()
        desk.page.reload()
        desk.ready()
        assert desk.page.locator(".open-count").inner_text() == "0 open brackets"
    taps["observer"].everything()
    observer.reload()
    for persona in READERS:
        ask_for_all(house, draft, persona, taps.setdefault(persona, Tap()))
    for persona, tap in taps.items():
        frames = [frame for desk in others if desk.persona == persona for frame in desk.received]
        for body in (*tap.everything(), *frames):
            assert not any(secret in body for secret in secrets), (persona, body[:200])
    whereabouts = [
        frame for desk in others for frame in desk.received if frame[:1] == b"\x06" and b"Amadi Okoth" in frame
    ]
    assert whereabouts
    for place in (access, need):
        assert not any(place.encode() in frame for frame in whereabouts)
    for desk in others:
        desk.received.clear()

    for amendment in ids:
        author.submit(amendment)
    for desk in others:
        desk.sees(access, CANARY)
        assert any(ADDED in words for _, words in desk.texts())
        assert any(CANARY.encode() in frame for frame in desk.received)
    observer.get_by_text(CANARY).wait_for()
    assert all(draft.amendment(one).status is Status.SUBMITTED for one in ids)


def test_a_draft_discarded_was_never_anywhere_else(stage: Stage, draft: Draft) -> None:
    """A draft that is thrown away leaves no entry in the Opinion's own log."""
    author, bressay = stage.desk("dunmara", draft), stage.desk("bressay", draft)
    place = draft.paragraph(ACCESS)
    author.type_at(place, "to support ", f"{CANARY} ")
    author.saved()
    (amendment,) = author.run(place, CANARY).insertion
    before = len(draft.log())
    card = author.card(amendment)
    card.get_by_role("button", name="Discard draft").click()
    card.get_by_role("button", name="Discard for good").click()
    author.reads(place, ACCESS)
    assert not any(CANARY.encode() in one.payload for one in draft.log())
    assert len(draft.log()) == before
    assert not any(CANARY.encode() in frame for frame in bressay.received)


def drafted(author: Desk, draft: Draft) -> list[str]:
    """Words, a strike, a bracket and a paragraph, all drafts; their ids."""
    access, need, rural = (draft.paragraph(words) for words in (ACCESS, NEED, RURAL))
    author.type_at(access, "to support ", f"{CANARY} ")
    author.strike(need, "some of those")
    bracket = author.bracket(rural, "fast, safe and cheap")
    author.put_caret(access, "for all;")
    author.page.keyboard.press("Enter")
    author.type(f"to say {ADDED};")
    author.saved()
    (typed,) = author.run(access, CANARY).insertion
    (struck,) = author.run(need, "some of those").deletion
    added = next(id for id, words in author.texts() if ADDED in words)
    new = author.page.locator(f'.live-text p[data-id="{added}"]').get_attribute("data-added")
    assert new is not None
    found = draft.document("XDU").record.amendments
    assert {typed, struck, bracket, new} == {str(one) for one in found}
    return [typed, struck, bracket, new]


def ask_for_all(house: House, draft: Draft, persona: str, tap: Tap) -> None:
    """Every address that shows something of an Opinion, asked for by hand."""
    base = f"/opinions/{draft.id}"
    paths = ["/", base, f"{base}/live", f"{base}/versions", f"/api{base}/bootstrap"]
    paths += [f"{base}/views/{view}" for view in VIEWS]
    forms = FORMATS if persona == OTHERS[0] else ("json",)
    paths += [f"{base}/export?view={view}&format={form}&mark_not_agreed=1" for view in VIEWS for form in forms]
    with house.caller(persona) as caller:
        for path in paths:
            tap.take(caller.get(path).content)
