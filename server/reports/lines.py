"""Lines of a report, of which every form of it is made: page, HTML file and Word file say the same words."""

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """What a line is."""

    CHAPTER = "chapter"
    SECTION = "section"
    PLACE = "place"
    TEXT = "text"
    PROPOSAL = "proposal"
    WORDS = "words"
    SAID = "said"
    RULED = "ruled"
    NOTE = "note"


class Weight(StrEnum):
    """How words of a line are set: those that come are underlined, those that go are struck."""

    PLAIN = "plain"
    STRONG = "strong"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line that are set alike."""

    text: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `anchor` is the id of the paragraph or section that begins here, for links."""

    style: Style
    pieces: tuple[Piece, ...]
    anchor: str = ""

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(piece.text for piece in self.pieces)


def plain(style: Style, text: str, anchor: str = "") -> Line:
    """A line set in one weight."""
    return Line(style, (Piece(text),), anchor)


def led(style: Style, lead: str, text: str, anchor: str = "") -> Line:
    """A line that begins with words set strong."""
    return Line(style, (Piece(lead, Weight.STRONG), Piece(text)), anchor)
