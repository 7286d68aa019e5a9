"""A program in Node that is asked, a line of JSON each way: `{"do": ..., ...}`, `{"done": ...}` or `{"error": ...}`."""

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HOUSE = Path(__file__).resolve().parents[2]
WEB = HOUSE / "web"


def node() -> str:
    """The house's own Node, else the machine's."""
    own = HOUSE / ".tools" / "node" / "bin" / "node"
    found = str(own) if own.exists() else shutil.which("node")
    assert found, "Node is missing: `make test` brings it"
    assert (WEB / "node_modules").is_dir(), "the web libraries are missing: `make test` installs them"
    return found


class NodeProcess:
    """The running program; ended with the block."""

    def __init__(self, script: Path) -> None:
        self._process = subprocess.Popen(
            [node(), str(script)],
            cwd=WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
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
        assert line, "the process in Node is gone"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["done"]
