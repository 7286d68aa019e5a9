"""Threads as somebody at a page meets them: placed in the living text, and begun on what all who will read can see.

A comment to all stands on the text that is before the meeting, never on words that a delegation still drafts: its quote
would tell them. A note may stand on such words; it is found again where they are, by the author's own screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from opinions.anchoring import CONTEXT, OPENING, Anchor, Hold, Spot, anchor_on, spots
from opinions.model import AmendmentId, ParagraphId
from opinions.numbering import citations
from opinions.record import Document
from server.threads import store
from server.threads.formatting import prepare
from server.threads.limits import MAX_WORDS
from server.threads.values import Audience, Sight, Thread, ThreadRefused
from server.visit import Visit

MAX_ID = 64


class Show(StrEnum):
    """Which threads a list shows."""

    OPEN = "open"
    RESOLVED = "resolved"
    MINE = "mine"
    NOTES = "notes"
    FILES = "files"
    EVERY = "all"


@dataclass(frozen=True, slots=True)
class Placed:
    """A thread and where it is now. `cited` is how the room cites the place; of a paragraph that is gone, how it cited
    it then. `named` names the amendment it is on (`KEN #38`).
    """

    thread: Thread
    spot: Spot
    cited: str
    named: str = ""

    @property
    def words_gone(self) -> bool:
        """Whether the words it is about are no longer in the text."""
        return bool(self.thread.anchor.words) and self.spot.hold in (Hold.PARAGRAPH, Hold.GONE)

    @property
    def gone(self) -> bool:
        """Whether its paragraph is no longer in the text."""
        return self.spot.hold is Hold.GONE


@dataclass(frozen=True, slots=True)
class Begun:
    """What somebody wants to say, and on what. `offset`, `left` and `right` are where the words stand on the author's
    own screen, as `opinions.anchoring.Anchor` has them.
    """

    text: str
    audience: Audience = Audience.ALL
    paragraph: str = ""
    words: str = ""
    offset: int = 0
    left: str = ""
    right: str = ""
    amendment: str = ""


async def placed(visit: Visit) -> tuple[tuple[Placed, ...], int]:
    """The threads that the visitor may see, in the order of the text, and how many older ones are left out. Their HTML
    is ready (`formatting.formatted`).
    """
    opinion, sight = visit.opinion.id, Sight.of(visit.actor)
    found = await visit.read(lambda connection: store.listed(connection, opinion, sight))
    document = await visit.services.hub.document(opinion)
    await prepare(remark.text for one in found.threads for remark in one.remarks if remark.member)
    return in_text(found.threads, document), found.left_out


def in_text(threads: Sequence[Thread], document: Document) -> tuple[Placed, ...]:
    """Where threads are in a text: in reading order, then as they were begun; those whose place is gone at the end."""
    cited = citations(document)
    anchors = [_anchor(one, document) for one in threads]
    rows = [
        Placed(
            one,
            spot,
            (cited.get(spot.paragraph, "") if spot.paragraph else one.cited).replace("*", ""),
            _named(one.amendment, document),
        )
        for one, spot in zip(threads, spots(anchors, document.text), strict=True)
    ]
    order = {paragraph.id: number for number, paragraph in enumerate(document.text)}

    def place(row: Placed) -> tuple[int, int]:
        if row.spot.hold is Hold.WHOLE:
            return -1, 0
        return order.get(row.spot.paragraph or ParagraphId(""), len(order)), row.spot.start

    return tuple(sorted(rows, key=place))


def chosen(rows: Sequence[Placed], show: Show, sight: Sight) -> tuple[Placed, ...]:
    """Those that a list shows."""
    match show:
        case Show.OPEN:
            return tuple(row for row in rows if not row.thread.resolved)
        case Show.RESOLVED:
            return tuple(row for row in rows if row.thread.resolved)
        case Show.MINE:
            return tuple(row for row in rows if any(one.member == sight.member for one in row.thread.remarks))
        case Show.NOTES:
            return tuple(row for row in rows if row.thread.audience is Audience.DELEGATION)
        case Show.FILES:
            return tuple(row for row in rows if row.thread.first.source or not row.thread.first.member)
        case Show.EVERY:
            return tuple(rows)


async def begin(visit: Visit, said: Begun) -> str:
    """Begin a thread; its id. Raises `ThreadRefused`."""
    opinion, sight = visit.opinion.id, Sight.of(visit.actor)
    if max(len(said.paragraph), len(said.amendment)) > MAX_ID or len(said.words) > MAX_WORDS:
        raise ThreadRefused("words", f"Choose at most {MAX_WORDS} characters; for more, comment on the paragraph.")
    document = await visit.services.hub.document(opinion)
    anchor, cited, amendment = _place(said, document)
    return await visit.write(
        lambda connection: store.begin(
            connection,
            opinion,
            sight,
            said.audience,
            said.text,
            visit.now,
            anchor=anchor,
            cited=cited,
            amendment=amendment,
        )
    )


def _place(said: Begun, document: Document) -> tuple[Anchor, str, AmendmentId | None]:
    """The anchor, how its paragraph is cited, and the amendment. Raises `ThreadRefused` for a comment to all on what is
    not before the meeting: the room's text holds no drafts, other than those typed where all see them.
    """
    note = said.audience is Audience.DELEGATION
    amendment = document.amendment(said.amendment) if said.amendment else None
    if said.amendment and amendment is None and not note:
        raise ThreadRefused("amendment", "This amendment is not before the meeting. Write a note, or submit it first.")
    wanted = ParagraphId(said.paragraph or (amendment.paragraph if amendment else ""))
    on = AmendmentId(said.amendment) if said.amendment else None
    if not wanted:
        return Anchor(wanted), "", on
    paragraph = document.text.find(wanted)
    anchor = anchor_on(paragraph, said.words, said.offset) if paragraph is not None else None
    if anchor is not None:
        return anchor, citations(document).get(wanted, ""), on
    if not note:
        missing = "These words are" if paragraph is not None else "This paragraph is"
        raise ThreadRefused(
            "words", f"{missing} not before the meeting. Write a note for your delegation, or comment on the paragraph."
        )
    own = Anchor(wanted, said.words, max(said.offset, 0), said.left[-CONTEXT:], said.right[:OPENING])
    return own, citations(document).get(wanted, ""), on


def _anchor(thread: Thread, document: Document) -> Anchor:
    """Of a thread on an amendment the paragraph follows the amendment."""
    found = document.amendment(thread.amendment) if thread.amendment else None
    if found is None or thread.anchor.words:
        return thread.anchor
    return replace(thread.anchor, paragraph=found.paragraph)


def _named(amendment: AmendmentId | None, document: Document) -> str:
    found = document.amendment(amendment) if amendment else None
    if found is None or not found.number:
        return ""
    return f"{found.delegation} #{found.number}"
