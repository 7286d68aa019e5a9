"""Volumes: the report and the Opinions annexed to it, published together under one record that anybody can check.

Pure: what a volume's record says and how it is spelled (server/SPEC.md, VO). A published volume never changes; what was
wrong in it is put right by another one, a revision or a corrigendum, which names it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FORMAT = 1
"""The number of the record's format."""
GENESIS = ""
"""`previous` of the first volume."""
MAX_LABEL = 200
MAX_REASON = 1_000
MAX_ANNEXES = 60
"""Opinions of one volume: five in 2021, seven in 2013."""
MAX_VOLUMES = 200
"""Volumes of one process, dropped ones among them: five drafts, and a revision of each in six languages."""


@dataclass(frozen=True, slots=True)
class Annexed:
    """A frozen version in a volume, by the hash of its own record and the fingerprint of its text."""

    opinion: str
    version: int
    record_hash: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class VolumeFacts:
    """What the record of a volume says. `milestone` is an id of the timetable; `corrects` the number of the volume that
    it puts right (0: none), with the `reason`; `previous` the hash of the record of the volume published before.
    """

    process: str
    number: int
    label: str
    milestone: str
    final: bool
    document: str
    report_revision: int
    report_digest: str
    annexed: tuple[Annexed, ...]
    corrects: int
    reason: str
    warnings: tuple[str, ...]
    previous: str
    published_by: str
    published_at: datetime
    build: str
    key: str

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the volume: of its words alone, whoever published them and when (VO3)."""
        return volume_fingerprint(self.report_digest, self.annexed)


def volume_fingerprint(report_digest: str, annexed: Iterable[Annexed]) -> str:
    """The SHA-256, as 64 hexadecimal digits, of these lines in UTF-8, each ended by a line feed: the digest of the
    report, then for each annexed version in order its Opinion's id, its number and its fingerprint, a blank between.
    """
    lines = [report_digest, *(f"{one.opinion} {one.version} {one.fingerprint}" for one in annexed)]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def volume_record(facts: VolumeFacts) -> str:
    """The record of a volume as it is hashed and signed: JSON, keys in order, no blanks, UTF-8 (VO1)."""
    return json.dumps(
        {
            "format": FORMAT,
            "kind": "volume",
            "process": facts.process,
            "number": facts.number,
            "label": facts.label,
            "milestone": facts.milestone,
            "final": facts.final,
            "document": facts.document,
            "report": {"revision": facts.report_revision, "digest": facts.report_digest},
            "annexed": [
                {
                    "opinion": one.opinion,
                    "version": one.version,
                    "record_hash": one.record_hash,
                    "fingerprint": one.fingerprint,
                }
                for one in facts.annexed
            ],
            "fingerprint": facts.fingerprint,
            "corrects": facts.corrects,
            "reason": facts.reason,
            "warnings": list(facts.warnings),
            "previous": facts.previous,
            "published_by": facts.published_by,
            "published_at": facts.published_at.isoformat(),
            "build": facts.build,
            "key": facts.key,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def record_hash(record: str) -> str:
    """The SHA-256 of a record's bytes, as 64 hexadecimal digits: `previous` of the next one."""
    return hashlib.sha256(record.encode()).hexdigest()


def read_volume_record(record: str) -> VolumeFacts:
    """The facts of a record. Raises `ValueError` for what is none of ours."""
    try:
        told = json.loads(record)
        if told["format"] != FORMAT or told["kind"] != "volume":
            raise ValueError("not the record of a volume")
        facts = VolumeFacts(
            process=str(told["process"]),
            number=int(told["number"]),
            label=str(told["label"]),
            milestone=str(told["milestone"]),
            final=told["final"] is True,
            document=str(told["document"]),
            report_revision=int(told["report"]["revision"]),
            report_digest=str(told["report"]["digest"]),
            annexed=tuple(_annexed(one) for one in told["annexed"]),
            corrects=int(told["corrects"]),
            reason=str(told["reason"]),
            warnings=tuple(str(one) for one in told["warnings"]),
            previous=str(told["previous"]),
            published_by=str(told["published_by"]),
            published_at=datetime.fromisoformat(told["published_at"]),
            build=str(told["build"]),
            key=str(told["key"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not the record of a volume") from error
    if volume_record(facts) != record:
        raise ValueError("a record of a volume that is not spelled as records are, or whose fingerprint is not its own")
    return facts


def _annexed(told: Mapping[str, Any]) -> Annexed:
    return Annexed(str(told["opinion"]), int(told["version"]), str(told["record_hash"]), str(told["fingerprint"]))
