"""Which paragraphs of a text that was made of others are theirs: these keep their ids, and all that was said of them.

A merged text is written by hand from two; comments, proposals and attributions hang on paragraph ids. So a paragraph
that is, in one order or moved, one of a source bears that one's id (`opinions.matching`), and only what is new has a
new one. Of two sources with the same id the first has it.
"""

from collections.abc import Callable, Iterator, Sequence

from opinions.matching import Candidate, match
from opinions.model import ParagraphId
from opinions.record import Document

SHORTEST_REWORDED = 4
"""Words of the shortest paragraph that keeps an id though its words differ: of two verbs one is not the other."""


def kept_ids(texts: Sequence[str], sources: Sequence[Document], new_id: Callable[[], str]) -> tuple[ParagraphId, ...]:
    """An id for each paragraph of a new text, in its order: a source's where it is one of its paragraphs, else new.
    All are different.
    """
    known = {paragraph.id: paragraph.text for source in reversed(sources) for paragraph in source.text}
    # In the order of the sources: the first ids first, those that a later source shares with an earlier only once.
    order = tuple(dict.fromkeys(paragraph.id for source in sources for paragraph in source.text))
    pairs = match([Candidate(text) for text in texts], [Candidate(known[one]) for one in order])
    found: dict[int, ParagraphId] = {}
    for pair in pairs:
        if pair.incoming is None or pair.living is None:
            continue
        text, before = texts[pair.incoming], known[order[pair.living]]
        if text == before or min(len(text.split()), len(before.split())) >= SHORTEST_REWORDED or _unspaced(text):
            found[pair.incoming] = order[pair.living]
    return tuple(found.get(place) or ParagraphId(new_id()) for place in range(len(texts)))


def _unspaced(text: str) -> bool:
    """Whether words of this text are not parted by blanks, as in Chinese: then their number tells nothing."""
    return len(text) >= 3 * SHORTEST_REWORDED and len(text.split()) < SHORTEST_REWORDED and not text.isascii()


def giving(first: Sequence[ParagraphId], new_id: Callable[[], str]) -> Callable[[], str]:
    """Something that gives these ids, then new ones: a reading asks first for those of its paragraphs, in order."""

    def ids() -> Iterator[str]:
        yield from first
        while True:
            yield new_id()

    return ids().__next__
