"""From what somebody typed to HTML: a few marks are rendered by us, and what comes of it passes bleach.

`**bold**`, `*italic*`, `[words](https://...)`, bare addresses, lines that begin with `- ` or `1. `, and an empty line
between paragraphs. Everything is escaped before the first mark is looked for, so that nothing typed is ever markup;
bleach then lets through just the elements below, whatever a mistake of ours may have made.
"""

import asyncio
import re
import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from itertools import groupby

from markupsafe import Markup

from server.threads.limits import MAX_LINKS, MAX_TEXT

ELEMENTS = frozenset({"p", "br", "strong", "em", "a", "ul", "ol", "li"})
ATTRIBUTES = {"a": ["href", "rel", "target"], "p": ["dir"], "li": ["dir"]}
SCHEMES = frozenset({"http", "https", "mailto"})

_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(((?:https?://|mailto:)[^\s()<>]{1,500})\)|(https?://[^\s<>()\[\]]{1,500})")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,1000}?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![*\w])\*(?=\S)([^*\n]{1,1000}?)(?<=\S)\*(?![*\w])")
_ITEM = re.compile(r"(?:(-|\*)|(\d{1,3})[.)]) +(.*)")


KEPT = 8192
"""Comments whose HTML is kept, for bleach takes a millisecond for each: some MB."""
_making = threading.Lock()


@lru_cache(maxsize=KEPT)
def formatted(text: str) -> Markup:
    """The HTML of a comment: harmless whatever it holds."""
    import bleach

    blocks = (_block(lines) for lines in _paragraphs(text[: 5 * MAX_TEXT]))

    return Markup(
        bleach.clean("".join(blocks), tags=ELEMENTS, attributes=ATTRIBUTES, protocols=SCHEMES, strip_comments=True)
    )


async def prepare(texts: Iterable[str]) -> None:
    """Make the HTML of many comments aside of the event loop; `formatted` then has it. Who asks for the same at once
    waits instead of making it again.
    """
    wanted = list(texts)

    def make() -> None:
        with _making:
            for text in wanted:
                formatted(text)

    await asyncio.to_thread(make)


@lru_cache(maxsize=256)
def plain(text: str) -> Markup:
    """The HTML of words that were not written here: their lines, and no mark means anything."""
    return Markup("").join(
        Markup('<p dir="auto">{}</p>').format(Markup("<br>").join(block.split("\n")))
        for block in re.split(r"\n\s*\n", text.strip())
    )


def _paragraphs(text: str) -> Iterator[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for empty, group in groupby(lines, key=lambda line: not line.strip()):
        if not empty:
            yield list(group)


def _block(lines: list[str]) -> str:
    made = []
    for kind, group in groupby(lines, key=_kind):
        told = list(group)
        if kind == "":
            made.append(f'<p dir="auto">{"<br>".join(_inline(line.strip()) for line in told)}</p>')
            continue
        items = "".join(f'<li dir="auto">{_inline(_words_of(line))}</li>' for line in told)
        made.append(f"<{kind}>{items}</{kind}>")
    return "".join(made)


def _kind(line: str) -> str:
    found = _ITEM.fullmatch(line.strip())
    return "" if found is None else "ul" if found[1] else "ol"


def _words_of(line: str) -> str:
    found = _ITEM.fullmatch(line.strip())
    return found[3] if found else line


def _inline(line: str) -> str:
    made: list[str] = []
    at = 0
    for found in list(_LINK.finditer(line))[:MAX_LINKS]:
        made.append(_emphasised(line[at : found.start()]))
        address, trail = found[2] or found[3], ""
        if found[3]:
            bare = address.rstrip(".,;:!?'\"")
            address, trail = bare, address[len(bare) :]
        shown = _emphasised(found[1]) if found[1] else escape(address)
        made.append(f'<a href="{escape(address)}" rel="noopener noreferrer nofollow" target="_blank">{shown}</a>')
        made.append(escape(trail))
        at = found.end()
    made.append(_emphasised(line[at:]))
    return "".join(made)


def _emphasised(words: str) -> str:
    bold = _BOLD.sub(r"<strong>\1</strong>", escape(words))
    return _ITALIC.sub(r"<em>\1</em>", bold)
