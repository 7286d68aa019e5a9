"""A sheet, or a paper of several, as one self-contained HTML page: no script, no request, prints well."""

from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from opinions.model import ParagraphId
from opinions.views import View, ViewParagraph
from server.export.paper import Paper
from server.export.sheet import VIEW_NAMES, Sheet
from server.export.stamp import stamp
from server.html_view import paragraphs_html, regions_of

TEMPLATES = Path(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def paper_html(paper: Paper) -> str:
    """A paper of several texts as a whole HTML document, with its contents at the head."""
    parts = [
        {
            "id": f"part-{number}",
            "heading": part.heading,
            "facts": part.facts,
            "text": paragraphs_html(
                [_within(row, f"part-{number}-") for row in part.rows],
                regions_of(part.sheet.parties.values()),
                top=3,
                marks=paper.view is View.MARKED,
            ),
        }
        for number, part in enumerate(paper.parts, start=1)
    ]
    return _pages.get_template("volume.html").render(
        paper=paper, parts=parts, view=VIEW_NAMES[paper.view], style=Markup(_style())
    )


def _within(row: ViewParagraph, prefix: str) -> ViewParagraph:
    """The row under an id that no other text of the page has."""
    segments = tuple(
        replace(one, noteref=ParagraphId(prefix + one.noteref)) if one.noteref is not None else one
        for one in row.segments
    )
    return replace(row, id=ParagraphId(prefix + row.id), segments=segments)


def _style() -> str:
    return (TEMPLATES / "sheet.css").read_text(encoding="utf-8")


def to_html(sheet: Sheet) -> str:
    """The sheet as a whole HTML document with its style inside."""
    return _pages.get_template("sheet.html").render(
        origin=sheet.origin,
        view=VIEW_NAMES[sheet.view],
        stamp=stamp(sheet),
        warning=sheet.warning,
        style=Markup(_style()),
        text=paragraphs_html(
            sheet.paragraphs, regions_of(sheet.parties.values()), top=1, marks=sheet.view is View.MARKED
        ),
    )
