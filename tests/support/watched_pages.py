"""Pages of the product in a Node process (web/test/watched-pages.ts), each at the end of a line of a `Sitting`.

A page is the real session and the real editor drawn into jsdom, beside it a bare Yjs document and, when asked for,
y-prosemirror on the same updates.
"""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import override

from crdt.client import Client
from opinions.model import Opinion

HOUSE = Path(__file__).resolve().parents[2]
WEB = HOUSE / "web"
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


class Pages:
    """The process that has the pages."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [_node(), str(_built())],
            cwd=WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> "Pages":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=10)

    def ask(self, act: str, **fields: Any) -> Any:
        """One command and its answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": act, **fields}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process of the pages is gone"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["done"]

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


def _node() -> str:
    own = HOUSE / ".tools" / "node" / "bin" / "node"
    node = str(own) if own.exists() else shutil.which("node")
    assert node, "Node is missing: `make test` brings it"
    return node


def _built() -> Path:
    """The pages' bundle, made anew when a source is younger."""
    assert (WEB / "node_modules").is_dir(), "the web libraries are missing: `make test` installs them"
    sources = [path for folder in ("src", "test") for path in (WEB / folder).rglob("*.ts")]
    with (WEB / "node_modules" / ".watched-pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        youngest = max(path.stat().st_mtime for path in (*sources, WEB / "package-lock.json"))
        if not BUILT.exists() or BUILT.stat().st_mtime < youngest:
            vite = WEB / "node_modules" / "vite" / "bin" / "vite.js"
            command = [_node(), str(vite), "build", "--config", "test/watched-pages.config.ts"]
            subprocess.run(command, cwd=WEB, check=True, timeout=120, stdout=subprocess.DEVNULL)
            os.utime(BUILT)
    return BUILT
