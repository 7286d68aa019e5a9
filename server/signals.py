"""What server processes tell each other: "seq n exists". Never what it says.

Redis carries it between processes, and nothing depends on that: what a signal announces is in the database, and who
missed one finds it there (`server.follower` looks by itself). So Redis may be slow, flushed or gone at any time, and
nobody who can write to it gains more than a few needless look-ups. Rights that were taken away go over the links.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis

MAX_WAITING = 1_000
"""Signals that may wait for Redis; further ones are dropped, for the next look at the database finds what they tell."""
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 2.0
"""Longest that Redis may take to connect or to take a message."""
QUIET_SECONDS = 5.0
"""A subscription that heard nothing for so long asks whether the line still stands."""

_log = logging.getLogger("unbracket.signals")


class Signals:
    """The signals of one process. `committed` never waits and never raises."""

    def __init__(self) -> None:
        self._on_seq: list[Callable[[str, int], None]] = []
        self.connected = True
        """Whether other processes are reached; always, where there are none."""

    def on_seq(self, heard: Callable[[str, int], None]) -> None:
        """Call `heard(opinion, seq)` when an entry of an opinion's log exists, here or elsewhere."""
        self._on_seq.append(heard)

    def committed(self, opinion: str, seq: int) -> None:
        """An entry was committed by this process."""
        self._heard_seq(opinion, seq)

    def _heard_seq(self, opinion: str, seq: int) -> None:
        for heard in self._on_seq:
            heard(opinion, seq)


class RedisSignals(Signals):
    """Signals over Redis pub/sub on one channel, for all processes of one deployment."""

    def __init__(self, client: "Redis", channel: str) -> None:
        super().__init__()
        self.connected = False
        self._client = client
        self._channel = channel
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)

    def committed(self, opinion: str, seq: int) -> None:
        """As `Signals.committed`."""
        super().committed(opinion, seq)
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(json.dumps({"opinion": opinion, "seq": seq}))

    async def run(self) -> None:
        """Publish and listen until cancelled, through every failure of Redis."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publish_all())
            tasks.create_task(self._listen_always())

    async def _publish_all(self) -> None:
        from redis.exceptions import RedisError

        while True:
            message = await self._waiting.get()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._client.publish(self._channel, message)
            except (RedisError, OSError, TimeoutError):
                # Whoever should have heard it looks into the database by itself.
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen_always(self) -> None:
        from redis.exceptions import RedisError

        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                if self.connected:
                    _log.warning("no signals from other processes", extra={"reason": type(error).__name__})
                self.connected = False
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        async with self._client.pubsub() as subscription:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await subscription.subscribe(self._channel)
            self.connected = True
            _log.info("signals connected")
            while True:
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=QUIET_SECONDS)
                if message is None:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await subscription.ping()
                elif message["type"] == "message":
                    self._take(message["data"])

    def _take(self, data: bytes) -> None:
        try:
            match json.loads(data):
                case {"opinion": str(opinion), "seq": int(seq)}:
                    self._heard_seq(opinion, seq)
        except ValueError:
            _log.warning("signal not understood")


@asynccontextmanager
async def signals(url: str, channel: str) -> AsyncIterator[Signals]:
    """The signals of this process while the block lasts: over Redis at `url`, or of this process alone without one.

    `channel` names the deployment, so that several can share a Redis.
    """
    if not url:
        yield Signals()
        return
    # Imported only here: a server without Redis need not hold its client in memory.
    from redis.asyncio import Redis

    client = Redis.from_url(
        url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=QUIET_SECONDS + PATIENCE_SECONDS
    )
    carried = RedisSignals(client, channel)
    running = asyncio.create_task(carried.run())
    try:
        yield carried
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await client.aclose()
