"""Labels typed before the words of a paragraph (`1. `, `2.bis `, `a) `), told apart from words once it is known which
paragraph it is: in our text the label stands on record, and never among the words.

The engine (`lead`, `places`, `without`) serves the reader as well, which takes out what needs no such knowledge.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph, Remark, RemarkKind, RevisionKind, Stretch

BIS = r"(?:bis|ter|quat(?:er)?|quinquies|sexies|septies|octies|nonies|decies|ante|alt)"
MAX_LABEL = 24
"""Characters within which a label and what parts it from the words stand."""

_NUMBER = r"\d{1,3}(?:\.\d{1,3}){0,3}"
_SUFFIX = rf"(?:\.?[ \u00a0]?{BIS}\b)"
_SURE = re.compile(
    rf"[ \u00a0]*((?:{_NUMBER}(?:{_SUFFIX}[.)]?|[.)]{_SUFFIX}?)|\((?:{_NUMBER}|[a-z]{{1,2}}|[ivxl]{{1,6}}){_SUFFIX}?\))"
    r"[ \u00a0]+(?=\S))"
)
"""What is a label whatever our text says: a number with its stop or its Latin suffix, anything in parentheses."""
_LIKELY = re.compile(
    rf"[ \u00a0]*(\(?(?:[OP]P ?)?(?:{_NUMBER}|[a-z]{{1,3}}|[ivxl]{{1,6}}|[A-Z])(?:{_SUFFIX}|[.)]{_SUFFIX})?[.)]{{0,2}}"
    r"(?:[ \u00a0]+(?=\S)|(?<=[.)])(?=[^\W\d_])))"
)
"""What is one only where our paragraph bears it: `1 words`, `a. words`, `1.Words`."""
_NOTES = ("footnote", "endnote")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_CITED = re.compile(r"(?i)\A[op]p (?=\S)|\A[op]p(?=\d)")


def label_key(label: str) -> str:
    """A label whatever its spelling: `1`, `1.` and `(1)` are one, so are `2.bis` and `2 bis`; empty for a sign."""
    return ".".join(_PARTS.findall(_CITED.sub("", label.strip().strip("(")).casefold()))


def told_apart(paragraph: IncomingParagraph) -> IncomingParagraph:
    """The paragraph with a label that is surely one out of its words."""
    return _split(paragraph, _SURE, "") if _open(paragraph) else paragraph


def beside(paragraph: IncomingParagraph, label: str, words: str) -> tuple[IncomingParagraph, tuple[Remark, ...]]:
    """The paragraph beside ours of this label and these words: without a typed label, which stays among the words only
    where ours has it there. A label that differs from ours is told.
    """
    found = paragraph
    if _open(paragraph):
        found = _split(paragraph, _SURE, "", words)
        if found is paragraph and label:
            found = _split(paragraph, _LIKELY, label_key(label), words)
    typed = "" if found.counted or found.place.startswith(_NOTES) else found.label
    if not label_key(typed) or label_key(typed) == label_key(label):
        return found, ()
    ours = f"“{label}”" if label else "without a number"
    message = (
        f"The file numbers this paragraph “{typed}”; here it is {ours}. A renumbering is not taken over: the numbers "
        "follow from the order of the text, and a freeze sets them anew."
    )
    return found, (Remark(RemarkKind.SIMPLIFIED, message, found.text.strip()[:80]),)


def _open(paragraph: IncomingParagraph) -> bool:
    return not (paragraph.counted or paragraph.label or paragraph.place.startswith(_NOTES))


def _split(paragraph: IncomingParagraph, form: re.Pattern[str], only: str, words: str = "") -> IncomingParagraph:
    """The paragraph without the label of this form; `only` that label if it is given, none that begins our words."""
    found = [lead(paragraph.stretches, out, (form,)) for out in (ARRIVING, LEAVING)]
    before, after = ("" if only and label_key(one) != only else one for one in found)
    typed = (after or before).strip()
    if not typed or _begins(words, before or after):
        return paragraph
    if typed.isalpha() or (typed.isdecimal() and before != after):
        return paragraph  # a number that somebody puts in or strikes, and the article `a`, are words
    taken = places(paragraph.stretches, ARRIVING, len(before)) | places(paragraph.stretches, LEAVING, len(after))
    return replace(paragraph, stretches=without(paragraph.stretches, taken), label=typed)


def _begins(words: str, typed: str) -> bool:
    ours, label = " ".join(words.split()), " ".join(typed.split())
    return ours.startswith(label) and not ours[len(label) : len(label) + 1].isdecimal()  # `1.5` is no `1.`


# --- the characters of a label ------------------------------------------------------------------------------------


def lead(stretches: Sequence[Stretch], out: frozenset[RevisionKind], forms: tuple[re.Pattern[str], ...]) -> str:
    """The label and the blanks behind it in the text without what revisions of these kinds hold."""
    start = ""
    for one in stretches:
        if one.noteref or len(start) > MAX_LABEL:
            break
        if not any(mark.kind in out for mark in one.revisions):
            start += one.text[: MAX_LABEL + 1]
    found = next(filter(None, (form.match(start) for form in forms)), None)
    return found[0] if found and found.end() <= MAX_LABEL else ""


def places(stretches: Sequence[Stretch], out: frozenset[RevisionKind], length: int) -> set[int]:
    """Where, counted in all the characters, the first ones of the text without what these revisions hold stand."""
    result: set[int] = set()
    at = 0
    for one in stretches:
        if len(result) == length:
            break
        if not any(mark.kind in out for mark in one.revisions):
            result.update(range(at, at + min(len(one.text), length - len(result))))
        at += len(one.text)
    return result


def without(stretches: Sequence[Stretch], taken: set[int]) -> tuple[Stretch, ...]:
    """The stretches without the characters at these places."""
    result: list[Stretch] = []
    at = 0
    for one in stretches:
        text = one.text
        if at <= max(taken):
            text = "".join(letter for place, letter in enumerate(one.text, at) if place not in taken)
        at += len(one.text)
        if text:
            result.append(replace(one, text=text))
    return tuple(result)
