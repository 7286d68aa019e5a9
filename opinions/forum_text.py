"""The text with which the forum begins: exactly what was agreed in one version of an Opinion (FT1)."""

from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType

from opinions.clean import settled
from opinions.closing import ForumOrigin
from opinions.model import Mark, MarkKind, Opinion, Paragraph, Run, joined
from opinions.moves import AGREED_STATES
from opinions.record import AmendmentKind, Document, OpinionRecord, ParagraphRecord, ParagraphState, Record, Status


def forum_text(version: Document, origin: ForumOrigin) -> Document:
    """A document of the words that were agreed in a version: what clean text shows, under the same paragraph ids and
    labels, with the square brackets that were open still open.

    Nothing pending comes along, and no ruling: the forum makes its own. What was agreed stays agreed, so that changing
    it is a request to reopen (D11).
    """
    standing = settled(version)
    brackets = {
        name: replace(one, pinned=False, replaces=(), into=None, removed=(), decisions=(), earlier=())
        for name, one in version.record.amendments.items()
        if one.kind is AmendmentKind.BRACKET and one.open and one.status is not Status.DRAFT
    }
    text = Opinion(tuple(_founded(paragraph, brackets.keys()) for paragraph in standing.text))
    used = {mark.id for paragraph in text for run in paragraph.runs for mark in run.marks}
    records = (version.record.paragraph(paragraph.id) for paragraph in text)
    return Document(
        text,
        Record(
            MappingProxyType({name: one for name, one in brackets.items() if name in used}),
            MappingProxyType({one.id: _fresh(one) for one in records}),
            OpinionRecord(next_number=version.record.opinion.next_number, forum=origin),
        ),
    )


def _founded(paragraph: Paragraph, brackets: Collection[str]) -> Paragraph:
    kept = (MarkKind.EM, MarkKind.NOTEREF)

    def stays(mark: Mark) -> bool:
        return mark.kind in kept or (mark.kind is MarkKind.BRACKET and mark.id in brackets)

    runs = joined(Run(run.text, frozenset(filter(stays, run.marks))) for run in paragraph.runs)
    return Paragraph(paragraph.id, paragraph.kind, paragraph.level, runs)


def _fresh(record: ParagraphRecord) -> ParagraphRecord:
    state = record.state if record.state in AGREED_STATES else ParagraphState.BASE
    return ParagraphRecord(record.id, record.label, state, tag=record.tag, layout=record.layout)
