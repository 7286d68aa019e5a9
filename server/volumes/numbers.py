"""The register of document numbers: every number that was ever given out, to what, and what supersedes what.

Plain functions of a `Connection`, each part of somebody's transaction. A number is given once, compared by its normal
form, and stays taken whatever becomes of its document (server/SPEC.md, DN1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from opinions.document_numbers import MAX_SPELLING, DocumentNumber, document_number, next_number
from server.errors import ServerError
from server.tables.volumes import document_numbers_given as given

MAX_NUMBERS = 20_000
"""Numbers of one process: a conference has some thousand documents."""
MAX_TITLE = 300


class NumberRefused(ServerError):
    """Raised for a number that is taken or does not fit; says in which field, and what to write instead."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NumberKind(StrEnum):
    """What a number was given to."""

    VOLUME = "volume"
    SG_REPORT = "sg_report"
    CHAIRS_REPORT = "chairs_report"
    CONTRIBUTION = "contribution"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Given:
    """One number given out. `subject` names what has it: the id of a contribution, the number of a volume or of a
    revision of the report.
    """

    number: DocumentNumber
    kind: NumberKind
    subject: str
    title: str
    at: datetime
    name: str


def give(
    connection: Connection,
    spelling: str,
    kind: NumberKind,
    title: str,
    at: datetime,
    *,
    subject: str = "",
    member: str = "",
    name: str = "",
) -> DocumentNumber:
    """Give a number out, for good. Raises `NumberRefused`; two who give the same at once are told apart by the
    database.
    """
    number = fresh(connection, spelling)
    told = " ".join(title.split())
    if not told or len(told) > MAX_TITLE or not told.isprintable():
        raise NumberRefused("title", f"Say in at most {MAX_TITLE} characters what document it is.")
    if (connection.scalar(select(func.count()).select_from(given)) or 0) >= MAX_NUMBERS:
        raise NumberRefused("number", f"The register has {MAX_NUMBERS} numbers, which is the most.")
    row = {
        "number_key": number.normal,
        "number": number.spelling,
        "kind": kind.value,
        "subject": subject,
        "title": told,
        "at": at,
        "member": member,
        "name": name,
    }
    try:
        connection.execute(insert(given).values(row))
    except IntegrityError as error:
        raise NumberRefused(
            "number", f"{number.spelling} was given to another document just now. Take the next."
        ) from error
    return number


def fresh(connection: Connection, spelling: str) -> DocumentNumber:
    """The number of a spelling that nobody has. Raises `NumberRefused`."""
    number = document_number(" ".join(spelling.split()))
    if not number.spelling or len(number.spelling) > MAX_SPELLING or not number.spelling.isprintable():
        raise NumberRefused("number", f"A number is 1 to {MAX_SPELLING} characters, such as IEG-WTPF-26-4/12.")
    taken = connection.execute(select(given).where(given.c.number_key == number.normal)).one_or_none()
    if taken is not None:
        raise NumberRefused("number", f"{taken.number} is “{taken.title}”. A number is not given twice.")
    return number


def all_given(connection: Connection) -> tuple[Given, ...]:
    """Every number given out: by series and number, those of a form that is not understood last."""
    found = [_given(row) for row in connection.execute(select(given))]
    return tuple(sorted(found, key=lambda one: one.number.sort_key))


def given_to_others(connection: Connection, kind: NumberKind) -> frozenset[str]:
    """The numbers, in their normal form, that documents of another kind have."""
    return frozenset(connection.scalars(select(given.c.number_key).where(given.c.kind != kind.value)))


def proposed(connection: Connection, kind: NumberKind) -> str:
    """The next free number in the row of the last one of this kind that is understood, or else of any; empty where
    there is none yet.
    """
    every = all_given(connection)
    known = sorted((one for one in every if one.number.known), key=lambda one: one.at)
    own = [one for one in known if one.kind is kind]
    for last in reversed(own or known):
        return next_number(last.number, [one.number for one in every])
    return ""


def proposed_revision(connection: Connection, spelling: str) -> str:
    """The next free revision of a document: `S24-WTPF26PREP-R-0003(Rev.1)`; empty where its number is not
    understood.
    """
    of = document_number(spelling)
    if not of.known:
        return ""
    taken = [one.number.revision for one in all_given(connection) if one.number.base == of.base]
    bare = spelling.split("(")[0].strip()
    return f"{bare}(Rev.{max(taken, default=0) + 1})"


def superseded(every: Iterable[Given]) -> Mapping[str, Given]:
    """What supersedes what: of each number (its normal form) that has a later revision, the next one (DN3)."""
    rows: dict[str, list[Given]] = {}
    for one in every:
        rows.setdefault(one.number.base, []).append(one)
    found: dict[str, Given] = {}
    for members in rows.values():
        for one in members:
            later = [other for other in members if other.number.revises(one.number)]
            if later:
                found[one.number.normal] = min(later, key=lambda other: other.number.revision)
    return found


def _given(row: Row[Any]) -> Given:
    return Given(document_number(row.number), NumberKind(row.kind), row.subject, row.title, row.at, row.name)
