"""Files of versions and volumes: put there once, and given out as they are from then on (server/SPEC.md, PB).

A file is never made again while it is there, whatever newer libraries would make of the text; its digest stands beside
it and is looked at whenever it is read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from opinions.views import Naming, View, named, withheld
from server.errors import ServerError
from server.export.sheet import MEDIA_TYPES, SUFFIXES, Format
from server.tables import version_exports, versions
from server.tables.publications import volume_exports
from server.tables.volumes import published_volumes

BUNDLE = "bundle.zip"
"""The form under which the bundle is kept."""
MAX_FILE = 64 * 1024 * 1024
"""Bytes of one file: a volume of a thousand pages takes 12 MiB as PDF."""


class FileDamaged(ServerError):
    """Raised when a kept file is no longer what was put there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What files are of: a version of an Opinion, or (`opinion` empty) a volume."""

    number: int
    opinion: str = ""

    def __str__(self) -> str:
        return f"version {self.number} of {self.opinion}" if self.opinion else f"volume {self.number}"

    @property
    def table(self) -> Table:
        """Where its files are."""
        return version_exports if self.opinion else volume_exports

    @property
    def key(self) -> Mapping[str, str | int]:
        """By what they are found there."""
        return {"opinion": self.opinion, "number": self.number} if self.opinion else {"number": self.number}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file: the view, the format, and what may be chosen besides."""

    view: View
    format: Format
    unnamed: bool = False
    """No names of delegations."""
    marked: bool = False
    """Agreed text only although something is open, which each page then says."""
    lines: bool = False
    """Numbered lines, in formats that have pages."""

    @property
    def naming(self) -> Naming:
        """The naming of the view in it."""
        return withheld if self.unnamed else named

    @property
    def form(self) -> str:
        """By what name it is kept: "rolling.docx", "clean.open.unnamed.lines.pdf"."""
        chosen = (("open", self.marked), ("unnamed", self.unnamed), ("lines", self.lines and self.paged))
        return ".".join((self.view.value, *(name for name, is_so in chosen if is_so), self.format.value))

    @property
    def paged(self) -> bool:
        """Whether the format has pages."""
        return self.format in (Format.PDF, Format.DOCX)

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return MEDIA_TYPES[self.format]

    @property
    def suffix(self) -> str:
        """What a file's name ends with, the view included."""
        return suffix_of(self.form)


def suffix_of(form: str) -> str:
    """What the name of the file of a form ends with."""
    *chosen, ending = form.split(".")
    return f"{'-'.join(chosen)}.{SUFFIXES.get(Format(ending), ending)}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept; `digest` is the SHA-256 of its bytes, in 64 digits."""

    form: str
    size: int
    digest: str
    made_at: datetime


def standard(views: Mapping[View, bool]) -> Iterator[Wanted]:
    """The files that are made of each version and volume without anybody asking; `views` says which views there are."""
    for view in View:
        if views.get(view):
            yield from (Wanted(view, form) for form in Format)


def is_there(connection: Connection, subject: Subject) -> bool:
    """Whether there is such a version, or such a volume that is published."""
    table = versions if subject.opinion else published_volumes
    chosen = select(table.c.number).where(*(table.c[name] == value for name, value in subject.key.items()))
    return connection.execute(chosen).first() is not None


def kept_files(connection: Connection, subject: Subject) -> tuple[Kept, ...]:
    """What is kept of a subject, without the bytes."""
    columns = subject.table.c
    chosen = select(columns.form, func.length(columns.content).label("size"), columns.sha256, columns.made_at)
    rows = connection.execute(chosen.where(*_of(subject)).order_by(columns.form))
    return tuple(Kept(row.form, row.size, (row.sha256 or b"").hex(), row.made_at) for row in rows)


def read(connection: Connection, subject: Subject, form: str) -> bytes | None:
    """A file, if it has been made. Raises `FileDamaged`."""
    columns = subject.table.c
    row = connection.execute(
        select(columns.content, columns.sha256).where(*_of(subject), columns.form == form)
    ).one_or_none()
    if row is None:
        return None
    content = bytes(row.content)
    if sha256(content).digest() != row.sha256:
        raise FileDamaged(
            f"The file {form} of {subject} is not what was kept, and not given out. Tell the operator, who restores it."
        )
    return content


def keep(connection: Connection, subject: Subject, form: str, content: bytes, at: datetime) -> bytes:
    """Keep a file and give back what is kept: one that is there already stays as it is."""
    kept = read(connection, subject, form)
    if kept is not None:
        return kept
    if len(content) > MAX_FILE:
        raise ServerError(f"The file {form} of {subject} would have more than {MAX_FILE >> 20} MiB.")
    row = {**subject.key, "form": form, "content": content, "sha256": sha256(content).digest(), "made_at": at}
    try:
        with connection.begin_nested():
            connection.execute(insert(subject.table).values(row))
    except IntegrityError:
        # Somebody else kept it in the meantime.
        kept = read(connection, subject, form)
        if kept is None:
            raise
        return kept
    return content


def _of(subject: Subject) -> tuple[ColumnElement[bool], ...]:
    return tuple(subject.table.c[name] == value for name, value in subject.key.items())
