"""Versions: what a freeze makes. A version is a function of the log up to its seq and never changes (I6;
crdt/SPEC.md, V).

The record is canonical JSON; its hash goes into the next version's record, and the signature is made over the
record's bytes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crdt.protocol import compact
from opinions.published_text import CANONICAL, attribution_digest, digests, published_texts
from opinions.record import Document
from opinions.version_kinds import VersionKind

FORMAT = 2
"""The format of the records made now; those of format 1 keep their bytes and have no field `format` (V3)."""

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

    @property
    def facts(self) -> Mapping[str, Any]:
        """The fields of the record; none when it is not one JSON object."""
        try:
            found = json.loads(self.record)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def kind(self) -> VersionKind | None:
        """Which kind it is; None for a version of format 1, whose record does not say."""
        told = self.facts.get("kind")
        return VersionKind(told) if told in tuple(VersionKind) else None

    @property
    def cut(self) -> str:
        """The id of the volume's cut that it is of; empty for a freeze of one Opinion."""
        return str(self.facts.get("cut", ""))

    @property
    def texts(self) -> Mapping[str, str]:
        """The SHA-256 of the text of each published form, by its name; of format 1 the canonical one alone."""
        texts = self.facts.get("texts", {CANONICAL: self.fingerprint})
        return texts if isinstance(texts, dict) else {}


@dataclass(frozen=True, slots=True)
class Seal:
    """By what a record is sealed besides its words: id of the signing key, and build of the server."""

    key: str = ""
    build: str = ""


UNSEALED = Seal()
"""Where nothing is kept: records name neither key nor build."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who freezes, when, under what name, as which kind, and in which cut of the volume (empty: alone)."""

    label: str
    milestone: str
    note: str
    frozen_by: str
    recorded_by: str
    at: datetime
    kind: VersionKind = VersionKind.DRAFT
    cut: str = ""


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
    seal: Seal = UNSEALED,
) -> Version:
    """The version of a document as it stands after entry `seq`, whose hash is `head`; `previous` is the last
    version's record hash. Its record is of format 2 (V3).
    """
    texts = published_texts(document)
    text, published = texts[CANONICAL], digests(texts)
    digest = published[CANONICAL]
    record = compact(
        {
            "format": FORMAT,
            "opinion": opinion,
            "document": opinion,
            "number": number,
            "label": act.label,
            "milestone": act.milestone,
            "note": act.note,
            "kind": act.kind.value,
            "cut": act.cut,
            "seq": seq,
            "head": head.hex(),
            "fingerprint": digest,
            "texts": published,
            "attribution": attribution_digest(document),
            "previous": previous,
            "frozen_by": act.frozen_by,
            "recorded_by": act.recorded_by,
            "frozen_at": act.at.isoformat(),
            "build": seal.build,
            "key": seal.key,
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
