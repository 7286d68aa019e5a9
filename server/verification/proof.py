"""The version file: one JSON with all that a sceptic needs to check a version on a laptop (server/SPEC.md, VF1-VF4).

Every fact in it is signed, hashed or derived, so no byte of it can be changed unseen; what may not be shown to who
asks is left out as `null`, and the file still says by which digest it would be known.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from crdt.log import Entry, header, payload
from crdt.protocol import compact
from crdt.versions import Version
from opinions.published_text import CANONICAL, UNNAMED
from opinions.views import View

FORMAT = "unbracket-version/1"
MAX_CHAIN = 50_000
"""Entries between two versions whose links a file lists (192 digits each, 10 MiB); beyond, the head alone stands."""
OPEN_FORMS = frozenset({View.CLEAN.value, View.ROLLING + UNNAMED, View.MARKED + UNNAMED})
"""The published forms that name no delegation: whoever may know of a version may have them."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A record with its hash, its Ed25519 signature and the id of the key that made that."""

    record: str
    signature: bytes
    key: str

    def to_json(self) -> dict[str, str]:
        """As it stands in a file."""
        return {
            "key": self.key,
            "record": self.record,
            "record_hash": sha256(self.record.encode()).hexdigest(),
            "signature": self.signature.hex(),
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """What a version file is made of. `keys` are (id, 32 public bytes) in the order in which they came into force,
    `rotations` what the keys before said of them; `texts` holds the forms that may be shown, None for those that may
    not; `entries` are those after the version before, None where they are withheld.
    """

    version: Signed
    previous: Sequence[Signed]
    keys: Sequence[tuple[str, bytes]]
    rotations: Sequence[Signed]
    texts: Mapping[str, str | None]
    document: str
    after: tuple[int, str]
    entries: Sequence[Entry] | None
    volume: Signed | None = None

    def to_bytes(self) -> bytes:
        """The file: canonical JSON and a line feed (VF1)."""
        chain = None
        if self.entries is not None and len(self.entries) <= MAX_CHAIN:
            chain = {"after": self.after[0], "head": self.after[1], "links": list(links(self.document, self.entries))}
        return spelled(
            {
                "chain": chain,
                "format": FORMAT,
                "keys": [{"id": key, "public_key": public.hex()} for key, public in self.keys],
                "previous": [one.to_json() for one in self.previous],
                "rotations": [one.to_json() for one in self.rotations],
                "texts": {
                    name: None if text is None else {"pieces": pieces(name, text), "text": text}
                    for name, text in self.texts.items()
                },
                "version": self.version.to_json(),
                "volume": None if self.volume is None else self.volume.to_json(),
            }
        )


def spelled(value: Mapping[str, Any]) -> bytes:
    """The bytes of a file: canonical JSON (keys sorted, no blanks, characters as themselves) and a line feed. Half a
    character, which a file may hold by its escape, is spelled as no UTF-8 is: nothing that was read equals it.
    """
    return compact(value).encode("utf-8", "surrogatepass") + b"\n"


def pieces(name: str, text: str) -> list[str]:
    """Eight digits for each piece of a text, by which a verifier names the one that was changed: pieces end at line
    feeds, those of the canonical text (one line) at `},{`.
    """
    parts = text.split("},{") if name == CANONICAL else text.split("\n")
    return [hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest()[:8] for part in parts]


def links(document: str, entries: Iterable[Entry]) -> Iterable[str]:
    """What is told of each entry: SHA-256 of its header, of its payload, and its own hash, in hexadecimal (L2)."""
    for entry in entries:
        head = sha256(header(document, entry).encode()).hexdigest()
        yield head + sha256(payload(entry.updates)).hexdigest() + entry.hash.hex()


def shown(version: Version, texts: Mapping[str, str], *, names: bool) -> Mapping[str, str | None]:
    """The texts of a version file: every form that the record answers for, those with names of delegations only if
    they may be shown.
    """
    return {name: texts.get(name) if names or name in OPEN_FORMS else None for name in version.texts}
