"""The record of a version (crdt/SPEC.md, V3)."""

import hashlib
import json
from datetime import UTC, datetime

from crdt import versions
from crdt.protocol import compact
from opinions.published_text import attribution_digest, digests, published_texts
from opinions.version_kinds import VersionKind
from tests.support.builders import document, paragraph

TEXT = document(paragraph("par-0001", "that access matters"))
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def frozen(cut: str = "") -> versions.Version:
    act = versions.Act("Text at close of IEG-3", "IEG-3", "", "R. Chair", "S. Sec", AT, VersionKind.MEETING, cut)
    seal = versions.Seal("9f86d081884c7d65", "1.2")
    return versions.freeze("op1", 2, act, TEXT, 7, b"\x07" * 32, "a" * 64, b"state", lambda told: told[:64], seal)


def test_v3_the_record_of_format_2_says_all_that_the_specification_names() -> None:
    """[V3] Exactly these fields, in the spelling of J; what is hashed and signed are its bytes."""
    version = frozen("cut-1")
    facts = json.loads(version.record)
    assert facts == {
        "attribution": attribution_digest(TEXT),
        "build": "1.2",
        "cut": "cut-1",
        "document": "op1",
        "fingerprint": version.fingerprint,
        "format": 2,
        "frozen_at": "2026-11-23T09:00:00+00:00",
        "frozen_by": "R. Chair",
        "head": "07" * 32,
        "key": "9f86d081884c7d65",
        "kind": "meeting",
        "label": "Text at close of IEG-3",
        "milestone": "IEG-3",
        "note": "",
        "number": 2,
        "opinion": "op1",
        "previous": "a" * 64,
        "recorded_by": "S. Sec",
        "seq": 7,
        "texts": digests(published_texts(TEXT)),
    }
    assert version.record == compact(facts)
    assert version.record_hash == hashlib.sha256(version.record.encode()).hexdigest()
    assert version.texts["canonical"] == version.fingerprint
    assert (version.kind, version.cut) == (VersionKind.MEETING, "cut-1")


def test_v3_a_record_of_format_1_is_read_as_what_it_is() -> None:
    """[V3] No kind, no cut, the canonical text alone."""
    version = frozen()
    facts = {name: value for name, value in version.facts.items() if name in ("opinion", "number", "fingerprint")}
    first = versions.Version(
        **{name: getattr(version, name) for name in versions.Version.__slots__ if name != "record"},
        record=compact(facts),
    )
    assert (first.kind, first.cut, first.texts) == (None, "", {"canonical": version.fingerprint})
