"""An amendment in words, for lists, letters and plain pages: what it strikes, what it puts, and how a paragraph would
read. Others' pending words are left out, as if they failed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from opinions.model import MarkKind, Paragraph, Run
from opinions.record import Amendment, AmendmentKind


@dataclass(frozen=True, slots=True)
class Edit:
    """One place in one paragraph: the words that go and those that come, either may be empty."""

    struck: str
    put: str


class PartKind(StrEnum):
    """What becomes of words."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a preview."""

    text: str
    kind: PartKind = PartKind.SAME


def edits_of(paragraph: Paragraph, amendment: Amendment) -> tuple[Edit, ...]:
    """What an amendment does to the words of a paragraph, in order; of a bracket the words it holds stand as struck
    and put alike. Its insertions inside its own strikes are one place.
    """
    found: list[Edit] = []
    struck = put = ""

    def end() -> None:
        nonlocal struck, put
        if struck or put:
            found.append(Edit(struck, put))
        struck = put = ""

    for run in paragraph.runs:
        if run.insertion == amendment.id:
            put += run.text
        elif amendment.id in run.ids(MarkKind.DELETION) and run.insertion is None:
            if put and not struck:
                end()
            struck += run.text
        elif amendment.kind is AmendmentKind.BRACKET and amendment.id in run.ids(MarkKind.BRACKET):
            struck, put = struck + run.text, put + run.text
        elif run.insertion is None:
            end()
    end()
    return tuple(found)


def preview(paragraph: Paragraph, amendment: Amendment) -> tuple[Part, ...]:
    """How the paragraph would read if this amendment alone were agreed, with what goes and what comes; `GONE` alone
    where the paragraph itself goes. Of a bracket the signs are what comes.
    """
    if amendment.kind is AmendmentKind.SUP:
        return (Part("".join(run.text for run in paragraph.runs if run.insertion is None), PartKind.GONE),)

    if amendment.kind is AmendmentKind.BRACKET:
        return _in_brackets(paragraph.runs, amendment)

    def kind(run: Run) -> PartKind | None:
        if run.insertion == amendment.id:
            return PartKind.NEW
        if run.insertion is not None:
            return None
        return PartKind.GONE if amendment.id in run.ids(MarkKind.DELETION) else PartKind.SAME

    return _joined(paragraph.runs, kind)


def around(parts: Iterable[Part], most: int = 60) -> tuple[Part, ...]:
    """The parts with long stretches that stay as they are shortened to the words near a change."""
    row = tuple(parts)

    def near(number: int, part: Part) -> Part:
        first, last = number == 0, number == len(row) - 1
        if part.kind is not PartKind.SAME or len(part.text) <= most * 2 or (first and last):
            return part
        head, tail = _head(part.text, most), _tail(part.text, most)
        return Part(f"…{tail}" if first else f"{head}…" if last else f"{head} … {tail}")

    return tuple(near(number, part) for number, part in enumerate(row))


def _in_brackets(runs: Iterable[Run], amendment: Amendment) -> tuple[Part, ...]:
    found: list[Part] = []
    agreed = [run for run in runs if run.insertion is None]
    for held, stretch in groupby(agreed, key=lambda run: amendment.id in run.ids(MarkKind.BRACKET)):
        words = Part("".join(run.text for run in stretch))
        found += (Part("[", PartKind.NEW), words, Part("]", PartKind.NEW)) if held else (words,)
    return tuple(found)


def _joined(runs: Iterable[Run], kind_of: Callable[[Run], PartKind | None]) -> tuple[Part, ...]:
    found: list[Part] = []
    for run in runs:
        kind = kind_of(run)
        if kind is None:
            continue
        if found and found[-1].kind is kind:
            found[-1] = Part(found[-1].text + run.text, kind)
        else:
            found.append(Part(run.text, kind))
    return tuple(found)


def _head(text: str, most: int) -> str:
    blank = text.rfind(" ", 0, most + 1)
    return text[: blank if blank > 0 else most]


def _tail(text: str, most: int) -> str:
    blank = text.find(" ", len(text) - most)
    return text[blank + 1 if blank >= 0 else len(text) - most :]
