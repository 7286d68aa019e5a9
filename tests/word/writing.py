"""DOCX files written by hand: the smallest package that Word opens, from the XML of its parts.

    docx(p(run("that "), ins("XAA", run("all ")), mark=ins_mark("XAA")))

Made without the libraries that the product writes with, so that reading is not proved against its own kin only.
"""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WHEN = "2026-01-23T17:04:00Z"
KINDS = {
    "styles": "styles",
    "numbering": "numbering",
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "comments": "comments",
    "settings": "settings",
    "header": "header",
    "footer": "footer",
}
STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Call"><w:name w:val="Call"/><w:basedOn w:val="Normal"/>'
    "<w:rPr><w:i/></w:rPr></w:style>"
    '<w:style w:type="character" w:styleId="Emphasis"><w:name w:val="Emphasis"/><w:rPr><w:i/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="enum"><w:name w:val="enumlev1"/><w:basedOn w:val="Normal"/><w:pPr><w:numPr>'
    '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
)


def run(text: str, properties: str = "", *, deleted: bool = False) -> str:
    """A run; tabs and new lines become the elements that Word has for them."""
    tag = "w:delText" if deleted else "w:t"
    pieces = []
    for number, line in enumerate(text.split("\t")):
        pieces.append("<w:tab/>" if number else "")
        if line:
            pieces.append(f'<{tag} xml:space="preserve">{escape(line)}</{tag}>')
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{''.join(pieces)}</w:r>"


def said(tag: str, author: str, number: int = 0, when: str = WHEN) -> str:
    """The attributes of a revision mark."""
    return f'<w:{tag} w:id="{number}" w:author={quoteattr(author)} w:date="{when}"'


def ins(author: str, *inner: str, when: str = WHEN) -> str:
    """An insertion around runs."""
    return f"{said('ins', author, when=when)}>{''.join(inner)}</w:ins>"


def dele(author: str, *inner: str, when: str = WHEN) -> str:
    """A deletion around runs, whose words become deleted text."""
    words = "".join(inner).replace("<w:t ", "<w:delText ").replace("</w:t>", "</w:delText>")
    return f"{said('del', author, when=when)}>{words}</w:del>"


def moved_from(author: str, name: str, number: int, *inner: str) -> str:
    """The place that words left."""
    return (
        f'<w:moveFromRangeStart w:id="{number}" w:author={quoteattr(author)} w:date="{WHEN}" w:name="{name}"/>'
        f"{said('moveFrom', author)}>{''.join(inner)}</w:moveFrom>"
        f'<w:moveFromRangeEnd w:id="{number}"/>'
    )


def moved_to(author: str, name: str, number: int, *inner: str) -> str:
    """The place where they came to."""
    return (
        f'<w:moveToRangeStart w:id="{number}" w:author={quoteattr(author)} w:date="{WHEN}" w:name="{name}"/>'
        f"{said('moveTo', author)}>{''.join(inner)}</w:moveTo>"
        f'<w:moveToRangeEnd w:id="{number}"/>'
    )


def p(*inner: str, style: str = "", properties: str = "", mark: str = "") -> str:
    """A paragraph; `mark` goes into the properties of its mark: `ins_mark("XAA")`."""
    told = f'<w:pStyle w:val="{style}"/>' if style else ""
    told += properties + (f"<w:rPr>{mark}</w:rPr>" if mark else "")
    return f"<w:p>{f'<w:pPr>{told}</w:pPr>' if told else ''}{''.join(inner)}</w:p>"


def ins_mark(author: str) -> str:
    """The mark of a paragraph that was inserted."""
    return f"{said('ins', author)}/>"


def del_mark(author: str) -> str:
    """The mark of a paragraph that was deleted."""
    return f"{said('del', author)}/>"


def table(*rows: str) -> str:
    """A table of rows."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def row(*cells: str, tracked: str = "") -> str:
    """A row; each cell is the XML of its paragraphs."""
    told = f"<w:trPr>{tracked}</w:trPr>" if tracked else ""
    return f"<w:tr>{told}{''.join(f'<w:tc><w:tcPr/>{cell}</w:tc>' for cell in cells)}</w:tr>"


def field(instruction: str, result: str) -> str:
    """A complex field with its result as last computed."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{escape(instruction)}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def commented(number: int, *inner: str) -> str:
    """Words with a comment on them."""
    return (
        f'<w:commentRangeStart w:id="{number}"/>{"".join(inner)}<w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:commentReference w:id="{number}"/></w:r>'
    )


def comment(number: int, author: str, words: str, paragraph: str = "") -> str:
    """A comment of `comments.xml`; `paragraph` is the id of its paragraph, by which others answer it."""
    told = f' w14:paraId="{paragraph}"' if paragraph else ""
    return f"{said('comment', author, number)}><w:p{told}>{run(words)}</w:p></w:comment>"


def part(name: str, inner: str) -> str:
    """The XML of a part with this root."""
    return f"{HEAD}<w:{name} {NAMES}>{inner}</w:{name}>"


def parts(
    body: str, *, relations: str = "", extended: str = "", custom: Mapping[str, str] | None = None, **others: str
) -> dict[str, bytes]:
    """The parts of a DOCX by their names; `others` are the insides of parts by kind (`styles="<w:style .../>"`)."""
    others.setdefault("styles", STYLES)
    overrides = [f'<Override PartName="/word/document.xml" ContentType="{WORD}.document.main+xml"/>']
    related = []
    made: dict[str, str] = {"word/document.xml": part("document", f"<w:body>{body}<w:sectPr/></w:body>")}
    for number, (kind, inner) in enumerate(others.items(), 1):
        root = {"header": "hdr", "footer": "ftr"}.get(kind, kind)
        made[f"word/{kind}.xml"] = part(root, inner)
        overrides.append(f'<Override PartName="/word/{kind}.xml" ContentType="{WORD}.{KINDS[kind]}+xml"/>')
        related.append(f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{kind}.xml"/>')
    if extended:
        made["word/commentsExtended.xml"] = f"{HEAD}<w15:commentsEx {NAMES}>{extended}</w15:commentsEx>"
        overrides.append(f'<Override PartName="/word/commentsExtended.xml" ContentType="{WORD}.commentsExtended+xml"/>')
        related.append(
            '<Relationship Id="rId90" Type="http://schemas.microsoft.com/office/2011/relationships/commentsExtended" '
            'Target="commentsExtended.xml"/>'
        )
    first = f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>'
    made["_rels/.rels"] = relationships(first)
    made["word/_rels/document.xml.rels"] = relationships("".join(related) + relations)
    made["[Content_Types].xml"] = (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="bin" ContentType="application/octet-stream"/>{"".join(overrides)}</Types>'
    )
    made.update(custom or {})
    return {name: made[name].encode() for name in ("[Content_Types].xml", *(one for one in made if one[0] != "["))}


def relationships(inner: str) -> str:
    """The XML of a part of relationships."""
    return f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def zipped(made: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as a file; the same parts are the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in made.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 23, 17, 4, 0)), content, method)
    return written.getvalue()


def docx(*body: str, **others: str) -> bytes:
    """A DOCX with these paragraphs and tables; `others` as in `parts`."""
    return zipped(parts("".join(body), custom=None, **others))
