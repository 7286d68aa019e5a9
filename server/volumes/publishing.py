"""Volumes put together, cut, published or given up: plain functions of a `Connection`, each part of a transaction.

To freeze is the chair's act, to publish the secretariat's (server/SPEC.md, VO4). What blocks publishing is few and
named; all else is told, and written into the record as it was told (VO6).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from opinions.clean import obstacles
from opinions.process_checks import report_published, report_revised
from opinions.version_kinds import VersionKind
from opinions.volumes import (
    GENESIS,
    MAX_ANNEXES,
    MAX_LABEL,
    MAX_REASON,
    MAX_VOLUMES,
    VolumeFacts,
    record_hash,
    volume_record,
)
from server import log_store, outbox
from server.audit_store import AuditEvent, Kind, note
from server.errors import ServerError
from server.forum.store import under_consideration
from server.opinion_store import list_opinions
from server.phasing.warnings import publishing_report
from server.process_store import load_process
from server.sg_report.store import By, latest
from server.signing import SigningKey, seal_of
from server.tables import IS_OPINION, documents
from server.tables.volumes import published_volumes, volume_annexes, volumes
from server.timetable import timetable_of
from server.volumes import numbers
from server.volumes.contents import VolumeContents, VolumeState, load_contents
from server.volumes.numbers import NumberKind, NumberRefused
from server.wording import counted


class VolumeRefused(ServerError):
    """Raised when something of a volume does not fit, or what it waits for is not there; says in which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a volume is to be, as a form brings it. `annexes` are Opinions in order, each with a version or None."""

    label: str
    milestone: str = ""
    final: bool = False
    report: int | None = None
    annexes: tuple[tuple[str, int | None], ...] = ()
    corrects: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """What is to be said before publishing: what stops it, and what is only told and recorded."""

    blocks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


# --- putting together


def prepare(connection: Connection, wanted: Wanted, by: By) -> int:
    """Begin a volume: its number. Where no annexes are named it takes those of the volume that it puts right, else
    every Opinion on the table, each with its newest version. Raises `VolumeRefused`.
    """
    _require_open_report(connection, by.at)
    number = (connection.scalar(select(func.max(volumes.c.number))) or 0) + 1
    if number > MAX_VOLUMES:
        raise VolumeRefused("", f"There are {MAX_VOLUMES} volumes, which is the most.")
    label, reason = _checked(connection, wanted)
    connection.execute(
        insert(volumes).values(
            number=number,
            label=label,
            milestone=wanted.milestone,
            final=wanted.final,
            report=wanted.report or latest(connection) or None,
            corrects=wanted.corrects or None,
            reason=reason,
            made_at=by.at,
            member=by.member,
            name=by.name,
        )
    )
    _annex(connection, number, wanted.annexes or tuple(_first_annexes(connection, wanted.corrects)))
    _noted(connection, number, by, f"{label} begun")
    return number


def change(connection: Connection, number: int, wanted: Wanted, by: By) -> None:
    """Another heading, report or annexes of a volume that is not published. Raises `VolumeRefused`, `UnknownVolume`."""
    _require_unpublished(connection, number)
    _require_open_report(connection, by.at)
    label, reason = _checked(connection, wanted)
    values = {
        "label": label,
        "milestone": wanted.milestone,
        "final": wanted.final,
        "report": wanted.report,
        "reason": reason,
    }
    connection.execute(update(volumes).where(volumes.c.number == number).values(values))
    _annex(connection, number, wanted.annexes)
    _noted(connection, number, by, f"{label} put together: {counted(len(wanted.annexes), 'Opinion')}")


def take_versions(connection: Connection, number: int, versions: Mapping[str, int], by: By) -> None:
    """Take frozen versions into a volume, by Opinion: those of a cut, or one. An Opinion it does not have is put at its
    end. Raises `VolumeRefused`, `UnknownVolume`.
    """
    contents = _require_unpublished(connection, number)
    _require_open_report(connection, by.at)
    kept = [(one.opinion.id, one.version.number if one.version else None) for one in contents.annexes]
    taken = [(opinion, versions.get(opinion, version)) for opinion, version in kept]
    there = {opinion for opinion, _ in kept}
    taken += [(opinion, version) for opinion, version in versions.items() if opinion not in there]
    _annex(connection, number, taken)
    _noted(connection, number, by, f"versions taken: {counted(len(versions), 'Opinion')}")


def give_number(connection: Connection, number: int, spelling: str, by: By) -> str:
    """Give a volume its document number. Another one may be given until it is published; the one before stays used.
    Raises `VolumeRefused`, `UnknownVolume`.
    """
    contents = _require_unpublished(connection, number)
    try:
        spelt = numbers.give(
            connection,
            spelling,
            NumberKind.VOLUME,
            f"{contents.process}: {contents.label}"[: numbers.MAX_TITLE],
            by.at,
            subject=str(number),
            member=by.member,
            name=by.name,
        )
    except NumberRefused as error:
        raise VolumeRefused(error.field, str(error)) from None
    connection.execute(update(volumes).where(volumes.c.number == number).values(document=spelt.spelling))
    _noted(connection, number, by, f"numbered {spelt.spelling}")
    return spelt.spelling


def drop(connection: Connection, number: int, by: By) -> None:
    """Give up a volume that is not published; it stays readable, and its number stays used. Raises `VolumeRefused`,
    `UnknownVolume`.
    """
    _require_unpublished(connection, number)
    connection.execute(update(volumes).where(volumes.c.number == number).values(dropped_at=by.at))
    _noted(connection, number, by, "given up")


# --- publishing


def fixed_now(connection: Connection, now: datetime) -> str:
    """Why the report is not revised now: the forum is held, or considers texts of it; empty while it may be (SR6)."""
    considered = [one.name for one in under_consideration(connection)]
    found = report_revised(load_process(connection).rules, timetable_of(connection), ZoneInfo, now, considered)
    return "" if found is None else found.message


def checks(connection: Connection, contents: VolumeContents, now: datetime) -> Checks:
    """What blocks publishing a volume now, and what is only told."""
    blocks = [
        *([] if contents.report else ["There is no report in it. Write the report, and choose a revision of it."]),
        *([] if contents.document else ["It has no document number. Give it one."]),
        *(
            f"{one.opinion.name} is not frozen. The chair freezes it, alone or with the whole volume; then take that "
            "version here."
            for one in contents.annexes
            if one.version is None
        ),
    ]
    if contents.final and not contents.annexes:
        blocks.append("The final report annexes the draft Opinions, and none is chosen.")
    process, timetable = load_process(connection), timetable_of(connection)
    if fixed := fixed_now(connection, now):
        blocks.append(fixed)
    warnings = list(_of_texts(connection, contents))
    late = report_published(process.rules, timetable, ZoneInfo, now) if contents.final else None
    if late is not None:
        warnings.append(late.message)
    if contents.milestone and contents.milestone not in timetable:
        warnings.append("The milestone it names is not in the timetable.")
    return Checks(tuple(blocks), tuple(warnings))


def publish(connection: Connection, number: int, seen: str, key: SigningKey, by: By) -> VolumeContents:
    """Publish a volume for good. `seen` is the fingerprint that the page showed: whoever publishes has seen these
    words. Raises `VolumeRefused`, also for the second of two who publish at once (VO7), and `UnknownVolume`.
    """
    contents = _require_unpublished(connection, number)
    _require_open_report(connection, by.at)
    found = checks(connection, contents, by.at)
    if found.blocks:
        raise VolumeRefused("", found.blocks[0])
    if seen != contents.fingerprint:
        raise VolumeRefused("", "What is in the volume has changed since you opened this page. Look at it once more.")
    last = connection.execute(select(published_volumes).order_by(published_volumes.c.position.desc())).first()
    assert contents.report is not None
    seal = seal_of(key)
    facts = VolumeFacts(
        process=contents.process,
        number=number,
        label=contents.label,
        milestone=contents.milestone,
        final=contents.final,
        document=contents.document,
        report_revision=contents.report.revision.number,
        report_digest=contents.report_digest,
        annexed=contents.annexed,
        corrects=contents.corrects,
        reason=contents.reason,
        warnings=found.warnings,
        previous=GENESIS if last is None else last.record_hash,
        published_by=by.name,
        published_at=by.at,
        build=seal.build,
        key=seal.key,
    )
    record = volume_record(facts)
    row = {
        "number": number,
        "position": 1 if last is None else last.position + 1,
        "published_at": by.at,
        "fingerprint": facts.fingerprint,
        "record": record,
        "record_hash": record_hash(record),
        "key": key.id,
        "signature": key.sign(record.encode()),
    }
    try:
        connection.execute(insert(published_volumes).values(row))
    except IntegrityError as error:
        raise VolumeRefused("", "A volume was published just now. Look at it, and publish again.") from error
    _noted(connection, number, by, f"published as {contents.document}")
    if contents.final:
        # Beside the volume's own record: what was warned of at any act of the process stands in one list (RU3).
        publishing_report(connection, f"volume:{number}", contents.label, member=by.member, name=by.name, at=by.at)
    outbox.put(connection, outbox.volume_published(number), by.at)
    outbox.put(connection, outbox.exports_of_volume(number), by.at)
    return load_contents(connection, number)


# --- parts


def _of_texts(connection: Connection, contents: VolumeContents) -> Iterable[str]:
    """What is told of the Opinions annexed: open brackets, words since, those left out."""
    heads = {
        row.opinion: row.seq
        for row in connection.execute(select(documents.c.opinion, documents.c.seq).where(IS_OPINION))
    }
    for one in contents.annexes:
        if one.version is None:
            continue
        document = SharedDocument(OPINION_CLIENT, [one.version.state]).view()
        if left := len(obstacles(document)):
            yield f"{one.opinion.name} is annexed with {counted(left, 'open point')}: it is text with square brackets."
        # The freeze itself is the entry after the last one of the version.
        if heads.get(one.opinion.id, 0) > one.version.seq + 1:
            yield f"{one.opinion.name} was worked on after version {one.version.number} was frozen."
        if one.version.kind is VersionKind.MEETING:
            yield f"Version {one.version.number} of {one.opinion.name} is the text at the close of a meeting."
    annexed = {one.opinion.id for one in contents.annexes}
    left_out = [one.name for one in list_opinions(connection) if one.id not in annexed and not one.closed]
    if left_out:
        yield f"On the table and not annexed: {', '.join(left_out)}."


def _first_annexes(connection: Connection, corrects: int) -> Iterable[tuple[str, int | None]]:
    if corrects:
        yield from ((one.opinion, one.version) for one in load_contents(connection, corrects).annexed)
        return
    for opinion in list_opinions(connection)[:MAX_ANNEXES]:
        found = log_store.load_versions(connection, opinion.id)
        if found or not opinion.closed:
            yield opinion.id, found[-1].number if found else None


def _checked(connection: Connection, wanted: Wanted) -> tuple[str, str]:
    label, reason = " ".join(wanted.label.split()), " ".join(wanted.reason.split())
    if not label or len(label) > MAX_LABEL or not label.isprintable():
        raise VolumeRefused("label", f"Say what it is in at most {MAX_LABEL} characters, such as Third draft.")
    if wanted.milestone and wanted.milestone not in timetable_of(connection):
        raise VolumeRefused("milestone", "Choose a milestone of the timetable, or none.")
    if wanted.report is not None and not 1 <= wanted.report <= latest(connection):
        raise VolumeRefused("report", "Choose one of the revisions of the report.")
    if len(reason) > MAX_REASON or not (reason.isprintable() or not reason):
        raise VolumeRefused("reason", f"Say why in at most {MAX_REASON} characters.")
    if wanted.corrects:
        if not reason:
            raise VolumeRefused("reason", "Say why the volume before is put right: it is in the record.")
        corrected = connection.scalar(
            select(published_volumes.c.number).where(published_volumes.c.number == wanted.corrects)
        )
        if corrected is None:
            raise VolumeRefused("corrects", "Only a published volume is put right by another one; this one can change.")
    return label, reason


def _annex(connection: Connection, number: int, annexes: Sequence[tuple[str, int | None]]) -> None:
    known = {one.id for one in list_opinions(connection)}
    if len(annexes) > MAX_ANNEXES or len({opinion for opinion, _ in annexes}) != len(annexes):
        raise VolumeRefused("annexes", f"A volume annexes at most {MAX_ANNEXES} Opinions, each once.")
    connection.execute(delete(volume_annexes).where(volume_annexes.c.volume == number))
    for position, (opinion, version) in enumerate(annexes, start=1):
        if opinion not in known:
            raise VolumeRefused("annexes", "One of these Opinions is not on the table.")
        frozen = {one.number for one in log_store.load_versions(connection, opinion)} if version else set()
        if version and version not in frozen:
            raise VolumeRefused("annexes", "One of these Opinions has no such version.")
        row = {"volume": number, "opinion": opinion, "position": position, "version": version}
        connection.execute(insert(volume_annexes).values(row))


def _require_unpublished(connection: Connection, number: int) -> VolumeContents:
    contents = load_contents(connection, number)
    if contents.state is VolumeState.PUBLISHED:
        raise VolumeRefused(
            "",
            f"It was published by {contents.published_by} as {contents.document} and never changes. Put it right "
            "with another volume.",
        )
    if contents.state is VolumeState.DROPPED:
        raise VolumeRefused("", "It was given up. Begin another one.")
    return contents


def _require_open_report(connection: Connection, now: datetime) -> None:
    fixed = fixed_now(connection, now)
    if fixed:
        raise VolumeRefused("", fixed)


def _noted(connection: Connection, number: int, by: By, detail: str) -> None:
    note(connection, AuditEvent(Kind.VOLUME, by.at, by.member, by.name, f"volume {number}", detail))
