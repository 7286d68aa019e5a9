"""Mistakes planted into a running server by tests, to see that the tests would notice them. The product has no switch
for any.
"""

import asyncio
from datetime import UTC, datetime

from server.live_room import LiveRoom


async def _turn_telling_first(self: LiveRoom) -> None:
    """`LiveRoom._turn` with I5 turned round: the wires first, the log some moments later."""
    batch, writers, gone = self._take()
    step = self._room.receive(batch, datetime.now(UTC))
    for peer in gone:
        self._room.leave(peer)
    self._room.commit()
    self._deliver(step)
    await asyncio.sleep(0.01)
    if step.appends:
        await self._store.append(self.opinion, step.appends, writers)


def tell_before_log() -> None:
    """Turn I5 round in this process, for good."""
    LiveRoom._turn = _turn_telling_first  # type: ignore[method-assign]
