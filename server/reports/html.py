"""Lines of a report as HTML, for its page and for the file; and the file itself: one page, no script, prints well."""

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from server.reports.book import Book
from server.reports.lines import Line, Piece, Style, Weight

TEMPLATES = Path(__file__).parent / "templates"
_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_ELEMENTS = {Weight.STRONG: "b", Weight.NEW: "ins", Weight.GONE: "del"}
_HEADINGS = {Style.CHAPTER: 0, Style.SECTION: 1, Style.PLACE: 2}


def to_html(book: Book) -> str:
    """The report as a whole HTML document with its style inside."""
    return _pages.get_template("report.html").render(
        book=book,
        cover=book.cover,
        told=[(chapter, lines_html(chapter.lines, 2, chapter.opinion)) for chapter in book.chapters],
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
    )


def lines_html(lines: Iterable[Line], top: int = 2, of: str = "") -> Markup:
    """Lines as HTML elements; chapters are headings of level `top`. `of` goes before the ids of their anchors."""
    return Markup("\n".join(_line(one, top, of) for one in lines))


# Put together as strings of which each part is escaped: `Markup.format` takes 60 us for each of thousands of lines.


def _line(line: Line, top: int, of: str) -> str:
    level = _HEADINGS.get(line.style)
    tag = "p" if level is None else f"h{top + level}"
    anchor = f' id="{escape(f"{of}-{line.anchor}" if of else line.anchor)}"' if line.anchor else ""
    words = "".join(map(_piece, line.pieces))
    return f'<{tag} class="line-{line.style.value}"{anchor} dir="auto">{words}</{tag}>'


def _piece(piece: Piece) -> str:
    element = _ELEMENTS.get(piece.weight)
    words = escape(piece.text)
    return str(words) if element is None else f"<{element}>{words}</{element}>"
