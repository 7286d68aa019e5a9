"""The shapes of what is verified: exactly these fields, of these kinds, and nothing besides (server/SPEC.md, VF)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.verification.proof import FORMAT

_HEX64, _SIGNATURE, _KEY = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{128}"), re.compile("[0-9a-f]{16}")
_LINK, _PIECE = re.compile("[0-9a-f]{192}"), re.compile("[0-9a-f]{8}")
FIRST_FIELDS = frozenset(
    "opinion number label milestone note seq head fingerprint previous frozen_by recorded_by frozen_at".split()
)
"""The fields of a version's record of format 1 (crdt/SPEC.md, V3)."""
SECOND_FIELDS = FIRST_FIELDS | set("format document kind texts attribution cut build key".split())


class Malformed(ValueError):
    """Raised when a file, or a record in it, is not of its shape."""


def version_file(value: Any) -> dict[str, Any]:
    """A version file, as it was read from JSON. Raises `Malformed`."""
    file = _object(
        value, "The file", {"chain", "format", "keys", "previous", "rotations", "texts", "version", "volume"}
    )
    if file["format"] != FORMAT:
        raise Malformed(f"Its format is {file['format']!r}, not {FORMAT!r}.")
    for key in _list(file["keys"], "keys"):
        _object(key, "A key", {"id", "public_key"})
        _digits(key["id"], _KEY, "The id of a key")
        _digits(key["public_key"], _HEX64, "A public key")
    for name in ("previous", "rotations"):
        for one in _list(file[name], name):
            statement(one)
    statement(file["version"])
    if file["volume"] is not None:
        statement(file["volume"])
    if not isinstance(file["texts"], dict):
        raise Malformed("texts is not an object.")
    for held in file["texts"].values():
        if held is not None:
            _object(held, "A text", {"pieces", "text"})
            _string(held["text"], "A text")
            for piece in _list(held["pieces"], "pieces"):
                _digits(piece, _PIECE, "A piece")
    if file["chain"] is not None:
        chain = _object(file["chain"], "chain", {"after", "head", "links"})
        _number(chain["after"], "chain.after")
        _digits(chain["head"], _HEX64, "chain.head")
        for link in _list(chain["links"], "chain.links"):
            _digits(link, _LINK, "A link")
    return file


def statement(value: Any) -> dict[str, Any]:
    """A signed record as it stands in a file. Raises `Malformed`."""
    one = _object(value, "A signed record", {"key", "record", "record_hash", "signature"})
    _digits(one["key"], _KEY, "The key of a signed record")
    _string(one["record"], "A record")
    _digits(one["record_hash"], _HEX64, "The hash of a record")
    _digits(one["signature"], _SIGNATURE, "A signature")
    return one


def record(value: Any) -> dict[str, Any]:
    """Any record: one JSON object. Raises `Malformed`."""
    if not isinstance(value, dict):
        raise Malformed("The record is not one JSON object.")
    return value


def version_record(facts: Mapping[str, Any]) -> None:
    """That a record is that of a version, of format 1 or 2 (crdt/SPEC.md, V3). Raises `Malformed`."""
    second = "format" in facts
    _object(dict(facts), "The record of a version", SECOND_FIELDS if second else FIRST_FIELDS)
    if second and facts["format"] != 2:
        raise Malformed(f"The record is of format {facts['format']!r}, which this verifier does not know.")
    _number(facts["number"], "number")
    _number(facts["seq"], "seq")
    for name in ("fingerprint", "head", *(("attribution",) if second else ())):
        _digits(facts[name], _HEX64, name)
    for name in sorted(facts.keys() - {"number", "seq", "format", "texts"}):
        _string(facts[name], name)
    if second:
        if not isinstance(facts["texts"], dict) or "canonical" not in facts["texts"]:
            raise Malformed("The record names no texts.")
        for digest in facts["texts"].values():
            _digits(digest, _HEX64, "The digest of a text")


@dataclass(frozen=True, slots=True)
class Rotation:
    """How a key came into force: `brought` with a process from another server, else introduced by the one before."""

    old: str
    new: str
    public_key: str
    brought: bool
    at: str

    @property
    def signer(self) -> str:
        """Whose signature its record must bear (crdt/SPEC.md, V7)."""
        return self.new if self.brought else self.old


def rotation(facts: Mapping[str, Any]) -> Rotation:
    """What the record of a key rotation says. Raises `Malformed`."""
    for name in ("old", "new", "public_key", "at"):
        _string(facts.get(name), f"{name} of a rotation")
    _digits(facts["public_key"], _HEX64, "public_key of a rotation")
    brought = facts.get("kind") == "brought"
    return Rotation(facts["old"], facts["new"], facts["public_key"], brought, facts["at"])


def hashes_in(value: Any) -> Iterator[str]:
    """Every hash that a record names, wherever it stands in it."""
    if isinstance(value, str) and _HEX64.fullmatch(value):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from hashes_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from hashes_in(inner)


def _object(value: Any, what: str, fields: frozenset[str] | set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{what} is not an object.")
    if missing := sorted(fields - value.keys()):
        raise Malformed(f"{what} has no {', '.join(missing)}.")
    if more := sorted(value.keys() - fields):
        raise Malformed(f"{what} has {', '.join(more)}, which nobody signed.")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{what} is not a list.")
    return value


def _string(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{what} is not a string.")
    return value


def _digits(value: Any, pattern: "re.Pattern[str]", what: str) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"{what} is not made of the hexadecimal digits that belong there.")


def _number(value: Any, what: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(f"{what} is not a whole number.")
