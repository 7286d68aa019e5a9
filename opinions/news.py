"""What is new in an Opinion since somebody looked: by comparing it with a mark of how it stood then.

A mark holds no text: digests of each paragraph's agreed words, and where each amendment stood. It is made of the
document as the group sees it, so it knows of no draft, and neither does the news.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from opinions.calls import open_calls
from opinions.clean import settled
from opinions.errors import InvalidCommand
from opinions.model import AmendmentId, ParagraphId
from opinions.numbering import citations
from opinions.record import Amendment, Decision, Document, Stance, Status
from opinions.words import words

_DIGEST = 8
"""Hexadecimal digits of a paragraph's words: two different ones look alike once in four thousand million."""


class NewsKind(StrEnum):
    """What happened, the most telling first: so they are listed."""

    FROZEN = "frozen"
    CALLED = "called"
    OUTCOME = "outcome"
    SUBMITTED = "submitted"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    POSITION = "position"
    WORDS = "words"
    ADDED = "added"
    REMOVED = "removed"
    COMMENTED = "commented"
    ANSWERED = "answered"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version as the news tell of it."""

    number: int
    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Remarks:
    """Comments of one round of consultation that are new, or were answered: how many. With no round: answers in
    threads that the reader takes part in.
    """

    round: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One thing that is new. Which fields speak follows from the kind: an amendment with its paragraph (of a call for
    objections: one that it puts), an outcome with its decision, a position with its stance, a paragraph alone, a
    version alone, comments of a round alone. `cited` is the paragraph as the room cites it; empty where it is gone.
    """

    kind: NewsKind
    paragraph: ParagraphId | None = None
    cited: str = ""
    amendment: Amendment | None = None
    decision: Decision | None = None
    stance: Stance | None = None
    version: Frozen | None = None
    remarks: Remarks | None = None

    @property
    def count(self) -> int:
        """How many new things it tells of."""
        return self.remarks.count if self.remarks else 1


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an amendment stood: its revision and status, how many decisions, which positions."""

    revision: int
    status: str
    decisions: int
    stances: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How an Opinion stood. `versions`: how many had been frozen; `calls`: the ids of the calls for objections that
    lay open (None: of a mark that did not keep them, against which no call is new).
    """

    paragraphs: Mapping[ParagraphId, str] = field(default_factory=lambda: MappingProxyType({}))
    amendments: Mapping[AmendmentId, Standing] = field(default_factory=lambda: MappingProxyType({}))
    versions: int = 0
    calls: tuple[str, ...] | None = ()


def mark_of(document: Document, versions: int) -> Mark:
    """The mark of a document as it stands."""
    return Mark(
        {paragraph.id: _digest(words(paragraph.runs)) for paragraph in settled(document).text},
        {one.id: _standing(one) for one in _told(document)},
        versions,
        tuple(call.id for call in open_calls(document)),
    )


def news(mark: Mark, document: Document, versions: Sequence[Frozen]) -> tuple[NewsItem, ...]:
    """All that is new since the mark: by kind, then in reading order. Never a draft."""
    found = [
        *_of_versions(mark, versions),
        *_of_calls(mark, document),
        *_of_amendments(mark, document),
        *_of_paragraphs(mark, document),
    ]
    order = {paragraph.id: number for number, paragraph in enumerate(document.text)}
    rank = {kind: number for number, kind in enumerate(NewsKind)}

    def place(item: NewsItem) -> tuple[int, int, int]:
        number = item.amendment.number if item.amendment else 0
        return rank[item.kind], order.get(item.paragraph, len(order)) if item.paragraph else 0, number

    return tuple(sorted(found, key=place))


def _told(document: Document) -> Iterator[Amendment]:
    return (one for one in document.record.amendments.values() if one.status is not Status.DRAFT)


def _of_versions(mark: Mark, versions: Sequence[Frozen]) -> Iterator[NewsItem]:
    for version in versions:
        if version.number > mark.versions:
            yield NewsItem(NewsKind.FROZEN, version=version)


def _of_calls(mark: Mark, document: Document) -> Iterator[NewsItem]:
    """What calls put that lie open and did not then, each amendment once."""
    if mark.calls is None:
        return
    cited = citations(document)
    fresh = (call for call in open_calls(document) if call.id not in mark.calls)
    for name in dict.fromkeys(item.amendment for call in fresh for item in call.items):
        if (one := document.amendment(name)) is not None:
            yield NewsItem(NewsKind.CALLED, one.paragraph, cited.get(one.paragraph, ""), one)


def _of_amendments(mark: Mark, document: Document) -> Iterator[NewsItem]:
    cited = citations(document)
    for one in _told(document):
        where = (one.paragraph, cited.get(one.paragraph, ""))
        before = mark.amendments.get(one.id)
        if before is None:
            yield NewsItem(NewsKind.SUBMITTED, *where, one)
        elif one.revision > before.revision:
            yield NewsItem(NewsKind.REVISED, *where, one)
        # Of several outcomes since then the last one stands; the others are in the record.
        if len(one.decisions) > (before.decisions if before else 0):
            yield NewsItem(NewsKind.OUTCOME, *where, one, one.decisions[-1])
        if one.status is Status.WITHDRAWN and (before is None or before.status != Status.WITHDRAWN):
            yield NewsItem(NewsKind.WITHDRAWN, *where, one)
        known = set(before.stances.split(" ")) if before else set()
        for stance in one.stances:
            if before is not None and _of_stance(stance) not in known:
                yield NewsItem(NewsKind.POSITION, *where, one, stance=stance)


def _of_paragraphs(mark: Mark, document: Document) -> Iterator[NewsItem]:
    cited = citations(document)
    standing = settled(document).text
    for paragraph in standing:
        where = (paragraph.id, cited.get(paragraph.id, ""))
        if paragraph.id not in mark.paragraphs:
            yield NewsItem(NewsKind.ADDED, *where)
        elif mark.paragraphs[paragraph.id] != _digest(words(paragraph.runs)):
            yield NewsItem(NewsKind.WORDS, *where)
    left = {paragraph.id for paragraph in standing}
    for gone in mark.paragraphs:
        if gone not in left:
            yield NewsItem(NewsKind.REMOVED, gone)


def _standing(one: Amendment) -> Standing:
    return Standing(
        one.revision, one.status.value, len(one.decisions), " ".join(_of_stance(stance) for stance in one.stances)
    )


def _of_stance(stance: Stance) -> str:
    at = f" {stance.revision}" if stance.revision else ""
    return _digest(f"{stance.delegation} {stance.attitude} {stance.note}{at}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def mark_to_json(mark: Mark) -> str:
    """The mark as it is kept: JSON without blanks."""
    amendments = {name: [one.revision, one.status, one.decisions, one.stances] for name, one in mark.amendments.items()}
    value = {
        "versions": mark.versions,
        "paragraphs": dict(mark.paragraphs),
        "amendments": amendments,
        **({} if mark.calls is None else {"calls": list(mark.calls)}),
    }
    return json.dumps(value, separators=(",", ":"))


def mark_from_json(text: str) -> Mark:
    """The mark of what `mark_to_json` wrote. Raises `InvalidCommand` for anything else."""
    try:
        value = json.loads(text)
        return Mark(
            {ParagraphId(name): str(digest) for name, digest in value["paragraphs"].items()},
            {AmendmentId(name): Standing(*fields) for name, fields in value["amendments"].items()},
            int(value["versions"]),
            tuple(str(name) for name in value["calls"]) if "calls" in value else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidCommand("This is not a mark of an Opinion.") from None
