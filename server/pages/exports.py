"""Export: a version or the living draft, as a file. The rows are those of the screen (`server.export.sheet.view_of`).

The files of a version are made after its freeze and given out from then on (`server.work`); until then, and with names
withheld, they are made for who asks, and the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
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
from opinions.views import View, named
from opinions.visibility import Attribution
from server import log_store
from server.attribution import asked_for, names_in_file
from server.audit_store import Kind as Audited
from server.export.files import written
from server.export.sheet import MEDIA_TYPES, Format, Origin, file_name, make_sheet
from server.export.versions import form_of, kept_file, origin_of_version
from server.people_store import all_delegations
from server.version_attribution import setting_of_version
from server.visit import Visit
from server.wording import draft_name

Choice = TypeVar("Choice", bound=StrEnum)


async def export(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/export?version=&view=&format=&names=&mark_not_agreed=`.

    Clean text with obstacles is answered with 409 and their list, unless `mark_not_agreed=1` (I8). `names` is a setting
    of `opinions.visibility.Attribution` (or `withheld`, for `none`) that holds where it is narrower than what is set.
    """
    asked = visit.request.query_params
    view = _choice(View, asked.get("view", View.ROLLING))
    form = _choice(Format, asked.get("format", Format.DOCX))
    try:
        narrowed = asked_for(asked.get("names", ""))
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    text = await _text(visit, asked.get("version", ""), form_of(view, form))
    naming = names_in_file(visit, narrowed, text.attribution).naming
    content = text.kept if naming is named else None
    if content is None:
        document = text.document()
        try:
            sheet = make_sheet(
                text.origin,
                document,
                view,
                {one.code: one for one in text.delegations},
                naming=naming,
                mark_not_agreed=asked.get("mark_not_agreed") == "1",
            )
        except NotClean as error:
            return JSONResponse(_refusal(error, document), HTTPStatus.CONFLICT)
        content = written(sheet, form)
    withheld_names = ", names withheld" if naming is not named else ""
    told = f"{view.value} as {form.value}, {text.origin.label}{withheld_names}"
    visit.services.noting.tell(visit.event(Audited.EXPORT, visit.opinion.id, told))
    headers = {"content-disposition": f'attachment; filename="{file_name(text.origin, view, form)}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


@dataclass(frozen=True, slots=True)
class _Text:
    """What is exported; `kept` is its file where that was made when the version was frozen."""

    origin: Origin
    document: Callable[[], Document]
    delegations: tuple[Delegation, ...]
    kept: bytes | None = None
    attribution: Attribution | None = None


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


async def _text(visit: Visit, number: str, form: str) -> _Text:
    opinion = visit.opinion

    def look(connection: Connection) -> tuple[tuple[Delegation, ...], Version | None, bytes | None, Attribution | None]:
        found = None
        if number:
            versions = log_store.load_versions(connection, opinion.id)
            found = next((one for one in versions if str(one.number) == number), None)
        kept = kept_file(connection, opinion.id, found.number, form) if found else None
        own = setting_of_version(connection, opinion.id, found.number) if found else None
        return all_delegations(connection), found, kept, own

    delegations, version, kept, own = await visit.read(look)
    if number:
        if version is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        origin = origin_of_version(visit.process.name, visit.process.meeting_zone, opinion.title, version)
        state = version.state
        return _Text(origin, lambda: SharedDocument(OPINION_CLIENT, [state]).view(), delegations, kept, own)
    room = await visit.services.hub.room(opinion.id)
    document = room.document
    label = draft_name(document.record.opinion.draft)
    zone = visit.process.meeting_zone
    origin = Origin(
        visit.process.name, opinion.name, opinion.title, label, visit.now, zone, seq=room.seq, opinion_id=opinion.id
    )
    return _Text(origin, lambda: document, delegations)
