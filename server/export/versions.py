"""The files of a frozen version: made once after the freeze, kept beside it, and given out as they are from then on."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, insert, select

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.errors import NotClean
from opinions.roles import Delegation
from opinions.views import View
from server.export.files import written
from server.export.sheet import Format, Origin, make_sheet
from server.tables import version_exports


def origin_of_version(process: str, zone: str, title: str, version: Version) -> Origin:
    """Where the text of a version comes from."""
    return Origin(
        process,
        version.opinion,
        title,
        version.label,
        version.frozen_at,
        zone,
        version.number,
        version.fingerprint,
        version.seq,
    )


def form_of(view: View, form: Format) -> str:
    """By what name a file of a version is kept: view and format."""
    return f"{view}.{form}"


def files_of(origin: Origin, version: Version, parties: tuple[Delegation, ...]) -> Iterator[tuple[str, bytes]]:
    """Every file of a version, with the name it is kept by: all formats of all views, with names of delegations.

    Clean text with anything open is left out: it is made for who asks for it by name, and says so (I8).
    """
    document = SharedDocument(OPINION_CLIENT, [version.state]).view()
    for view in View:
        try:
            sheet = make_sheet(origin, document, view, {one.code: one for one in parties})
        except NotClean:
            continue
        for form in Format:
            yield form_of(view, form), written(sheet, form)


def kept_file(connection: Connection, opinion: str, number: int, form: str) -> bytes | None:
    """A file of a version, if it has been made."""
    column = version_exports.c
    chosen = select(column.content).where(column.opinion == opinion, column.number == number, column.form == form)
    content: bytes | None = connection.scalar(chosen)
    return content


def keep_file(connection: Connection, opinion: str, number: int, form: str, content: bytes, at: datetime) -> None:
    """Keep a file of a version; one that is there already stays as it is."""
    if kept_file(connection, opinion, number, form) is None:
        row = {"opinion": opinion, "number": number, "form": form, "content": content, "made_at": at}
        connection.execute(insert(version_exports).values(row))
