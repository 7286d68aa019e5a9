"""Whatever the table does, in whatever order: no word, position or attribution is lost, and clean text is the gavel's.

Every character of the texts here is there once, so that each can be followed: into the text, out of it, into the
record and back.
"""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.calls import open_calls
from opinions.clean import settled
from opinions.commands import (
    Command,
    ConsiderParagraph,
    Cosponsor,
    EnterProposals,
    JoinParagraph,
    MoveParagraph,
    RecordOutcome,
    Reopen,
    SplitParagraph,
    Withdraw,
)
from opinions.edits import InsertText, applied
from opinions.errors import OpinionError
from opinions.model import AmendmentId, DelegationCode, MarkKind, ParagraphId, Run
from opinions.on_table import Call
from opinions.procedure import Context, carry_out
from opinions.proposals import Proposal, Replacement
from opinions.record import AmendmentKind, Attitude, Document, Ruling, Status
from opinions.record_json import key_of, read_entry, write_entry
from opinions.ruled_words import digest, words_lines
from opinions.stances import positions_on
from opinions.statuses import Answer, CallState, Level, ParagraphState
from opinions.table_commands import (
    AnswerCall,
    Called,
    CloseSitting,
    DecideCall,
    MarkEditorial,
    MarkPresent,
    OpenCall,
    OpenSitting,
    RecordOutcomes,
    RulingOn,
    TakePosition,
    WithdrawCall,
)
from tests.support.actors import THE_CHAIR, THE_SECRETARIAT, context, expert
from tests.support.builders import at, document, item, paragraph

PARTIES = tuple(DelegationCode(code) for code in ("XAA", "XAB", "XAC"))
CHAIR, CLERK = context(THE_CHAIR), context(THE_SECRETARIAT)
BY = {code: context(expert(code)) for code in PARTIES}
STRUCTURE = (SplitParagraph, JoinParagraph, MoveParagraph)
GAVEL = frozenset({Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM, Ruling.NOT_RETAINED, Ruling.MERGED, Ruling.REOPENED})
RULINGS = tuple(Ruling)
CHOSEN = (*RULINGS, Ruling.AGREED, Ruling.AGREED, Ruling.NOT_RETAINED)


class Table:
    """A document, what it ever held, and a hand that does one thing after the other."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._letters = iter(map(chr, range(0x4E00, 0x9000)))
        self.document = document(
            paragraph("par-1", self.fresh(9)), item("par-2", self.fresh(6)), item("par-3", self.fresh(5))
        )
        self.seen: set[str] = set(characters(self.document))
        self.proposed: dict[str, AmendmentId] = {}
        self.notes: set[str] = set()
        self.minutes = 100.0
        self.count = 0

    def fresh(self, number: int) -> str:
        """Characters that were never there."""
        return "".join(next(self._letters) for _ in range(number))

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}-{self.count:05}"

    def note(self) -> str:
        return self.name("note")

    def some(self) -> AmendmentId:
        names = sorted(self.document.record.amendments)
        return AmendmentId(self.chance.choice(names)) if names else AmendmentId("a-none")

    def ruling_on(self, ruling: Ruling | None = None) -> RulingOn:
        found = self.document.amendment(self.some())
        return RulingOn(
            found.id if found else AmendmentId("a-none"),
            found.revision if found else 1,
            ruling or self.chance.choice(CHOSEN),
        )

    def proposal(self, party: DelegationCode) -> EnterProposals:
        """A rewording, a bracket, a new paragraph or a removal, anywhere in the text as it stands."""
        chance, text = self.chance, self.document.text.paragraphs
        name, target = AmendmentId(self.name("a")), chance.choice(text)
        kind = chance.choice(tuple(AmendmentKind))
        parts: tuple[Replacement, ...] = ()
        if kind in (AmendmentKind.MOD, AmendmentKind.BRACKET):
            start = chance.randint(0, len(target.text))
            end = chance.randint(start, min(start + 4, len(target.text)))
            was = target.text[start:end]
            text_put = was if kind is AmendmentKind.BRACKET else self.fresh(chance.randint(0, 3))
            parts = (Replacement(start, end, was, text_put),)
        if kind is AmendmentKind.ADD:
            new = ParagraphId(self.name("p"))
            return EnterProposals(
                "", (Proposal(name, party, kind, new, after=target.id, text=self.fresh(chance.randint(1, 4))),)
            )
        return EnterProposals("", (Proposal(name, party, kind, target.id, parts),))

    def call(self) -> str:
        calls = [one.id for one in self.document.record.table.values() if isinstance(one, Call)]
        return self.chance.choice(calls) if calls else "c-none"

    def next_act(self) -> tuple[Command, Context]:
        chance = self.chance
        party = chance.choice(PARTIES)
        own, on = BY[party], self.ruling_on()
        said = {"asked_by": (party,), "package": "12" if on.ruling is Ruling.PENDING_PACKAGE else ""}
        others = tuple(self.ruling_on() for _ in range(chance.choice((0, 0, 1, 2))))
        place = chance.choice(self.document.text.paragraphs)
        outcome = RecordOutcome(on.amendment, on.revision, on.ruling, note=self.note(), others=others, **said)  # type: ignore[arg-type]
        items = tuple(Called(one.amendment, one.revision) for one in (on, *others))
        decide = DecideCall(self.call(), on.ruling, others, self.note(), **said)  # type: ignore[arg-type]
        state = chance.choice(tuple(ParagraphState))
        needs = {"asked_by": (party,), "package": "12" if state is ParagraphState.PENDING_PACKAGE else ""}
        acts: list[tuple[Command, Context]] = [
            *[(self.proposal(party), own)] * 4,
            *[(outcome, CHAIR)] * 5,
            (Reopen(on.amendment, self.note(), asked_by=(party,)), CHAIR),
            (Withdraw(on.amendment), own),
            (Cosponsor(on.amendment, on.revision, chance.random() < 0.8), own),
            (TakePosition(on.amendment, on.revision, chance.choice(tuple(Attitude)), self.note()), own),
            (
                TakePosition(AmendmentId(""), 0, chance.choice(tuple(Attitude)), self.note(), paragraph=place.id),
                own,
            ),
            *[(OpenCall(self.name("c"), items), CHAIR)] * 2,
            *[(AnswerCall(self.call(), chance.choice(tuple(Answer)), self.note()), own)] * 2,
            (WithdrawCall(self.call(), self.note()), CHAIR),
            *[(decide, CHAIR)] * 2,
            (MarkEditorial(on.amendment, chance.random() < 0.8), CHAIR),
            (RecordOutcomes((on, *others)), CHAIR),
            (ConsiderParagraph(place.id, state, self.note(), **needs), CHAIR),  # type: ignore[arg-type]
            (OpenSitting("IEG-4", chance.choice((Level.IEG, Level.PLENARY))), CHAIR),
            (CloseSitting(), CHAIR),
            (MarkPresent((party,)), own),
            (SplitParagraph(place.id, chance.randint(0, len(place.text)), ParagraphId(self.name("p"))), CLERK),
            (JoinParagraph(place.id), CLERK),
            (MoveParagraph(place.id, chance.choice((None, self.document.text.paragraphs[0].id))), CLERK),
        ]
        return chance.choice(acts)

    def step(self) -> None:
        """One act, carried out or refused; then everything that must hold is looked at."""
        before = self.document
        if not before.text.paragraphs:
            return
        command, who = self.next_act()
        self.minutes += 1
        try:
            outcome = carry_out(command, before, None, replace(who, at=at(self.minutes)))
        except OpinionError:
            return
        for edit in outcome.main.edits:
            if isinstance(edit, InsertText):
                self._typed(edit.text, edit.marks)
        self.document = applied(before, outcome.main.edits)
        for each in self.document.text:
            for run in each.runs:
                if run.insertion:
                    self._proposed(run.text, run.insertion)
        self.seen |= characters(self.document)
        if isinstance(command, TakePosition | AnswerCall):
            self.notes.add(command.note)
        self.check(command, before)

    def _typed(self, text: str, marks: Iterable[object]) -> None:
        for mark in marks:
            if getattr(mark, "kind", None) is MarkKind.INSERTION:
                self._proposed(text, AmendmentId(getattr(mark, "id", "")))

    def _proposed(self, text: str, name: AmendmentId) -> None:
        for letter in text:
            assert self.proposed.setdefault(letter, name) == name, "words went over to another amendment"

    def check(self, command: Command, before: Document) -> None:
        after = self.document
        kept = characters(after) | set("".join(run.text for run in removed(after)))
        if isinstance(command, EnterProposals):
            # What a delegation strikes of its own pending words goes for good: its next revision (E2).
            party = command.proposals[0].delegation
            own = {letter for letter in self.seen - kept if letter in self.proposed}
            assert {before.record.amendments[self.proposed[letter]].delegation for letter in own} <= {party}
            self.seen -= own
        assert self.seen <= kept, f"{command.act} lost words"
        for run in [*(run for each in after.text for run in each.runs), *removed(after)]:
            for letter in run.text:
                by = {mark.id for mark in run.marks if mark.kind in (MarkKind.INSERTION, MarkKind.ORIGIN)}
                wanted = {self.proposed[letter]} if letter in self.proposed else set()
                assert by == wanted, f"{command.act}: words are shown as another one's"
        self._same_or_more(command, before)
        if clean_words(before) != clean_words(after):
            assert decides(command), f"{command.act} changed clean text"
        for call in open_calls(after):
            for put in call.items:
                found = after.record.amendments[put.amendment]
                assert (found.open, found.pinned, found.revision) == (True, True, put.revision), command.act
                assert digest(words_lines(after, put.amendment)) == put.digest, command.act
        put_now = {one.amendment for call in open_calls(after) for one in call.items}
        assert {one.id for one in after.record.amendments.values() if one.pinned} == put_now

    def _same_or_more(self, command: Command, before: Document) -> None:
        record = self.document.record
        for name, one in before.record.amendments.items():
            now = record.amendments[name]
            assert now.decisions[: len(one.decisions)] == one.decisions, f"{command.act} changed past decisions"
            assert now.delegation == one.delegation or isinstance(command, Withdraw)
            assert (now.number, now.kind, now.created_at) == (one.number, one.kind, one.created_at) or now.open
        for key, value in before.record.table.items():
            if isinstance(value, Call) and value.state is not CallState.OPEN:
                assert record.table[key] == value, f"{command.act} changed a call that is over"
        subjects = [positions_on(one) for one in record.amendments.values()]
        subjects += [positions_on(one) for one in record.paragraphs.values()]
        said = {stance.note for subject in subjects for stance in (*subject.stances, *subject.earlier)}
        answered = {
            answer.note
            for call in record.table.values()
            if isinstance(call, Call)
            for answer in (*call.answers, *call.earlier)
        }
        assert self.notes <= said | answered, f"{command.act} lost a position"


def characters(given_: Document) -> set[str]:
    return set("".join(each.text for each in given_.text))


def removed(given_: Document) -> list[Run]:
    return [
        run
        for one in given_.record.amendments.values()
        for entry in one.removed
        for run in (entry.whole.runs if entry.whole else entry.runs)
    ]


def clean_words(given_: Document) -> str:
    """Clean text read from end to end, whatever its division into paragraphs."""
    return "".join(each.text for each in settled(given_).text)


def decides(command: Command) -> bool:
    """Whether a command is the chair's gavel, or one on structure that the secretariat carries out."""
    match command:
        case RecordOutcome(ruling=ruling, others=others) | DecideCall(ruling=ruling, others=others):
            return bool(GAVEL.intersection((ruling, *(one.ruling for one in others))))
        case RecordOutcomes(outcomes=outcomes):
            return bool(GAVEL.intersection(one.ruling for one in outcomes))
    return isinstance(command, Reopen) or isinstance(command, STRUCTURE)


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_no_sequence_of_commands_loses_a_word_a_position_or_an_attribution(seed: int) -> None:
    """[I8] [D5] [A7] [D10]"""
    table = Table(Random(seed))
    for _ in range(45):
        table.step()
    record = table.document.record
    for value in (*record.amendments.values(), *record.paragraphs.values(), *record.table.values(), record.opinion):
        key, text = write_entry(value)
        assert (key, read_entry(key, text)) == (key_of(value), value)


def test_the_sequences_reach_what_they_are_about() -> None:
    """A property that tries nothing proves nothing: what fifty sequences came through."""
    reached: set[object] = set()
    for seed in range(30):
        table = Table(Random(seed))
        for _ in range(45):
            table.step()
        record = table.document.record
        reached |= {one.status for one in record.amendments.values()}
        reached |= {one.state for one in record.table.values() if isinstance(one, Call)}
        reached |= {one.state for one in record.paragraphs.values()}
    assert reached >= {*CallState}
    assert reached >= {*Status} - {Status.DRAFT, Status.MERGED}
    assert reached >= {*ParagraphState} - {ParagraphState.BASE}
