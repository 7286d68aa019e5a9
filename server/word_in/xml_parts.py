"""One XML part as untrusted bytes: UTF-8 or UTF-16, no document type, counted before a tree is made of it.

The first pass (expat, no tree) sees everything that costs: depth, elements, attributes. The second (libxml2) resolves
no entity, loads nothing and makes the tree.
"""

import re
from xml.parsers import expat

from lxml import etree

from server.word_in.refusals import BROKEN, MAX_ATTRIBUTES, MAX_DEPTH, MAX_NODES, WordRefused

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|wordprocessingml|drawingml)/")
_STRICT_NAMES = {
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"officeDocument/relationships": b"officeDocument/2006/relationships",
    b"officeDocument/math": b"officeDocument/2006/math",
    b"drawingml/main": b"drawingml/2006/main",
}
_COPY = "Copy the text into a new document in Word and hand that in."


def parsed(part: str, content: bytes, nodes: int) -> tuple[etree._Element, int]:
    """The tree of a part, and the nodes of the parts so far with this one's. Raises `WordRefused`."""
    content = _well_formed_text(part, content)
    nodes = _counted(part, content, nodes)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(_transitional(content), parser), nodes
    except etree.XMLSyntaxError as problem:
        raise WordRefused(BROKEN.format(f"its part {part} is not well-formed XML")) from problem


def _well_formed_text(part: str, content: bytes) -> bytes:
    """The part as UTF-8, which is what it must be: UTF-16 is told by its first bytes."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
            text = re.sub(r"^<\?xml[^>]*\?>", "", text, count=1)
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise WordRefused(BROKEN.format(f"its part {part} holds bytes that are no letters (UTF-8)")) from problem
    declared = re.match(r"\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise WordRefused(BROKEN.format(f"its part {part} is written in {declared[1][:40]!r}"))
    return text.encode()


def _counted(part: str, content: bytes, nodes: int) -> int:
    """The nodes so far and those of this part, counted without a tree; refuses what no tree must be made of."""
    depth = 0

    def start(_: str, attributes: list[str]) -> None:
        nonlocal nodes, depth
        depth += 1
        nodes += 1 + len(attributes) // 2
        if depth > MAX_DEPTH:
            raise WordRefused(f"The part {part} has more than {MAX_DEPTH} elements inside each other. {_COPY}")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise WordRefused(f"The part {part} has an element with more than {MAX_ATTRIBUTES} attributes. {_COPY}")
        if nodes > MAX_NODES:
            raise WordRefused(f"The file has more than {MAX_NODES} elements and attributes. {_COPY}")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise WordRefused(f"The part {part} declares a document type, which no Word document does. {_COPY}")

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise WordRefused(BROKEN.format(f"its part {part} is not well-formed XML")) from problem
    return nodes


def _transitional(content: bytes) -> bytes:
    """Strict Open XML with the names of the usual kind, which mean the same here."""
    if not _STRICT.search(content):
        return content
    for strict, usual in _STRICT_NAMES.items():
        content = content.replace(
            b"http://purl.oclc.org/ooxml/" + strict, b"http://schemas.openxmlformats.org/" + usual
        )
    return content
