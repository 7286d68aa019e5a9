"""The chair's queue: what is before the meeting, in reading order, with what belongs together side by side.

It is a way of looking at the record. It ranks nothing and counts no positions (I9).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opinions.clean import considerable
from opinions.conflicts import Touched, conflicts, touched
from opinions.model import AmendmentId, Paragraph, ParagraphId
from opinions.record import Alternatives, Amendment, AmendmentKind, Decision, Document, ParagraphState, Ruling, Status
from opinions.statuses import Choice, Level

AGREED_STATES = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})
"""Paragraphs that an amendment asks to reopen."""
_AGREEING = frozenset({Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM})
_TIED = frozenset({Choice.OPEN, Choice.KEPT})


class Tie(StrEnum):
    """Why amendments stand together: a compromise with what it stands for, options, or the same words."""

    NONE = ""
    COMPROMISE = "compromise"
    ALTERNATIVES = "alternatives"
    CONFLICT = "conflict"


class Filter(StrEnum):
    """Which part of the queue is looked at. `paragraphs`: those on the table in which nothing is pending. `new`: what
    was submitted, co-sponsored or spoken of since, and not ruled on: what a delegation takes a position on is to be
    looked at again. The editor's own filter goes by the same time.
    """

    ALL = "all"
    CONFLICTING = "conflicting"
    SET_ASIDE = "set_aside"
    NEW = "new"
    REOPENING = "reopening"
    EDITORIAL = "editorial"
    PARAGRAPHS = "paragraphs"


@dataclass(frozen=True, slots=True)
class Bond:
    """What ties an amendment to others of the same `key`; `name` is what the room calls that."""

    tie: Tie
    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Amendments that belong together, in reading order; `words` are those they are about, as they are agreed now."""

    tie: Tie
    amendments: tuple[Amendment, ...]
    words: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """One paragraph with the groups that begin in it. Without any it waits to be considered itself."""

    paragraph: Paragraph
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """All that is before the meeting. `bare` are the paragraphs on the table in which nothing is pending; `conflicting`
    says with which others each amendment competes for words; `ties` what else keeps amendments together.
    """

    rows: tuple[Queued, ...]
    bare: tuple[Paragraph, ...]
    conflicting: Mapping[AmendmentId, tuple[AmendmentId, ...]]
    ties: Mapping[AmendmentId, "Bond"]

    def amendments(self) -> Iterator[Amendment]:
        """Every amendment before the meeting, in reading order."""
        return (one for row in self.rows for group in row.groups for one in group.amendments)


def table(document: Document) -> Table:
    """What is before the meeting now. Each amendment stands once, where it first touches the text."""
    touching = touched(document)
    clashing = conflicts(document, touching)
    numbers = {paragraph.id: number for number, paragraph in enumerate(document.text)}
    by_place: dict[int, list[tuple[Touched, Amendment]]] = {}
    over: set[int] = set()
    for amendment in _before_the_meeting(document):
        stretches = touching.get(amendment.id, ())
        first = stretches[0] if stretches else Touched(numbers.get(amendment.paragraph, len(numbers)), 0, 0)
        by_place.setdefault(first.place, []).append((first, amendment))
        over.update(one.place for one in stretches)
        if amendment.kind is AmendmentKind.BRACKET and stretches:
            over.update(range(first.place, stretches[-1].place + 1))
    ties = _ties(document)
    paragraphs = document.text.paragraphs
    rows = []
    for number in sorted(by_place):
        standing = sorted(by_place[number], key=lambda each: (each[0].start, each[1].number, each[1].id))
        if number < len(paragraphs):
            rows.append(Queued(paragraphs[number], tuple(_grouped(paragraphs[number], standing, ties, clashing))))
    over.update(by_place)
    bare = tuple(one for one in considerable(document) if numbers[one.id] not in over)
    return Table(tuple(rows), bare, clashing, ties)


def chosen(found: Table, document: Document, wanted: Filter, since: datetime | None = None) -> tuple[Queued, ...]:
    """The part of the queue that a filter shows. `since`: what changed after it is new; None: everything.

    Beside the amendments the whole queue holds the paragraphs whose amendments are all decided and that are not
    agreed: the chair comes to them in reading order. Text that nobody has considered has the filter of its own, with
    what a meeting of a lower level agreed.
    """
    if wanted is Filter.PARAGRAPHS:
        return tuple(
            Queued(one)
            for one in found.bare
            if _state(document, one.id) not in AGREED_STATES
            or confirmable(document, document.record.paragraph(one.id).decisions)
        )
    if wanted is Filter.ALL:
        ready = {one.id for one in found.bare if _state(document, one.id) not in {*AGREED_STATES, ParagraphState.BASE}}
        row_of = {row.paragraph.id: row for row in found.rows}
        named = (row_of.get(one.id) or (Queued(one) if one.id in ready else None) for one in document.text)
        return tuple(row for row in named if row is not None)
    result = []
    for row in found.rows:
        groups = []
        for group in row.groups:
            fitting = tuple(one for one in group.amendments if _fits(one, wanted, found, document, since))
            if fitting:
                groups.append(Group(group.tie if len(fitting) > 1 else Tie.NONE, fitting, group.words, group.name))
        if groups:
            result.append(Queued(row.paragraph, tuple(groups)))
    return tuple(result)


def how_many(found: Table, document: Document, since: datetime | None = None) -> Mapping[Filter, int]:
    """How many rows each filter shows."""
    counts = dict.fromkeys(Filter, 0)
    for one in found.amendments():
        for wanted in Filter:
            if wanted not in {Filter.ALL, Filter.PARAGRAPHS}:
                counts[wanted] += _fits(one, wanted, found, document, since)
    for wanted in (Filter.ALL, Filter.PARAGRAPHS):
        rows = chosen(found, document, wanted)
        counts[wanted] = sum(sum(len(group.amendments) for group in row.groups) or 1 for row in rows)
    return counts


def asks_to_reopen(amendment: Amendment, document: Document) -> bool:
    """Whether it was submitted inside agreed text: the paragraph stays agreed until the chair grants it."""
    return _state(document, amendment.paragraph) in AGREED_STATES


def competitors(amendment: Amendment, found: Table) -> tuple[Amendment, ...]:
    """The pending amendments whose fate is asked for when this one is decided: those that touch the same words, and
    other options. Not what a compromise text stands for: that is merged with it.
    """
    names = dict.fromkeys(found.conflicting.get(amendment.id, ()))
    bond = found.ties.get(amendment.id)
    if bond is not None:
        names.update((other, None) for other, its in found.ties.items() if its == bond)
    for settled in (amendment.id, *amendment.replaces):
        names.pop(settled, None)
    pending = {one.id: one for one in found.amendments()}
    return tuple(pending[name] for name in names if name in pending)


def other_options(amendment: Amendment, found: Table) -> frozenset[AmendmentId]:
    """Those of its competitors that are other options of its alternatives: at most one of all these can stand."""
    bond = found.ties.get(amendment.id)
    if bond is None or bond.tie is not Tie.ALTERNATIVES:
        return frozenset()
    return frozenset(name for name, its in found.ties.items() if its == bond and name != amendment.id)


def confirmable(document: Document, decisions: Sequence[Decision]) -> bool:
    """Whether what was agreed by these decisions can be confirmed: a meeting of a higher level is under way (D8)."""
    sitting = document.record.opinion.sitting
    if sitting is None or not decisions or decisions[-1].ruling not in _AGREEING:
        return False
    levels = tuple(Level)
    return levels.index(sitting.level) > levels.index(decisions[-1].level)


def _before_the_meeting(document: Document) -> Iterator[Amendment]:
    return (one for one in document.record.amendments.values() if one.open and one.status is not Status.DRAFT)


def _state(document: Document, paragraph: ParagraphId) -> ParagraphState:
    return document.record.paragraph(paragraph).state


def _fits(amendment: Amendment, wanted: Filter, found: Table, document: Document, since: datetime | None) -> bool:
    match wanted:
        case Filter.CONFLICTING:
            return amendment.id in found.conflicting
        case Filter.SET_ASIDE:
            return amendment.status is Status.SET_ASIDE
        case Filter.NEW:
            return amendment.status is Status.SUBMITTED and (since is None or amendment.changed_at > since)
        case Filter.REOPENING:
            return asks_to_reopen(amendment, document)
        case Filter.EDITORIAL:
            return amendment.editorial
    return True


def _ties(document: Document) -> dict[AmendmentId, Bond]:
    """By what each amendment is tied to others: a compromise, alternatives (put, or brackets of one group)."""
    found: dict[AmendmentId, Bond] = {}
    for amendment in document.record.amendments.values():
        if amendment.open and amendment.group:
            found[amendment.id] = Bond(Tie.ALTERNATIVES, amendment.group)
    for value in document.record.table.values():
        if isinstance(value, Alternatives) and value.state in _TIED:
            for option in value.options:
                found.update((name, Bond(Tie.ALTERNATIVES, value.id, value.name)) for name in option.amendments)
    for amendment in document.record.amendments.values():
        if amendment.open and amendment.replaces:
            found.update((name, Bond(Tie.COMPROMISE, amendment.id)) for name in (amendment.id, *amendment.replaces))
    return found


def _grouped(
    paragraph: Paragraph,
    standing: list[tuple[Touched, Amendment]],
    ties: Mapping[AmendmentId, Bond],
    clashing: Mapping[AmendmentId, tuple[AmendmentId, ...]],
) -> Iterator[Group]:
    """The amendments of one paragraph in groups, each where its first member stands. What is tied goes first; among
    the rest, amendments are together that are linked by one clash after the other.
    """
    here = {amendment.id: (place, amendment) for place, amendment in standing}
    taken: set[AmendmentId] = set()
    for amendment in [amendment for _, amendment in standing]:
        if amendment.id in taken:
            continue
        bond = ties.get(amendment.id)
        if bond is not None:
            members = {one for one in here if ties.get(one) == bond}
        else:
            members = set(_linked(amendment.id, clashing, here.keys() - taken - ties.keys()))
        tie, name = (bond.tie, bond.name) if bond is not None else (Tie.CONFLICT, "")
        taken |= members
        inside = [here[one] for one in here if one in members]
        words = _agreed(paragraph, min(one.start for one, _ in inside), max(one.end for one, _ in inside))
        together = len(inside) > 1
        yield Group(tie if together else Tie.NONE, tuple(one for _, one in inside), words if together else "", name)


def _linked(
    first: AmendmentId, clashing: Mapping[AmendmentId, tuple[AmendmentId, ...]], within: Set[AmendmentId]
) -> Iterable[AmendmentId]:
    reached, waiting = {first: None}, [first]
    while waiting:
        for other in clashing.get(waiting.pop(), ()):
            if other in within and other not in reached:
                reached[other] = None
                waiting.append(other)
    return reached


def _agreed(paragraph: Paragraph, start: int, end: int) -> str:
    words, offset = [], 0
    for run in paragraph.runs:
        after = offset + len(run.text)
        if run.insertion is None and offset < end and after > start:
            words.append(run.text[max(start - offset, 0) : end - offset])
        offset = after
    return "".join(words)
