"""[E2, C5, W10] As many corrections as one command may hold go to a room process of its own and back: all of them, to
everybody, and nobody who kept up has to begin again.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from opinions.proposals import MAX_CORRECTIONS
from server.peers import MAX_WAITING_BYTES
from server.settings import Settings
from tests.support.drafters import Drafter
from tests.support.live_server import live_server
from tests.support.placements import ask
from tests.support.stock import CHAPEAU, ITEM, OPINION, stocked

WORDS = "that broadband access depends on income " * 10
EACH = 25
COUNT = MAX_CORRECTIONS // EACH


def _inserted(number: int) -> dict[str, Any]:
    return {"kind": "insert", "paragraph": f"p-base-{number:05}", "after": ITEM, "text": WORDS}


def _corrected(number: int) -> dict[str, Any]:
    places = [at for at in range(0, len(WORDS), 3) if WORDS[at] != " "][:EACH]
    words = [{"start": at, "end": at + 1, "was": WORDS[at], "text": "X"} for at in places]
    return {"kind": "words", "paragraph": f"p-base-{number:05}", "replacements": words}


async def test_e2_a_large_command_goes_through_a_room_process(tmp_path: Path) -> None:
    """[W10] A reader who reads nothing while it comes, and two that do: all show the same, and none was told resync."""
    stock = stocked(Settings(data_dir=tmp_path / "data"))
    with live_server(stock.settings.data_dir, environ={"UNBRACKET_ROOM_WORKERS": "1"}) as server:
        async with (
            Drafter(server.port, stock["m-sec"]) as clerk,
            Drafter(server.port, stock["m-xaa-1"], workspace=True) as author,
            Drafter(server.port, stock["m-xcc-1"], workspace=True) as behind,
        ):
            base = [_inserted(number) for number in range(COUNT)]
            await author.saved(await author.type(CHAPEAU, 10, "first"))
            await clerk.command({"act": "enter_proposals", "base": base}, "SEC")
            behind.socket.transport.pause_reading()
            # By HTTP: a COMMAND frame holds less.
            fields = {
                "act": "enter_proposals",
                "base": [_corrected(number) for number in range(COUNT)],
                "key": "key-of-the-largest",
            }
            path = f"/api/opinions/{OPINION}/commands"
            status, answer = await asyncio.to_thread(ask, server, stock["m-sec"], "POST", path, json_of=fields)
            assert status == 200, answer
            for number in range(10):
                await author.saved(await author.type(CHAPEAU, 10, f" word{number}"))
            behind.socket.transport.resume_reading()
            for reader in (clerk, author, behind):
                await reader.until(partial(_has_all, reader), "all corrections", 60)
                assert {"kind": "resync"} not in reader.client.notices
            texts = {reader.text(f"p-base-{COUNT - 1:05}") for reader in (clerk, author, behind)}
            assert len(texts) == 1
            assert max(map(len, author.frames)) > MAX_WAITING_BYTES, "the change came as one frame, and a large one"
        assert server.stop() == 0


def _has_all(reader: Drafter) -> bool:
    found = [reader.client.view().text.find(f"p-base-{number:05}") for number in range(COUNT)]
    return all(one is not None and one.text.count("X") == EACH for one in found)
