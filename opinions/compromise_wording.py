"""A compromise from wording: what a paragraph is to read, and the replacements that this comes to (CT1).

The wording is compared with the paragraph as if every pending insertion failed, so words that others propose are left
where they stand and are never taken over: the compromise brings its own.
"""

import re
from collections.abc import Iterable

from opinions.finding import agreed_words, replacements
from opinions.model import MarkKind, Paragraph
from opinions.proposals import Replacement
from opinions.record import Amendment, AmendmentKind
from opinions.redline import Change, redline


def wording_with(paragraph: Paragraph, amendment: Amendment, replaced: Iterable[Amendment]) -> str:
    """The paragraph as it would read with one of the amendments that a compromise replaces agreed and the others not:
    what its drafter begins with.
    """
    brackets = {one.id for one in replaced if one.kind is AmendmentKind.BRACKET and one.id != amendment.id}
    stays = (
        run.text
        for run in paragraph.runs
        if run.insertion == amendment.id
        or (
            run.insertion is None
            and amendment.id not in run.ids(MarkKind.DELETION)
            and not run.ids(MarkKind.BRACKET) & brackets
        )
    )
    # Blanks between options that are left out would stand side by side.
    return re.sub(" (?=[ ,.;])", "", "".join(stays)).strip()


def wording_replacements(paragraph: Paragraph, wording: str) -> tuple[Replacement, ...]:
    """What a compromise must say for the paragraph to read so, whole words at a time; empty where it reads so already.

    Blanks at the ends and line breaks do not count.
    """
    base = agreed_words(paragraph)
    wanted = " ".join(wording.split("\n")).replace("\r", "").strip()
    head, tail = len(base) - len(base.lstrip()), len(base) - len(base.rstrip())
    wanted = base[:head] + wanted + (base[len(base) - tail :] if tail else "")
    found: list[Replacement] = []
    start = end = 0
    put = ""
    for piece in (*redline(base, wanted), None):
        if piece is not None and piece.change is Change.DELETED:
            end += len(piece.text)
        elif piece is not None and piece.change is Change.INSERTED:
            put += piece.text
        else:
            found += replacements(paragraph, start, end, put)
            start = end = end + (len(piece.text) if piece is not None else 0)
            put = ""
    return tuple(found)
