"""A room, its people, and lines between them that lose, repeat and hold back frames; every choice comes from one
source.

A line keeps the order of its frames, as a socket does, until it breaks: then what was on it is lost both ways, and
the client
comes back with what it still holds. The server may die at any moment between two batches and comes back from its logs.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from crdt.client import Client
from crdt.document import SharedDocument
from crdt.step import Frame, Step
from opinions import commands
from opinions.edits import DeleteText, Edit, InsertText, SetMark
from opinions.model import AmendmentId, Mark, MarkKind, Paragraph
from opinions.record import Document, Ruling, Status
from opinions.roles import Actor
from tests.support.actors import THE_CHAIR, expert
from tests.support.rooms import Sitting

WORDS = ("all ", "interested ", "[x] ", "ä", "中文", "é ", ", as appropriate,", "e", " ")


@dataclass
class Line:
    """Frames on their way, to the server and back."""

    up: deque[bytes] = field(default_factory=deque)
    down: deque[bytes] = field(default_factory=deque)
    peer: int = 0

    @property
    def open(self) -> bool:
        return self.peer != 0


class BadNetwork(Sitting):
    """A sitting over bad lines. `kinds` counts what was done, so that a run which did nothing cannot pass."""

    def __init__(
        self,
        document: Document,
        random: Random,
        make: Callable[[int, Sequence[bytes]], SharedDocument] = SharedDocument,
    ) -> None:
        super().__init__(document)
        self.make = make
        self.random = random
        self.kinds: Counter[str] = Counter()
        self.lines: dict[str, Line] = {}
        for code in ("XAA", "XAB", "XAC"):
            self._enter(code, expert(code))
        self._enter("chair", THE_CHAIR)

    def _enter(self, name: str, actor: Actor) -> None:
        drafts = actor.delegation is not None
        self.clients[name] = Client(drafts, self.make) if drafts else Client(drafts)
        self.actors[name] = actor
        self.lines[name] = Line()
        self.connect(name)

    # -- what may happen

    def step(self) -> None:
        """One thing at random, the likelier ones more often."""
        name = self.random.choice(list(self.lines))
        kind = self.random.choices(
            ("type", "arrive", "hear", "break", "crash", "submit", "rule", "resend"), (30, 26, 26, 4, 1, 5, 5, 3)
        )[0]
        getattr(self, f"_{kind}")(name)
        self.kinds[kind] += 1

    def connect(self, name: str) -> None:
        line, client = self.lines[name], self.clients[name]
        line.peer = next(self._numbers)
        self.room.connect(line.peer, self.actors[name])
        line.up.extend((client.hello(), *client.unacknowledged()))

    def _break(self, name: str) -> None:
        self._cut(name)
        self.connect(name)

    def _cut(self, name: str) -> None:
        line = self.lines[name]
        self.room.leave(line.peer)
        line.up.clear()
        line.down.clear()
        line.peer = 0

    def _crash(self, _: str) -> None:
        self.open()
        for line in self.lines.values():
            line.up.clear()
            line.down.clear()
        for name in self.lines:
            self.connect(name)

    def _resend(self, name: str) -> None:
        """A frame arrives twice."""
        line = self.lines[name]
        if line.up and self.clients[name].document is not None:
            line.up.appendleft(line.up[0])

    def _arrive(self, name: str) -> None:
        """The server takes up to three frames that are on the lines, of one person or of several, as one batch."""
        names = [name, *self.random.sample(list(self.lines), 2)]
        batch = [Frame(self.lines[n].peer, self.lines[n].up.popleft()) for n in names if self.lines[n].up]
        if batch:
            self.deliver(batch)

    def deliver(self, batch: list[Frame]) -> None:
        self.settle(self.room.receive(batch, self.now))

    def settle(self, step: Step) -> None:
        """Append, commit, and what is told goes on the lines."""
        self.shelf.take(step)
        self.room.commit()
        lines = {line.peer: line for line in self.lines.values() if line.open}
        for delivery in step.deliveries:
            for peer in delivery.peers:
                if peer in lines:
                    lines[peer].down.append(delivery.frame)

    def _hear(self, name: str) -> None:
        line = self.lines[name]
        for _ in range(self.random.randint(1, 4)):
            if line.down:
                self.clients[name].take(line.down.popleft())

    def _type(self, name: str) -> None:
        client, party = self.clients[name], self.actors[name].delegation
        if client.document is None or party is None or not client.view().text.paragraphs:
            return
        edits = self.honest_edit(client.view(), party)
        if edits and (frame := client.write(edits, party)):
            self.lines[name].up.append(frame)
            self.kinds[type(edits[0]).__name__] += 1

    def honest_edit(self, view: Document, party: str) -> list[Edit]:
        """What an honest browser does: words under one's own draft, marks of one's own, removal of one's own words."""
        paragraph = self.random.choice(view.text.paragraphs)
        mine = self._draft_in(view, paragraph, party)
        length = len(paragraph.text)
        what = self.random.random()
        if what < 0.5:
            at = self.random.randint(0, length)
            word = self.random.choice(WORDS)
            return [InsertText(paragraph.id, at, word, frozenset({Mark(MarkKind.INSERTION, mine)}))]
        if not length:
            return []
        start = self.random.randrange(length)
        end = min(length, start + self.random.randint(1, 9))
        if what < 0.75:
            return [SetMark(paragraph.id, start, end, Mark(MarkKind.DELETION, mine), self.random.random() < 0.8)]
        if what < 0.85:
            return [SetMark(paragraph.id, start, end, Mark(MarkKind.BRACKET, mine), True)]
        offset = 0
        for run in paragraph.runs:
            if run.insertion == mine:
                return [DeleteText(paragraph.id, offset, offset + self.random.randint(1, len(run.text)))]
            offset += len(run.text)
        return []

    def _draft_in(self, view: Document, paragraph: Paragraph, party: str) -> AmendmentId:
        for amendment in view.record.amendments.values():
            if (
                amendment.delegation == party
                and amendment.status is Status.DRAFT
                and amendment.paragraph == paragraph.id
            ):
                return amendment.id
        taken = {amendment.id for amendment in view.record.amendments.values()}
        stem = f"a-{party.lower()}-{paragraph.id[-4:]}"
        held = [run.insertion for run in paragraph.runs if run.insertion and run.insertion.startswith(stem)]
        unknown = [one for one in held if one not in taken]
        return unknown[0] if unknown else AmendmentId(f"{stem}-{len([t for t in taken if t.startswith(stem)])}")

    def _submit(self, name: str) -> None:
        client, party = self.clients[name], self.actors[name].delegation
        if client.document is None or party is None:
            return
        drafts = [a.id for a in client.view().record.amendments.values() if a.status is Status.DRAFT]
        if drafts:
            fields = commands.to_json(commands.Submit(self.random.choice(drafts)))
            self.lines[name].up.append(client.command(fields, party, f"key-{next(self._tickets):08}"))

    def _rule(self, _: str) -> None:
        open_ones = [a for a in self.room.document().record.amendments.values() if a.status is Status.SUBMITTED]
        if open_ones:
            amendment = self.random.choice(open_ones)
            ruling = self.random.choice((Ruling.AGREED, Ruling.NOT_RETAINED, Ruling.SET_ASIDE))
            answer = self.ask("chair", commands.RecordOutcome(amendment.id, amendment.revision, ruling))
            self.kinds[f"rule-{answer.code or ruling}"] += 1

    # -- the end

    def settle_down(self, rounds: int = 400) -> None:
        """All lines work from now on; raises when the room has not come to rest after so many rounds."""
        for _ in range(rounds):
            moved = False
            for name, line in self.lines.items():
                if self.clients[name].refusals and name != "chair":
                    self._start_over(name)
                    moved = True
                while line.up:
                    self.deliver([Frame(line.peer, line.up.popleft())])
                    moved = True
                while line.down:
                    self.clients[name].take(line.down.popleft())
                    moved = True
            if not moved:
                return
        raise AssertionError("the room does not come to rest")

    def _start_over(self, name: str) -> None:
        """After a refusal: a new document (W6). The words refused are the outbox's business, not the wire's."""
        self.kinds["refused-" + self.clients[name].refusals[0].code] += 1
        self._cut(name)
        self.clients[name] = Client(self.clients[name].workspace, self.clients[name].make)
        self.connect(name)
