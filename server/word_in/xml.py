"""Names and values of WordprocessingML (ECMA-376 Part 1): what every reader of a part needs."""

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
W = f"{{{_MAIN}}}"

MAX_NAME = 255
"""Characters of an author's, a style's or a move's name; Word admits no longer ones."""


def local(element: etree._Element) -> str:
    """The name of an element of WordprocessingML without its vocabulary; empty for elements of other vocabularies."""
    tag = element.tag
    return tag[len(W) :] if isinstance(tag, str) and tag.startswith(W) else ""


def value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute; empty when it, or the element, is not there."""
    return "" if element is None else element.get(W + name, "")


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element along a path of names."""
    for name in path:
        if element is None:
            return None
        element = element.find(W + name)
    return element


def number(text: str, otherwise: int = 0) -> int:
    """A whole number of at most nine digits; otherwise what was given."""
    plain = text.strip()
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else otherwise


def switched(element: etree._Element | None) -> bool | None:
    """A property that is on or off; None when it is not said."""
    if element is None:
        return None
    return value(element).lower() not in ("0", "false", "off", "none")


def time_of(text: str) -> datetime | None:
    """A time as Word writes it, aware; None when it is none. Word puts `Z` behind the writer's local time."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def alternative(element: etree._Element) -> Iterator[etree._Element]:
    """The children of the one alternative of `mc:AlternateContent` to be read: the first that holds words, or any."""
    choices = [one for one in element if one.tag in (MC + "Choice", MC + "Fallback")]
    chosen = next((one for one in choices if next(one.iter(W + "t", W + "delText"), None) is not None), None)
    if chosen is None:
        chosen = choices[0] if choices else None
    return iter(chosen if chosen is not None else ())
