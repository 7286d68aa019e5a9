"""Observers at the live page for tests: the server-sent events of a real server, as they come."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.support.addresses import Address, address_of
from tests.support.stock import OPINION, Person
from tests.support.waiting import PATIENCE


@dataclass
class Follower:
    """One open stream: its events so far, each with the loop's time at which it came."""

    status: int
    events: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    ended: bool = False
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def named(self, name: str) -> list[dict[str, Any]]:
        """The data of the events of one name."""
        return [data for _, kind, data in self.events if kind == name]

    def paragraph(self, paragraph: str) -> str:
        """A paragraph's HTML as last told; empty when it never was."""
        told = [data["changed"][paragraph] for data in self.named("text") if paragraph in data["changed"]]
        return str(told[-1]) if told else ""

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for what the stream will tell."""
        async with asyncio.timeout(PATIENCE), self._news:
            while not condition():
                assert not self.ended, f"the stream ended while waiting for {what}: {self.events}"
                await self._news.wait()

    async def end(self) -> None:
        """Wait until the server has ended the stream."""
        async with asyncio.timeout(PATIENCE), self._news:
            while not self.ended:
                await self._news.wait()

    async def take(self, response: httpx2.Response) -> None:
        """Read the stream to its end."""
        name, data = "", ""
        try:
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = line.removeprefix("data: ")
                elif not line and name:
                    self.events.append((asyncio.get_running_loop().time(), name, json.loads(data)))
                    name = ""
                    await self._tell()
        except httpx2.HTTPError:
            pass
        self.ended = True
        await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def following(
    place: int | Address, person: Person, view: str = "rolling", opinion: str = OPINION, since: str = ""
) -> AsyncIterator[Follower]:
    """The live page's stream of a person, read while the block lasts."""
    address = address_of(place)
    parameters = {"view": view, "since": since}
    path = f"/opinions/{opinion}/live/events"
    async with streaming(address, path, parameters, address.headers(person)) as follower:
        yield follower


@asynccontextmanager
async def streaming(
    place: int | Address, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]
) -> AsyncIterator[Follower]:
    """A stream of events of whoever asks with these headers, read while the block lasts."""
    address = address_of(place)
    async with httpx2.AsyncClient(
        base_url=address.origin, headers=dict(headers), verify=address.trust or True, timeout=PATIENCE
    ) as client:
        async with client.stream("GET", path, params=dict(parameters)) as response:
            follower = Follower(response.status_code)
            reading = asyncio.create_task(follower.take(response))
            try:
                yield follower
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
