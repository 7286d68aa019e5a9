"""The operator's way to a running server: a socket file in the data directory, one JSON line each way.

A running server holds the database alone, so what the command line asks of it meanwhile goes through here. Who can
open the file (mode 0600) could read the database too: it gives nobody more than that.
"""

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from server.errors import ServerError

MAX_LINE = 64 * 1024
ANSWER_SECONDS = 30.0
"""Longest that the asker waits for an ordinary answer."""
WORK_SECONDS = 900.0
"""Longest that a request is worked on: a backup of a large record."""
MAX_PATH = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on others)."""

Carry = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Carries a request out. What it raises as `ServerError` is told to the asker."""

_log = logging.getLogger("unbracket.control")


class NoServer(ServerError):
    """Raised when no server of this data directory can be asked."""


def control_path(data_dir: Path) -> Path:
    """The socket file of a data directory."""
    return data_dir / "control.sock"


@asynccontextmanager
async def control_socket(data_dir: Path, carry: Carry) -> AsyncIterator[None]:
    """Answer the operator's requests while the block lasts. Where the path is too long for a socket, none is made."""
    path = control_path(data_dir)
    if len(os.fsencode(path.absolute())) > MAX_PATH:
        _log.warning("no control socket: the path of the data directory is too long")
        yield
        return
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Bound under a mask that leaves the file to its owner from the first moment on.
    mask = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(mask)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(WORK_SECONDS):
                writer.write(json.dumps(await _answer(await reader.readline(), carry)).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            _log.warning("control request not answered")
        finally:
            writer.close()

    async with await asyncio.start_unix_server(answer, sock=listening, limit=MAX_LINE):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


async def _answer(line: bytes, carry: Carry) -> dict[str, Any]:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError
    except ValueError:
        return {"error": "A request is one JSON object on one line."}
    try:
        return await carry(request)
    except ServerError as error:
        return {"error": str(error)}


def ask_server(data_dir: Path, request: dict[str, Any], seconds: float = ANSWER_SECONDS) -> dict[str, Any]:
    """What the running server of a data directory answers. Raises `NoServer`, or `ServerError` with its refusal."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(seconds)
            connection.connect(str(control_path(data_dir)))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as answers:
                line = answers.readline(MAX_LINE)
    except OSError as error:
        raise NoServer(
            f"Another process uses {data_dir} and cannot be asked ({error.strerror or error}). Stop it, then try again."
        ) from None
    answer = json.loads(line) if line else {"error": "The server ended before it answered. Try again."}
    if "error" in answer:
        raise ServerError(str(answer["error"]))
    assert isinstance(answer, dict)
    return answer
