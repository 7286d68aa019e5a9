"""The form with which words are proposed without an editor: what is asked, what it means, what it would look like."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from opinions.commands import MAX_REASON
from opinions.finding import MAX_PLACES, Place, agreed_words, bracketed, find_words, replacements
from opinions.model import Paragraph
from opinions.proposal_words import Part, PartKind, around
from opinions.proposals import Replacement
from opinions.record import AmendmentKind

MAX_WORDS = 5_000
"""Characters typed into one field: the longest paragraph of real drafts has some 6,000, and it is not retyped whole."""


class Change(StrEnum):
    """What a form proposes."""

    REPLACE = "replace"
    ADD = "add"
    DELETE = "delete"
    BRACKET = "bracket"


LABELS: Mapping[Change, str] = {
    Change.REPLACE: "Replace words",
    Change.ADD: "Add words after",
    Change.DELETE: "Delete words",
    Change.BRACKET: "Put words in square brackets",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed. `place`: which of several places, counted from 1; 0: not chosen."""

    change: Change = Change.REPLACE
    words: str = ""
    put: str = ""
    reason: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Meant:
    """What that comes to: the amendment's kind and replacements, and the paragraph as it would read."""

    kind: AmendmentKind
    replacements: tuple[Replacement, ...]
    parts: tuple[Part, ...]

    def proposal(self, amendment: str, party: str, paragraph: str, reason: str) -> dict[str, Any]:
        """The proposal as the command `enter_proposals` takes it."""
        return {
            "amendment": amendment,
            "delegation": party,
            "kind": self.kind.value,
            "paragraph": paragraph,
            "replacements": [
                {"start": one.start, "end": one.end, "was": one.was, "text": one.text} for one in self.replacements
            ],
            "reason": reason,
        }


class Unclear(Exception):
    """Raised for a form that is no proposal yet: what is wrong with which field, and the places to choose from."""

    def __init__(self, field: str, message: str, places: tuple[Place, ...] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.places = places


def read_form(form: Mapping[str, str]) -> Asked:
    """What was typed, cut to what fits."""
    try:
        change = Change(form.get("change", ""))
    except ValueError:
        change = Change.REPLACE
    chosen = form.get("place", "")
    return Asked(
        change,
        form.get("words", "")[: MAX_WORDS + 1],
        form.get("put", "")[: MAX_WORDS + 1],
        form.get("reason", "")[: MAX_REASON + 1],
        int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else 0,
    )


def understood(paragraph: Paragraph, asked: Asked) -> Meant:
    """What a form means for a paragraph. Raises `Unclear`."""
    put = " ".join(asked.put.split())
    for field, text, most in (
        ("words", asked.words, MAX_WORDS),
        ("put", asked.put, MAX_WORDS),
        ("reason", asked.reason, MAX_REASON),
    ):
        if len(text) > most:
            raise Unclear(field, f"This holds more than {most:,} characters. Shorten it.".replace(",", "\u202f"))
    if not asked.words.strip():
        raise Unclear("words", "Type or paste the words as they stand in the paragraph.")
    if asked.change in {Change.REPLACE, Change.ADD} and not put:
        raise Unclear("put", "Type the new words.")
    place = _place(paragraph, asked)
    text = agreed_words(paragraph)
    if asked.change is Change.BRACKET:
        shown = Part(f"[{text[place.start : place.end]}]", PartKind.NEW)
        parts = _full(Part(text[: place.start]), shown, Part(text[place.end :]))
        return Meant(AmendmentKind.BRACKET, bracketed(paragraph, place.start, place.end), around(parts))
    start, end = place.start, place.end
    if asked.change is Change.ADD:
        start, put = end, _spaced(text[:end], put, text[end:])
    elif asked.change is Change.DELETE:
        (start, end), put = _with_blank(text, start, end), ""
    elif place.words == put:
        raise Unclear("put", "These are the words that stand there already.")
    parts = _full(
        Part(text[:start]),
        Part(text[start:end], PartKind.GONE),
        Part(put, PartKind.NEW),
        Part(text[end:]),
    )
    return Meant(AmendmentKind.MOD, replacements(paragraph, start, end, put), around(parts))


def _place(paragraph: Paragraph, asked: Asked) -> Place:
    found = find_words(paragraph, asked.words)
    if not found:
        raise Unclear("words", "These words do not stand in the agreed text of this paragraph. Copy them from there.")
    if len(found) == 1:
        return found[0]
    if len(found) == MAX_PLACES:
        raise Unclear("words", "These words stand there too often to choose. Copy some words beside them, too.")
    if not 1 <= asked.place <= len(found):
        raise Unclear("place", f"These words stand there {len(found)} times. Choose which are meant.", found)
    return found[asked.place - 1]


def _spaced(before: str, put: str, after: str) -> str:
    """New words with the blanks that part them from their neighbours."""
    first = " " if before and not before[-1].isspace() and put[0] not in ",;:.!?)]" else ""
    last = " " if after and after[0].isalnum() and not put[-1].isspace() else ""
    return f"{first}{put}{last}"


def _with_blank(text: str, start: int, end: int) -> tuple[int, int]:
    """What a deletion takes: with the blank before the words, where else two would stand side by side; at the very
    beginning with the one after them.
    """
    follows = text[end : end + 1]
    if not start:
        return start, end + follows.isspace()
    return start - (text[start - 1].isspace() and (follows in {" ", ""} or follows in ",;:.")), end


def _full(*parts: Part) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.text)
