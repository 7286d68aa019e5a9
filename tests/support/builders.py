"""Documents as a reader would describe them.

    document(
        paragraph("par-1", "that ", ins("am-1", "all "), struck("am-2", "some "), "Members"),
        amendments=[amendment("am-1", "XAA"), amendment("am-2", "XAB")],
    )

The words of a paragraph are strings and marked pieces; pieces nest. Whatever a test does not care about
(times, numbers, the paragraph an amendment stands in) is filled in, always the same way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from opinions.model import (
    AMENDMENT_MARKS,
    AmendmentId,
    DelegationCode,
    Kind,
    Mark,
    MarkKind,
    Opinion,
    Paragraph,
    ParagraphId,
    Run,
    joined,
)
from opinions.record import (
    Amendment,
    AmendmentKind,
    Document,
    OpinionRecord,
    ParagraphRecord,
    ParagraphState,
    Record,
    Status,
)

Piece = str | tuple[Run, ...]
"""Plain words, or the runs that `ins`, `struck`, `bracketed`, `agreed`, `em` and `noteref` return."""


def at(minutes: float = 0) -> datetime:
    """A time of the test's day: so many minutes after the sitting opened."""
    return datetime(2026, 1, 21, 9, 0, tzinfo=UTC) + timedelta(minutes=minutes)


def runs(*pieces: Piece) -> tuple[Run, ...]:
    """The pieces in a row, as a paragraph holds them."""
    return joined(run for piece in pieces for run in ((Run(piece),) if isinstance(piece, str) else piece))


def ins(amendment_id: str, *pieces: Piece) -> tuple[Run, ...]:
    """Words an amendment inserts. Words another one inserts among them keep theirs (T2): they are nested."""
    mark = Mark(MarkKind.INSERTION, amendment_id)
    return tuple(run if run.insertion else Run(run.text, run.marks | {mark}) for run in runs(*pieces))


def struck(amendment_id: str, *pieces: Piece) -> tuple[Run, ...]:
    """Words an amendment strikes."""
    return _marked(Mark(MarkKind.DELETION, amendment_id), pieces)


def bracketed(amendment_id: str, *pieces: Piece) -> tuple[Run, ...]:
    """Words an amendment brackets."""
    return _marked(Mark(MarkKind.BRACKET, amendment_id), pieces)


def agreed(amendment_id: str, *pieces: Piece) -> tuple[Run, ...]:
    """Words that were an amendment's insertion and are agreed now."""
    return _marked(Mark(MarkKind.ORIGIN, amendment_id), pieces)


def em(*pieces: Piece) -> tuple[Run, ...]:
    """Words in italics."""
    return _marked(Mark(MarkKind.EM), pieces)


def noteref(footnote: str, *pieces: Piece) -> tuple[Run, ...]:
    """Words that refer to a footnote."""
    return _marked(Mark(MarkKind.NOTEREF, footnote), pieces)


def paragraph(
    paragraph_id: str,
    *pieces: Piece,
    kind: Kind = Kind.PARAGRAPH,
    level: int = 0,
    added: str | None = None,
) -> Paragraph:
    """A paragraph. With `added` its words carry that amendment's insertion, other insertions inside theirs
    (T3).
    """
    words = ins(added, *pieces) if added else runs(*pieces)
    return Paragraph(ParagraphId(paragraph_id), kind, level, words, AmendmentId(added) if added else None)


def title(paragraph_id: str, *pieces: Piece) -> Paragraph:
    """The title."""
    return paragraph(paragraph_id, *pieces, kind=Kind.TITLE)


def chapeau(paragraph_id: str, *pieces: Piece) -> Paragraph:
    """The chapeau."""
    return paragraph(paragraph_id, *pieces, kind=Kind.CHAPEAU)


def verb(paragraph_id: str, *pieces: Piece, operative: bool = False, added: str | None = None) -> Paragraph:
    """A line with a verb in italics, preambular unless said otherwise."""
    kind = Kind.OPERATIVE_VERB if operative else Kind.PREAMBULAR_VERB
    return paragraph(paragraph_id, em(*pieces), kind=kind, added=added)


def item(paragraph_id: str, *pieces: Piece, operative: bool = False, added: str | None = None) -> Paragraph:
    """An item under a verb, preambular unless said otherwise."""
    kind = Kind.OPERATIVE_ITEM if operative else Kind.PREAMBULAR_ITEM
    return paragraph(paragraph_id, *pieces, kind=kind, added=added)


def sub_item(paragraph_id: str, *pieces: Piece, level: int = 1, added: str | None = None) -> Paragraph:
    """A sub-item."""
    return paragraph(paragraph_id, *pieces, kind=Kind.SUB_ITEM, level=level, added=added)


def amendment(
    amendment_id: str,
    delegation: str = "XAA",
    kind: AmendmentKind = AmendmentKind.MOD,
    *,
    paragraph: str = "",
    status: Status = Status.SUBMITTED,
    created: float = 0,
    **fields: Any,
) -> Amendment:
    """An amendment on record; `created` counts minutes. `document` finds its paragraph and number when not
    given.
    """
    fields.setdefault("author", f"expert-{delegation.lower()}")
    fields.setdefault("revision", 0 if status is Status.DRAFT else 1)
    fields.setdefault("changed_at", at(created))
    return Amendment(
        id=AmendmentId(amendment_id),
        kind=kind,
        delegation=DelegationCode(delegation),
        paragraph=ParagraphId(paragraph),
        status=status,
        created_at=at(created),
        **fields,
    )


def addition(amendment_id: str, delegation: str = "XAA", **fields: Any) -> Amendment:
    """An ADD on record."""
    return amendment(amendment_id, delegation, AmendmentKind.ADD, **fields)


def removal(amendment_id: str, delegation: str = "XAA", *, paragraph: str, **fields: Any) -> Amendment:
    """A SUP on record: the only one that has no marks, so it names its paragraph."""
    return amendment(amendment_id, delegation, AmendmentKind.SUP, paragraph=paragraph, **fields)


def bracket(amendment_id: str, delegation: str = "XAA", **fields: Any) -> Amendment:
    """A bracket on record."""
    return amendment(amendment_id, delegation, AmendmentKind.BRACKET, **fields)


def document(
    *paragraphs: Paragraph,
    amendments: Iterable[Amendment] = (),
    labels: Mapping[str, str] = MappingProxyType({}),
    states: Mapping[str, ParagraphState] = MappingProxyType({}),
    opinion: OpinionRecord | None = None,
) -> Document:
    """A text with its record. `ValueError` when a proposal stands in the text that nobody has on record."""
    text = Opinion(paragraphs)
    places = dict(_places(text))
    record: dict[AmendmentId, Amendment] = {}
    number = 0
    for entry in amendments:
        place = entry.paragraph or places.get(entry.id, ParagraphId(""))
        if entry.status is not Status.DRAFT:
            number += 1
        numbered = entry.number or (0 if entry.status is Status.DRAFT else number)
        record[entry.id] = replace(entry, paragraph=place, number=numbered)
    if nobody := sorted(set(places) - set(record)):
        raise ValueError(f"marked in the text, but nobody's: {', '.join(nobody)}")
    records = {
        ParagraphId(name): ParagraphRecord(
            ParagraphId(name), labels.get(name, ""), states.get(name, ParagraphState.BASE)
        )
        for name in [*labels, *states]
    }
    return Document(
        text,
        Record(
            MappingProxyType(record),
            MappingProxyType(records),
            opinion or OpinionRecord(next_number=number + 1),
        ),
    )


def _marked(mark: Mark, pieces: tuple[Piece, ...]) -> tuple[Run, ...]:
    return tuple(Run(run.text, run.marks | {mark}) for run in runs(*pieces))


def _places(text: Opinion) -> Iterator[tuple[AmendmentId, ParagraphId]]:
    """Each pending amendment with its first paragraph; the last pair of an id wins in a dict, hence
    backwards.
    """
    for place in reversed(text.paragraphs):
        if place.added:
            yield place.added, place.id
        for run in place.runs:
            for mark in run.marks:
                if mark.kind in AMENDMENT_MARKS:
                    yield AmendmentId(mark.id), place.id
