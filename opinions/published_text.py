"""The texts of a version as they are published, character by character: what the record of a version answers for.

A text is a view without heading and page, set as `opinions.notation` reads it back; the exports stand on the same
functions, so a file holds no other words than those whose digests were signed (crdt/SPEC.md, V4).
"""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from opinions.canonical import canonical_text
from opinions.clean import clean, obstacles
from opinions.marked import marked
from opinions.notation import write_text
from opinions.record import Document, Stance, Status
from opinions.record_json import canonical_json
from opinions.rolling import rolling
from opinions.views import Naming, Segment, SegmentKind, View, ViewParagraph, named, withheld

CANONICAL = "canonical"
UNNAMED = "-unnamed"
"""Behind the name of a form: the same without the names of delegations, as it is shown where they are withheld."""


def text_of(view: View, paragraphs: Iterable[ViewParagraph], document: Document, naming: Naming) -> str:
    """The plain text of a view's rows with their labels; revision marks as `{+words+ CODE}` and `{-words- CODE}`."""
    if view is View.MARKED:
        return "\n\n".join(_marked(row, document, naming) for row in paragraphs) + "\n"
    return write_text(paragraphs, document.record)


def published_texts(document: Document) -> Mapping[str, str]:
    """The text of each published form by its name, those with names of delegations and those without (`UNNAMED`).

    `clean` is left out while anything is open or was never considered (I8).
    """
    texts = {CANONICAL: canonical_text(document)}
    for view, rows in ((View.ROLLING, rolling), (View.MARKED, marked)):
        for suffix, naming in (("", named), (UNNAMED, withheld)):
            texts[view + suffix] = text_of(view, rows(document, naming), document, naming)
    if not obstacles(document):
        texts[View.CLEAN.value] = text_of(View.CLEAN, clean(document, named), document, named)
    return texts


def digests(texts: Mapping[str, str]) -> dict[str, str]:
    """The SHA-256 of each text in UTF-8, as 64 lower-case hexadecimal digits."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def attribution_text(document: Document) -> str:
    """Whose proposals stand in a text and what each delegation said of them and of paragraphs, in the spelling of
    opinions/SPEC.md K2: no persons, no times, no drafts.
    """
    pending = sorted(
        (one for one in document.record.amendments.values() if one.open and one.status is not Status.DRAFT),
        key=lambda one: one.id,
    )
    said = sorted((one for one in document.record.paragraphs.values() if one.stances), key=lambda one: one.id)
    amendments = [
        {
            "amendment": one.id,
            "number": one.number,
            "delegation": one.delegation,
            "sponsors": list(one.sponsors),
            "stances": [_stance(stance) for stance in one.stances],
        }
        for one in pending
    ]
    paragraphs = [{"paragraph": one.id, "stances": [_stance(stance) for stance in one.stances]} for one in said]
    return canonical_json({"amendments": amendments, "format": 1, "paragraphs": paragraphs})


def attribution_digest(document: Document) -> str:
    """The SHA-256 of `attribution_text`."""
    return hashlib.sha256(attribution_text(document).encode()).hexdigest()


def _stance(stance: Stance) -> dict[str, Any]:
    return {
        "attitude": stance.attitude,
        "by": stance.by,
        "delegation": stance.delegation,
        "members": list(stance.members),
        "note": stance.note,
        "revision": stance.revision,
    }


def _marked(row: ViewParagraph, document: Document, naming: Naming) -> str:
    words = "".join(_spelled(list(run)) for _, run in groupby(row.segments, key=_alike))
    if row.removal:
        found = (document.amendment(one) for one in row.removal)
        codes = [code for one in found if one is not None for code in naming(one)[:1]]
        words = _signed("-", words, tuple(codes))
    return f"{row.label} {words}" if row.label else words


def _alike(segment: Segment) -> tuple[SegmentKind, tuple[str, ...], object]:
    return segment.kind, segment.parties, segment.inserted_by


def _spelled(run: list[Segment]) -> str:
    words, first = "".join(segment.text for segment in run), run[0]
    match first.kind:
        case SegmentKind.INSERTED:
            return _signed("+", words, first.parties)
        case SegmentKind.DELETED:
            return _signed("-", words, first.parties)
        case _:
            return words


def _signed(sign: str, words: str, codes: tuple[str, ...]) -> str:
    who = f" {' '.join(codes)}" if codes else ""
    return f"{{{sign}{words}{sign}{who}}}"
