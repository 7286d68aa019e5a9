"""Log lines: one event each, with its fields; never text of an Opinion, tokens or cookies.

An event is a fixed message with `extra` fields. Of an exception the line holds the type and where it was
raised, not its message: a message may quote what somebody typed.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from typing_extensions import override

from server.errors import ServerError

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        fields["error"] = str(error) if isinstance(error, ServerError) else type(error).__name__
        fields["raised_at"] = " < ".join(
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
            for frame in reversed(traceback.extract_tb(error.__traceback__)[-6:])
        )
    return fields


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        return json.dumps(line, ensure_ascii=True, default=str)


class PlainLines(logging.Formatter):
    """One line for a person's eyes."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        fields = " ".join(f"{name}={json.dumps(value, default=str)}" for name, value in _fields(record).items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()}{'  ' + fields if fields else ''}"


def configure(log_format: str, level: str) -> None:
    """Send every log line of the process to standard error in one shape."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Request lines would hold addresses and query strings; what matters is logged where it happens.
    for name in ("uvicorn.access", "uvicorn.error", "alembic", "arq", "websockets"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
