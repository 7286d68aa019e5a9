"""Export: a version or the living draft, as a file. The rows are those of the screen (`server.export.sheet.view_of`).

The files of a version are made once and kept (`server.publications`): what is asked for before its job has made it is
made then, and is what the job finds. Those of the living draft are made for who asks.
"""

import asyncio
from dataclasses import replace
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from typing import TypeVar

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from opinions.clean import obstacles
from opinions.errors import NotClean
from opinions.record import Document
from opinions.views import View, named
from opinions.visibility import Attribution
from server.attribution import asked_for, names_in_file
from server.audit_store import Kind as Audited
from server.export.files import written
from server.export.paper import paper_of
from server.export.press import set_apart
from server.export.sheet import Format, Origin, file_name, make_sheet
from server.people_store import all_delegations
from server.publications import store
from server.publications.making import file_of, order_of
from server.publications.sources import Source, load
from server.publications.store import Subject, Wanted
from server.version_attribution import setting_of_version
from server.visit import Visit
from server.wording import draft_name

Choice = TypeVar("Choice", bound=StrEnum)


async def export(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/export?version=&view=&format=&names=&mark_not_agreed=&lines=`.

    Clean text with obstacles is answered with 409 and their list, unless `mark_not_agreed=1` (I8). `names` is a setting
    of `opinions.visibility.Attribution` (or `withheld`, for `none`) that holds where it is narrower than what is set.
    """
    number = visit.request.query_params.get("version", "")
    wanted = wanted_of(visit)
    if not number:
        return await _living(visit, named_only(visit, wanted, None))
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    subject = Subject(int(number), visit.opinion.id)

    def look(connection: Connection) -> tuple[Source, Attribution | None]:
        if not store.is_there(connection, subject):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return load(connection, subject), setting_of_version(connection, subject.opinion, subject.number)

    source, own = await visit.read(look)
    return await given(visit, source, named_only(visit, wanted, own))


def wanted_of(visit: Visit) -> Wanted:
    """Which file is asked for; whose names are in it is for `named_only` to say."""
    asked = visit.request.query_params
    return Wanted(
        _choice(View, asked.get("view", View.ROLLING)),
        _choice(Format, asked.get("format", Format.DOCX)),
        marked=asked.get("mark_not_agreed") == "1",
        lines=asked.get("lines") == "1",
    )


def named_only(visit: Visit, wanted: Wanted, own: Attribution | None) -> Wanted:
    """The file with the names that this reader may have and asked for."""
    try:
        narrowed = asked_for(visit.request.query_params.get("names", ""))
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    return replace(wanted, unnamed=names_in_file(visit, narrowed, own).naming is not named)


async def given(visit: Visit, source: Source, wanted: Wanted) -> Response:
    """A kept file, made if it is not there."""
    if wanted.view is not View.CLEAN or source.views[View.CLEAN]:
        wanted = replace(wanted, marked=False)
    try:
        content = await file_of(visit.services.database, source, wanted)
    except NotClean as error:
        return JSONResponse(_refusal(error, source.documents), HTTPStatus.CONFLICT)
    names = ", names withheld" if wanted.unnamed else ""
    told = f"{wanted.view.value} as {wanted.format.value}, {source.title}{names}"
    about = source.subject.opinion
    visit.services.noting.tell(visit.event(Audited.EXPORT, about, told))
    return kept_file(visit, content, wanted.media_type, f"{source.stem}-{wanted.suffix}")


def kept_file(visit: Visit, content: bytes, media_type: str, name: str) -> Response:
    """A file that never changes: the browser keeps it and asks whether it may still have it."""
    tag = f'"{sha256(content).hexdigest()}"'
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "etag": tag,
        "cache-control": "private, no-cache",
    }
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


async def _living(visit: Visit, wanted: Wanted) -> Response:
    opinion = visit.opinion
    delegations = await visit.read(all_delegations)
    room = await visit.services.hub.room(opinion.id)
    document, zone = room.document, visit.process.meeting_zone
    label = draft_name(document.record.opinion.draft)
    origin = Origin(
        visit.process.name, opinion.name, opinion.title, label, visit.now, zone, seq=room.seq, opinion_id=opinion.id
    )
    try:
        sheet = make_sheet(
            origin,
            document,
            wanted.view,
            {one.code: one for one in delegations},
            naming=wanted.naming,
            mark_not_agreed=wanted.marked,
        )
    except NotClean as error:
        return JSONResponse(_refusal(error, (document,)), HTTPStatus.CONFLICT)
    if wanted.format is Format.PDF:
        (content,) = await set_apart([order_of(paper_of(sheet), line_numbers=wanted.lines)])
    else:
        content = await asyncio.to_thread(written, sheet, wanted.format, line_numbers=wanted.lines)
    names = ", names withheld" if wanted.unnamed else ""
    told = f"{wanted.view.value} as {wanted.format.value}, {label}{names}"
    visit.services.noting.tell(visit.event(Audited.EXPORT, opinion.id, told))
    headers = {"content-disposition": f'attachment; filename="{file_name(origin, wanted.view, wanted.format)}"'}
    return Response(content, media_type=wanted.media_type, headers=headers)


def _refusal(error: NotClean, documents: tuple[Document, ...]) -> dict[str, object]:
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
            for document in documents
            for one in obstacles(document)
        ],
    }


def _choice(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
