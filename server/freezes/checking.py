"""Whether cuts are what they say: signed, chained, and of exactly the versions that name them (crdt/SPEC.md, V6)."""

import hashlib
import json
from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from server.freezes.cuts import Cut, load_cuts
from server.tables import keys, versions
from server.tables.freezes import cut_versions

_BESIDE = ("number", "label", "milestone", "note", "frozen_by", "recorded_by", "key")


def broken_cuts(connection: Connection) -> Iterator[str]:
    """What is wrong with the cuts, and with versions that say they are of one."""
    public = {row.id: bytes(row.public_key) for row in connection.execute(select(keys))}
    named: dict[str, set[tuple[str, int, str]]] = {}
    columns = select(versions.c.opinion, versions.c.number, versions.c.record_hash, versions.c.record)
    for row in connection.execute(columns.order_by(versions.c.opinion, versions.c.number)):
        if of := _cut_named(row.record):
            named.setdefault(of, set()).add((row.opinion, row.number, row.record_hash))
    listed: dict[str, list[tuple[str, int]]] = {}
    for row in connection.execute(select(cut_versions).order_by(cut_versions.c.position)):
        listed.setdefault(row.cut, []).append((row.opinion, row.number))
    previous = ""
    for number, cut in enumerate(load_cuts(connection), 1):
        name = f"Cut {cut.number}"
        facts = _facts(cut.record)
        if cut.number != number or facts.get("previous") != previous:
            yield f"{name} does not follow the cut before it."
        previous = cut.record_hash
        if hashlib.sha256(cut.record.encode()).hexdigest() != cut.record_hash:
            yield f"{name}: its record does not match its hash."
        if not _signed(cut, public.get(cut.key)):
            yield f"{name}: its signature does not verify."
        beside = {field: getattr(cut, field) for field in _BESIDE}
        beside |= {"cut": cut.id, "kind": cut.kind.value, "frozen_at": cut.at.isoformat(), "format": 1}
        if any(facts.get(field) != value for field, value in beside.items()):
            yield f"{name}: what is stored beside its record differs from it."
        try:
            made = [(one.opinion, one.number, one.record_hash) for one in cut.versions]
        except (ValueError, KeyError, TypeError):
            yield f"{name}: its record names no versions."
            continue
        if set(made) != named.pop(cut.id, set()) or [one[:2] for one in made] != listed.pop(cut.id, []):
            yield f"{name}: its versions are not those that say they are of it."
    for cut_id in (*named, *listed):
        yield f"Versions are of the cut {cut_id}, which is not there."


def _cut_named(record: str) -> str:
    return str(_facts(record).get("cut", ""))


def _facts(record: str) -> dict[str, object]:
    try:
        found = json.loads(record)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _signed(cut: Cut, public: bytes | None) -> bool:
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(cut.signature, cut.record.encode())
    except InvalidSignature:
        return False
    return True
