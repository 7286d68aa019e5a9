"""Revision marks: every character with what is proposed of it and by whom (opinions/SPEC.md, M1)."""

from collections.abc import Iterable

from opinions.brackets import borders
from opinions.model import AmendmentId, MarkKind, Marks, ParagraphId, Run
from opinions.record import AmendmentKind, Document, Status
from opinions.rules import without
from opinions.segments import bracket_glyph, draw, plain
from opinions.views import Naming, Segment, SegmentKind, ViewParagraph


def marked(document: Document, naming: Naming, *, drafts: bool = False) -> tuple[ViewParagraph, ...]:
    """The view *Revision marks*: inserted and struck words, brackets as glyphs, paragraphs added or to be removed.

    With `drafts` a delegation's own drafts are shown as well; without, they leave no trace. Amendments stand in the
    order of their age, the parties of a segment in that of its amendments, each once.
    """
    hidden = frozenset() if drafts else _drafts(document)
    shown = Document(without(hidden, document.text), document.record)
    rows = borders(shown)
    glyph = bracket_glyph(document, naming)
    removals = _removals(document, hidden)

    def words(text: str, marks: Marks) -> Segment:
        return _segment(document, naming, text, marks)

    return tuple(
        ViewParagraph(
            paragraph.id,
            paragraph.kind,
            paragraph.level,
            document.record.paragraph(paragraph.id).label,
            document.record.paragraph(paragraph.id).state,
            draw(paragraph, rows.get(paragraph.id, ()), words, glyph),
            paragraph.added,
            removals.get(paragraph.id, ()),
        )
        for paragraph in shown.text
    )


def _drafts(document: Document) -> frozenset[AmendmentId]:
    return frozenset(entry.id for entry in document.record.amendments.values() if entry.status is Status.DRAFT)


def _removals(document: Document, hidden: frozenset[AmendmentId]) -> dict[ParagraphId, tuple[AmendmentId, ...]]:
    """The open proposals to remove each paragraph."""
    found: dict[ParagraphId, list[AmendmentId]] = {}
    for entry in document.record.amendments.values():
        if entry.kind is AmendmentKind.SUP and entry.open and entry.id not in hidden:
            found.setdefault(entry.paragraph, []).append(entry.id)
    return {paragraph: _by_age(document, ids) for paragraph, ids in found.items()}


def _segment(document: Document, naming: Naming, text: str, marks: Marks) -> Segment:
    run = Run(text, marks)
    inserted_by = run.insertion
    struck = _by_age(document, run.ids(MarkKind.DELETION))
    base = plain(text, marks)
    if not struck and inserted_by is None:
        return base
    kind = SegmentKind.DELETED if struck else SegmentKind.INSERTED
    amendments = struck or tuple(name for name in (inserted_by,) if name)
    return Segment(
        text,
        kind,
        amendments,
        _parties(document, naming, amendments),
        inserted_by if struck else None,
        base.em,
        base.noteref,
    )


def _by_age(document: Document, ids: Iterable[AmendmentId]) -> tuple[AmendmentId, ...]:
    """Older first; what nobody has on record comes last."""

    def age(name: AmendmentId) -> tuple[bool, float, str]:
        entry = document.amendment(name)
        return entry is None, entry.created_at.timestamp() if entry else 0.0, name

    return tuple(sorted(ids, key=age))


def _parties(document: Document, naming: Naming, amendments: Iterable[AmendmentId]) -> tuple[str, ...]:
    entries = (document.amendment(name) for name in amendments)
    return tuple(dict.fromkeys(code for entry in entries if entry for code in naming(entry)))
