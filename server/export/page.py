"""A sheet as one self-contained HTML page: no script, no request, prints well."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from server.export.sheet import VIEW_NAMES, Sheet
from server.export.stamp import stamp
from server.html_view import paragraphs_html, regions_of

TEMPLATES = Path(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def to_html(sheet: Sheet) -> str:
    """The sheet as a whole HTML document with its style inside."""
    return _pages.get_template("sheet.html").render(
        origin=sheet.origin,
        view=VIEW_NAMES[sheet.view],
        stamp=stamp(sheet),
        warning=sheet.warning,
        style=Markup((TEMPLATES / "sheet.css").read_text(encoding="utf-8")),
        text=paragraphs_html(sheet.paragraphs, regions_of(sheet.parties.values()), top=1),
    )
