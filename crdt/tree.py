"""The Yjs tree read into values: a paragraph element into a `Paragraph`, an event's delta into steps over its
characters.

Together with `crdt.document` the only place that knows pycrdt. Its types are thin and partly untyped, hence `Any`
at this boundary. pycrdt counts text in UTF-8 bytes; everything that leaves this module counts code points.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from crdt.errors import DocumentError
from crdt.marks import known_marks, marks_of
from opinions.model import NO_MARKS, AmendmentId, Kind, Marks, Paragraph, ParagraphId, Run
from opinions.model import is_id as is_id

PARAGRAPH = "paragraph"
"""The one element of a text (D2)."""
ATTRIBUTES = frozenset({"id", "kind", "level", "added"})
is_level = re.compile(r"0|[1-9][0-9]?").fullmatch
_KINDS = {str(kind): kind for kind in Kind}

RETAIN, INSERT, DELETE = "retain", "insert", "delete"


class Step(NamedTuple):
    """So many characters that stayed, came or went, in the order of the text."""

    what: str
    length: int


class Reading(NamedTuple):
    """A paragraph element as read: its value and the keys under which events will name the element and its text."""

    element: int
    text: int
    paragraph: Paragraph


def read_paragraph(element: Any, transaction: Any) -> Reading:
    """Reads a paragraph element; `DocumentError` (`schema`) when it does not fit D2-D4."""
    if type(element).__name__ != "XmlElement" or element.tag() != PARAGRAPH:
        raise _misfit("The text holds something that is no paragraph.")
    children = element.children(transaction)
    if len(children) != 1 or type(children[0]).__name__ != "XmlText":
        raise _misfit("A paragraph holds exactly one text.")
    text = children[0]
    bare = read_attributes(element, transaction)
    runs = read_runs(text, transaction)
    return Reading(hash(element), hash(text), Paragraph(bare.id, bare.kind, bare.level, runs, bare.added))


def read_attributes(element: Any, transaction: Any) -> Paragraph:
    """The paragraph without its runs; `DocumentError` (`schema`) when an attribute does not fit."""
    values = dict(element.attributes(transaction))
    if not values.keys() <= ATTRIBUTES:
        raise _misfit("A paragraph has an attribute of an unknown name.")
    if not all(isinstance(value, str) for value in values.values()):
        raise _misfit("A paragraph has an attribute that is no text.")
    kind = _KINDS.get(values.get("kind", ""))
    paragraph_id, level, added = values.get("id", ""), values.get("level", ""), values.get("added")
    if kind is None or not is_id(paragraph_id) or not is_level(level) or (added is not None and not is_id(added)):
        raise _misfit("A paragraph lacks an id, a kind or a level, or has one that is not of the right form.")
    return Paragraph(ParagraphId(paragraph_id), kind, int(level), (), AmendmentId(added) if added else None)


def read_runs(text: Any, transaction: Any, before: tuple[Run, ...] = ()) -> tuple[Run, ...]:
    """The runs of a paragraph's text. Runs at either end that are as they were `before` are the same objects.

    Raises `DocumentError` (`schema`) for anything that is not text with known marks.
    """
    pieces = text.diff(transaction)
    if len(pieces) == len(before) and (same := _under_the_same_marks(pieces, before)) is not None:
        return same
    words: list[str] = []
    sets: list[Marks] = []
    for piece, formatting in pieces:
        if formatting is None:
            marks = NO_MARKS
        else:
            try:
                marks = marks_of(formatting)
            except ValueError:
                raise _misfit("Characters carry a mark of an unknown name.") from None
        if type(piece) is not str:
            raise _misfit("A text holds something that is no character.")
        if sets and (sets[-1] is marks or sets[-1] == marks):
            words[-1] += piece
        else:
            words.append(piece)
            sets.append(marks)
    low, high, old = 0, len(words), len(before)
    while low < high and low < old and words[low] == before[low].text and sets[low] == before[low].marks:
        low += 1
    while (
        high > low and old > low and words[high - 1] == before[old - 1].text and sets[high - 1] == before[old - 1].marks
    ):
        high -= 1
        old -= 1
    return (*before[:low], *map(Run, words[low:high], sets[low:high]), *before[old:])


def _under_the_same_marks(pieces: Sequence[tuple[Any, Any]], before: tuple[Run, ...]) -> tuple[Run, ...] | None:
    """The runs when each piece stands under the very marks of the run that was there: most keystrokes. None when one
    does not.
    """
    runs: list[Run] = []
    for (piece, formatting), run in zip(pieces, before, strict=True):
        if type(piece) is not str or known_marks(formatting) is not run.marks:
            return None
        runs.append(run if piece == run.text else Run(piece, run.marks))
    return tuple(runs)


def steps(before: str, delta: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """An event's delta over a text that read `before`, in code points.

    The delta's own formatting is left out: it names marks that did not change. What stays behind the last step is
    not listed.
    """
    plain = before.isascii()
    encoded = b"" if plain else before.encode()
    at = 0
    found: list[Step] = []
    for operation in delta:
        if INSERT in operation:
            found.append(Step(INSERT, len(operation[INSERT])))
            continue
        what = RETAIN if RETAIN in operation else DELETE
        count = operation[what]
        if not plain:
            start, at = at, at + count
            try:
                count = len(encoded[start:at].decode())
            except UnicodeDecodeError:
                raise _misfit("A change cuts a character in two.") from None
        if found and found[-1].what == what:
            count += found.pop().length
        found.append(Step(what, count))
    return tuple(found)


def _misfit(message: str) -> DocumentError:
    return DocumentError("schema", message)
