"""How a source set its paragraphs, as a template kept on record (`ParagraphRecord.layout`).

The template of a paragraph is what stood between the last word of the paragraph before and its own first word: line
breaks, indentation, `## `, bullets, with these names in place of what the record and the brackets know:

    {closing}   the next bracket that closes behind the paragraph before
    {tag}       the next status tag of the paragraph before
    {label}     the label
    {opening}   the next bracket that opens before the words
    {status}    a status tag of its own that stands before the words
    {*} {_}     the words stand between asterisks, or low lines

`{closing}` and `{tag}` are left out where they come first, in this order, and `{opening}` where it comes last, so a
template stays true when brackets come and go. An empty template means the usual form.
"""

import re
from collections.abc import Sequence

OPENING, CLOSING, LABEL, TAG, STATUS = "{opening}", "{closing}", "{label}", "{tag}", "{status}"
STARRED = {"*": "{*}", "_": "{_}"}

_NAME = re.compile(r"(\{(?:opening|closing|label|tag|status|\*|_)\})")
_LABELLED = re.compile(r"[^\s{}]*\{label\}[^\s{}]*[ \t\u00a0]*")


def template(tokens: Sequence[str]) -> str:
    """The template of a row of names and literal pieces, names in their usual place left out."""
    start, end = 0, len(tokens)
    while start < end and tokens[start] == CLOSING:
        start += 1
    while start < end and tokens[start] == TAG:
        start += 1
    while end > start and tokens[end - 1] == OPENING:
        end -= 1
    return "".join(tokens[start:end])


def usual(label: str, level: int, *, first: bool) -> str:
    """The template of a paragraph that no source has set: a blank line, the label, sub-items indented."""
    return ("" if first else "\n\n") + "    " * level + (f"{LABEL} " if label else "")


def fitted(layout: str, label: str, *, first: bool) -> str:
    """A paragraph's template made to fit where it now stands and what label it now has."""
    if not label and LABEL in layout:
        layout = _LABELLED.sub("", layout, count=1)
    elif label and LABEL not in layout:
        layout = f"{layout}{LABEL} "
    elif label.endswith((")", ".")):
        layout = layout.replace(f"{LABEL}.", LABEL).replace(f"{LABEL}:", LABEL)
    return layout if first or "\n" in layout or "\r" in layout else f"\n\n{layout}"


def filled(
    layout: str,
    closings: Sequence[str],
    tags: Sequence[str],
    openings: Sequence[str],
    label: str = "",
    status: str = "",
) -> str:
    """The characters of a template. All closings, tags and openings are written, those without a name where usual."""
    pieces = _NAME.split(layout)
    later_closings = min(pieces.count(CLOSING), len(closings))
    later_tags = min(pieces.count(TAG), len(tags))
    closing = iter(closings[len(closings) - later_closings :])
    tag = iter(tags[len(tags) - later_tags :])
    opening = iter(openings)
    result = [*closings[: len(closings) - later_closings], *tags[: len(tags) - later_tags]]
    for piece in pieces:
        match piece:
            case "{closing}":
                result.append(next(closing, ""))
            case "{tag}":
                result.append(next(tag, ""))
            case "{opening}":
                result.append(next(opening, ""))
            case "{label}":
                result.append(label)
            case "{status}":
                result.append(status)
            case "{*}" | "{_}":
                result.append(piece[1])
            case _:
                result.append(piece)
    return "".join([*result, *opening])
