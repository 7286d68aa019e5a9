"""The register of contributions in the database: handing in, numbering, correcting, returning, reading.

Plain functions of a `Connection`, each part of somebody's transaction; they return values, never rows. A number is
given once and for good; a contribution that was returned never had one.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from opinions.document_numbers import DocumentNumber, document_number, next_number
from opinions.model import DelegationCode
from server import outbox
from server.audit_store import AuditEvent, note
from server.audit_store import Kind as Audited
from server.contributions.values import (
    Attachment,
    Contribution,
    ContributionRefused,
    Particulars,
    Status,
    UnknownContribution,
    is_plain,
    revisions,
)
from server.people_store import Member
from server.tables import delegations, opinions
from server.tables.papers import contribution_files, contribution_opinions, contribution_sources, contributions, files
from server.volumes import numbers
from server.volumes.numbers import NumberKind, NumberRefused

MAX_TITLE = 300
MAX_SUMMARY = 4_000
"""Characters of a summary: a page; the document itself says the rest."""
MAX_MEETING = 100
MAX_PAGES = 2_000
MAX_SOURCES = 60
"""Delegations of one contribution: a regional proposal of Europe has 46."""
MAX_WAITING = 20
"""Contributions that one person has waiting for their numbers: all of a busy delegation's, and no flood."""
MAX_FILES = 12
"""Files of one contribution: six languages, each in Word and as PDF."""
LANGUAGES = ("English", "French", "Spanish", "Arabic", "Chinese", "Russian")


def enter(
    connection: Connection,
    about: Particulars,
    member: Member,
    at: datetime,
    *,
    received_at: datetime | None = None,
    due_at: datetime | None = None,
    number: str = "",
    pages_counted: bool = False,
) -> Contribution:
    """Put a contribution on the register: with its number, or waiting for it where `number` is empty. `received_at`:
    when it came, if not now.

    Raises `ContributionRefused`.
    """
    checked = _checked(connection, about)
    waiting = select(func.count()).where(
        contributions.c.handed_in_by == member.id, contributions.c.status == Status.WAITING.value
    )
    if not number and (connection.scalar(waiting) or 0) >= MAX_WAITING:
        raise ContributionRefused(
            "", f"You have {MAX_WAITING} contributions waiting for their numbers. Wait until these are taken up."
        )
    spelt = _fresh_number(connection, number) if number else None
    key = f"c-{secrets.token_hex(8)}"
    values = {
        "id": key,
        "status": (Status.REGISTERED if spelt else Status.WAITING).value,
        **_columns(checked),
        "pages_counted": pages_counted,
        "number": spelt.spelling if spelt else None,
        "number_key": spelt.normal if spelt else None,
        "received_at": received_at or at,
        "due_at": due_at,
        "handed_in_by": member.id,
        "handed_in_name": member.name,
        "registered_at": at if spelt else None,
    }
    _guarded(connection, insert(contributions).values(values), number)
    if spelt:
        _give(connection, spelt, key, checked.title, member, at)
    _join(connection, key, checked)
    _note(connection, key, member, at, f"entered as {spelt.spelling}" if spelt else "handed in")
    if spelt:
        outbox.put(connection, outbox.registered(key), at)
    return load(connection, key)


def correct(connection: Connection, key: str, about: Particulars, member: Member, at: datetime) -> Contribution:
    """Correct what is written on a contribution. Raises `ContributionRefused`, `UnknownContribution`."""
    before = load(connection, key)
    checked = _checked(connection, about)
    counted = before.pages_counted and checked.pages == before.about.pages
    where = contributions.c.id == key
    connection.execute(update(contributions).where(where).values(**_columns(checked), pages_counted=counted))
    connection.execute(delete(contribution_sources).where(contribution_sources.c.contribution == key))
    connection.execute(delete(contribution_opinions).where(contribution_opinions.c.contribution == key))
    _join(connection, key, checked)
    _note(connection, key, member, at, "corrected")
    return load(connection, key)


def register(connection: Connection, key: str, number: str, member: Member, at: datetime) -> Contribution:
    """Give a contribution its number, for good. Raises `ContributionRefused` for one that is taken or that does not
    fit, or when it has a number already.
    """
    before = load(connection, key)
    if before.status is Status.REGISTERED:
        raise ContributionRefused("number", f"This is {before.spelling} already; a number is given once.")
    spelt = _fresh_number(connection, number)
    values = {
        "status": Status.REGISTERED.value,
        "number": spelt.spelling,
        "number_key": spelt.normal,
        "registered_at": at,
        "returned_for": "",
    }
    _guarded(connection, update(contributions).where(contributions.c.id == key).values(values), number)
    _give(connection, spelt, key, before.about.title, member, at)
    _note(connection, key, member, at, f"registered as {spelt.spelling}")
    outbox.put(connection, outbox.registered(key), at)
    return load(connection, key)


def send_back(connection: Connection, key: str, reason: str, member: Member, at: datetime) -> Contribution:
    """Return a contribution that waits, with the reason, to who handed it in. Raises `ContributionRefused`."""
    before = load(connection, key)
    if before.status is not Status.WAITING:
        raise ContributionRefused("reason", "Only a contribution that waits for its number can be returned.")
    words = reason.strip()
    if not words or len(words) > MAX_SUMMARY or not is_plain(words):
        raise ContributionRefused("reason", "Say why it is returned: that is what its delegation reads.")
    values = {"status": Status.RETURNED.value, "returned_for": words}
    connection.execute(update(contributions).where(contributions.c.id == key).values(values))
    _note(connection, key, member, at, f"returned: {words}")
    return load(connection, key)


def attach(connection: Connection, key: str, file_id: str) -> None:
    """Add a kept file to a contribution. Raises `ContributionRefused` when it has as many as it may."""
    there = connection.scalar(select(func.count()).where(contribution_files.c.contribution == key)) or 0
    if there >= MAX_FILES:
        raise ContributionRefused("file", f"A contribution has at most {MAX_FILES} files.")
    connection.execute(insert(contribution_files).values(contribution=key, file=file_id, position=there))


def note_entered(
    connection: Connection, one: Contribution, opinion: str, count: int, member: Member, at: datetime
) -> None:
    """Have the audit know that proposals of a contribution were entered into a text."""
    _note(connection, one.id, member, at, f"{count} of {one.spelling} entered into {opinion}")


def proposed_number(connection: Connection, meeting: str = "") -> str:
    """The next number in the row of the meeting's last one, or of the last registered; empty when there is none."""
    column = contributions.c
    chosen = select(column.number, column.meeting).where(column.status == Status.REGISTERED.value)
    rows = connection.execute(chosen.order_by(column.registered_at.desc(), column.id)).all()
    named = [row.number for row in rows if meeting and row.meeting == meeting]
    taken = [one.number for one in numbers.all_given(connection)]
    like = next((one for one in map(document_number, named or [row.number for row in rows]) if one.known), None)
    return next_number(like, taken) if like else ""


def load(connection: Connection, key: str) -> Contribution:
    """One contribution. Raises `UnknownContribution`."""
    found = next((one for one in all_contributions(connection) if one.id == key), None)
    if found is None:
        raise UnknownContribution("There is no such contribution here.")
    return found


def all_contributions(connection: Connection) -> tuple[Contribution, ...]:
    """The whole register by number, then those without one by the time they came."""
    rows = connection.execute(select(contributions)).all()
    sources = _joined(connection, contribution_sources.c.delegation, contribution_sources.c.position)
    about = _joined(connection, contribution_opinions.c.opinion, contribution_opinions.c.opinion)
    attached = _attachments(connection)
    chain = revisions({row.id: row.number for row in rows if row.number is not None})
    found = [
        replace(
            _contribution(row, sources.get(row.id, ()), about.get(row.id, ()), attached.get(row.id, ())),
            supersedes=chain.supersedes.get(row.id, ""),
            superseded_by=chain.superseded_by.get(row.id, ""),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=_order))


def _order(one: Contribution) -> tuple[Any, ...]:
    return (0, *one.number.sort_key, one.id) if one.number else (2, one.received_at, one.id)


def _checked(connection: Connection, about: Particulars) -> Particulars:
    title, meeting = " ".join(about.title.split()), " ".join(about.meeting.split())
    language, summary = about.language.strip(), about.summary.replace("\r\n", "\n").strip()
    sources, chosen = tuple(dict.fromkeys(about.sources)), tuple(dict.fromkeys(about.opinions))
    problems = (
        (
            not title or len(title) > MAX_TITLE or not title.isprintable(),
            "title",
            f"Give it a title of at most {MAX_TITLE} characters.",
        ),
        (not sources, "sources", "Say whose contribution it is: one delegation or several."),
        (len(sources) > MAX_SOURCES, "sources", f"A contribution has at most {MAX_SOURCES} sources."),
        (
            not _all_there(connection, delegations.c.code, sources),
            "sources",
            "One of these delegations is not known here.",
        ),
        (
            not _all_there(connection, opinions.c.id, chosen),
            "opinions",
            "One of these draft Opinions is not on the table.",
        ),
        (language not in ("", *LANGUAGES), "language", "Choose a language of the Union."),
        (
            len(meeting) > MAX_MEETING or not (meeting.isprintable() or not meeting),
            "meeting",
            f"A meeting's name is at most {MAX_MEETING} characters.",
        ),
        (
            about.pages is not None and not 0 < about.pages <= MAX_PAGES,
            "pages",
            f"Pages are counted from 1 to {MAX_PAGES}.",
        ),
        (
            len(summary) > MAX_SUMMARY or not is_plain(summary),
            "summary",
            f"A summary is at most {MAX_SUMMARY} characters.",
        ),
    )
    for wrong, field, message in problems:
        if wrong:
            raise ContributionRefused(field, message)
    return replace(
        about, title=title, meeting=meeting, language=language, summary=summary, sources=sources, opinions=chosen
    )


def _all_there(connection: Connection, column: Any, keys: Sequence[str]) -> bool:
    if not keys:
        return True
    return connection.scalar(select(func.count()).where(column.in_(keys))) == len(keys)


def _fresh_number(connection: Connection, spelling: str) -> DocumentNumber:
    # The register of all numbers, for a volume or a report may have it.
    try:
        return numbers.fresh(connection, spelling)
    except NumberRefused as error:
        raise ContributionRefused("number", str(error)) from None


def _give(connection: Connection, spelt: DocumentNumber, key: str, title: str, member: Member, at: datetime) -> None:
    try:
        numbers.give(
            connection,
            spelt.spelling,
            NumberKind.CONTRIBUTION,
            title,
            at,
            subject=key,
            member=member.id,
            name=member.name,
        )
    except NumberRefused as error:
        raise ContributionRefused("number", str(error)) from None


def _guarded(connection: Connection, statement: Any, number: str) -> None:
    """Run a statement that gives a number; two who give the same at once are told apart by the database."""
    try:
        connection.execute(statement)
    except IntegrityError as error:
        raise ContributionRefused("number", f"{number} was given to another one just now. Take the next.") from error


def _columns(about: Particulars) -> dict[str, Any]:
    return {
        "title": about.title,
        "summary": about.summary,
        "language": about.language,
        "meeting": about.meeting,
        "dated": about.dated,
        "pages": about.pages,
    }


def _join(connection: Connection, key: str, about: Particulars) -> None:
    for position, code in enumerate(about.sources):
        row = {"contribution": key, "delegation": code, "position": position}
        connection.execute(insert(contribution_sources).values(row))
    for opinion in about.opinions:
        connection.execute(insert(contribution_opinions).values(contribution=key, opinion=opinion))


def _joined(connection: Connection, column: Any, order: Any) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in connection.execute(select(column.table.c.contribution, column).order_by(order)):
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _attachments(connection: Connection) -> Mapping[str, tuple[Attachment, ...]]:
    chosen = (
        select(
            contribution_files.c.contribution,
            files.c.id,
            files.c.name,
            files.c.media_type,
            files.c.size,
            files.c.sha256,
        )
        .join(files, contribution_files.c.file == files.c.id)
        .order_by(contribution_files.c.position)
    )
    found: dict[str, list[Attachment]] = defaultdict(list)
    for row in connection.execute(chosen):
        found[row.contribution].append(Attachment(row.id, row.name, row.media_type, row.size, row.sha256.hex()))
    return {key: tuple(values) for key, values in found.items()}


def _contribution(
    row: Row[Any], sources: Iterable[str], about: tuple[str, ...], attached: tuple[Attachment, ...]
) -> Contribution:
    return Contribution(
        id=row.id,
        status=Status(row.status),
        about=Particulars(
            row.title,
            tuple(DelegationCode(code) for code in sources),
            row.language,
            row.meeting,
            row.dated,
            row.pages,
            about,
            row.summary,
        ),
        received_at=row.received_at,
        number=None if row.number is None else document_number(row.number),
        due_at=row.due_at,
        pages_counted=row.pages_counted,
        handed_in_by=row.handed_in_by,
        handed_in_name=row.handed_in_name,
        registered_at=row.registered_at,
        returned_for=row.returned_for,
        files=attached,
    )


def _note(connection: Connection, key: str, member: Member, at: datetime, detail: str) -> None:
    note(connection, AuditEvent(Audited.CONTRIBUTION, at, member.id, member.name, key, detail))
