"""Versions: what a freeze makes. A version is a function of the log up to its seq and never changes (I6;
crdt/SPEC.md, V).

The record is canonical JSON; its hash goes into the next version's record, and the signature is made over the
record's bytes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crdt.protocol import compact
from opinions.canonical import canonical_text, fingerprint
from opinions.record import Document

Sign = Callable[[bytes], bytes]
"""Makes the Ed25519 signature of a version's record; the key stays with the server."""


@dataclass(frozen=True, slots=True)
class Version:
    """One frozen version of an Opinion. `record` is the canonical JSON that was hashed and signed."""

    opinion: str
    number: int
    label: str
    milestone: str
    note: str
    seq: int
    head: str
    text: str
    fingerprint: str
    previous: str
    frozen_by: str
    recorded_by: str
    frozen_at: datetime
    record: str
    record_hash: str
    signature: bytes
    state: bytes


@dataclass(frozen=True, slots=True)
class Act:
    """Who freezes, when, and under what name."""

    label: str
    milestone: str
    note: str
    frozen_by: str
    recorded_by: str
    at: datetime


def freeze(
    opinion: str,
    number: int,
    act: Act,
    document: Document,
    seq: int,
    head: bytes,
    previous: str,
    state: bytes,
    sign: Sign,
) -> Version:
    """The version of a document as it stands after entry `seq`, whose hash is `head`; `previous` is the last
    version's record hash.
    """
    text = canonical_text(document)
    digest = fingerprint(text)
    record = compact(
        {
            "opinion": opinion,
            "number": number,
            "label": act.label,
            "milestone": act.milestone,
            "note": act.note,
            "seq": seq,
            "head": head.hex(),
            "fingerprint": digest,
            "previous": previous,
            "frozen_by": act.frozen_by,
            "recorded_by": act.recorded_by,
            "frozen_at": act.at.isoformat(),
        }
    )
    return Version(
        opinion=opinion,
        number=number,
        label=act.label,
        milestone=act.milestone,
        note=act.note,
        seq=seq,
        head=head.hex(),
        text=text,
        fingerprint=digest,
        previous=previous,
        frozen_by=act.frozen_by,
        recorded_by=act.recorded_by,
        frozen_at=act.at,
        record=record,
        record_hash=hashlib.sha256(record.encode()).hexdigest(),
        signature=sign(record.encode()),
        state=state,
    )
