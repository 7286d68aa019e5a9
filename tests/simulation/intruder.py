"""Somebody with a valid login and a client of his or her own making: everything that an honest browser never sends.

Whatever of it is taken must be fair to everybody else; that is the auditor's to say, who sees the effect.
"""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from crdt import protocol
from crdt.document import SharedDocument
from crdt.protocol import Reader, ServerFrame
from opinions import commands
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, RemoveParagraph, SetMark, SetParagraph
from opinions.errors import OpinionError
from opinions.model import AmendmentId, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.record import Ruling
from opinions.roles import Actor
from tests.simulation.network import Line
from tests.simulation.typed import Typed


class Intruder:
    """One hostile client. It keeps nothing and hopes for nothing."""

    def __init__(
        self,
        actor: Actor,
        random: Random,
        typed: Typed,
        dial: Callable[["Intruder"], Line],
        note: Callable[..., None],
    ) -> None:
        self.actor = actor
        self.seated = False
        self._random = random
        self._typed = typed
        self._dial = dial
        self._note = note
        self._line: Line | None = None
        self._document: SharedDocument | None = None
        self._welcome: dict[str, Any] = {}
        self._heard: list[bytes] = []
        self._n = 0
        self._stopped = False

    def connect(self) -> None:
        """Dials."""
        if not self._stopped:
            self._line = self._dial(self)

    def stop(self) -> None:
        """Goes."""
        self._stopped = True
        if self._line is not None:
            self._line.close()

    def opened(self, line: Line) -> None:
        """As `Caller.opened`."""
        self._greet()

    def ended(self, line: Line, code: int) -> None:
        """As `Caller.ended`."""
        if line is self._line:
            self._line, self._document, self.seated = None, None, False

    def heard(self, line: Line, frame: bytes) -> None:
        """As `Caller.heard`: it takes everything in, to use it."""
        if line is not self._line:
            return
        reader = Reader(frame)
        match reader.varuint():
            case ServerFrame.WELCOME:
                self._welcome = json.loads(reader.varstring())
                self._n = self._welcome["n"]
                self.seated = True
            case ServerFrame.SYNC:
                reader.varuint(), reader.varuint()
                self._document = SharedDocument(self._welcome["client"] or 999, [reader.varbytes()])
            case ServerFrame.UPDATE:
                reader.varuint(), reader.varuint()
                updates = [reader.varbytes() for _ in range(reader.varuint())]
                self._heard = [*self._heard[-5:], *updates]
                if self._document is not None:
                    self._document.apply(updates)
            case ServerFrame.REFUSED:
                self._greet()
            case _:
                pass

    def act(self) -> None:
        """One hostile thing, or another try to get in."""
        if self._line is None:
            self.connect()
        elif self._document is not None and self.seated:
            name = self._random.choice(
                ("steal", "steal", "steal", "mutate", "replay", "gap", "garbage", "command", "number", "another")
            )
            self._note(self.actor.member, "tries to", name)
            getattr(self, f"_{name}")()

    def _greet(self) -> None:
        if self._line is not None:
            self._document = None
            workspace = self._random.random() < 0.5
            hello = protocol.hello(
                schema=protocol.SCHEMA,
                workspace=workspace,
                generation=self._random.choice((0, 0, 1)),
                client=self._random.choice((None, None, 1000, 1, 2)),
                state_vector=b"\0",
            )
            self._line.send(hello)

    def _send(self, update: bytes, party: str | None = None) -> None:
        if update and self._line is not None:
            self._n += 1
            own = str(self.actor.delegation)
            self._line.send(protocol.client_update(self._n, own if party is None else party, update))

    def _written(self, edits: Sequence[Edit]) -> bytes:
        assert self._document is not None
        return self._document.write(edits)[0]

    # -- what it tries

    def _steal(self) -> None:
        edit = self._theft()
        if edit is not None:
            self._send(self._written([edit]))

    def _theft(self) -> Edit | None:
        assert self._document is not None
        view, random = self._document.view(), self._random
        places = [paragraph for paragraph in view.text if paragraph.text]
        if not places:
            return None
        paragraph = random.choice(places)
        start = self._typed.outside(paragraph.text, random.randrange(len(paragraph.text)))
        # What its own delegation typed is its to destroy as well.
        self._typed.remove(paragraph, str(self.actor.delegation))
        end = min(len(paragraph.text), start + random.randint(1, 20))
        others = [
            name for name, one in sorted(view.record.amendments.items()) if one.delegation != self.actor.delegation
        ]
        foreign = random.choice(others) if others else AmendmentId(self._typed.mint("a"))
        kind = random.choice((MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET, MarkKind.ORIGIN))
        name, mine = ParagraphId(self._typed.mint("p")), AmendmentId(self._typed.mint("a"))
        added = random.choice((None, foreign, mine))
        new = Paragraph(name, Kind.PARAGRAPH, 0, (Run("smuggled in"),), added)
        choices: list[Edit] = [
            DeleteText(paragraph.id, start, end),
            InsertText(paragraph.id, start, "as if agreed "),
            InsertText(paragraph.id, start, "as if theirs ", frozenset({Mark(kind, foreign)})),
            SetMark(paragraph.id, start, end, Mark(kind, foreign), random.random() < 0.5),
            SetMark(paragraph.id, start, end, Mark(MarkKind.INSERTION, mine), True),
            SetMark(paragraph.id, start, end, Mark(MarkKind.EM), random.random() < 0.5),
            RemoveParagraph(paragraph.id),
            AddParagraph(paragraph.id, new),
            SetParagraph(paragraph.id, Kind.HEADING, 1, added),
        ]
        return random.choice(choices)

    def _mutate(self) -> None:
        edit = self._theft()
        update = bytearray(self._random.choice(self._heard) if self._heard else self._written([edit] if edit else []))
        for _ in range(self._random.randint(1, 4)):
            if update:
                update[self._random.randrange(len(update))] = self._random.randrange(256)
        self._send(bytes(update))

    def _replay(self) -> None:
        if self._heard:
            self._send(self._random.choice(self._heard))

    def _gap(self) -> None:
        edit, other = self._theft(), self._theft()
        if edit is not None and other is not None:
            self._written([edit])
            try:
                self._send(self._written([other]))
            except (ValueError, LookupError, OpinionError):
                self._note(self.actor.member, "stumbles over its own deed")

    def _garbage(self) -> None:
        if self._line is not None:
            self._line.send(bytes(self._random.randrange(256) for _ in range(self._random.randint(0, 40))))

    def _command(self) -> None:
        assert self._document is not None
        amendments = [one for _, one in sorted(self._document.view().record.amendments.items())]
        paragraphs = self._document.view().text.paragraphs
        wanted: list[commands.Command] = [commands.Freeze("Mine"), commands.OpenLiveDrafting()]
        if amendments:
            one = self._random.choice(amendments)
            wanted += [
                commands.RecordOutcome(one.id, one.revision, Ruling.AGREED),
                commands.Withdraw(one.id) if one.delegation != self.actor.delegation else commands.Reopen(one.id),
            ]
        if paragraphs:
            place = self._random.choice(paragraphs)
            wanted += [commands.JoinParagraph(place.id), commands.CorrectText(place.id, 0, 1, place.text[:1], "x")]
        if self._line is not None:
            self._n += 1
            fields = commands.to_json(self._random.choice(wanted))
            party = self._random.choice((str(self.actor.delegation), "", "SEC", "CHR", "XAA", "XAB"))
            key = f"intruder-{self._random.randrange(10**9)}"
            self._line.send(protocol.client_command(self._n, party, key, fields))

    def _number(self) -> None:
        self._n += self._random.choice((-1, 0, 3, 1000))
        self._n = max(self._n, 0)
        self._steal()

    def _another(self) -> None:
        edit = self._theft()
        if edit is not None:
            self._send(self._written([edit]), self._random.choice(("XAA", "XAB", "SEC", "CHR", "nobody")))
