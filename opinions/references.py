"""Where a text cites its own paragraphs (*considering* e), f) and g); *resolves* 8 above), and what each one means.

Found in the words as they stand and as each pending amendment would make them. What a citation means is never
guessed: it names one paragraph that stands, or it has a `Problem`; one into another instrument is nobody's business
here (opinions/SPEC.md, L3).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from opinions.model import Kind, MarkKind, Opinion, Paragraph, ParagraphId
from opinions.numbering import ITEMS, STARTS, VERBS, depth, lists, verb_words
from opinions.reference_words import (
    BEFORE_A_NUMBER,
    INSTRUMENT,
    JOINED_ON,
    NO_COUNT,
    OF_ANOTHER,
    OF_OWN,
    OF_SOMETHING,
    OWN,
    TO,
    citations_in,
    labels_in,
)

MAX_VIEWS = 60
"""Amendments in one paragraph as each of which it is read; beyond, citations in it are left to be looked at by hand."""
_SENTENCE = re.compile(r"[;；。]\s*|(?<!Rev)(?<!No)\.\s+(?=\w)")  # noqa: RUF001 - full-width stops end sentences too


class Problem(StrEnum):
    """Why a citation is left as it is."""

    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    PROPOSED = "proposed"
    WITHOUT_LABEL = "without_label"
    UNCLEAR = "unclear"
    ANOTHER_TEXT = "another_text"

    @property
    def broken(self) -> bool:
        """Whether somebody should look at it; a citation of another text is as it should be."""
        return self is not Problem.ANOTHER_TEXT


@dataclass(frozen=True, slots=True)
class Cited:
    """One label of a citation: the characters from `start` up to `end` of the paragraph's whole text, without the
    brackets round it, and the paragraph that it names; None where there is a problem. `within` is its place in the
    words of the citation.
    """

    start: int
    end: int
    words: str
    target: ParagraphId | None = None
    within: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """A citation: from `start` up to `end` of the paragraph's whole text, `words` as they read in the reading in which
    it was found.
    """

    paragraph: ParagraphId
    start: int
    end: int
    words: str
    labels: tuple[Cited, ...]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a labelled paragraph stands: under which verb, with which labels above its own (without blanks and
    brackets), and its place in reading order.
    """

    paragraph: ParagraphId
    kind: Kind
    verb: str
    path: tuple[str, ...]
    number: int
    added: bool


@dataclass(frozen=True)
class Map:
    """The labelled paragraphs of a text under given labels, to find what a citation names."""

    text: Opinion
    labels: Mapping[ParagraphId, str]
    numbers: Mapping[ParagraphId, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", {one.id: at for at, one in enumerate(self.text)})

    @cached_property
    def verbs(self) -> tuple[str, ...]:
        """The verbs of the text, in small letters, blanks made one; a verb of one letter is none."""
        names = (_plain(verb_words(one)) for one in self.text if one.kind in VERBS)
        return tuple(sorted({name for name in names if len(name) > 1 and not name.isdigit()}))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Items and sub-items with their labels, in reading order."""
        counted = self._counted()
        found: list[Place] = []
        verb, path = "", list[str]()
        for number, one in enumerate(self.text):
            if one.kind in STARTS:
                verb, path = _plain(verb_words(one)) if one.kind in VERBS else "", []
            elif one.kind in ITEMS or one.kind is Kind.SUB_ITEM:
                path = [*[*path, "", "", ""][: depth(one)], counted.get(one.id, "")]
                if path[-1]:
                    place = Place(one.id, _side(one, found), verb, tuple(path), number, one.added is not None)
                    found.append(place)
        return tuple(found)

    def _counted(self) -> dict[ParagraphId, str]:
        """The labels without blanks and brackets; a first item without label counts as the first beside others (L2)."""
        found = {one: _core(label) for one, label in self.labels.items()}
        for members in lists(self.text):
            first = members[0]
            if len(members) > 1 and not found.get(first.id) and first.kind is not Kind.FOOTNOTE:
                found[first.id] = "1" if first.kind is Kind.OPERATIVE_ITEM else "i" if depth(first) > 1 else "a"
        return found

    def named(self, words: "Words", path: tuple[str, ...]) -> tuple[Place, ...]:
        """The paragraphs that labels name in a citation with such words."""
        return tuple(
            place
            for place in self.places
            if place.path[-len(path) :] == path
            and (words.verb is None or (place.verb == words.verb and len(place.path) == len(path)))
            and (words.kind is None or place.kind is words.kind)
            and (words.above is None or (place.number < words.number) == words.above)
        )


@dataclass(frozen=True, slots=True)
class Words:
    """What the words round the labels say: the verb, the side of the text, above or below the paragraph of that number
    in reading order; None for what they leave open.
    """

    number: int
    verb: str | None = None
    kind: Kind | None = None
    above: bool | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A paragraph as it reads, and where each of its characters stands in the whole text of the paragraph."""

    text: str
    at: tuple[int, ...]


def references(text: Opinion, labels: Mapping[ParagraphId, str]) -> tuple[Reference, ...]:
    """The citations of a text whose paragraphs have these labels, in reading order.

    One that reads otherwise in another reading of the same words, or whose labels lie across the edge of an amendment,
    is `UNCLEAR`.
    """
    table = Map(text, labels)
    return tuple(one for paragraph in text for one in _in_paragraph(paragraph, table))


def resolved(reference: Reference, text: Opinion, table: Map) -> tuple[ParagraphId | None, ...]:
    """What the labels of a citation name in its paragraph as it reads in `text`; for asking again after a change."""
    paragraph = text.find(reference.paragraph)
    again = _in_paragraph(paragraph, table) if paragraph is not None else ()
    fitting = (one for one in again if one.start == reference.start and len(one.labels) == len(reference.labels))
    return next((tuple(label.target for label in one.labels) for one in fitting), ())


def readings(paragraph: Paragraph) -> tuple[Reading, ...]:
    """The paragraph as it stands, as each pending amendment would make it, and as all of them would."""
    writers = sorted({mark.id for run in paragraph.runs for mark in run.marks if mark.kind in _CHANGING})
    if not writers:
        return (Reading(paragraph.text, tuple(range(len(paragraph.text)))),)
    ways = [_read(paragraph, frozenset(), frozenset())]
    ways += [_read(paragraph, frozenset({one}), frozenset({one})) for one in writers[:MAX_VIEWS]]
    ways.append(_read(paragraph, frozenset(writers), frozenset(writers)))
    return tuple({way.text: way for way in ways}.values())


_CHANGING = (MarkKind.INSERTION, MarkKind.DELETION)


def _read(paragraph: Paragraph, putting_in: frozenset[str], striking: frozenset[str]) -> Reading:
    text: list[str] = []
    at: list[int] = []
    offset = 0
    for run in paragraph.runs:
        shown = run.insertion is None or run.insertion in putting_in
        if shown and not run.ids(MarkKind.DELETION) & striking:
            text.append(run.text)
            at.extend(range(offset, offset + len(run.text)))
        offset += len(run.text)
    return Reading("".join(text), tuple(at))


def _in_paragraph(paragraph: Paragraph, table: Map) -> tuple[Reference, ...]:
    if paragraph.kind in STARTS:
        return ()
    found: dict[tuple[tuple[int, int], ...], Reference] = {}
    for reading in readings(paragraph):
        for one in _in_reading(paragraph, reading, table):
            found.setdefault(tuple((label.start, label.end) for label in one.labels), one)
    ordered = sorted(found.values(), key=lambda one: (one.start, -one.end))
    return tuple(_contested(paragraph, ordered))


def _in_reading(paragraph: Paragraph, reading: Reading, table: Map) -> Iterator[Reference]:
    for match in citations_in(table.verbs).finditer(reading.text):
        group = "list" if match["list"] is not None else "alone"
        start, end = match.span(group)
        problem = _elsewhere(reading.text, match)
        words = _words(match, table.numbers[paragraph.id])
        parts = list(labels_in(reading.text[start:end]))
        if problem is not Problem.ANOTHER_TEXT and not _cites(reading.text, match, parts):
            continue
        cited, found = _resolved(reading, (match.start(), start), parts, words, table)
        yield Reference(
            paragraph.id,
            reading.at[match.start()],
            reading.at[match.end() - 1] + 1,
            match.group(),
            tuple(replace(one, target=None) for one in cited) if problem else cited,
            problem or found,
        )


def _words(match: re.Match[str], number: int) -> Words:
    above = True if match["above"] or match["up"] else False if match["below"] or match["down"] else None
    verb = _plain(match["verb"]) if match["verb"] else None
    side = {"operative": Kind.OPERATIVE_ITEM, "preambular": Kind.PREAMBULAR_ITEM}.get((match["side"] or "").casefold())
    return Words(number, verb, side, above)


def _elsewhere(text: str, match: re.Match[str]) -> Problem | None:
    """Whether a citation is one into another text; `UNCLEAR` where it may be."""
    behind = text[match.end() :]
    if OF_OWN.match(behind):
        return None
    if OF_ANOTHER.match(behind):
        return Problem.ANOTHER_TEXT
    if OF_SOMETHING.match(behind):
        return Problem.UNCLEAR
    sentence = [*_SENTENCE.finditer(text, 0, match.start())]
    before = text[sentence[-1].end() if sentence else 0 : match.start()]
    own = [*OWN.finditer(before)]
    named = [one for one in INSTRUMENT.finditer(before) if not own or one.start() >= own[-1].end()]
    if not named:
        return None
    if JOINED_ON.fullmatch(before, named[-1].end()):
        return Problem.ANOTHER_TEXT
    directed = match["above"] or match["below"] or match["up"] or match["down"]
    return None if directed else Problem.UNCLEAR


def _cites(text: str, match: re.Match[str], parts: Sequence[re.Match[str]]) -> bool:
    """Whether numbers are labels here: behind a verb, or alone, they may be a count."""
    if match["alone"] is not None:
        return parts[0]["letters"] is not None or BEFORE_A_NUMBER.search(text, 0, match.start()) is not None
    return parts[-1]["digits"] is None or bool(match["above"] or match["below"] or NO_COUNT.match(text, match.end()))


def _resolved(
    reading: Reading, starts: tuple[int, int], parts: Iterable[re.Match[str]], words: Words, table: Map
) -> tuple[tuple[Cited, ...], Problem | None]:
    """Each label with what it names, and the first problem among them. `starts`: of the citation, and of its labels."""
    begin, start = starts
    cited: list[Cited] = []
    problems: list[Problem] = []
    path: tuple[str, ...] = ()
    before: Place | None = None
    behind = 0
    for part in parts:
        group = "digits" if part["digits"] is not None else "letters"
        low, high = part.span(group)
        core, beside = _core(part.group(group)), reading.text[start + behind : start + part.start()]
        candidates: tuple[Place, ...] = ()
        ways = (
            [(*path, core)] if path and not beside.strip() else [(*path[:at], core) for at in range(len(path), -1, -1)]
        )
        for way in ways if group == "letters" else [(core,)]:
            candidates = table.named(words, way)
            if candidates:
                path = way
                break
        else:
            path = (core,)
        target = candidates[0] if len(candidates) == 1 else None
        ranged = before is not None and re.fullmatch(TO, beside) is not None
        if not candidates:
            problems.append(Problem.MISSING)
        elif target is None:
            problems.append(Problem.AMBIGUOUS)
        elif target.added:
            problems.append(Problem.PROPOSED)
        elif ranged and before is not None and (before.path[:-1], before.verb) != (target.path[:-1], target.verb):
            problems.append(Problem.UNCLEAR)
        first, last = reading.at[start + low], reading.at[start + high - 1] + 1
        if last - first != high - low:
            problems.append(Problem.UNCLEAR)
        named = target.paragraph if target else None
        cited.append(Cited(first, last, part.group(group), named, start + low - begin))
        before, behind = target, part.end()
    return tuple(cited), problems[0] if problems else None


def _contested(paragraph: Paragraph, found: Sequence[Reference]) -> Iterator[Reference]:
    """The same, `UNCLEAR` where the words of a label are read otherwise too, or are not all of one amendment."""
    for one in found:
        if one.problem is None and (
            any(_marks_differ(paragraph, label) for label in one.labels)
            or any(_clash(one, other) for other in found if other is not one)
        ):
            yield replace(one, problem=Problem.UNCLEAR)
        else:
            yield one


def _clash(one: Reference, other: Reference) -> bool:
    return any(
        mine.start < theirs.end
        and theirs.start < mine.end
        and ((mine.start, mine.end) != (theirs.start, theirs.end) or mine.target != theirs.target)
        for mine in one.labels
        for theirs in other.labels
    )


def _marks_differ(paragraph: Paragraph, label: Cited) -> bool:
    offset, kinds = 0, set()
    for run in paragraph.runs:
        end = offset + len(run.text)
        if offset < label.end and label.start < end:
            kinds.add(frozenset(mark for mark in run.marks if mark.kind is not MarkKind.EM))
        offset = end
    return len(kinds) > 1


def _side(paragraph: Paragraph, before: Sequence[Place]) -> Kind:
    """The kind of the item that a paragraph is, or is under."""
    if paragraph.kind in ITEMS:
        return paragraph.kind
    return before[-1].kind if before else paragraph.kind


def _core(label: str) -> str:
    return re.sub(r"[\s().]", "", label).casefold()


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())
