"""Export: a version or the living draft, as a file. The rows are those of the screen
(`server.export.sheet.view_of`).
"""

from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.clean import obstacles
from opinions.errors import NotClean
from opinions.record import Document
from opinions.roles import Delegation
from opinions.views import View, named, withheld
from server import log_store
from server.export.files import written
from server.export.sheet import MEDIA_TYPES, Format, Origin, file_name, make_sheet
from server.people_store import all_delegations
from server.visit import Visit
from server.wording import draft_name

Choice = TypeVar("Choice", bound=StrEnum)


async def export(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/export?version=&view=&format=&names=&mark_not_agreed=`.

    Clean text with obstacles is answered with 409 and their list, unless `mark_not_agreed=1` (I8). `names=withheld`
    leaves
    out whose proposal it is.
    """
    asked = visit.request.query_params
    view = _choice(View, asked.get("view", View.ROLLING))
    form = _choice(Format, asked.get("format", Format.DOCX))
    origin, document, delegations = await _text(visit, asked.get("version", ""))
    try:
        sheet = make_sheet(
            origin,
            document,
            view,
            {one.code: one for one in delegations},
            naming=withheld if asked.get("names") == "withheld" else named,
            mark_not_agreed=asked.get("mark_not_agreed") == "1",
        )
    except NotClean as error:
        return JSONResponse(_refusal(error, document), HTTPStatus.CONFLICT)
    headers = {"content-disposition": f'attachment; filename="{file_name(sheet, form)}"'}
    return Response(written(sheet, form), media_type=MEDIA_TYPES[form], headers=headers)


def _refusal(error: NotClean, document: Document) -> dict[str, object]:
    return {
        "code": error.code,
        "message": error.message,
        "obstacles": [
            {
                "paragraph": one.paragraph,
                "cited": one.cited,
                "kind": one.kind,
                "words": one.words,
                "message": one.message,
            }
            for one in obstacles(document)
        ],
    }


def _choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None


async def _text(visit: Visit, number: str) -> tuple[Origin, Document, tuple[Delegation, ...]]:
    opinion = visit.opinion

    def look(connection: Connection) -> tuple[tuple[Delegation, ...], tuple[Version, ...]]:
        return all_delegations(connection), log_store.load_versions(connection, opinion.id)

    delegations, versions = await visit.read(look)
    if number:
        found = next((one for one in versions if str(one.number) == number), None)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return (
            origin_of_version(visit.process.name, visit.process.meeting_zone, opinion.title, found),
            (SharedDocument(OPINION_CLIENT, [found.state]).view()),
            delegations,
        )
    room = await visit.services.hub.room(opinion.id)
    document = room.document
    label = draft_name(document.record.opinion.draft)
    origin = Origin(
        visit.process.name, opinion.name, opinion.title, label, visit.now, visit.process.meeting_zone, seq=room.seq
    )
    return origin, document, delegations


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
