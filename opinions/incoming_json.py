"""A text read from Word as JSON, and back: what crosses from the process that reads it, and what is kept of it.

Revisions are written once, in a table, and stretches name them by number: a file has few authors and many stretches.
Reading back trusts nothing: `ValueError` for whatever does not fit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from opinions.incoming import (
    IncomingComment,
    IncomingDocument,
    IncomingParagraph,
    Remark,
    RemarkKind,
    Revision,
    RevisionKind,
    Stretch,
)

FORMAT = 1


def document_json(document: IncomingDocument) -> dict[str, Any]:
    """The document as values of JSON."""
    table: dict[Revision, int] = {}

    def marks(revisions: Sequence[Revision]) -> list[int]:
        return [table.setdefault(one, len(table)) for one in revisions]

    def row(paragraph: IncomingParagraph) -> dict[str, Any]:
        written: dict[str, Any] = {
            "stretches": [
                [one.text, marks(one.revisions), one.em, one.noteref, list(one.comments)] for one in paragraph.stretches
            ],
            "mark": marks(paragraph.mark),
        }
        for name in ("style", "label", "level", "identity", "place", "counted", "italic"):
            if value := getattr(paragraph, name):
                written[name] = value
        return written

    paragraphs = [row(one) for one in document.paragraphs]
    footnotes = [row(one) for one in document.footnotes]
    return {
        "format": FORMAT,
        "title": document.title,
        "source_opinion": document.source_opinion,
        "source_seq": document.source_seq,
        "revisions": [[str(one.kind), one.author, _written(one.at), one.move] for one in table],
        "paragraphs": paragraphs,
        "footnotes": footnotes,
        "comments": [
            [one.id, one.author, one.text, _written(one.at), one.parent, one.resolved] for one in document.comments
        ],
        "remarks": [[str(one.kind), one.message, one.where] for one in document.remarks],
    }


def document_of(written: object) -> IncomingDocument:
    """The document that `document_json` wrote. Raises `ValueError`."""
    try:
        told = _mapping(written)
        if told["format"] != FORMAT:
            raise ValueError("another format")
        table = [
            Revision(RevisionKind(_text(kind)), _text(author), _time(at), _text(move))
            for kind, author, at, move in told["revisions"]
        ]
        return IncomingDocument(
            tuple(_row(one, table) for one in told["paragraphs"]),
            tuple(_row(one, table) for one in told["footnotes"]),
            tuple(
                IncomingComment(_text(name), _text(author), _text(text), _time(at), _text(parent), _truth(resolved))
                for name, author, text, at, parent, resolved in told["comments"]
            ),
            tuple(
                Remark(RemarkKind(_text(kind)), _text(message), _text(where))
                for kind, message, where in told["remarks"]
            ),
            _text(told["title"]),
            _text(told["source_opinion"]),
            _whole(told["source_seq"]),
        )
    except (KeyError, IndexError, TypeError, ValueError) as problem:
        raise ValueError(f"not a text read from Word: {problem}") from problem


def _row(written: object, table: Sequence[Revision]) -> IncomingParagraph:
    told = _mapping(written)
    return IncomingParagraph(
        tuple(
            Stretch(
                _text(text),
                _marks(marks, table),
                _truth(em),
                _text(noteref),
                tuple(_text(one) for one in comments),
            )
            for text, marks, em, noteref, comments in told["stretches"]
        ),
        _text(told.get("style", "")),
        _text(told.get("label", "")),
        _whole(told.get("level", 0)),
        _text(told.get("identity", "")),
        _marks(told["mark"], table),
        _text(told.get("place", "")),
        _truth(told.get("counted", False)),
        _truth(told.get("italic", False)),
    )


def _marks(numbers: Sequence[object], table: Sequence[Revision]) -> tuple[Revision, ...]:
    return tuple(table[_whole(one)] for one in numbers)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text was expected")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number was expected")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false was expected")
    return value


def _written(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def _time(value: object) -> datetime | None:
    text = _text(value)
    return datetime.fromisoformat(text) if text else None
