"""A browser with an honest person before it: a document per scope, an outbox, a tray, a connection that comes back.

It does what `web/src/sync` does, in the same order: what is typed goes into the outbox and leaves it only by an
acknowledgement or into the tray; after a refusal, or when the lease is another's, the document is made anew and what
waits is done again where its place is still there.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from crdt import protocol
from crdt.decoder import decode_state_vector, decode_update
from crdt.document import SharedDocument
from crdt.protocol import Reader, ServerFrame
from opinions.edits import AddParagraph, Edit, InsertText
from opinions.model import AmendmentId, Mark, MarkKind, ParagraphId
from opinions.record import Document, Status
from opinions.roles import Actor
from tests.simulation.network import Line
from tests.simulation.typed import TOKEN, Typed, kept

PING = 15.0
SILENCE = 35.0
FINAL = frozenset({"closed", "not-allowed", "too-long", "unicode"})
"""Refusals that trying again cannot mend (web/src/sync/recovery.ts)."""
READER = 999


@dataclass(slots=True)
class Waiting:
    """Something sent or to be sent: an update with what was done, or a command."""

    n: int
    party: str
    update: bytes = b""
    edits: tuple[Edit, ...] = ()
    words: set[str] = field(default_factory=set)
    tries: int = 0
    key: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Copy:
    """The document of one scope, and what waits under its lease."""

    workspace: bool
    document: SharedDocument | None = None
    client: int = 0
    generation: int = 0
    last: int = 0
    outbox: list[Waiting] = field(default_factory=list)
    unheard: bool = False
    """Whether it holds changes of its own that the server may not have."""

    def view(self) -> Document:
        """Text and record as they are shown."""
        assert self.document is not None, "nothing is shown before the first SYNC"
        return self.document.view()


@dataclass
class Surroundings:
    """What a delegate needs of the world."""

    random: Random
    typed: Typed
    dial: Callable[["Delegate"], Line]
    note: Callable[..., None]
    make: Callable[[int, Sequence[bytes]], SharedDocument] = SharedDocument


class Delegate:
    """One person at one browser."""

    def __init__(self, name: str, actor: Actor, around: Surroundings) -> None:
        self.name = name
        self.actor = actor
        self.around = around
        self.home = actor.delegation is not None
        self.copies = {True: Copy(True), False: Copy(False)}
        self.copy = self.copies[self.home]
        self.tray: dict[str, str] = {}
        self.peers: Sequence[Mapping[str, Any]] = ()
        self.refusals: list[str] = []
        self.live_drafting = False
        self.read_only = False
        self.party = ""
        self.parties: Sequence[str] = ()
        self.synced = False
        self.signed_out = False
        self.line: Line | None = None
        self._loop = asyncio.get_running_loop()
        self._greetings = 0
        self._greeted: Mapping[str, Any] | None = None
        self._anew = False
        self._refusal: tuple[int, str] | None = None
        self._sent = 0
        self._attempts = 0
        self._heard_at = 0.0
        self._stopped = False

    # -- what can be asked

    @property
    def ready(self) -> bool:
        """Whether there is a text to write in."""
        return self.copy.document is not None and self.copy.client > 0 and not self.read_only and self.party != ""

    @property
    def idle(self) -> bool:
        """Whether everything typed here is acknowledged or in the tray, and the text is the server's."""
        if self.signed_out or self._stopped:
            return True
        # A line that was cut and not yet noticed looks as good as any.
        return self.synced and not self.copy.outbox and self.line is not None and not self.line.up.dead

    def editable(self, view: Document, amendment: str) -> bool:
        """Whether words under this id are the party's to change by typing (G8)."""
        found = view.amendment(amendment)
        if found is None:
            return not any(run.insertion == amendment for paragraph in view.text for run in paragraph.runs)
        if found.delegation != self.party:
            return False
        if self.copy.workspace:
            return found.status is Status.DRAFT
        return found.status in (Status.SUBMITTED, Status.SET_ASIDE) and not found.pinned

    # -- what is done

    def write(self, edits: Sequence[Edit], words: Sequence[str], party: str = "") -> None:
        """Types: into the document at once, into the outbox, onto the line when there is one."""
        assert self.copy.document is not None
        update, _ = self.copy.document.write(edits)
        if update:
            self._keep(Waiting(0, party or self.party, update, tuple(edits), set(words)))

    def ask(self, fields: Mapping[str, Any], party: str, key: str) -> None:
        """Gives a command; it is sent until it is answered."""
        self._keep(Waiting(0, party, key=key, fields=fields))

    def switch(self, workspace: bool) -> None:
        """Goes over to the opinion's own document, or back."""
        if workspace != self.copy.workspace and self.home:
            self.copy = self.copies[workspace]
            self._anew = self.synced = False
            self._greet()

    def repeat(self) -> None:
        """Sends what was sent last once more."""
        if self.synced and self.copy.outbox and self.line is not None:
            self.line.send(self._frame(self.copy.outbox[-1]))

    def reload(self) -> None:
        """The page is loaded again: the socket is closed, the outbox is kept."""
        if self.line is not None and not self._stopped:
            self.line.close()
            self._lost()

    def stop(self) -> None:
        """Goes home."""
        self._stopped = True
        if self.line is not None:
            self.line.close()

    def _keep(self, waiting: Waiting) -> None:
        self.copy.last += 1
        waiting.n = self.copy.last
        self.copy.outbox.append(waiting)
        self.copy.unheard = True
        self._flush()

    def _frame(self, waiting: Waiting) -> bytes:
        if waiting.key:
            return protocol.client_command(waiting.n, waiting.party, waiting.key, waiting.fields)
        return protocol.client_update(waiting.n, waiting.party, waiting.update)

    def _flush(self) -> None:
        if not self.synced or self.line is None:
            return
        for waiting in self.copy.outbox:
            if waiting.n > self._sent:
                self.line.send(self._frame(waiting))
                self._sent = waiting.n

    # -- the line

    def connect(self) -> None:
        """Dials."""
        if not self._stopped and not self.signed_out:
            self.line = self.around.dial(self)
            self._greetings = 0
            self._heard_at = self._loop.time()
            self._loop.call_later(PING, partial(self._ping, self.line))

    def opened(self, line: Line) -> None:
        """As `Caller.opened`."""
        if line is self.line:
            self._greet()

    def ended(self, line: Line, code: int) -> None:
        """As `Caller.ended`."""
        if line is self.line:
            self.around.note(self.name, "closed", code)
            if code in (4401, 4403):
                self.signed_out = True
                self.line = None
                self.synced = False
            else:
                self._lost(15.0 if code == 4429 else 0.0)

    def welcome_back(self) -> None:
        """Signs in again."""
        if self.signed_out:
            self.signed_out = False
            self.connect()

    def _lost(self, least: float = 0.0) -> None:
        self.line = None
        self.synced = False
        self._attempts += 1
        wait = max(min(2.0 ** (self._attempts - 1), 30.0), least)
        self._loop.call_later(wait * (0.5 + 0.5 * self.around.random.random()), self._again)

    def _again(self) -> None:
        if self.line is None:
            self.connect()

    def _ping(self, line: Line) -> None:
        if line is not self.line or self._stopped:
            return
        if self._loop.time() - self._heard_at > SILENCE - PING:
            line.close()
            line.cut()
            self._lost()
            return
        line.send(protocol.varuint(protocol.ClientFrame.PING))
        self._loop.call_later(PING, partial(self._ping, line))

    def _greet(self) -> None:
        if self.line is None:
            return
        copy = self.copy
        self._greeted = None
        new = self._anew or copy.document is None
        vector = b"\0" if new or copy.document is None else copy.document.state_vector()
        self._greetings += 1
        self.line.send(
            protocol.hello(
                schema=protocol.SCHEMA,
                workspace=copy.workspace,
                generation=copy.generation,
                client=None if self._anew else copy.client or None,
                state_vector=vector,
            )
        )

    # -- what is heard

    def heard(self, line: Line, frame: bytes) -> None:
        """As `Caller.heard`."""
        if line is not self.line:
            return
        self._heard_at = self._loop.time()
        reader = Reader(frame)
        match reader.varuint():
            case ServerFrame.WELCOME:
                self._welcome(json.loads(reader.varstring()))
            case ServerFrame.SYNC:
                reader.varuint(), reader.varuint()
                self._synchronise(reader.varbytes())
            case ServerFrame.UPDATE:
                reader.varuint(), reader.varuint()
                updates = [reader.varbytes() for _ in range(reader.varuint())]
                if self.synced and self.copy.document is not None and updates:
                    self.copy.document.apply(updates)
                    self._rescue()
            case ServerFrame.ACK:
                n, stream, _ = reader.varuint(), reader.varuint(), reader.varuint()
                if stream == int(self.copy.workspace):
                    self._drop(lambda one: not one.key and one.n <= n)
            case ServerFrame.REFUSED:
                n = reader.varuint()
                self._refused(n, json.loads(reader.varstring())["code"])
            case ServerFrame.DONE:
                n = reader.varuint()
                self._drop(lambda one: bool(one.key) and one.n == n)
            case ServerFrame.ROOM:
                self.peers = json.loads(reader.varstring())["peers"]
            case ServerFrame.NOTICE:
                self._notice(json.loads(reader.varstring()))
            case _:
                pass

    def _drop(self, gone: Callable[[Waiting], bool]) -> None:
        self.copy.outbox = [one for one in self.copy.outbox if not gone(one)]
        self.copy.unheard = bool(self.copy.outbox)

    def _notice(self, notice: Mapping[str, Any]) -> None:
        if notice["kind"] == "resync":
            if self._greetings and self.line is not None:
                # The answer to a HELLO may be among what was not told: nobody can say which one comes next.
                self.line.close()
                self._lost()
            else:
                self._greet()
        elif notice["kind"] == "live_drafting":
            self.live_drafting = notice["on"]
            if not notice["on"] and not self.copy.workspace:
                self.switch(True)

    def _refused(self, n: int, code: str) -> None:
        self.refusals.append(code)
        self.around.note(self.name, "was refused", n, code)
        if any(one.key and one.n == n for one in self.copy.outbox):
            self._drop(lambda one: one.n == n)
            return
        self._refusal = (n, code)
        self._anew = True
        self.synced = False
        self._greet()

    def _welcome(self, welcome: Mapping[str, Any]) -> None:
        self._greetings = max(self._greetings - 1, 0)
        if self._greetings:
            return
        copy = self.copy
        if (welcome["scope"] == "workspace") != copy.workspace:
            self.copy = self.copies[not copy.workspace]
            self._anew = False
            self._greet()
            return
        if self._strands(welcome):
            self._anew = True
            self._greet()
            return
        self._greeted = welcome

    def _strands(self, welcome: Mapping[str, Any]) -> bool:
        """Whether the document holds changes of a lease that is not the one welcomed."""
        copy = self.copy
        other = copy.client != welcome["client"] and copy.generation == welcome["generation"]
        return not self._anew and other and copy.unheard and copy.document is not None

    def _synchronise(self, update: bytes) -> None:
        welcome, copy = self._greeted, self.copy
        if welcome is None:
            return
        if self._strands(welcome):
            # Typed between WELCOME and SYNC.
            self._anew = True
            self._greet()
            return
        client = welcome["client"] or READER
        left: list[Waiting] = []
        anew = self._anew or copy.document is None
        if anew:
            copy.document = self.around.make(client, [update])
        elif client != (copy.client or READER):
            assert copy.document is not None
            copy.document = self.around.make(client, [copy.document.state(), update])
        elif copy.document is not None:
            copy.document.apply([update])
        if anew or welcome["client"] != copy.client:
            left, copy.outbox, copy.last = copy.outbox, [], 0
        copy.client, copy.generation = welcome["client"], welcome["generation"]
        copy.last = max(copy.last, welcome["n"])
        refusal, self._refusal, self._greeted, self._anew = self._refusal, None, None, False
        self.live_drafting, self.read_only = welcome["live_drafting"], welcome["read_only"]
        self.parties = welcome["parties"]
        if self.party not in self.parties:
            self.party = welcome["party"]
        self.synced = True
        self._sent = 0
        self._attempts = 0
        if not left:
            copy.unheard = bool(copy.outbox)
        self._flush()
        if left:
            self._recover(left, refusal)
        self._rescue()

    # -- nothing typed is lost

    def _recover(self, left: Sequence[Waiting], refusal: tuple[int, str] | None) -> None:
        """What waited under a lease that is no more (web/src/sync/recovery.ts)."""
        document = self.copy.document
        assert document is not None
        clocks = decode_state_vector(document.state_vector())
        for one in left:
            if one.key:
                self.ask(one.fields, one.party, one.key)
                continue
            blocks = decode_update(one.update, trusted=True).blocks
            if blocks and all(block.end <= clocks.get(block.client, 0) for block in blocks):
                continue
            tries, code = one.tries, "place-gone"
            if refusal is not None and one.n <= refusal[0]:
                tries, code = tries + 1, refusal[1]
            self._redo(one, tries, code, give_up=tries > 0 and code in FINAL)

    def _redo(self, one: Waiting, tries: int, code: str, *, give_up: bool) -> None:
        for edit in one.edits:
            for token in sorted(_words(edit) & one.words):
                word = self.around.typed.words[token]
                if word.given_up or token in self.tray:
                    continue
                if give_up or tries >= 2 or not self.ready or not self._place(token, word.paragraph, one.party, tries):
                    self._put_in_tray(token, code)

    def _place(self, token: str, paragraph: str, party: str, tries: int) -> bool:
        view, typed = self.copy.view(), self.around.typed
        found = view.text.find(paragraph)
        if found is None or party not in self.parties or not self._may_type():
            return False
        word = typed.words[token]
        if not self.editable(view, word.amendment):
            word.amendment = typed.mint("a")
        at = typed.outside(found.text, self.around.random.randint(0, len(found.text)))
        mark = Mark(MarkKind.INSERTION, word.amendment)
        edit = InsertText(ParagraphId(paragraph), at, token + " ", frozenset({mark}))
        assert self.copy.document is not None
        update, _ = self.copy.document.write([edit])
        self._keep(Waiting(0, party, update, (edit,), {token}, tries))
        self.around.note(self.name, "offers again", token)
        return True

    def _may_type(self) -> bool:
        return self.copy.workspace or self.live_drafting or not self.home

    def _put_in_tray(self, token: str, code: str) -> None:
        self.tray[token] = code
        self.around.note(self.name, "keeps in the tray", token, code)

    def _rescue(self) -> None:
        """Words under way whose place went meanwhile (web/src/sync/uprooted.ts)."""
        waiting = [one for one in self.copy.outbox if one.words]
        if not waiting or self.copy.document is None:
            return
        shown = set(TOKEN.findall(kept(self.copy.view())))
        for one in waiting:
            missing = [t for t in sorted(one.words - shown) if not self.around.typed.words[t].given_up]
            if not missing:
                continue
            for token in missing:
                one.words.discard(token)
                if not self.ready or not self._place(
                    token, self.around.typed.words[token].paragraph, one.party, one.tries
                ):
                    self._put_in_tray(token, "place-gone")


def _words(edit: Edit) -> set[str]:
    match edit:
        case InsertText(_, _, text):
            return set(TOKEN.findall(text))
        case AddParagraph(_, paragraph):
            return set(TOKEN.findall(paragraph.text))
        case _:
            return set()


def own(amendment: str) -> frozenset[Mark]:
    """The mark of words proposed under an amendment."""
    return frozenset({Mark(MarkKind.INSERTION, AmendmentId(amendment))})
