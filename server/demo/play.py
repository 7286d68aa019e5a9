"""Plays a script through a real room, so that everything in the demonstration went the way of real people's words.

Every proposal is typed in the workspace of its delegation, passes the gate, is submitted, and is ruled on by the
chair; nothing is written
into the text or the record by other means. Times are set back, so that the meetings lie in the past.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crdt.client import Client
from crdt.room import Room
from crdt.step import Append, Frame, Request, Step
from opinions import commands
from opinions import table_commands as table
from opinions.edits import AddParagraph, Edit, InsertText, SetMark
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.on_table import Option
from opinions.proposals import Replacement
from opinions.record import AmendmentKind, Document
from opinions.roles import Actor
from opinions.version_kinds import VersionKind
from server.demo.acts import (
    Add,
    Ask,
    Bracket,
    Close,
    Compromise,
    Consider,
    DemoAct,
    Insert,
    Join,
    Keep,
    Proposal,
    Remove,
    Reopen,
    Replace,
    Rise,
    Rule,
    Say,
    Sit,
    Strike,
    Tie,
    Withdraw,
)


class ScriptError(Exception):
    """Raised when the script asks for what the room refuses, or names words that are not there; a mistake in the
    script.
    """


@dataclass(slots=True)
class Stage:
    """A room with the script's people at their desks."""

    room: Room
    actors: Mapping[str, Actor]
    new_id: Callable[[str], str]
    now: datetime
    appends: list[Append] = field(default_factory=list)
    ids: dict[str, AmendmentId] = field(default_factory=dict)
    _desks: dict[str, tuple[int, Client]] = field(default_factory=dict)
    _keys: int = 0

    def play(self, script: Iterable[DemoAct], pace: timedelta) -> None:
        """Plays every act, `pace` apart. Raises `ScriptError` at the first that cannot be done."""
        for act in script:
            self.now += pace
            try:
                self._act(act)
            except (ScriptError, OpinionError, KeyError, ValueError) as error:
                raise ScriptError(f"{act}: {error}") from error

    def _act(self, act: DemoAct) -> None:
        match act:
            case Keep(proposal):
                self._propose(proposal)
            case Join(who, key):
                fields = commands.Cosponsor(self.ids[key], self._revision(key))
                self._command(who, fields)
            case Withdraw(who, key):
                self._command(who, commands.Withdraw(self.ids[key]))
            case Rule():
                self._rule(act)
            case Reopen(key, asked_by):
                self._command("chair", commands.Reopen(self.ids[key], asked_by=_codes(asked_by)))
            case Consider(at, state, asked_by):
                paragraph = _paragraph(self.room.document(), at)
                self._command("chair", commands.ConsiderParagraph(paragraph.id, state, asked_by=_codes(asked_by)))
            case Say(who, key, attitude, note):
                self._command(who, table.TakePosition(self.ids[key], self._revision(key), attitude, note))
            case Sit(name, present, level):
                self._command("chair", table.OpenSitting(name, level))
                self._command("secretariat", table.MarkPresent(_codes(present)))
            case Rise():
                self._command("chair", table.CloseSitting())
            case Ask():
                self._ask(act)
            case Compromise():
                self._compromise(act)
            case Tie(_, name, options):
                tied = tuple(Option(label, tuple(self.ids[key] for key in keys), not keys) for label, keys in options)
                self._command("chair", table.PutAlternatives(self.new_id("v"), name, tied))
            case Close(label, milestone, note):
                seen = self.room.opinion.seq
                self._command("chair", commands.Freeze(label, milestone, note, seen, kind=_kind(label)))
            case _:
                self._propose(act)
                self._command(act.who, commands.Submit(self.ids[act.key], act.reason))

    def _rule(self, act: Rule) -> None:
        outcome = commands.RecordOutcome(
            self.ids[act.key],
            self._revision(act.key),
            act.ruling,
            note=act.note,
            ruled_by=self.actors["chair"].name if act.by_secretariat else "",
            asked_by=_codes(act.asked_by),
            package=act.package,
        )
        self._command("secretariat" if act.by_secretariat else "chair", outcome)

    def _ask(self, act: Ask) -> None:
        call = self.new_id("c")
        item = table.Called(self.ids[act.key], self._revision(act.key))
        self._command("chair", table.OpenCall(call, (item,), 60))
        for who, answer, note in act.answers:
            self._command(who, table.AnswerCall(call, answer, note))
        self._command("chair", table.DecideCall(call, act.ruling, note=act.note))

    def _compromise(self, act: Compromise) -> None:
        amendment = self.ids[act.key] = AmendmentId(self.new_id("a"))
        paragraph = _paragraph(self.room.document(), act.at)
        start, end = _span(paragraph, act.find)
        replaces = tuple(self.ids[key] for key in act.replaces)
        wording = (Replacement(start, end, act.find, act.text),)
        self._command(
            "chair",
            table.ProposeCompromise(amendment, replaces, AmendmentKind.MOD, paragraph.id, wording, reason=act.reason),
        )

    def _propose(self, act: Proposal) -> None:
        amendment = AmendmentId(self.new_id("a"))
        self.ids[act.key] = amendment
        _, client = self._desk(act.who)
        paragraph = _paragraph(client.view(), act.at)
        if isinstance(act, Remove):
            self._command(act.who, commands.ProposeRemoval(amendment, paragraph.id))
            return
        edits = _edits(act, amendment, paragraph, client.view(), self.new_id)
        party = self.actors[act.who].delegation or ""
        self._send(act.who, client.write(edits, party))

    def _revision(self, key: str) -> int:
        amendment = self.room.document().amendment(self.ids[key])
        if amendment is None:
            raise ScriptError(f"{key} is not in the record")
        return amendment.revision

    def _desk(self, who: str) -> tuple[int, Client]:
        if who not in self._desks:
            peer = len(self._desks) + 1
            self._desks[who] = (peer, Client(workspace=True))
            self.room.connect(peer, self.actors[who])
            self._send(who, self._desks[who][1].hello())
        return self._desks[who]

    def _send(self, who: str, frame: bytes) -> None:
        peer, client = self._desk(who)
        self._carry_out(self.room.receive((Frame(peer, frame),), self.now))
        if client.refusals:
            raise ScriptError(client.refusals[0].message)

    def _command(self, who: str, command: commands.Command) -> None:
        self._keys += 1
        actor, fields = self.actors[who], commands.to_json(command)
        request = Request(self._keys, actor, actor.delegation or "", f"demo-{self._keys:08}", fields)
        step = self.room.receive((request,), self.now)
        self._carry_out(step)
        if step.answers[0].code:
            raise ScriptError(step.answers[0].message)

    def _carry_out(self, step: Step) -> None:
        self.appends.extend(step.appends)
        self.room.commit()
        clients = dict(self._desks.values())
        for delivery in step.deliveries:
            for peer in delivery.peers:
                clients[peer].take(delivery.frame)


def _kind(label: str) -> VersionKind:
    return VersionKind.MEETING if label.startswith("Text at close") else VersionKind.DRAFT


def _codes(codes: Iterable[str]) -> tuple[DelegationCode, ...]:
    return tuple(DelegationCode(code) for code in codes)


def _paragraph(document: Document, words: str) -> Paragraph:
    found = [paragraph for paragraph in document.text if words in paragraph.text]
    if len(found) != 1:
        raise ScriptError(f"{len(found)} paragraphs hold {words!r}")
    return found[0]


def _span(paragraph: Paragraph, words: str) -> tuple[int, int]:
    start = paragraph.text.find(words)
    if start < 0:
        raise ScriptError(f"{words!r} is not in {paragraph.text!r}")
    return start, start + len(words)


def _edits(
    act: Replace | Insert | Strike | Bracket | Add,
    amendment: AmendmentId,
    paragraph: Paragraph,
    view: Document,
    new_id: Callable[[str], str],
) -> list[Edit]:
    insertion = frozenset({Mark(MarkKind.INSERTION, amendment)})
    deletion = Mark(MarkKind.DELETION, amendment)
    match act:
        case Replace(_, _, _, find, text):
            start, end = _span(paragraph, find)
            return [
                SetMark(paragraph.id, start, end, deletion, True),
                InsertText(paragraph.id, end, text, insertion),
            ]
        case Insert(_, _, _, find, text):
            return [InsertText(paragraph.id, _span(paragraph, find)[1], text, insertion)]
        case Strike(_, _, _, find):
            start, end = _span(paragraph, find)
            return [SetMark(paragraph.id, start, end, deletion, True)]
        case Bracket():
            return _bracket(act, amendment, paragraph, view)
        case Add(_, _, _, kind, text):
            level = 1 if kind is Kind.SUB_ITEM else 0
            new = Paragraph(ParagraphId(new_id("p")), kind, level, (Run(text, insertion),), amendment)
            return [AddParagraph(paragraph.id, new)]


def _bracket(act: Bracket, amendment: AmendmentId, paragraph: Paragraph, view: Document) -> list[Edit]:
    mark = Mark(MarkKind.BRACKET, amendment)
    start, end = _span(paragraph, act.find)
    if not act.to:
        return [SetMark(paragraph.id, start, end, mark, True)]
    last = _paragraph(view, act.to)
    first_index, last_index = view.text.index(paragraph.id), view.text.index(last.id)
    edits: list[Edit] = [SetMark(paragraph.id, start, len(paragraph.text), mark, True)]
    edits.extend(
        SetMark(between.id, 0, len(between.text), mark, True)
        for between in view.text.paragraphs[first_index + 1 : last_index]
        if between.text
    )
    edits.append(SetMark(last.id, 0, _span(last, act.until)[1], mark, True))
    return edits
