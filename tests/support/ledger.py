"""What clients saw: a ledger of each, kept in memory and written to a file for the checker (`tests.support.checker`).

A ledger is what one client knows: `sent` (n, the update's bytes), `acknowledged` (n, at seq), `told` (updates of others
or its own), the freezes it asked for, and when (by the machine's elapsed time, the same for all of its processes).
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Freeze:
    """A freeze that was asked for and answered. `asked` is when it was first asked, `answered` when it was known."""

    key: str
    label: str
    asked: float
    answered: float
    number: int
    seq: int
    fingerprint: str


@dataclass(slots=True)
class Ledger:
    """The events of one client id in one document, in the order they happened.

    `sent_at` and `acknowledged_at` may be empty: then nothing is said about what came before or after a freeze.
    """

    document: str
    client: int
    member: str
    sent: dict[int, bytes] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)
    told: set[bytes] = field(default_factory=set)
    sent_at: dict[int, float] = field(default_factory=dict)
    acknowledged_at: dict[int, float] = field(default_factory=dict)
    freezes: list[Freeze] = field(default_factory=list)


def write_ledger(ledger: Ledger, path: Path) -> None:
    """Put a ledger into a file: one JSON object, bytes in hexadecimal."""
    values = {
        **{name: getattr(ledger, name) for name in ("document", "client", "member")},
        "sent": {n: update.hex() for n, update in ledger.sent.items()},
        "told": sorted(update.hex() for update in ledger.told),
        **{name: getattr(ledger, name) for name in ("acknowledged", "sent_at", "acknowledged_at")},
        "freezes": [asdict(one) for one in ledger.freezes],
    }
    path.write_text(json.dumps(values), "utf-8")


def read_ledger(path: Path) -> Ledger:
    """A ledger as it was written."""
    values = json.loads(path.read_text("utf-8"))
    return Ledger(
        values["document"],
        values["client"],
        values["member"],
        {n: bytes.fromhex(update) for n, update in _numbered(values["sent"])},
        dict(_numbered(values["acknowledged"])),
        {bytes.fromhex(update) for update in values["told"]},
        dict(_numbered(values["sent_at"])),
        dict(_numbered(values["acknowledged_at"])),
        [Freeze(**one) for one in values["freezes"]],
    )


def _numbered(values: dict[str, Any]) -> list[tuple[int, Any]]:
    return [(int(n), value) for n, value in values.items()]
