"""What is in a volume: the report as it stood, the versions annexed, and what its record says. For pages and files.

Of a published volume everything follows from its record, which never changes: the revision of the report by number and
digest, each version by its own record's hash. Of one that is being prepared it is what would be published now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from crdt.versions import Version
from opinions.canonical import short_fingerprint
from opinions.sg_report import Section, numbered, report_digest
from opinions.volumes import Annexed, VolumeFacts, read_volume_record, volume_fingerprint
from server import log_store
from server.errors import ServerError
from server.opinion_store import OpinionRow, list_opinions
from server.process_store import load_process
from server.sg_report.store import ReportRevision, load_report
from server.tables import keys
from server.tables.volumes import published_volumes, volume_annexes, volumes


class UnknownVolume(ServerError):
    """Raised when there is no volume of this number."""


class VolumeState(StrEnum):
    """Where a volume stands: put together, every Opinion of it frozen, published by the secretariat, or given up."""

    PREPARED = "prepared"
    CUT = "cut"
    PUBLISHED = "published"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class AnnexedOpinion:
    """An Opinion in a volume, as annex `position` (from 1); `version` is None until it is frozen for it."""

    position: int
    opinion: OpinionRow
    version: Version | None = None

    @property
    def heading(self) -> str:
        """What stands above it: "Annex 2: Draft Opinion 2"."""
        return f"Annex {self.position}: {self.opinion.name}"


@dataclass(frozen=True, slots=True)
class VolumeContents:
    """A volume as one document: the report, then its annexes.

    `document` is its number as spelt (empty: none yet), `milestone` an id of the timetable. `published_at` and what
    follows are None or empty until it is published; `record` is the canonical JSON that was signed. `corrects` is the
    number of the volume it puts right, 0 for none; `corrected_by` those published since that put this one right.
    """

    number: int
    process: str
    label: str
    milestone: str
    final: bool
    document: str
    report: ReportRevision | None
    annexes: tuple[AnnexedOpinion, ...]
    state: VolumeState
    made_at: datetime
    made_by: str = ""
    corrects: int = 0
    reason: str = ""
    corrected_by: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_by: str = ""
    record: str = ""
    record_hash: str = ""
    previous: str = ""
    key: str = ""
    public_key: bytes = b""
    signature: bytes = b""

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the report, in order."""
        return () if self.report is None else self.report.sections

    @property
    def numbered_sections(self) -> tuple[tuple[str, Section], ...]:
        """The sections with the numbers of their headings."""
        return tuple(zip(numbered(self.sections), self.sections, strict=True))

    @property
    def report_digest(self) -> str:
        """The SHA-256 of the report's canonical text."""
        return report_digest(()) if self.report is None else self.report.computed_digest

    @property
    def annexed(self) -> tuple[Annexed, ...]:
        """The frozen versions, as the record names them."""
        found = ((one.opinion.id, one.version) for one in self.annexes)
        return tuple(
            Annexed(opinion, version.number, version.record_hash, version.fingerprint)
            for opinion, version in found
            if version is not None
        )

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the volume's words (server/SPEC.md, VO3); while it is prepared, as it would be now."""
        return volume_fingerprint(self.report_digest, self.annexed)

    @property
    def short_fingerprint(self) -> str:
        """What people compare by eye."""
        return short_fingerprint(self.fingerprint)

    @property
    def name(self) -> str:
        """What it is called: its label, with its number where it has one."""
        return f"{self.label} ({self.document})" if self.document else self.label


def load_contents(connection: Connection, number: int, frozen: "Frozen | None" = None) -> VolumeContents:
    """A volume. Raises `UnknownVolume`. `frozen` keeps the versions looked up, for who loads several."""
    known = {} if frozen is None else frozen
    row = connection.execute(select(volumes).where(volumes.c.number == number)).one_or_none()
    if row is None:
        raise UnknownVolume("There is no such volume.")
    published = connection.execute(
        select(published_volumes, keys.c.public_key)
        .join(keys, keys.c.id == published_volumes.c.key)
        .where(published_volumes.c.number == number)
    ).one_or_none()
    opinions = {one.id: one for one in list_opinions(connection)}
    if published is not None:
        return _published(connection, row, published, opinions, known)
    return _prepared(connection, row, opinions, known)


def all_contents(connection: Connection) -> tuple[VolumeContents, ...]:
    """All volumes, the newest first."""
    found = connection.scalars(select(volumes.c.number).order_by(volumes.c.number.desc())).all()
    frozen: Frozen = {}
    return tuple(load_contents(connection, number, frozen) for number in found)


@dataclass(frozen=True, slots=True)
class AtMilestone:
    """A published volume as the timetable tells it; `document` is its number as spelt."""

    milestone: str
    number: int
    label: str
    document: str
    published_at: datetime


def published_at_milestones(connection: Connection) -> tuple[AtMilestone, ...]:
    """The published volumes that belong to a milestone, in the order of their publishing."""
    chosen = (
        select(volumes.c.milestone, volumes.c.number, volumes.c.label, volumes.c.document)
        .add_columns(published_volumes.c.published_at)
        .join(published_volumes, published_volumes.c.number == volumes.c.number)
        .where(volumes.c.milestone != "")
        .order_by(published_volumes.c.position)
    )
    return tuple(AtMilestone(*row) for row in connection.execute(chosen))


def last_published(connection: Connection) -> VolumeContents | None:
    """The volume that was published last, or None."""
    chosen = select(published_volumes.c.number).order_by(published_volumes.c.position.desc()).limit(1)
    number = connection.scalar(chosen)
    return None if number is None else load_contents(connection, number)


Frozen = dict[str, tuple[Version, ...]]
"""The versions of Opinions, by the Opinion's id."""


def _prepared(
    connection: Connection, row: Row[Any], opinions: Mapping[str, OpinionRow], frozen: Frozen
) -> VolumeContents:
    chosen = select(volume_annexes).where(volume_annexes.c.volume == row.number).order_by(volume_annexes.c.position)
    annexes = tuple(
        AnnexedOpinion(place, opinions[each.opinion], _version(connection, each.opinion, each.version, frozen))
        for place, each in enumerate(connection.execute(chosen), start=1)
    )
    cut = row.report is not None and all(one.version is not None for one in annexes)
    state = VolumeState.CUT if cut else VolumeState.PREPARED
    return VolumeContents(
        number=row.number,
        process=load_process(connection).name,
        label=row.label,
        milestone=row.milestone,
        final=row.final,
        document=row.document,
        report=None if row.report is None else load_report(connection, row.report),
        annexes=annexes,
        state=VolumeState.DROPPED if row.dropped_at is not None else state,
        made_at=row.made_at,
        made_by=row.name,
        corrects=row.corrects or 0,
        reason=row.reason,
    )


def _published(
    connection: Connection, row: Row[Any], published: Row[Any], opinions: Mapping[str, OpinionRow], frozen: Frozen
) -> VolumeContents:
    facts: VolumeFacts = read_volume_record(published.record)
    annexes = tuple(
        AnnexedOpinion(place, opinions[one.opinion], _version(connection, one.opinion, one.version, frozen))
        for place, one in enumerate(facts.annexed, start=1)
    )
    since = (
        select(volumes.c.number)
        .join(published_volumes, published_volumes.c.number == volumes.c.number)
        .where(volumes.c.corrects == row.number)
        .order_by(published_volumes.c.position)
    )
    return VolumeContents(
        number=row.number,
        process=facts.process,
        label=facts.label,
        milestone=facts.milestone,
        final=facts.final,
        document=facts.document,
        report=load_report(connection, facts.report_revision),
        annexes=annexes,
        state=VolumeState.PUBLISHED,
        made_at=row.made_at,
        made_by=row.name,
        corrects=facts.corrects,
        reason=facts.reason,
        corrected_by=tuple(connection.scalars(since)),
        warnings=facts.warnings,
        published_at=facts.published_at,
        published_by=facts.published_by,
        record=published.record,
        record_hash=published.record_hash,
        previous=facts.previous,
        key=published.key,
        public_key=published.public_key,
        signature=published.signature,
    )


def _version(connection: Connection, opinion: str, number: int | None, frozen: Frozen) -> Version | None:
    if number is None:
        return None
    if opinion not in frozen:
        frozen[opinion] = log_store.load_versions(connection, opinion)
    return next((one for one in frozen[opinion] if one.number == number), None)
