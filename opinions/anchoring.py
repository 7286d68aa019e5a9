"""Where words that somebody spoke of are in the text now: by the words themselves, what stood around them, and where.

Unlike the landing of a whole paragraph (`opinions.landing`), an anchor is on some words of one, in a text that is being
typed: what others propose inside of the words does not hide them, and when they go the paragraph remains.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from opinions.landing import landings
from opinions.model import MarkKind, Opinion, Paragraph, ParagraphId
from opinions.shared_ends import shared_start

CONTEXT = 40
"""Characters kept on each side of the words: enough to tell two places of one paragraph apart."""
OPENING = 300
"""Characters kept of a paragraph that is spoken of as a whole: enough to find it in one it was joined to."""
TELLING = 12
"""Characters from which on words found elsewhere, once, are taken to have gone there."""
MAX_PLACES = 200
"""Places of the same words that are compared in one paragraph; more are as good as any."""
_END = 12
"""Characters at either end by which words are known again when some in the middle were replaced."""


class Hold(StrEnum):
    """How an anchor holds."""

    WORDS = "words"
    """On its very words; pending insertions of others may stand among them."""
    CHANGED = "changed"
    """On words that begin and end as its own do."""
    PARAGRAPH = "paragraph"
    """On the paragraph: it never had words, or they are no longer in the text."""
    GONE = "gone"
    """The paragraph is not in the text any more."""
    WHOLE = "whole"
    """It is on the text as a whole."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is spoken of: a paragraph (empty: the whole text) and, unless `words` is empty, words of it.

    `offset` counts the code points of the paragraph before them; `left` and `right` are what stood around them. Of a
    whole paragraph `right` is how it began.
    """

    paragraph: ParagraphId
    words: str = ""
    offset: int = 0
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where that is now: `start` and `end` are code points of the paragraph as it stands, marked text included."""

    hold: Hold
    paragraph: ParagraphId | None = None
    start: int = 0
    end: int = 0

    @property
    def words_gone(self) -> bool:
        """Whether the paragraph is all that is left of an anchor; it may never have had words."""
        return self.hold is Hold.PARAGRAPH


def anchor_on(paragraph: Paragraph, words: str = "", near: int = 0) -> Anchor | None:
    """An anchor on words of a paragraph as it stands, the ones nearest to `near`; on all of it where none are given.
    None when they do not stand there.
    """
    text = paragraph.text
    if not words:
        return Anchor(paragraph.id, right=text[:OPENING])
    spots = [
        _spread(reading, at, len(words)) for reading in _readings(paragraph) for at in _places(reading.text, words)
    ]
    if not spots:
        return None
    start, end = min(spots, key=lambda spot: (abs(spot[0] - near), spot[1] - spot[0]))
    left, right = text[max(start - CONTEXT, 0) : start], text[end : end + CONTEXT]
    return Anchor(paragraph.id, words, start, left, right)


def spots(anchors: Sequence[Anchor], text: Opinion) -> tuple[Spot, ...]:
    """Where each anchor is in a text, in their order (server/SPEC.md, TH2-TH4)."""
    paragraphs = {paragraph.id: paragraph for paragraph in text}
    texts = {paragraph: one.text for paragraph, one in paragraphs.items()}
    return tuple(_spot(anchor, paragraphs, texts) for anchor in anchors)


def _spot(anchor: Anchor, paragraphs: Mapping[ParagraphId, Paragraph], texts: Mapping[ParagraphId, str]) -> Spot:
    if not anchor.paragraph:
        return Spot(Hold.WHOLE)
    home = paragraphs.get(anchor.paragraph)
    if home is not None and (not anchor.words or (here := _within(anchor, home)) is not None):
        return here if anchor.words and here is not None else Spot(Hold.PARAGRAPH, home.id)
    if anchor.words and (elsewhere := _moved(anchor, paragraphs, texts)) is not None:
        return elsewhere
    if home is not None:
        return _changed(anchor, home) or Spot(Hold.PARAGRAPH, home.id)
    around = anchor.left + anchor.words + anchor.right
    landed = landings({anchor.paragraph: around}, [anchor.paragraph], texts)[anchor.paragraph].paragraph
    return Spot(Hold.GONE) if landed is None else Spot(Hold.PARAGRAPH, landed)


def _within(anchor: Anchor, paragraph: Paragraph) -> Spot | None:
    """The place of the words in a paragraph that most of what stood around them still stands around."""
    text = paragraph.text
    best: tuple[tuple[int, int], Spot] | None = None
    for reading in _readings(paragraph):
        for at in _places(reading.text, anchor.words):
            start, end = _spread(reading, at, len(anchor.words))
            fits = _fit(anchor, reading.text[:at], reading.text[at + len(anchor.words) :])
            score = fits, -abs(start - anchor.offset)
            if best is None or score > best[0]:
                best = score, Spot(Hold.WORDS, paragraph.id, start, end)
        if best is not None and reading.text == text:
            # They stand there in one piece: what a reader sees first.
            break
    return None if best is None else best[1]


def _moved(
    anchor: Anchor, paragraphs: Mapping[ParagraphId, Paragraph], texts: Mapping[ParagraphId, str]
) -> Spot | None:
    """Where words of another paragraph are to be found: by a split, a join, or a move of part of it. Only where one
    paragraph alone has them, and they tell enough or stand between what stood around them before.
    """
    holding = [one for one, text in texts.items() if one != anchor.paragraph and anchor.words in text]
    if not holding:
        return None

    def fit(paragraph: ParagraphId) -> int:
        text = texts[paragraph]
        return max(_fit(anchor, text[:at], text[at + len(anchor.words) :]) for at in _places(text, anchor.words))

    fits = {paragraph: fit(paragraph) for paragraph in holding}
    best = max(fits, key=lambda paragraph: fits[paragraph])
    between = fits[best] >= min(TELLING, len(anchor.left) + len(anchor.right)) and fits[best] > 0
    alone = len(holding) == 1 and len(anchor.words) >= TELLING
    return _within(anchor, paragraphs[best]) if between or alone else None


def _changed(anchor: Anchor, paragraph: Paragraph) -> Spot | None:
    """Words of which the first and the last stand still, with others between them than were there."""
    if len(anchor.words) < 2 * _END:
        return None
    text, first, last = paragraph.text, anchor.words[:_END], anchor.words[-_END:]
    found = [
        (abs(start - anchor.offset), start, end + _END)
        for start in _places(text, first)
        if start + _END <= (end := text.find(last, start + _END)) <= start + 3 * len(anchor.words)
    ]
    if not found:
        return None
    _, start, end = min(found)
    return Spot(Hold.CHANGED, paragraph.id, start, end)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A paragraph with some of its characters left out, and where those that are left stand in it."""

    text: str
    offsets: Sequence[int]


def _readings(paragraph: Paragraph) -> Iterator[_Reading]:
    """All its characters; as it reads without what is pending; as it would read with all of that."""
    yield _Reading(paragraph.text, range(len(paragraph.text)))
    for dropped in (MarkKind.INSERTION, MarkKind.DELETION):
        kept: list[str] = []
        offsets: list[int] = []
        at = 0
        for run in paragraph.runs:
            if not any(mark.kind is dropped for mark in run.marks):
                kept.append(run.text)
                offsets.extend(range(at, at + len(run.text)))
            at += len(run.text)
        if len(offsets) < at:
            yield _Reading("".join(kept), offsets)


def _spread(reading: _Reading, at: int, length: int) -> tuple[int, int]:
    return reading.offsets[at], reading.offsets[at + length - 1] + 1


def _places(text: str, words: str) -> Iterator[int]:
    at = text.find(words)
    for _ in range(MAX_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(words, at + 1)


def _fit(anchor: Anchor, before: str, after: str) -> int:
    """How many characters around a place are those that stood around the words."""
    behind = shared_start(anchor.left[::-1], before[-CONTEXT:][::-1])
    return behind + shared_start(anchor.right, after[:CONTEXT])
