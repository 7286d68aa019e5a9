"""From what a contribution proposes to amendments in the text: the command that enters them, and their look before.

They are entered as amendments of their delegation, together or not at all; their ids follow from the register, so that
what was entered already is never entered twice.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from opinions.model import Kind, ParagraphId
from opinions.proposals import Entered, Proposal, Replacement
from opinions.record import AmendmentKind, Document
from server.contributions.anchors import Place
from server.contributions.items import added_id, amendment_id
from server.contributions.values import AMENDS, ContributionRefused, Item, ItemKind

ACT = "enter_proposals"
_NEXT_KIND = {
    Kind.TITLE: Kind.CHAPEAU,
    Kind.CHAPEAU: Kind.PREAMBULAR_ITEM,
    Kind.PREAMBULAR_VERB: Kind.PREAMBULAR_ITEM,
    Kind.OPERATIVE_VERB: Kind.OPERATIVE_ITEM,
}
"""What usually follows: a new paragraph behind a verb is an item of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a proposal as they are shown: `text` that stays, `deleted`, `inserted`, or a `bracket`."""

    kind: str
    text: str


def pieces(item: Item) -> tuple[Piece, ...]:
    """A proposal within its paragraph, as both were when it was noted."""
    text, anchor = anchor_words(item), item.anchor
    start, end = anchor.start, anchor.start + len(anchor.was)
    before, behind = Piece("text", text[:start]), Piece("text", text[end:])
    middle: tuple[Piece, ...]
    match item.kind:
        case ItemKind.ADD:
            return (Piece("inserted", item.words),)
        case ItemKind.REMOVE:
            return (Piece("deleted", text),)
        case ItemKind.VIEW:
            return (Piece("text", item.words),)
        case ItemKind.BRACKET:
            middle = Piece("bracket", "["), Piece("text", anchor.was), Piece("bracket", "]")
        case ItemKind.DELETE:
            middle = (Piece("deleted", anchor.was),)
        case ItemKind.REPLACE:
            middle = Piece("deleted", anchor.was), Piece("inserted", item.words)
    return tuple(piece for piece in (before, *middle, behind) if piece.text)


def anchor_words(item: Item) -> str:
    """The words of the paragraph that an item is about, as they stood when it was noted."""
    return item.anchor.context


def usual_kind(document: Document, after: str) -> tuple[Kind, int]:
    """What a paragraph put in after another one usually is: its kind and level."""
    before = document.text.find(after)
    if before is None:
        return Kind.PARAGRAPH, 0
    return _NEXT_KIND.get(before.kind, before.kind), before.level


def command(items: Sequence[tuple[Item, Place]], source: str) -> dict[str, Any]:
    """The JSON of the command that enters these, each with where it is now.

    Raises `ContributionRefused` naming the one that has no place any more.
    """
    proposals = tuple(_proposal(item, place) for item, place in items)
    return {"act": ACT, **dataclasses.asdict(Entered(proposals=proposals, source=source))}


def _proposal(item: Item, place: Place) -> Proposal:
    kind = AMENDS.get(item.kind)
    if kind is None:
        raise ContributionRefused("", "A view is no proposal: it is read, and changes nothing.")
    made = Proposal(amendment_id(item.id), item.delegation, kind, ParagraphId(""), reason=item.reason)
    if kind is AmendmentKind.ADD:
        if place.paragraph is None and item.anchor.paragraph is not None:
            raise _homeless(item)
        return dataclasses.replace(
            made,
            paragraph=added_id(item.id),
            after=place.paragraph,
            paragraph_kind=item.paragraph_kind,
            level=item.level,
            text=item.words,
        )
    if place.paragraph is None:
        raise _homeless(item)
    if kind is AmendmentKind.SUP:
        return dataclasses.replace(made, paragraph=place.paragraph)
    if place.start is None:
        raise ContributionRefused(
            "", f"{place.cited}: the words “{item.anchor.was}” stand there no longer. Note the proposal anew."
        )
    text = item.anchor.was if kind is AmendmentKind.BRACKET else item.words
    change = Replacement(place.start, place.start + len(item.anchor.was), item.anchor.was, text)
    return dataclasses.replace(made, paragraph=place.paragraph, replacements=(change,))


def _homeless(item: Item) -> ContributionRefused:
    return ContributionRefused("", f"{item.anchor.cited} is no longer in the text. It stays noted on the register.")
