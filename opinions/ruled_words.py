"""The exact words that a ruling is on: as lines, and as a short fingerprint that a screen can compare.

Spelled in crdt/SPEC.md, C3: a call for objections and a decision keep the lines, so that what was put to the meeting
can be read years later whatever became of the text.
"""

import hashlib
from collections.abc import Mapping, Sequence

from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, ParagraphId
from opinions.record import Amendment, AmendmentKind, Document
from opinions.rules import remaining
from opinions.words import marked_with, proposals, words

Standing = Mapping[AmendmentId, tuple[ParagraphId, ...]]
"""The paragraphs in which each amendment stands (`words.standing`), or stood before the act that is under way."""
_SIGNS = (("+", MarkKind.INSERTION), ("-", MarkKind.DELETION), ("[", MarkKind.BRACKET))


def words_lines(document: Document, amendment_id: str) -> list[str]:
    """The words of an amendment as they stand, as lines.

    For each paragraph that bears it, in reading order, `# ` and the paragraph's id, then, each only when there are such
    characters, `+` and those that it inserts, `-` and those it strikes, `[` and those it brackets. A SUP has its
    paragraph's line and `-` with the text.
    """
    lines: list[str] = []
    amendment = document.amendment(amendment_id)
    for paragraph in document.text:
        if amendment is not None and amendment.kind is AmendmentKind.SUP and paragraph.id == amendment.paragraph:
            lines += [f"# {paragraph.id}", f"-{paragraph.text}"]
        elif amendment_id in proposals(paragraph):
            lines.append(f"# {paragraph.id}")
            for sign, kind in _SIGNS:
                of_kind = "".join(words(part.runs) for part in marked_with(paragraph, kind, amendment_id))
                lines += [sign + of_kind] if of_kind else []
    return lines


def around(document: Document, amendment: Amendment, stands: Standing) -> Document:
    """The part of a document in which an amendment stands, from the paragraph before it on; what lies between is there.

    A ruling looks at nothing else, and many amendments looked at in one act need not walk a long text each.
    """
    there = {*stands.get(amendment.id, ()), amendment.paragraph}
    numbers = [number for number, paragraph in enumerate(document.text.paragraphs) if paragraph.id in there]
    first, last = (max(numbers[0] - 1, 0), numbers[-1] + 1) if numbers else (0, 0)
    return Document(Opinion(document.text.paragraphs[first:last]), document.record)


def words_digest(document: Document, amendment_id: str) -> str:
    """The fingerprint of an amendment's words as they stand: what a screen saw, compared at the ruling."""
    return digest(words_lines(document, amendment_id))


def paragraph_lines(document: Document, paragraph: Paragraph) -> list[str]:
    """The words of a paragraph as a ruling on it means them, as lines: `# ` and its id, `=` and what it would read if
    every open amendment failed (I8).
    """
    return [f"# {paragraph.id}", f"={clean_words(paragraph, open_in(document))}"]


def open_in(document: Document) -> frozenset[str]:
    """The ids of the open amendments."""
    return frozenset(one.id for one in document.record.amendments.values() if one.open)


def clean_words(paragraph: Paragraph | None, pending: frozenset[str]) -> str:
    """What a paragraph would read if these amendments failed; empty where nothing would be left, or is there."""
    left = remaining(paragraph, pending) if paragraph else None
    return left.text if left else ""


def digest(lines: Sequence[str]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of lines in UTF-8, joined with line feeds."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def stands_as(document: Document, amendment: Amendment, wanted: str) -> bool:
    """Whether an amendment's words have this fingerprint; an empty one says nothing and fits all."""
    return not wanted or wanted == words_digest(document, amendment.id)
