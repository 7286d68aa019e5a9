"""Pages of the product in a Node process (web/test/watched-pages.ts), each at the end of a line of a `Sitting`.

A page is the real session and the real editor drawn into jsdom, beside it a bare Yjs document and, when asked for,
y-prosemirror on the same updates.
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import override

from crdt.client import Client
from opinions.model import Opinion
from tests.support.node_process import WEB, NodeProcess, node

BUILT = WEB / "node_modules" / ".watched-pages" / "watched-pages.js"

Spelled = list[Any]
"""One paragraph as every reader spells it: id, kind, level, amendment that adds it, words with sorted keys."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page showed and wrote since the last look (web/test/support/watched_page.ts)."""

    sent: tuple[bytes, ...]
    wrote: int
    plain_wrote: int
    text: list[Spelled]
    differences: tuple[str, ...]


class Pages(NodeProcess):
    """The process that has the pages."""

    def __init__(self) -> None:
        super().__init__(_built())

    def hear(self, pages: Mapping[str, "Page"], click: int) -> dict[str, Look]:
        """Lets every page have what waits for it, clicks somewhere in each, and says what each shows."""
        frames = {name: [frame.hex() for frame in page.take_waiting()] for name, page in pages.items()}
        answers = self.ask("hear", frames=frames, click=click)
        return {name: _look(answer) for name, answer in answers.items()}


class Page(Client):
    """A page as a client of a `Sitting`: frames to it wait until `Pages.hear`."""

    def __init__(
        self, pages: Pages, name: str, member: str, *, workspace: bool, party: str = "",
        plain: bool = False, tidying: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(workspace)
        self._pages, self._name, self._waiting = pages, name, list[bytes]()
        scope = "workspace" if workspace else "opinion"
        opened = pages.ask(
            "open", page=name, member=member, scope=scope, party=party, plain=plain, tidying=tidying
        )  # fmt: skip
        (self._hello,) = (bytes.fromhex(frame) for frame in opened["sent"])

    @override
    def hello(self) -> bytes:
        return self._hello

    @override
    def take(self, frame: bytes) -> None:
        self._waiting.append(frame)

    def take_waiting(self) -> list[bytes]:
        """The frames that have come since."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def drafts(self, seed: int) -> list[bytes]:
        """One random act of a person at this page; the frames that it sends."""
        answer = self._pages.ask("draft", page=self._name, seed=seed)
        return [bytes.fromhex(frame) for frame in answer["sent"]]

    def click_plain(self) -> int:
        """How many updates y-prosemirror makes of a click."""
        return int(self._pages.ask("click", page=self._name))

    def close(self) -> None:
        """Closes the page."""
        self._pages.ask("close", page=self._name)


def spelled(text: Opinion) -> list[Spelled]:
    """A text as the pages spell theirs."""
    return [
        [p.id, str(p.kind), p.level, p.added, [[run.text, sorted(mark.key for mark in run.marks)] for run in p.runs]]
        for p in text
    ]


def first_difference(one: Sequence[Spelled], other: Sequence[Spelled]) -> str:
    """Where two texts differ, in a line; empty when they are the same."""
    for number in range(max(len(one), len(other))):
        here, there = one[number : number + 1], other[number : number + 1]
        if here != there:
            return f"paragraph {number}: {json.dumps(here)} and {json.dumps(there)}"
    return ""


def _look(answer: dict[str, Any]) -> Look:
    sent = tuple(bytes.fromhex(frame) for frame in answer["sent"])
    return Look(sent, answer["wrote"], answer["plainWrote"], answer["text"], tuple(answer["differences"]))


def _built() -> Path:
    """The pages' bundle, made anew when a source is younger."""
    runtime = node()
    sources = [path for folder in ("src", "test") for path in (WEB / folder).rglob("*.ts")]
    with (WEB / "node_modules" / ".watched-pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        youngest = max(path.stat().st_mtime for path in (*sources, WEB / "package-lock.json"))
        if not BUILT.exists() or BUILT.stat().st_mtime < youngest:
            vite = WEB / "node_modules" / "vite" / "bin" / "vite.js"
            command = [runtime, str(vite), "build", "--config", "test/watched-pages.config.ts"]
            subprocess.run(command, cwd=WEB, check=True, timeout=120, stdout=subprocess.DEVNULL)
            os.utime(BUILT)
    return BUILT
