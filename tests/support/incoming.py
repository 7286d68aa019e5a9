"""Incoming texts as a reader would describe them: `unit("that ", put("KEN", "all "), cut("USA", "some "), "rest")`."""

from opinions.incoming import (
    IncomingComment,
    IncomingDocument,
    IncomingParagraph,
    Revision,
    RevisionKind,
    Stretch,
)

Piece = str | Stretch


def put(author: str, text: str, *, by: str = "", move: str = "") -> Stretch:
    """Words an author inserts; `by` strikes them again."""
    kind = RevisionKind.MOVED_TO if move else RevisionKind.INSERTED
    struck = (Revision(RevisionKind.DELETED, by),) if by else ()
    return Stretch(text, (Revision(kind, author, None, move), *struck))


def cut(author: str, text: str, *, move: str = "") -> Stretch:
    """Words an author strikes."""
    kind = RevisionKind.MOVED_FROM if move else RevisionKind.DELETED
    return Stretch(text, (Revision(kind, author, None, move),))


def noted(comment: str, text: str) -> Stretch:
    """Words in the range of a comment."""
    return Stretch(text, comments=(comment,))


def unit(
    *pieces: Piece, label: str = "", identity: str = "", marked: str = "", gone: str = "", style: str = ""
) -> IncomingParagraph:
    """A paragraph of a file; `marked` puts its mark in, `gone` strikes it."""
    marks = (
        *((Revision(RevisionKind.INSERTED, marked),) if marked else ()),
        *((Revision(RevisionKind.DELETED, gone),) if gone else ()),
    )
    stretches = tuple(Stretch(piece) if isinstance(piece, str) else piece for piece in pieces)
    return IncomingParagraph(stretches, style=style, label=label, identity=identity, mark=marks)


def file(*paragraphs: IncomingParagraph, comments: tuple[IncomingComment, ...] = ()) -> IncomingDocument:
    """A file of these paragraphs."""
    return IncomingDocument(paragraphs, comments=comments)
