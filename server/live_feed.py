"""The live page's stream: what changed on it, as server-sent events, a moment after it was committed.

Nothing but rendered paragraphs leaves here, of the view the reader may have: no drafts, no presence, no document
bytes. A reader who fell behind, or comes back, gets the whole text; a busy room is told a few times a second.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from opinions.record import Document
from opinions.views import View, named, withheld
from server.doors import Stream
from server.errors import RoomClosed
from server.export.sheet import view_of
from server.html_view import Regions, paragraph_html
from server.placement import Readable
from server.wording import clock, draft_name

GAP_SECONDS = 0.25
"""Between two events of a stream: well below the second that is promised, and a busy room is rendered four times a
second, not once per key."""
HEARTBEAT_SECONDS = 15.0
"""A line of comment this often: proxies drop a silent connection after half a minute or more."""
RETRY_MS = 2_000
TEXTS_KEPT = 32
"""Rendered texts kept for readers to share: some Opinions in every view."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a text is shown to a reader: which view, and whether delegations are named. `submitted`: whether what is
    submitted and not agreed may be told beside it; where not, the view is the agreed text.
    """

    view: View
    names: bool
    submitted: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as one presentation shows it at one seq: paragraph id to HTML, in reading order."""

    seq: int
    draft: int
    paragraphs: Mapping[str, str]


class Gallery:
    """Rendered texts, each made once for all its readers. Holds the newest of each Opinion and presentation."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Presentation], Shown] = OrderedDict()

    def shown(self, room: Readable, presentation: Presentation, regions: Regions) -> Shown:
        """The room's text as it is committed now."""
        key = (room.opinion, presentation)
        kept = self._kept.get(key)
        if kept is None or kept.seq != room.seq:
            kept = shown(room.seq, room.document, presentation, regions)
            self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > TEXTS_KEPT:
            self._kept.popitem(last=False)
        return kept


def shown(seq: int, document: Document, presentation: Presentation, regions: Regions) -> Shown:
    """A document as a presentation shows it."""
    rows = view_of(document, presentation.view, named if presentation.names else withheld)
    marks = presentation.view is View.MARKED
    paragraphs = {str(row.id): str(paragraph_html(row, regions, marks=marks)) for row in rows}
    return Shown(seq, document.record.opinion.draft, paragraphs)


def difference(before: Shown | None, after: Shown) -> dict[str, Any]:
    """What a page that shows `before` must change to show `after`; the whole text where it shows nothing of ours.

    `changed` maps paragraph ids to HTML; `order` (ids in reading order) is there when it differs.
    """
    old = before.paragraphs if before is not None else {}
    found: dict[str, Any] = {
        "seq": after.seq,
        "draft": draft_name(after.draft),
        "changed": {key: html for key, html in after.paragraphs.items() if old.get(key) != html},
    }
    if list(old) != list(after.paragraphs):
        found["order"] = list(after.paragraphs)
    return found


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what the page showed when it asked (its seq), and whether the sitting may be closed to this reader."""

    presentation: Presentation
    regions: Regions
    zone: ZoneInfo
    since: int
    is_observer: bool


async def events(room: Readable, stream: Stream, gallery: Gallery, reader: Reader, now: Any) -> AsyncIterator[bytes]:
    """The stream of one reader, until it goes, its standing ends, or the room does. `now()` is the time in UTC."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    before: Shown | None = None
    first = True
    while not stream.ended.is_set():
        if reader.is_observer and not room.document.record.opinion.observers_admitted:
            yield event("closed", {"clock": clock(now(), reader.zone)})
            return
        after = gallery.shown(room, reader.presentation, reader.regions)
        if first and after.seq == reader.since:
            yield b": up to date\n\n"
        elif before is None or after.paragraphs != before.paragraphs or after.draft != before.draft:
            yield _told(difference(before, after), now(), reader.zone)
        before, first = after, False
        if await paused(stream.ended, GAP_SECONDS):
            break
        try:
            while not await moved_on(room, after.seq, stream.ended):
                yield b": still here\n\n"
        except RoomClosed:
            return
    if stream.reload:
        yield event("reload", {})


async def changes(room: Readable, stream: Stream, since: int) -> AsyncIterator[bytes]:
    """That the room moved on, with its seq and nothing else: for pages that fetch what they show themselves."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    seen = since
    while not stream.ended.is_set():
        if room.seq != seen:
            seen = room.seq
            yield event("changed", {"seq": seen}, seen)
        if await paused(stream.ended, GAP_SECONDS):
            break
        try:
            while not await moved_on(room, seen, stream.ended):
                yield b": still here\n\n"
        except RoomClosed:
            return
    if stream.reload:
        yield event("reload", {})


async def moved_on(room: Readable, seq: int, ended: asyncio.Event) -> bool:
    """True when the room moved on or the stream must end, False after a heartbeat's time without either."""
    waiting = {asyncio.ensure_future(room.changed(seq)), asyncio.ensure_future(ended.wait())}
    try:
        finished, _ = await asyncio.wait(waiting, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in finished:
            task.result()
        return bool(finished)
    finally:
        for task in waiting:
            task.cancel()


async def paused(ended: asyncio.Event, seconds: float) -> bool:
    """Wait so long; True at once when the stream must end."""
    try:
        async with asyncio.timeout(seconds):
            return await ended.wait()
    except TimeoutError:
        return False


def _told(found: dict[str, Any], at: datetime, zone: ZoneInfo) -> bytes:
    return event("text", {**found, "at": at.isoformat(), "clock": clock(at, zone)}, found["seq"])


def event(name: str, data: Mapping[str, Any], seq: int | None = None) -> bytes:
    """One server-sent event."""
    number = "" if seq is None else f"id: {seq}\n"
    return f"{number}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
