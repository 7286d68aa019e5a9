"""W10, wherever the room is: a reader that stops slows nobody, is told to begin again, and catches up."""

import asyncio

from opinions.edits import DeleteText
from opinions.model import ParagraphId
from tests.support.drafters import Drafter
from tests.support.stock import CHAPEAU

PAGES = 130
"""Far more than may wait for a peer and in the socket's own buffers."""


async def stops_reading(author: Drafter, stalled: Drafter, *, seconds: float) -> None:
    """The author is saved within so many seconds each time, whatever the stalled reader does; in the end both show the
    same. `stalled` is not open yet, and is gone afterwards.
    """
    await stalled.open()
    await stalled.hello()
    stalled.socket.transport.pause_reading()
    page = "\u6f22" * 19_000
    erase = DeleteText(ParagraphId(CHAPEAU), 10, 10 + len(page))
    for _ in range(PAGES):
        async with asyncio.timeout(seconds):
            await author.saved(await author.type(CHAPEAU, 10, page, "a-slowreader000001"))
            await author.saved(await author.write([erase]))
    await author.saved(await author.type(CHAPEAU, 10, " at last"))
    stalled.socket.transport.resume_reading()
    await stalled.until(lambda: {"kind": "resync"} in stalled.client.notices, "the resync notice", 60)
    assert "at last" not in stalled.text(CHAPEAU)
    await stalled.hello()
    await stalled.until(lambda: stalled.text(CHAPEAU) == author.text(CHAPEAU), "the whole text")
    await stalled.leave()
