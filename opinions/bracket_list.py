"""The list of square brackets: every place where something is open, with what stands behind it (opinions/SPEC.md, BL).

`opinions.brackets.open_brackets` says what is open and nothing else does; this adds to each place where it is cited,
who asked what of it, since which version it stands there and what it is linked with, and finds and sorts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from opinions.brackets import BracketKind, extents, holders, open_brackets
from opinions.model import AmendmentId, ParagraphId
from opinions.numbering import citations
from opinions.on_table import Alternatives, Call, Package
from opinions.record import Amendment, Document, Status
from opinions.spoken import Decision
from opinions.statuses import CallState, Choice
from opinions.steps import Step, StepKind
from opinions.words import proposals

MAX_LINKS = 12
"""Linked amendments named in one row; what is more is counted. A bracket round a chapter holds all of it."""


class Tie(StrEnum):
    """How an amendment is linked with the one of a row."""

    HOLDS = "holds"
    INSIDE = "inside"
    SAME_WORDS = "same_words"
    ALTERNATIVE = "alternative"
    PACKAGE = "package"
    REPLACES = "replaces"
    REPLACED_BY = "replaced_by"


@dataclass(frozen=True, slots=True)
class Linked:
    """An amendment that is linked; `name` is that of the package or of the alternatives."""

    amendment: AmendmentId
    number: int
    tie: Tie
    name: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """When something came before the meeting, and the first version in which it stood (empty: in none yet)."""

    at: datetime
    seq: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class ListedBracket:
    """One row. `key` is its anchor on a page (`b-<amendment>`, then `b-<amendment>-2`), `place` its paragraph's number
    in reading order. `ruling` is the last one on its amendment. `links` are the first `MAX_LINKS` of `linked`.
    """

    key: str
    place: int
    kind: BracketKind
    paragraph: ParagraphId
    cited: str
    paragraphs: int
    words: str
    holders: tuple[str, ...]
    amendment: Amendment
    since: Since
    on_floor: bool
    called: bool
    ruling: Decision | None
    links: tuple[Linked, ...]
    linked: int

    @property
    def status(self) -> Status:
        """Where its amendment stands."""
        return self.amendment.status


class Order(StrEnum):
    """What the list can be sorted by; `place` is reading order."""

    PLACE = "place"
    HOLDER = "holder"
    KIND = "kind"
    STATE = "state"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted, and in which order. `days`: at least so many days old. `text`: all of these words, in
    words, reason, holders, number or place.
    """

    paragraph: str = ""
    holder: str = ""
    kind: BracketKind | None = None
    status: Status | None = None
    days: int = 0
    text: str = ""
    order: Order = Order.PLACE
    backwards: bool = False


def listed(
    document: Document,
    steps: Sequence[Step] = (),
    naming: Callable[[Amendment], tuple[str, ...]] = holders,
) -> tuple[ListedBracket, ...]:
    """Every open bracket (B1), in reading order. `steps` are the history that says since when."""
    cited = citations(document)
    place = {paragraph.id: number for number, paragraph in enumerate(document.text)}
    since = opened(steps)
    founding = steps[0].seq if steps and steps[0].act == "import" else 0
    links = _links(document)
    floor = document.record.opinion.floor
    called = _called(document)
    seen: Counter[AmendmentId] = Counter()
    rows: list[ListedBracket] = []
    for each in open_brackets(document, naming):
        amendment = document.record.amendments[each.id]
        seen[each.id] += 1
        first = each.paragraphs[0]
        its = links.get(each.id, ())
        rows.append(
            ListedBracket(
                key=f"b-{each.id}" if seen[each.id] == 1 else f"b-{each.id}-{seen[each.id]}",
                place=place[first],
                kind=each.kind,
                paragraph=first,
                cited=cited[first],
                paragraphs=len(each.paragraphs),
                words=each.words,
                holders=each.holders,
                amendment=amendment,
                since=_since(since.get(each.id), each.since, founding),
                on_floor=floor is not None
                and (floor.amendment or "") in ("", each.id)
                and floor.paragraph in each.paragraphs,
                called=each.id in called,
                ruling=amendment.decisions[-1] if amendment.decisions else None,
                links=its[:MAX_LINKS],
                linked=len(its),
            )
        )
    return tuple(rows)


def chosen(rows: Iterable[ListedBracket], wanted: Wanted, now: datetime) -> tuple[ListedBracket, ...]:
    """The rows that fit, in the order wanted; rows alike in that stay in reading order."""
    sought = wanted.text.casefold().split()
    least = timedelta(days=wanted.days)
    found = [
        row
        for row in rows
        if (not wanted.paragraph or row.paragraph == wanted.paragraph)
        and (not wanted.holder or wanted.holder in row.holders)
        and (wanted.kind is None or row.kind is wanted.kind)
        and (wanted.status is None or row.status is wanted.status)
        and (not wanted.days or now - row.since.at >= least)
        and (not sought or _speaks_of(row, sought))
    ]
    keys: Mapping[Order, Callable[[ListedBracket], object]] = {
        Order.HOLDER: lambda row: row.holders or ("~",),
        Order.KIND: lambda row: row.kind.value,
        Order.STATE: lambda row: row.status.value,
        Order.AGE: lambda row: row.since.at,
    }
    if wanted.order in keys:
        found.sort(key=keys[wanted.order])  # type: ignore[arg-type]  # one key at a time, its values are of one type
    if wanted.backwards:
        found.reverse()
    return tuple(found)


def opened(steps: Iterable[Step]) -> dict[AmendmentId, Since]:
    """Since when each pending amendment is before the meeting without a break, and since which version."""
    found: dict[AmendmentId, Since] = {}
    waiting: set[AmendmentId] = set()
    for step in steps:
        for one in step.moved:
            if not one.pending:
                found.pop(one.amendment, None)
                waiting.discard(one.amendment)
            elif one.amendment not in found:
                found[one.amendment] = Since(step.at, step.seq)
                waiting.add(one.amendment)
        if step.kind is StepKind.FROZEN:
            for name in waiting:
                found[name] = Since(found[name].at, found[name].seq, step.label)
            waiting.clear()
    return found


def _since(known: Since | None, created: datetime, founding: int) -> Since:
    """Since when, as the history says; what the founding text brought along lay before a meeting elsewhere already."""
    if known is None:
        return Since(created)
    return replace(known, at=min(known.at, created)) if founding and known.seq == founding else known


def _speaks_of(row: ListedBracket, sought: Iterable[str]) -> bool:
    own = (row.words, row.amendment.reason, row.cited, *row.holders, f"#{row.amendment.number}")
    text = " ".join(own).casefold()
    return all(word in text for word in sought)


def _called(document: Document) -> frozenset[AmendmentId]:
    """The amendments that an open call puts, or that are pinned before the meeting."""
    calls = (one for one in document.record.table.values() if isinstance(one, Call) and one.state is CallState.OPEN)
    put = {item.amendment for call in calls for item in call.items}
    return frozenset(put | {one.id for one in document.record.amendments.values() if one.pinned and one.open})


# --- what belongs together


def _links(document: Document) -> dict[AmendmentId, tuple[Linked, ...]]:
    found: dict[AmendmentId, dict[tuple[AmendmentId, Tie], Linked]] = {}
    for one, other, tie, name in (*_by_place(document), *_by_record(document)):
        amendment = document.amendment(other)
        if amendment is not None and amendment.status is not Status.DRAFT and one != other:
            row = found.setdefault(one, {})
            row.setdefault((other, tie), Linked(amendment.id, amendment.number, tie, name))
    return {name: tuple(sorted(row.values(), key=_first)) for name, row in found.items()}


def _first(linked: Linked) -> tuple[int, int, AmendmentId]:
    return tuple(Tie).index(linked.tie), linked.number, linked.amendment


_Pair = tuple[AmendmentId, AmendmentId, Tie, str]


def _by_place(document: Document) -> Iterator[_Pair]:
    """Those on the same words, and those that stand in one another's brackets."""
    pending = {one.id for one in document.record.amendments.values() if one.open and one.status is not Status.DRAFT}
    standing = [extent for extent in extents(document) if extent.bracket in pending]
    waiting = list(reversed(standing))
    holding: list[OpenExtent] = []
    for number, paragraph in enumerate(document.text):
        at = 0
        if not waiting and not holding and not proposals(paragraph):
            continue
        for run in paragraph.runs:
            place = (number, at)
            at += len(run.text)
            holding = [one for one in holding if one.end > place]
            while waiting and waiting[-1].start <= place:
                fresh = waiting.pop()
                for outer in holding:
                    yield outer.bracket, fresh.bracket, Tie.HOLDS, ""
                    yield fresh.bracket, outer.bracket, Tie.INSIDE, ""
                holding.append(OpenExtent(fresh.bracket, fresh.end))
            brackets = {one.bracket for one in holding}
            on_words = [AmendmentId(mark.id) for mark in run.marks if mark.id in pending and mark.id not in brackets]
            for one in on_words:
                for outer in holding:
                    yield outer.bracket, one, Tie.HOLDS, ""
                    yield one, outer.bracket, Tie.INSIDE, ""
                for other in on_words:
                    yield one, other, Tie.SAME_WORDS, ""


@dataclass(frozen=True, slots=True)
class OpenExtent:
    """A bracket that holds the words in hand, and where it ends."""

    bracket: AmendmentId
    end: tuple[int, int]


def _by_record(document: Document) -> Iterator[_Pair]:
    groups: dict[str, list[AmendmentId]] = {}
    for one in document.record.amendments.values():
        if one.open and one.group:
            groups.setdefault(one.group, []).append(one.id)
        for name in one.replaces if one.open else ():
            yield one.id, name, Tie.REPLACES, ""
            yield name, one.id, Tie.REPLACED_BY, ""
    for members in groups.values():
        yield from _each_other(members, Tie.ALTERNATIVE, "")
    for lying in document.record.table.values():
        if isinstance(lying, Alternatives) and lying.state in (Choice.OPEN, Choice.KEPT):
            options = [name for option in lying.options for name in option.amendments]
            yield from _each_other(options, Tie.ALTERNATIVE, lying.name)
        elif isinstance(lying, Package) and lying.closed_at is None:
            named = (key.partition(":") for key in lying.subjects)
            yield from _each_other(
                [AmendmentId(name) for kind, _, name in named if kind == "amendment"], Tie.PACKAGE, lying.name
            )


def _each_other(members: Sequence[AmendmentId], tie: Tie, name: str) -> Iterator[_Pair]:
    for one in members:
        for other in members:
            yield one, other, tie, name
