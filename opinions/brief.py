"""The brief for a capital: what of one draft Opinion concerns one delegation, from the document that the group shares.

Nothing of other delegations' drafts or notes can be in it, for the document holds none (I2); what its own people draft
stands in their editor.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opinions.brackets import WANTING, BracketKind, open_brackets
from opinions.compromise import Word, compromises, holders
from opinions.model import AmendmentId, DelegationCode, MarkKind, ParagraphId, Run
from opinions.numbering import citations
from opinions.record import (
    Amendment,
    AmendmentKind,
    Call,
    Decision,
    Document,
    ParagraphState,
    Stance,
    Status,
)
from opinions.spoken import CallAnswer
from opinions.stances import typed_unconfirmed, unconfirmed
from opinions.statuses import CallState
from opinions.words import bracketing, changing, proposals

_AGREED = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})
_WAITING = frozenset({Status.SET_ASIDE, Status.PENDING_DELEGATION, Status.PENDING_PACKAGE})


class Touch(StrEnum):
    """How another's proposal touches what a delegation holds: in its words, or in a paragraph where it holds some."""

    WORDS = "words"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Held:
    """A square bracket that the delegation holds, and what others say of it."""

    paragraph: ParagraphId
    cited: str
    kind: BracketKind
    words: str
    amendment: Amendment
    others: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class Touching:
    """A proposal of others that touches what the delegation holds."""

    paragraph: ParagraphId
    cited: str
    amendment: Amendment
    touch: Touch


@dataclass(frozen=True, slots=True)
class Asked:
    """A call for objections, the numbers of what it puts, and what the delegation answered; None: nothing yet."""

    call: Call
    numbers: tuple[int, ...]
    answer: CallAnswer | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A position that others took on an amendment of the delegation's."""

    cited: str
    amendment: Amendment
    stance: Stance


@dataclass(frozen=True, slots=True)
class Typed:
    """What the secretariat typed for the delegation and nobody of it confirmed: an amendment, or (`stance`) a position
    on one, or (`amendment` None) on a paragraph.
    """

    paragraph: ParagraphId
    cited: str
    amendment: Amendment | None
    stance: Stance | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A compromise text for something that the delegation holds (`of`: numbers), and its word on it."""

    paragraph: ParagraphId
    cited: str
    amendment: Amendment
    of: tuple[int, ...]
    word: Word


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the delegation, or stands aside with something of its own: the last decision says why, and until
    when. `amendment` None: the paragraph itself.
    """

    paragraph: ParagraphId
    cited: str
    amendment: Amendment | None
    decision: Decision | None
    on_us: bool


@dataclass(frozen=True, slots=True)
class Brief:
    """What concerns one delegation in one draft Opinion, as it stands. Every part is in reading order."""

    delegation: DelegationCode
    calls: tuple[Asked, ...] = ()
    answered: tuple[Asked, ...] = ()
    decided: tuple[Asked, ...] = ()
    offered: tuple[Offered, ...] = ()
    typed: tuple[Typed, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    held: tuple[Held, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    touching: tuple[Touching, ...] = ()
    reopening: tuple[Touching, ...] = ()

    @property
    def asks(self) -> int:
        """How many things wait for the delegation's own word."""
        return (
            len(self.calls)
            + sum(one.word is Word.SILENT for one in self.offered)
            + len(self.typed)
            + sum(one.on_us for one in self.waiting)
        )


def brief(document: Document, delegation: DelegationCode, since: datetime | None = None) -> Brief:
    """The brief of a delegation. `since` bounds the calls told of as decided; None: all of them."""
    made = _Maker(document, delegation)
    calls = tuple(made.calls())
    standing = [one for one in calls if one.call.state is CallState.OPEN]
    return Brief(
        delegation,
        tuple(one for one in standing if one.answer is None),
        tuple(one for one in standing if one.answer is not None),
        tuple(one for one in calls if _decided_since(one.call, since)),
        tuple(made.offered()),
        tuple(made.typed()),
        tuple(made.waiting()),
        tuple(made.held()),
        tuple(made.spoken()),
        tuple(made.touching()),
        tuple(made.reopening()),
    )


def _decided_since(call: Call, since: datetime | None) -> bool:
    if call.state is CallState.OPEN or call.closed_at is None:
        return False
    return since is None or call.closed_at >= since


class _Maker:
    def __init__(self, document: Document, delegation: DelegationCode) -> None:
        self._document = document
        self._us = delegation
        self._cited = {name: told.replace("*", "") for name, told in citations(document).items()}
        order = {paragraph.id: number for number, paragraph in enumerate(document.text)}
        known = (one for one in document.record.amendments.values() if one.status is not Status.DRAFT)
        self._known = sorted(known, key=lambda one: (order.get(one.paragraph, len(order)), one.number, one.id))

    def _ours(self, one: Amendment) -> bool:
        return self._us == one.delegation or self._us in one.sponsors

    def _speaks(self, one: Stance) -> bool:
        """Whether a position is ours: taken by us, or by a group as a member of which we are shown."""
        return one.delegation == self._us or self._us in one.members

    def _holds(self, one: Amendment, named: tuple[str, ...]) -> bool:
        """Whether we are among the holders as they are named, or shown with a group that is."""
        return self._us in named or any(
            each.delegation in named and self._us in each.members and each.attitude in WANTING for each in one.stances
        )

    def _at(self, paragraph: ParagraphId) -> str:
        return self._cited.get(paragraph, "")

    def _number(self, name: AmendmentId) -> int:
        found = self._document.amendment(name)
        return found.number if found else 0

    def calls(self) -> Iterator[Asked]:
        found = (one for one in self._document.record.table.values() if isinstance(one, Call))
        for call in sorted(found, key=lambda one: one.opened_at):
            answer = next((one for one in call.answers if one.delegation == self._us), None)
            yield Asked(call, tuple(self._number(item.amendment) for item in call.items), answer)

    def offered(self) -> Iterator[Offered]:
        for one in compromises(self._document):
            if not one.open:
                continue
            for holder in holders(self._document, one):
                if holder.delegation == self._us:
                    of = tuple(self._number(name) for name in holder.of)
                    yield Offered(one.paragraph, self._at(one.paragraph), one, of, holder.word)

    def typed(self) -> Iterator[Typed]:
        for one in self._known:
            at = self._at(one.paragraph)
            if one.delegation == self._us and typed_unconfirmed(one):
                yield Typed(one.paragraph, at, one)
            for stance in one.stances:
                if stance.delegation == self._us and unconfirmed(stance):
                    yield Typed(one.paragraph, at, one, stance)
        for paragraph in self._document.text:
            for stance in self._document.record.paragraph(paragraph.id).stances:
                if stance.delegation == self._us and unconfirmed(stance):
                    yield Typed(paragraph.id, self._at(paragraph.id), None, stance)

    def waiting(self) -> Iterator[Waiting]:
        for one in self._known:
            last = one.decisions[-1] if one.decisions else None
            on_us = last is not None and self._us in last.asked_by and one.status in _WAITING
            if one.status in _WAITING and (on_us or self._ours(one)):
                yield Waiting(one.paragraph, self._at(one.paragraph), one, last, on_us)
        for paragraph in self._document.text:
            record = self._document.record.paragraph(paragraph.id)
            last = record.decisions[-1] if record.decisions else None
            if last is not None and self._us in last.asked_by and record.state.value in {one.value for one in _WAITING}:
                yield Waiting(paragraph.id, self._at(paragraph.id), None, last, True)

    def held(self) -> Iterator[Held]:
        for one in open_brackets(self._document):
            amendment = self._document.amendment(one.id)
            if amendment is None or amendment.status is Status.DRAFT or not self._holds(amendment, one.holders):
                continue
            others = tuple(stance for stance in amendment.stances if not self._speaks(stance))
            yield Held(one.paragraphs[0], self._at(one.paragraphs[0]), one.kind, one.words, amendment, others)

    def spoken(self) -> Iterator[Spoken]:
        for one in self._known:
            if one.open and self._ours(one):
                for stance in one.stances:
                    if not self._speaks(stance):
                        yield Spoken(self._at(one.paragraph), one, stance)

    def touching(self) -> Iterator[Touching]:
        """Others' open proposals in our words, pending or agreed, else in the paragraphs where we hold something."""
        ours = {one.id for one in self._known if one.open and self._ours(one)}
        agreed = {one.id for one in self._known if not one.open and self._ours(one)}
        runs = (run for paragraph in self._document.text for run in paragraph.runs if run.marks)
        in_words = frozenset[AmendmentId]().union(*(_beside(run, ours, agreed) for run in runs))
        brought = {
            paragraph.id
            for paragraph in self._document.text
            if any(run.ids(MarkKind.ORIGIN) & agreed for run in paragraph.runs)
        }
        borne: dict[AmendmentId, list[ParagraphId]] = {}
        for paragraph in self._document.text:
            for name in proposals(paragraph):
                borne.setdefault(name, []).append(paragraph.id)
        here = {paragraph for name in ours for paragraph in borne.get(name, ())}
        here |= {one.paragraph for one in self._known if one.id in ours}
        for one in self._known:
            if not one.open or self._ours(one):
                continue
            at = {*borne.get(one.id, ()), one.paragraph}
            words = one.id in in_words or (one.kind is AmendmentKind.SUP and one.paragraph in brought)
            if words or at & here:
                touch = Touch.WORDS if words else Touch.PARAGRAPH
                place = next(iter(borne.get(one.id, ())), one.paragraph)
                yield Touching(place, self._at(place), one, touch)

    def reopening(self) -> Iterator[Touching]:
        for one in self._known:
            if one.open and self._document.record.paragraph(one.paragraph).state in _AGREED:
                yield Touching(one.paragraph, self._at(one.paragraph), one, Touch.PARAGRAPH)


def _beside(run: Run, ours: Set[AmendmentId], agreed: Set[AmendmentId]) -> frozenset[AmendmentId]:
    """The other proposals on characters that bear one of ours (nested in it, striking it, or around it), or that one of
    ours brought into the text.
    """
    pending = changing(run.marks) | bracketing(run.marks)
    return pending - ours if pending & ours or run.ids(MarkKind.ORIGIN) & agreed else frozenset()
