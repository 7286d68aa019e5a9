"""The browser's own session and editor in Node, without a page (web/test/node-client.ts), at the end of a pipe."""

import asyncio
import json
import os
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.stock import OPINION, Person

ROOT = Path(__file__).parents[2]
_BUNDLE = ROOT / "web/node_modules/.node-client/node-client.js"
_SOURCES = (ROOT / "web/src", ROOT / "web/test")
ANSWER_SECONDS = 60.0


class NodeClient:
    """One person; `ask` sends a request and returns its answer, and fails with the client's error."""

    def __init__(self, process: Process) -> None:
        self.events: list[dict[str, Any]] = []
        self._process = process
        self._asked = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def ask(self, do: str, **fields: Any) -> dict[str, Any]:
        """Requests are those of node-client.ts."""
        assert self._process.stdin is not None
        self._asked += 1
        answer = self._answers[self._asked] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"id": self._asked, "do": do, **fields}).encode() + b"\n")
        async with asyncio.timeout(ANSWER_SECONDS):
            found: dict[str, Any] = await answer
        assert found["ok"], f"{do}: {found.get('error')}"
        return found

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self.events.append(told)
        for waiting in self._answers.values():
            waiting.set_exception(AssertionError("the client in Node ended"))


@asynccontextmanager
async def node_client(port: int, person: Person, opinion: str = OPINION) -> AsyncIterator[NodeClient]:
    """Somebody in a room, with the text on the screen; ended with the block."""
    await asyncio.to_thread(_bundle)
    process = await asyncio.create_subprocess_exec(
        "node", str(_BUNDLE), stdin=PIPE, stdout=PIPE, env=_environment(), limit=16 * 1024 * 1024
    )
    client = NodeClient(process)
    try:
        await client.ask(
            "connect",
            url=f"ws://127.0.0.1:{port}/ws/opinions/{opinion}",
            opinion=opinion,
            member=person.member,
            scope="workspace" if person.delegation else "opinion",
            party=person.delegation or "SEC",
            headers={"Cookie": f"unbracket-{port}={person.token}", "Origin": f"http://127.0.0.1:{port}"},
        )
        yield client
    finally:
        process.kill()
        await process.wait()
        await client._reader


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{ROOT / '.tools/node/bin'}:{os.environ['PATH']}"}


def _bundle() -> None:
    newest = max(path.stat().st_mtime for folder in _SOURCES for path in folder.rglob("*.ts"))
    if not _BUNDLE.exists() or _BUNDLE.stat().st_mtime < newest:
        done = subprocess.run(
            ["npm", "run", "--silent", "node-client"],
            cwd=ROOT / "web", env=_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
