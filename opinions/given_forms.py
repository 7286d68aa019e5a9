"""The forms in which a paragraph is given out: in a file that comes back, its words stand in one of them.

With or without its square brackets, with pending words in or accepted, spelled out with their holders as the text with
square brackets has them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from opinions.brackets import Border
from opinions.matching import bag
from opinions.model import MarkKind, Marks, Paragraph, characters
from opinions.record import Document
from opinions.redline import likeness
from opinions.views import SegmentKind, ViewParagraph

_SAME = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\t": " ",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2011": "-",
    }
)
"""What word processors change by themselves; each letter for one, so that places stay."""


Atom = tuple[str, int]
"""A character as given out, and its offset in the paragraph; -1 for glyphs and attributions."""


@dataclass(frozen=True, slots=True)
class Ours:
    """Our paragraph as it was given out (`given`, in `reference`) and as it stands (`living`, in `document`)."""

    document: Document
    living: Paragraph
    given: Paragraph
    borders: Sequence[Border] = ()
    rolling: ViewParagraph | None = None


def plain(text: str) -> str:
    """The text as it is compared: letters that word processors exchange made one."""
    return text.translate(_SAME)


def forms(ours: Ours) -> Iterator[list[Atom]]:
    """Each form of the paragraph, the likeliest first."""
    given = ours.given
    whole = [(char, at, marks) for at, (char, marks) in enumerate(characters(given.runs))]
    inserted = {run.marks for run in given.runs if _has(run.marks, MarkKind.INSERTION)}
    struck = {run.marks for run in given.runs if _has(run.marks, MarkKind.DELETION)}
    base = [(char, at) for char, at, marks in whole if marks not in inserted]
    yield base
    if ours.borders:
        yield _with_glyphs(base, ours.borders)
    if inserted or struck:
        everything = [(char, at) for char, at, _ in whole]
        yield everything
        yield _with_glyphs(everything, ours.borders)
        yield [(char, at) for char, at, marks in whole if marks not in struck]
    if ours.rolling is not None:
        atoms: list[Atom] = []
        at = 0
        for segment in ours.rolling.segments:
            ours_own = segment.kind in (SegmentKind.TEXT, SegmentKind.INSERTED, SegmentKind.DELETED)
            for char in segment.text:
                atoms.append((char, at if ours_own else -1))
                at += ours_own
        if "".join(char for char, offset in atoms if offset >= 0) == given.text:
            yield atoms


def _has(marks: Marks, kind: MarkKind) -> bool:
    return any(mark.kind is kind for mark in marks)


def _with_glyphs(atoms: Sequence[Atom], borders: Iterable[Border]) -> list[Atom]:
    waiting = list(reversed(tuple(borders)))
    result: list[Atom] = []
    for char, offset in atoms:
        while waiting and waiting[-1].at <= offset:
            result.append(("[" if waiting.pop().opens else "]", -1))
        result.append((char, offset))
    result.extend(("[" if one.opens else "]", -1) for one in reversed(waiting))
    return result


def form_for(ours: Ours, text: str) -> list[Atom]:
    """The form whose words are those of the file, or else most of them."""
    best: tuple[float, list[Atom]] = (-1.0, [])
    words = bag(text)
    for atoms in forms(ours):
        spelled = plain("".join(char for char, _ in atoms))
        if spelled == text:
            return atoms
        share = likeness(bag(spelled), words)
        if share > best[0] + 1e-9:
            best = (share, atoms)
    return best[1]
