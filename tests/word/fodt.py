"""Sources in flat OpenDocument, from which LibreOffice makes DOCX files: what it writes, it writes in its own way.

The changes of OpenDocument stand in a list before the text: an insertion is a range in the text, a deletion a point in
it with the deleted words in the list (OpenDocument 1.3, part 3, 5.5).
"""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
)
STYLES = (
    '<office:automatic-styles><style:style style:name="it" style:family="text">'
    '<style:text-properties fo:font-style="italic"/></style:style>'
    '<text:list-style style:name="letters"><text:list-level-style-number text:level="1" style:num-format="a" '
    'style:num-suffix=")"/><text:list-level-style-number text:level="2" style:num-format="i" style:num-suffix=")"/>'
    "</text:list-style></office:automatic-styles>"
)


@dataclass
class Text:
    """A text in the making: the changes so far. The methods give the XML that goes into the body."""

    title: str = ""
    changes: list[str] = field(default_factory=list)

    def _change(self, kind: str, author: str, inner: str = "") -> str:
        name = f"ct{len(self.changes) + 1}"
        when = f"2026-01-23T17:{len(self.changes):02}:00"
        self.changes.append(
            f'<text:changed-region xml:id="{name}" text:id="{name}"><text:{kind}><office:change-info>'
            f"<dc:creator>{escape(author)}</dc:creator><dc:date>{when}</dc:date></office:change-info>{inner}"
            f"</text:{kind}></text:changed-region>"
        )
        return name

    def ins(self, author: str, inner: str) -> str:
        """Inserted words; `</text:p><text:p>` inside makes a new paragraph."""
        name = self._change("insertion", author)
        return f'<text:change-start text:change-id="{name}"/>{inner}<text:change-end text:change-id="{name}"/>'

    def dele(self, author: str, *paragraphs: str) -> str:
        """Deleted words; with two paragraphs and more, the mark between them is deleted too."""
        inner = "".join(f"<text:p>{one}</text:p>" for one in paragraphs)
        return f'<text:change text:change-id="{self._change("deletion", author, inner)}"/>'

    def made(self, *body: str) -> str:
        """The whole file."""
        tracked = f"<text:tracked-changes>{''.join(self.changes)}</text:tracked-changes>" if self.changes else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {NAMES} office:version="1.3" '
            'office:mimetype="application/vnd.oasis.opendocument.text">'
            f"<office:meta><dc:title>{escape(self.title)}</dc:title></office:meta>{STYLES}"
            f"<office:body><office:text>{tracked}{''.join(body)}</office:text></office:body></office:document>\n"
        )


def p(*inner: str) -> str:
    """A paragraph."""
    return f"<text:p>{''.join(inner)}</text:p>"


def em(words: str) -> str:
    """Italic words."""
    return f'<text:span text:style-name="it">{escape(words)}</text:span>'


def items(*inner: str) -> str:
    """A list `a)`, `b)`; each item is the XML of its paragraphs and lists."""
    listed = "".join(f"<text:list-item>{one}</text:list-item>" for one in inner)
    return f'<text:list text:style-name="letters">{listed}</text:list>'


def table(*rows: tuple[str, ...]) -> str:
    """A table; each cell is the XML of its paragraphs."""
    width = len(rows[0])
    lines = (
        f"<table:table-row>{''.join(f'<table:table-cell>{cell}</table:table-cell>' for cell in one)}</table:table-row>"
        for one in rows
    )
    return f'<table:table><table:table-column table:number-columns-repeated="{width}"/>{"".join(lines)}</table:table>'


def note(kind: str, number: int, *inner: str) -> str:
    """A footnote or endnote, at the place where its number stands."""
    return (
        f'<text:note text:id="{kind}{number}" text:note-class="{kind}">'
        f"<text:note-citation>{number}</text:note-citation>"
        f"<text:note-body>{''.join(inner)}</text:note-body></text:note>"
    )


def commented(name: str, author: str, words: str, on: str) -> str:
    """Words with a comment on them."""
    return (
        f'<office:annotation office:name="{name}"><dc:creator>{escape(author)}</dc:creator>'
        f"<dc:date>2026-01-23T18:00:00</dc:date><text:p>{escape(words)}</text:p></office:annotation>{on}"
        f'<office:annotation-end office:name="{name}"/>'
    )
