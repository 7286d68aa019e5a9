"""What the files of a version or a volume are made of, and what stands beside them in its bundle."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.clean import obstacles
from opinions.model import Kind, Opinion, ParagraphId
from opinions.record import Document, ParagraphState
from opinions.roles import Delegation
from opinions.views import Segment, View, ViewParagraph
from opinions.visibility import Attribution, narrower
from server import log_store
from server.errors import ServerError
from server.export.paper import Paper, Part, cover_of, paper_of
from server.export.sheet import NOT_AGREED, VIEW_NAMES, Origin, Sheet, file_stem, make_sheet
from server.opinion_store import OpinionRow, load_opinion
from server.people_store import all_delegations
from server.process_store import load_process
from server.publications.store import Subject, Wanted
from server.verification.building import version_file
from server.version_attribution import setting_of_version
from server.volumes.contents import VolumeContents, VolumeState, load_contents
from server.wording import moment


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a bundle's manifest says of what it is of."""

    record: str
    record_hash: str
    signature: bytes
    at: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """A subject ready to be made into files. `paper` raises `NotClean`; `proofs` are the files that verify it."""

    subject: Subject
    stem: str
    title: str
    views: Mapping[View, bool]
    setting: Attribution
    documents: tuple[Document, ...]
    paper: Callable[[Wanted], Paper]
    sealed: Sealed
    proofs: Callable[[Connection, bool], Mapping[str, bytes]]


def load(connection: Connection, subject: Subject) -> Source:
    """What the files of a subject are made of. Raises `ServerError` where there is none."""
    parties: dict[str, Delegation] = {one.code: one for one in all_delegations(connection)}
    if subject.opinion:
        return _of_version(connection, subject, parties)
    return _of_volume(connection, subject, parties)


def _of_version(connection: Connection, subject: Subject, parties: Mapping[str, Delegation]) -> Source:
    row, process = load_opinion(connection, subject.opinion), load_process(connection)
    version = _version(connection, subject.opinion, subject.number)
    if version is None:
        raise ServerError(f"{row.name} has no version {subject.number}.")
    origin = origin_of_version(process.name, process.meeting_zone, row, version)
    document = document_of(version)

    def paper(wanted: Wanted) -> Paper:
        return paper_of(
            make_sheet(origin, document, wanted.view, parties, naming=wanted.naming, mark_not_agreed=wanted.marked)
        )

    return Source(
        subject,
        file_stem(origin),
        f"{row.name}: {version.label}",
        {view: view is not View.CLEAN or not obstacles(document) for view in View},
        setting_of_version(connection, subject.opinion, subject.number) or process.attribution,
        (document,),
        paper,
        Sealed(version.record, version.record_hash, version.signature, version.frozen_at, subject.opinion),
        lambda opened, names: _proofs(opened, [(subject.opinion, subject.number)], names),
    )


def _of_volume(connection: Connection, subject: Subject, parties: Mapping[str, Delegation]) -> Source:
    process, contents = load_process(connection), load_contents(connection, subject.number)
    if contents.state is not VolumeState.PUBLISHED or contents.published_at is None:
        raise ServerError(f"Volume {subject.number} is not published.")
    annexed = [(one, one.version) for one in contents.annexes if one.version is not None]
    texts = {(one.opinion.id, version.number): document_of(version) for one, version in annexed}
    origins = {
        one.opinion.id: origin_of_version(process.name, process.meeting_zone, one.opinion, version)
        for one, version in annexed
    }
    settings = [setting_of_version(connection, one.opinion.id, version.number) for one, version in annexed]
    setting = process.attribution
    for one in settings:
        setting = narrower(setting, one or process.attribution)

    def paper(wanted: Wanted) -> Paper:
        sheets = [
            (
                annex,
                make_sheet(
                    origins[annex.opinion.id],
                    texts[annex.opinion.id, version.number],
                    wanted.view,
                    parties,
                    naming=wanted.naming,
                    mark_not_agreed=wanted.marked,
                ),
            )
            for annex, version in annexed
        ]
        annexes = [
            Part(f"annex-{annex.position}", annex.heading, sheet, cover_of(sheet.origin, wanted.view, short=True))
            for annex, sheet in sheets
        ]
        return _volume_paper(contents, process.meeting_zone, wanted.view, annexes)

    return Source(
        subject,
        file_stem(_origin(contents, process.meeting_zone)),
        contents.name,
        {view: view is not View.CLEAN or not any(obstacles(one) for one in texts.values()) for view in View},
        setting,
        tuple(texts.values()),
        paper,
        Sealed(contents.record, contents.record_hash, contents.signature, contents.published_at, contents.process),
        lambda opened, names: {
            "volume-record.json": _signed(contents),
            **_proofs(opened, [(one.opinion.id, version.number) for one, version in annexed], names),
        },
    )


def _volume_paper(contents: VolumeContents, zone: str, view: View, annexes: list[Part]) -> Paper:
    origin = _origin(contents, zone)
    report = Sheet(origin, view, _report_rows(contents), "", Document(Opinion()), {})
    parts = [Part("report", "Report by the Secretary-General", report)] if contents.sections else []
    warned = any(one.sheet.warning for one in annexes)
    stand = f"Published {moment(origin.as_of, ZoneInfo(zone))}. Fingerprint {contents.short_fingerprint}"
    facts = [
        ("Process", contents.process),
        ("Document", contents.document),
        ("Text", f"{contents.label}, {VIEW_NAMES[view].lower()}"),
        ("Volume", str(contents.number)),
        ("Corrects", f"volume {contents.corrects}: {contents.reason}" if contents.corrects else ""),
        ("Original", "English"),
        ("Annexes", str(len(annexes)) if annexes else ""),
        ("Fingerprint", contents.fingerprint),
    ]
    return Paper(
        name=f"volume-{contents.number}",
        title=contents.label,
        process=contents.process,
        label=contents.label,
        view=view,
        stamp=stand,
        short=f"Volume {contents.number}, Fingerprint {contents.short_fingerprint}",
        warning=NOT_AGREED if warned else "",
        cover=tuple((name, value) for name, value in facts if value),
        as_of=origin.as_of,
        parts=(*parts, *annexes),
        number=contents.document,
    )


def _origin(contents: VolumeContents, zone: str) -> Origin:
    assert contents.published_at is not None
    return Origin(
        contents.process,
        f"volume-{contents.number}",
        contents.label,
        contents.label,
        contents.published_at,
        zone,
        fingerprint=contents.fingerprint,
    )


def _report_rows(contents: VolumeContents) -> tuple[ViewParagraph, ...]:
    """The report as rows: a heading of its level for each section, then its paragraphs."""
    rows: list[ViewParagraph] = []
    for number, section in contents.numbered_sections:
        rows.append(_row(section.id, Kind.HEADING, section.heading, section.level, number))
        rows += [_row(one.id, Kind.PARAGRAPH, one.text) for one in section.paragraphs]
    return tuple(rows)


def _row(known: str, kind: Kind, text: str, level: int = 0, label: str = "") -> ViewParagraph:
    segments = (Segment(text),) if text else ()
    return ViewParagraph(ParagraphId(known), kind, level, label, ParagraphState.AGREED, segments)


def _signed(contents: VolumeContents) -> bytes:
    """The signed record of a volume with what it takes to check it, as the record of a version is given out."""
    value: dict[str, Any] = {
        "record": contents.record,
        "record_hash": contents.record_hash,
        "signature": contents.signature.hex(),
        "public_key": contents.public_key.hex(),
        "algorithm": "Ed25519",
    }
    return json.dumps(value, indent=1).encode()


def _proofs(connection: Connection, versions: list[tuple[str, int]], names: bool) -> dict[str, bytes]:
    return {
        f"verify-{opinion}-version-{number}.json": version_file(connection, opinion, number, names=names)
        for opinion, number in versions
    }


def origin_of_version(process: str, zone: str, opinion: OpinionRow, version: Version) -> Origin:
    """Where the text of a version comes from."""
    return Origin(
        process,
        opinion.name,
        opinion.title,
        version.label,
        version.frozen_at,
        zone,
        version.number,
        version.fingerprint,
        version.seq,
        version.opinion,
    )


def document_of(version: Version) -> Document:
    """The document of a version."""
    return SharedDocument(OPINION_CLIENT, [version.state]).view()


def _version(connection: Connection, opinion: str, number: int) -> Version | None:
    return next((one for one in log_store.load_versions(connection, opinion) if one.number == number), None)
