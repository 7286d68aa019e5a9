"""A DOCX file read whole: `read_document` gives every word of it, with who inserted, deleted, moved or commented on it.

What the values mean is said in `opinions.incoming`; the rules of the format are those of ECMA-376 Part 1. This module
runs on untrusted bytes and is meant to be called in a process of its own: `server.word_in.isolated`.
"""

from dataclasses import replace

from lxml import etree

from opinions.incoming import IncomingComment, IncomingDocument
from server.word_in.comments import comments
from server.word_in.labels import split_label
from server.word_in.moves import paired_moves
from server.word_in.names import OPINION_PROPERTY, SEQ_PROPERTY
from server.word_in.numbering import Numbering
from server.word_in.package import Package, opened, parts_of_kind
from server.word_in.refusals import WordRefused
from server.word_in.remarks import Remarks
from server.word_in.story import File, Story
from server.word_in.styles import Styles
from server.word_in.whole_paragraphs import marks_in_place
from server.word_in.xml import W, child, number, value

_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
MAX_TITLE = 500


def read_document(content: bytes) -> IncomingDocument:
    """The document in these bytes: labels apart from the words, tabs as blanks, the marks of whole paragraphs that
    were inserted or deleted on these paragraphs. Raises `WordRefused`.
    """
    document = read_words(content)
    ours = bool(document.source_opinion)
    return replace(
        document,
        paragraphs=paired_moves(marks_in_place([split_label(one, ours=ours) for one in document.paragraphs])),
        footnotes=marks_in_place([split_label(one) for one in document.footnotes]),
    )


def read_words(content: bytes) -> IncomingDocument:
    """The document as it is spelled: typed labels are still words, tabs are tabs. Raises `WordRefused`."""
    package = opened(content)
    related = package.related(package.document)
    body = child(package.parse(package.document), "body")
    if body is None:
        raise WordRefused("The file has no text where a Word document has it. Save it as .docx in Word once more.")
    said = comments(package.first(related, "comments"), package.first(related, "commentsExtended"))
    styles = Styles(package.first(related, "styles"))
    remarks = Remarks()
    file = File(
        styles,
        Numbering(package.first(related, "numbering"), styles),
        remarks,
        frozenset(one.id for one in said),
        {kind: _notes(package.first(related, kind + "s"), kind) for kind in ("footnote", "endnote")},
    )
    story = Story(file, body)
    story.walk(body)
    _remark_on_the_rest(package, file, said)
    opinion, seq = _source(package)
    return IncomingDocument(
        tuple(story.paragraphs),
        tuple(file.footnotes),
        said,
        remarks.all(),
        _title(package),
        opinion,
        seq,
    )


def _notes(root: etree._Element | None, kind: str) -> dict[str, etree._Element]:
    """The notes by their ids, without the lines that separate them from the text."""
    if root is None:
        return {}
    return {value(one, "id"): one for one in root.iterchildren(W + kind) if value(one, "type") not in _SEPARATORS}


def _remark_on_the_rest(package: Package, file: File, said: tuple[IncomingComment, ...]) -> None:
    """What else the file holds and nobody will find in the text."""
    related = package.related(package.document)
    own = bool(_source(package)[0])  # the head and foot of our own sheets say nothing that is not known here
    for kind, words in () if own else (("header", "Headers were left out."), ("footer", "Footers were left out.")):
        texts = (_text(package.parse(part)) for part in parts_of_kind(related, kind) if part in package.names)
        for text in dict.fromkeys(one for one in texts if one):
            file.remarks.left_out(words, text)
    for form in sorted(file.numbering.unknown):
        file.remarks.simplified(f"Numbers of the format {form[:60]!r} were counted as 1, 2, 3.")
    for comment in said:
        if comment.id not in file.anchored and not comment.parent:
            file.remarks.simplified("A comment stands on no words.", comment.text[:80])
    for note in dict.fromkeys(package.notes):
        file.remarks.left_out(note)


def _text(root: etree._Element) -> str:
    return " ".join("".join(one.text or "" for one in root.iter(W + "t")).split())[:120]


def _title(package: Package) -> str:
    root = package.first(package.related(""), "core-properties")
    found = root.findtext(_TITLE) if root is not None else None
    return " ".join((found or "").split())[:MAX_TITLE]


def _source(package: Package) -> tuple[str, int]:
    """Which Opinion, at which entry of its log, one of our own exports was made from."""
    root = package.first(package.related(""), "custom-properties")
    if root is None:
        return "", 0
    said = {one.get("name", ""): "".join(str(text) for text in one.itertext()).strip() for one in root}
    return said.get(OPINION_PROPERTY, "")[:100], max(number(said.get(SEQ_PROPERTY, "")), 0)
