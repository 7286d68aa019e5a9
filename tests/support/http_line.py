"""Frames over plain HTTP as a client sends and fetches them (crdt/SPEC.md, W12), with the look of a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Self

import httpx2

from crdt import parcels
from tests.support.addresses import Address, address_of
from tests.support.stock import OPINION

PATIENCE = 60.0
"""Seconds until a request is given up; a poll is held for 20."""
TRIES = 5


class HttpLine:
    """A channel: `send` returns when the server has the frame, iterating gives frames until the channel is over."""

    def __init__(self, web: httpx2.AsyncClient, path: str) -> None:
        self.path = path
        self.close_code: int | None = None
        self.reason = ""
        self.lose: Callable[[str], bool] = lambda method: False
        """Whether the answer of this request (POST or GET) is lost on its way."""
        self.requests = 0
        self._web = web
        self._posting = asyncio.Lock()
        self._iterated = False
        self._sent = 0
        self._received = 0

    @classmethod
    async def open(cls, place: int | Address, opinion: str = OPINION, headers: Mapping[str, str] | None = None) -> Self:
        """Open a channel; a refusal is a line that is closed already."""
        address = address_of(place)
        web = httpx2.AsyncClient(
            base_url=address.origin,
            headers={"Origin": address.origin, **(headers or {})},
            verify=address.trust or True,
            timeout=PATIENCE,
        )
        answer = await web.post(f"/frames/opinions/{opinion}")
        if answer.status_code == 201:
            return cls(web, f"/frames/opinions/{opinion}/{answer.json()['channel']}")
        line = cls(web, "")
        line._over(answer)
        await web.aclose()
        return line

    async def send(self, message: bytes, /) -> None:
        """Send one frame, again if the answer is lost."""
        async with self._posting:
            self._sent += 1
            await self.post(parcels.packed(self._sent, (message,)))

    async def post(self, body: bytes) -> httpx2.Response | None:
        """Send a body as it is; None when the channel was over before."""
        if self.close_code is not None:
            return None
        answer = await self._asked("POST", body)
        if answer is not None and answer.status_code != 204:
            self._over(answer)
        return answer

    async def close(self) -> None:
        """Say goodbye, unless the server has."""
        if self.close_code is None:
            await self.post(parcels.GOODBYE)
            self.close_code = 1005
        if not self._iterated:
            await self._web.aclose()

    async def drop(self) -> None:
        """Be gone without a word; nobody may be iterating any more."""
        self.close_code = self.close_code or 1006
        await self._web.aclose()

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        self._iterated = True
        while self.close_code is None:
            for frame in await self.poll():
                yield frame
        await self._web.aclose()

    async def poll(self) -> tuple[bytes, ...]:
        """One poll's frames."""
        answer = await self._asked("GET", params={"after": self._received})
        if answer is None:
            return ()
        if answer.status_code != 200:
            self._over(answer)
            return ()
        parcel = parcels.unpacked(answer.content, bounded=False)
        if parcel.frames:
            assert parcel.first == self._received + 1, f"frame {parcel.first} follows {self._received}"
        self._received += len(parcel.frames)
        if parcel.closing is not None:
            self.close_code, self.reason = parcel.closing.code, parcel.closing.reason
        return parcel.frames

    async def _asked(
        self, method: str, body: bytes = b"", params: Mapping[str, int] | None = None
    ) -> httpx2.Response | None:
        """The answer; None when the connection is lost, as a socket's may be."""
        for _ in range(TRIES):
            self.requests += 1
            try:
                answer = await self._web.request(method, self.path, content=body, params=params)
            except httpx2.TransportError:
                self.close_code = self.close_code or 1006
                return None
            if not self.lose(method):
                return answer
        raise AssertionError(f"{TRIES} answers were lost")

    def _over(self, answer: httpx2.Response) -> None:
        if self.close_code is not None:
            return
        try:
            told = answer.json()
        except json.JSONDecodeError:
            told = {}
        codes = {"signed-out": 4401, "not-allowed": 4403, "not-found": 4403, "bad-request": 4400}
        self.close_code = told.get("closed") or codes.get(told.get("code", ""), 1006)
        self.reason = told.get("reason", "")
