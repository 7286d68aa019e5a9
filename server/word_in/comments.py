"""The comments in the margin, and which answers which (ECMA-376 Part 1, 17.13.4; MS-DOCX 2.5.1, commentsExtended)."""

from lxml import etree

from opinions.incoming import IncomingComment
from server.word_in.refusals import MAX_COMMENTS, WordRefused
from server.word_in.xml import MAX_NAME, W14, W, local, time_of, value

_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
MAX_ID = 40
"""Characters of a comment's id, which is a number; what is longer is no comment of Word's."""
MAX_COMMENT = 20_000
"""Characters of one comment; what is beyond is cut, and the cut shows."""


def comments(root: etree._Element | None, extended: etree._Element | None) -> tuple[IncomingComment, ...]:
    """The comments in the order of the file, each after those it answers as Word writes them."""
    if root is None:
        return ()
    elements = [one for one in root.iterchildren(W + "comment") if 0 < len(value(one, "id")) <= MAX_ID]
    if len(elements) > MAX_COMMENTS:
        raise WordRefused(
            f"The file has {len(elements)} comments; {MAX_COMMENTS} is the most. Take the settled ones out."
        )
    of_paragraph = {
        paragraph.get(W14 + "paraId"): value(one, "id") for one in elements for paragraph in one.iter(W + "p")
    }
    of_paragraph.pop(None, None)
    parents: dict[str, str] = {}
    resolved: set[str] = set()
    for one in extended if extended is not None else ():
        comment = of_paragraph.get(one.get(_W15 + "paraId", ""), "")
        parent = of_paragraph.get(one.get(_W15 + "paraIdParent", ""), "")
        if comment and parent and parent != comment:
            parents[comment] = parent
        if comment and one.get(_W15 + "done", "").lower() in ("1", "true"):
            resolved.add(comment)
    found: dict[str, IncomingComment] = {}
    for one in elements:
        name = value(one, "id")
        author = " ".join(value(one, "author").split())[:MAX_NAME]
        at = time_of(value(one, "date")[:MAX_NAME])
        found.setdefault(name, IncomingComment(name, author, _words(one), at, parents.get(name, ""), name in resolved))
    return tuple(found.values())


def _words(comment: etree._Element) -> str:
    """What a comment says, a line for each paragraph; what was deleted in it is gone."""
    lines = ("".join(_pieces(paragraph)).strip() for paragraph in comment.iter(W + "p"))
    text = "\n".join(line for line in lines if line)
    return text if len(text) <= MAX_COMMENT else text[:MAX_COMMENT] + " […]"


def _pieces(paragraph: etree._Element) -> list[str]:
    pieces: list[str] = []
    for element in paragraph.iter(W + "t", W + "tab", W + "br", W + "cr", W + "noBreakHyphen"):
        if any(local(one) in ("del", "moveFrom") for one in element.iterancestors()):
            continue
        match local(element):
            case "t":
                pieces.append(element.text or "")
            case "noBreakHyphen":
                pieces.append("\u2011")
            case _ if (parent := element.getparent()) is not None and local(parent) == "r":
                pieces.append(" ")
            case _:
                pass
    return pieces
