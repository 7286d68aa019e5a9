"""A sheet as plain text, one paragraph after the other."""

from opinions.published_text import text_of
from opinions.views import View
from server.export.paper import Paper
from server.export.sheet import VIEW_NAMES, Sheet
from server.export.stamp import stamp

LEGEND = "{+words+ CODE} are proposed, {-words- CODE} proposed for deletion, by the delegation of that code."
"""How revision marks are written where there is neither underline nor strike."""


def to_text(sheet: Sheet) -> str:
    """The sheet with a short heading; the text below it reads as on the screen. Lines end with a line feed."""
    origin = sheet.origin
    heading = [origin.process, f"{origin.label} - {VIEW_NAMES[sheet.view]}", stamp(sheet)]
    if sheet.warning:
        heading.insert(2, sheet.warning.upper())
    if sheet.view is View.MARKED:
        heading.append(LEGEND)
    return "\n".join(heading) + "\n\n" + body(sheet)


def paper_text(paper: Paper) -> str:
    """A paper of several texts: its heading, then each text under its own."""
    heading = [" - ".join(one for one in (paper.process, paper.number) if one), paper.title]
    if paper.warning:
        heading.append(paper.warning.upper())
    heading += [f"{name}: {value}" for name, value in paper.cover] + [paper.stamp]
    if paper.view is View.MARKED:
        heading.append(LEGEND)
    told = ["\n".join(heading) + "\n"]
    for part in paper.parts:
        facts = "".join(f"{name}: {value}\n" for name, value in part.facts)
        told.append(f"{part.heading}\n{'=' * len(part.heading)}\n{facts}\n{body(part.sheet)}")
    return "\n\n".join(told)


def body(sheet: Sheet) -> str:
    """The text alone, with its labels, set as `opinions.notation` reads it back; revision marks in signs (`LEGEND`)."""
    return text_of(sheet.view, sheet.paragraphs, sheet.document, sheet.naming)
