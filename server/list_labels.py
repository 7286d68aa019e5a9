"""The labels of HTML lists, which a browser draws and no word of the file holds: `<ol type=a start=3>` begins at `c)`.

They are spelled as Opinions spell theirs (`a)`, `1`, `i)`), so that what reads the text finds them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opinions.numbering import letters, roman

LABEL = "Label"
"""The type of a token that holds a label and the blank behind it."""
_MOST = 999
"""The highest number spelled; the labels of Opinions have no more digits."""
_LABELLED = re.compile(r"\s*[\[*_]?\(?(?:\d{1,3}|[a-z]{1,2}|[ivxl]{1,6})(?: ?bis| ?ter)?[).](?:\s|$)")
"""How words begin that bring their own label."""


@dataclass(slots=True)
class _List:
    style: str = ""
    next: int = 1


def spelled(tokens: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tokens with a `LABEL` before the first words of each item of an ordered list, unless they begin with one."""
    lists: list[_List] = []
    waiting = ""
    for token in tokens:
        kind, name = token["type"], token.get("name", "")
        if kind == "StartTag" and name in ("ol", "ul"):
            lists.append(_begun(token) if name == "ol" else _List("none"))
        elif kind == "EndTag" and name in ("ol", "ul"):
            del lists[-1:]
            waiting = ""
        elif kind == "StartTag" and name == "li":
            waiting = _label(lists[-1], _number(token, "value", lists[-1].next)) if lists else ""
        elif kind == "EndTag" and name == "li":
            waiting = ""
        elif waiting and (kind == "Entity" or (kind == "Characters" and token["data"].strip())):
            if kind == "Entity" or not _LABELLED.match(token["data"]):
                yield {"type": LABEL, "data": waiting}
                if kind == "Characters":
                    token = {**token, "data": token["data"].lstrip()}
            waiting = ""
        yield token


def _begun(token: dict[str, Any]) -> _List:
    style = (token.get("data") or {}).get((None, "type"), "1")
    return _List(style if style in ("a", "A", "i", "I") else "1", _number(token, "start", 1))


def _number(token: dict[str, Any], attribute: str, otherwise: int) -> int:
    written = str((token.get("data") or {}).get((None, attribute), "")).strip()
    return int(written) if re.fullmatch(r"[0-9]{1,3}", written) else otherwise


def _label(row: _List, number: int) -> str:
    row.next = number + 1
    if row.style == "none" or number > _MOST:
        return ""
    if row.style == "1" or number < 1:
        return f"{number}\t"
    label = letters(number) if row.style in "aA" else roman(number)
    return f"{label.upper() if row.style.isupper() else label}) "
