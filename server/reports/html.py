"""Lines of a report as HTML, for its page and for the file; and the file itself: one page, no script, prints well."""

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

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
    return Markup("\n").join(_line(one, top, of) for one in lines)


def _line(line: Line, top: int, of: str) -> Markup:
    level = _HEADINGS.get(line.style)
    tag = "p" if level is None else f"h{top + level}"
    anchor = Markup(' id="{}"').format(f"{of}-{line.anchor}" if of else line.anchor) if line.anchor else ""
    words = Markup("").join(_piece(piece) for piece in line.pieces)
    return Markup('<{tag} class="line-{style}"{anchor} dir="auto">{words}</{tag}>').format(
        tag=tag, style=line.style.value, anchor=anchor, words=words
    )


def _piece(piece: Piece) -> Markup:
    element = _ELEMENTS.get(piece.weight)
    if element is None:
        return Markup("{}").format(piece.text)
    return Markup("<{0}>{1}</{0}>").format(element, piece.text)
