"""Comparisons for tests of what is made of them: of two texts as rows, or of two documents with their records."""

from collections.abc import Sequence
from datetime import timedelta

from opinions.comparing.causes import causes
from opinions.comparing.compare import Text, compare, compare_texts
from opinions.comparing.pairing import Lineage
from opinions.model import Kind, ParagraphId
from opinions.record import Document, ParagraphState
from opinions.views import Segment, View, ViewParagraph
from opinions.visibility import WHOLE
from server.comparing.made import Made
from server.comparing.texts import Side
from server.opinion_store import OpinionRow
from tests.support.builders import at

OPINION = OpinionRow("op-digital", 1, "1", "", "Broadband for all", False, True, at())


def items(*rows: tuple[str, str, str], kind: Kind = Kind.OPERATIVE_ITEM) -> Text:
    """A text of items: id, label, words."""
    shown = (
        ViewParagraph(ParagraphId(name), kind, 0, label, ParagraphState.BASE, (Segment(words),) if words else ())
        for name, label, words in rows
    )
    return Text(tuple(shown), {})


def made_of_texts(before: Text, after: Text, parents: Sequence[tuple[str, str]] = ()) -> Made:
    """Two texts compared, as versions 1 and 2 of an Opinion."""
    lineage = Lineage({ParagraphId(new): ParagraphId(old) for new, old in parents}, {})
    found = compare_texts(before, after, View.CLEAN, lineage)
    return Made(_side(1), _side(2), found, {}, WHOLE, member=True)


def made_of_documents(before: Document, after: Document, view: View = View.CLEAN) -> Made:
    """Two documents compared, with what their records say."""
    found = compare(before, after, view)
    told = causes(found, before, after, ())
    return Made(_side(1, before), _side(2, after), found, told, WHOLE, member=True)


def _side(number: int, document: Document | None = None) -> Side:
    when = at() + timedelta(days=number)
    return Side(OPINION, number, f"Version {number}", when, 10 * number, "ab12" * 16, document or Document())
