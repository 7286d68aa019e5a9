"""A data directory after two sittings over a real server: drafts, an amendment agreed, another pending, two versions,
snapshots.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from server.settings import Settings
from tests.support.drafters import Drafter
from tests.support.inner_server import inner_server
from tests.support.stock import CHAPEAU, ITEM, WORDS, Stock, stocked


def after_two_sittings(data_dir: Path) -> Path:
    """The data directory, made there."""
    return two_sittings(Settings(data_dir=data_dir)).settings.data_dir


def two_sittings(settings: Settings) -> Stock:
    """As `after_two_sittings`, with its people."""
    stock = stocked(settings)
    # In a thread: whoever drives a browser has a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_sit(stock))).result()
    return stock


async def _sit(stock: Stock) -> None:
    async with inner_server(stock.settings) as server:
        async with (
            Drafter(server.port, stock["m-xaa-1"], workspace=True) as author,
            Drafter(server.port, stock["m-xbb-1"], workspace=True) as other,
            Drafter(server.port, stock["m-chair"]) as chair,
        ):
            await author.saved(await author.type(ITEM, len(WORDS), " everywhere", "a-verified0000001"))
            await author.command({"act": "submit", "amendment": "a-verified0000001"}, "XAA")
            await other.saved(await other.type(CHAPEAU, 10, " mindful", "a-verified0000002"))
            await other.command({"act": "submit", "amendment": "a-verified0000002"}, "XBB")
            await other.saved(await other.type(CHAPEAU, 10, " draft", "a-verified0000003"))
            agreed = {"act": "record_outcome", "amendment": "a-verified0000001", "revision": 1, "ruling": "agreed"}
            await chair.command(agreed)
            await chair.command({"act": "freeze", "label": "First draft"})
            await chair.command({"act": "freeze", "label": "Second draft"})
    # A second sitting, so that the log goes on behind the snapshots of the first.
    async with inner_server(stock.settings) as server:
        async with Drafter(server.port, stock["m-xbb-2"], workspace=True) as colleague:
            await colleague.saved(await colleague.type(CHAPEAU, 10, " more", "a-verified0000003"))
