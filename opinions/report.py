"""The chair's report of one draft Opinion as values: what is on record of it, paragraph by paragraph (I9).

A report says what was proposed, said, asked and ruled, by whom and when; it never concludes and never counts. It is
made of the document alone, drafts aside, and of every name only as far as its reader is shown it
(`opinions.visibility`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from opinions.brackets import BracketKind, open_brackets
from opinions.clean import settled
from opinions.model import AmendmentId, ParagraphId
from opinions.names_withheld import with_names
from opinions.numbering import citations
from opinions.record import (
    Alternatives,
    Amendment,
    Attitude,
    Call,
    Decision,
    Document,
    Package,
    ParagraphState,
    Stance,
    Status,
)
from opinions.spoken import CallAnswer
from opinions.statuses import Answer
from opinions.visibility import WHOLE, NamesShown
from opinions.wording_kept import Wording, bearing, wordings

_NEVER = datetime.max.replace(tzinfo=UTC)
RESERVATIONS = frozenset({Attitude.RESERVE, Attitude.OPPOSE, Attitude.FORMAL_OBJECTION})
"""Positions whose statements stand in a list of their own."""


class Extent(StrEnum):
    """What a report is of: all that is on record, one meeting, or what came after a moment (a version's freeze)."""

    WHOLE = "whole"
    MEETING = "meeting"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what a report is made. From `since` on up to `until`, both included; None: without an end.

    Of a meeting it is the time from the first to the last act recorded under its name, and all so recorded.
    """

    extent: Extent = Extent.WHOLE
    meeting: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime | None, meeting: str = "") -> bool:
        """Whether something of this time (None: of a source, from before), recorded under this meeting, is in it."""
        if self.extent is Extent.WHOLE or (self.meeting and meeting == self.meeting):
            return True
        if at is None or (self.meeting and meeting):
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Position:
    """One position with its statement. `current` is False for one that another took the place of."""

    stance: Stance
    current: bool = True


@dataclass(frozen=True, slots=True)
class Objections:
    """One call for objections with what was answered to it. `numbers` are the amendments put, with their revisions."""

    call: Call
    numbers: tuple[tuple[int, int], ...]

    def answered(self, answer: Answer) -> tuple[CallAnswer, ...]:
        """The newest answers of this kind."""
        return tuple(one for one in self.call.answers if one.answer is answer)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One amendment with all that was said and done of it. `cited`: the paragraph it stands at; `merged` and `into`
    are numbers of amendments; `options` name the alternatives it is an option of, `packages` those it belongs to.
    """

    amendment: Amendment
    cited: str
    wording: tuple[Wording, ...]
    positions: tuple[Position, ...] = ()
    calls: tuple[Objections, ...] = ()
    decisions: tuple[Decision, ...] = ()
    merged: tuple[int, ...] = ()
    into: int = 0
    options: tuple[tuple[str, str], ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """One paragraph. `words` is its clean text; `gone` tells that it stands in the text no more."""

    paragraph: ParagraphId
    cited: str
    state: ParagraphState
    words: str
    proposals: tuple[Proposal, ...] = ()
    positions: tuple[Position, ...] = ()
    decisions: tuple[Decision, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation, opposition or formal objection as it stands: on an amendment (its number), or on a paragraph."""

    cited: str
    number: int
    stance: Stance


@dataclass(frozen=True, slots=True)
class Bracket:
    """One open square bracket: where, what is in it, who holds it, and the amendment's number and status."""

    paragraph: ParagraphId
    cited: str
    kind: BracketKind
    words: str
    holders: tuple[str, ...]
    since: datetime
    number: int
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A set of alternatives: each option's label with the numbers of its amendments (none: no text), and what became
    of it.
    """

    alternatives: Alternatives
    options: tuple[tuple[str, tuple[int, ...], bool], ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """A package with what is in it, as the room calls it."""

    package: Package
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one Opinion. `headings` are the paragraphs of which something is told, in reading order, those
    gone last; the lists after them name again, each once, what a reader looks for at the end.
    """

    scope: Scope
    headings: tuple[Heading, ...]
    reservations: tuple[Reserved, ...]
    open: tuple[Proposal, ...]
    reopening: tuple[Proposal, ...]
    not_retained: tuple[Proposal, ...]
    withdrawn: tuple[Proposal, ...]
    alternatives: tuple[Chosen, ...]
    packages: tuple[Deal, ...]
    brackets: tuple[Bracket, ...]

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Every amendment told of, in reading order."""
        return tuple(one for heading in self.headings for one in heading.proposals)


def report(document: Document, scope: Scope = EVERYTHING, names: NamesShown = WHOLE) -> Report:
    """The report of a document within a scope, with the names that its reader is shown."""
    told = with_names(document, names)
    return _Maker(told, _timed(told, scope)).report()


def meetings(document: Document) -> tuple[str, ...]:
    """The meetings under whose names something is on record, in the order in which they first decided."""
    sitting = document.record.opinion.sitting
    found = sorted((one.at, one.meeting) for one in _decisions(document) if one.meeting)
    return tuple(dict.fromkeys((*(name for _, name in found), *((sitting.name,) if sitting else ()))))


def _decisions(document: Document) -> Iterable[Decision]:
    record = document.record
    for one in record.amendments.values():
        yield from one.decisions
    for paragraph in record.paragraphs.values():
        yield from paragraph.decisions
    for lying in record.table.values():
        if isinstance(lying, Call) and lying.decision is not None:
            yield lying.decision
        elif isinstance(lying, Alternatives):
            yield from lying.decisions


def _timed(document: Document, scope: Scope) -> Scope:
    """The scope of a meeting with its times: of what was recorded under its name, and of the sitting under way."""
    if scope.extent is not Extent.MEETING:
        return scope
    times = [one.at for one in _decisions(document) if one.meeting == scope.meeting]
    ids = {one.call for one in _decisions(document) if one.meeting == scope.meeting and one.call}
    times += [call.opened_at for name in ids if (call := document.record.call(name)) is not None]
    sitting = document.record.opinion.sitting
    if sitting is not None and sitting.name == scope.meeting:
        return replace(scope, since=min((sitting.opened_at, *times)), until=None)
    if not times:
        return replace(scope, since=_NEVER, until=_NEVER)
    return replace(scope, since=min(times), until=max(times))


class _Maker:
    """Makes one report."""

    def __init__(self, document: Document, scope: Scope) -> None:
        self._document = document
        self._scope = scope
        self._cited = {name: told.replace("*", "") for name, told in citations(document).items()}
        self._clean = {one.id: one.text for one in settled(document).text}
        record = document.record
        self._known = {key: one for key, one in record.amendments.items() if one.status is not Status.DRAFT}
        lying = tuple(record.table.values())
        self._choices = tuple(one for one in lying if isinstance(one, Alternatives))
        self._deals = tuple(one for one in lying if isinstance(one, Package))
        self._called: dict[AmendmentId, list[Call]] = {}
        for call in sorted((one for one in lying if isinstance(one, Call)), key=lambda one: one.opened_at):
            for name in dict.fromkeys(item.amendment for item in call.items):
                self._called.setdefault(name, []).append(call)
        self._borne = bearing(document.text)
        self._here = frozenset(paragraph.id for paragraph in document.text)

    def report(self) -> Report:
        told = {one.id: self._proposal(one) for one in self._known.values() if self._concerns(one)}
        headings = self._headings(told)
        ordered = [one for heading in headings for one in heading.proposals]

        def now(*statuses: Status) -> tuple[Proposal, ...]:
            return tuple(one for one in ordered if one.amendment.status in statuses)

        return Report(
            self._scope,
            headings,
            tuple(self._reservations(ordered)),
            tuple(one for one in ordered if one.amendment.open),
            tuple(one for one in ordered if one.amendment.open and self._asks_to_reopen(one.amendment)),
            now(Status.NOT_RETAINED),
            now(Status.WITHDRAWN),
            tuple(self._chosen(one) for one in self._choices if self._lies(one.put_at)),
            tuple(self._deal(one) for one in self._deals if self._lies(one.put_at)),
            self._brackets(),
        )

    def _lies(self, at: datetime) -> bool:
        return self._scope.extent is Extent.WHOLE or self._scope.until is None or at <= self._scope.until

    def _asks_to_reopen(self, one: Amendment) -> bool:
        state = self._document.record.paragraph(one.paragraph).state
        return state in {ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM}

    def _concerns(self, one: Amendment) -> bool:
        """Whether something of an amendment is in the scope."""
        holds = self._scope.holds
        return (
            holds(one.created_at)
            or holds(one.changed_at)
            or any(holds(stance.at) for stance in (*one.stances, *one.earlier))
            or any(holds(decision.at, decision.meeting) for decision in one.decisions)
            or bool(self._calls(one))
        )

    def _headings(self, told: Mapping[AmendmentId, Proposal]) -> tuple[Heading, ...]:
        by_place: dict[ParagraphId, list[Proposal]] = {}
        for one in sorted(told.values(), key=lambda one: (one.amendment.number, one.amendment.id)):
            by_place.setdefault(self._place(one), []).append(one)
        order = [paragraph.id for paragraph in self._document.text]
        rest = sorted({*by_place, *self._document.record.paragraphs} - self._here)
        found = []
        for name in (*order, *rest):
            record = self._document.record.paragraph(name)
            heading = Heading(
                name,
                self._cited.get(name, record.label),
                record.state,
                self._clean.get(name, ""),
                tuple(by_place.get(name, ())),
                self._positions(record.stances, record.earlier),
                self._ruled(record.decisions),
                gone=name not in self._here,
            )
            if heading.proposals or heading.positions or heading.decisions:
                found.append(heading)
        return tuple(found)

    def _place(self, one: Proposal) -> ParagraphId:
        """The paragraph under which an amendment is told: the first in which its words stand, or its own."""
        own = one.amendment.paragraph
        places = (wording.paragraph for wording in one.wording if wording.paragraph in self._here)
        return own if own in self._here else next(places, own)

    def _proposal(self, one: Amendment) -> Proposal:
        merged = tuple(self._number(name) for name in one.replaces)
        return Proposal(
            one,
            self._cited.get(one.paragraph, ""),
            wordings(self._document, one, self._borne),
            self._positions(one.stances, one.earlier),
            self._calls(one),
            self._ruled(one.decisions),
            merged,
            self._number(one.into) if one.into else 0,
            tuple(
                (lying.name, option.label)
                for lying in self._choices
                for option in lying.options
                if one.id in option.amendments
            ),
            tuple(deal.name for deal in self._deals if f"amendment:{one.id}" in deal.subjects),
        )

    def _number(self, name: str) -> int:
        found = self._known.get(AmendmentId(name))
        return found.number if found else 0

    def _positions(self, now: Sequence[Stance], earlier: Sequence[Stance]) -> tuple[Position, ...]:
        """As they are, and those of the scope that they took the place of."""
        former = (Position(one, current=False) for one in earlier if self._scope.holds(one.at))
        return (*(Position(one) for one in now), *former)

    def _ruled(self, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
        return tuple(self._with_package(one) for one in decisions if self._scope.holds(one.at, one.meeting))

    def _with_package(self, one: Decision) -> Decision:
        """The decision with its package called as the room calls it."""
        found = self._document.record.package(one.package) if one.package else None
        return one if found is None else replace(one, package=found.name)

    def _calls(self, one: Amendment) -> tuple[Objections, ...]:
        found = []
        for call in self._called.get(one.id, ()):
            meeting = call.decision.meeting if call.decision else ""
            if self._scope.holds(call.opened_at, meeting) or self._scope.holds(call.closed_at, meeting):
                numbers = tuple((self._number(item.amendment), item.revision) for item in call.items)
                found.append(Objections(call, numbers))
        return tuple(found)

    def _reservations(self, told: Iterable[Proposal]) -> Iterable[Reserved]:
        for one in told:
            for stance in one.amendment.stances:
                if stance.attitude in RESERVATIONS:
                    yield Reserved(one.cited, one.amendment.number, stance)
        for paragraph in self._document.text:
            for stance in self._document.record.paragraph(paragraph.id).stances:
                if stance.attitude in RESERVATIONS:
                    yield Reserved(self._cited.get(paragraph.id, ""), 0, stance)

    def _chosen(self, one: Alternatives) -> Chosen:
        options = tuple(
            (option.label, tuple(self._number(name) for name in option.amendments), option.no_text)
            for option in one.options
        )
        return Chosen(one, options)

    def _deal(self, one: Package) -> Deal:
        def called(subject: str) -> str:
            kind, _, name = subject.partition(":")
            if kind == "amendment":
                return f"#{self._number(name)}"
            return self._cited.get(ParagraphId(name), "a paragraph that stands no more")

        return Deal(one, tuple(called(subject) for subject in one.subjects))

    def _brackets(self) -> tuple[Bracket, ...]:
        found = []
        for one in open_brackets(self._document):
            amendment = self._known.get(one.id)
            if amendment is None:
                continue
            found.append(
                Bracket(
                    one.paragraphs[0],
                    self._cited.get(one.paragraphs[0], ""),
                    one.kind,
                    one.words,
                    tuple(holder for holder in one.holders if holder),
                    one.since,
                    amendment.number,
                    amendment.status,
                    amendment.reason,
                )
            )
        return tuple(found)
