"""A whole process as one file: writing it out, bringing it in (`server.taking_part.archive`)."""

import asyncio
import os
import tempfile
from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, JSONResponse, Response

from server.audit_store import AuditEvent, Kind, note
from server.database import Database
from server.pages.rendering import done, render
from server.security import MAX_BODY
from server.settings import Settings
from server.signing import load_key
from server.taking_part.archive import write_archive
from server.taking_part.archive_reading import ArchiveRefused, read_archive
from server.taking_part.archive_schema import archive_schema
from server.visit import Visit

UPLOAD_BYTES = MAX_BODY - 64 * 1024
"""Bytes of a file brought in by the page; a larger one is brought in by the command line."""


async def process_file(visit: Visit) -> Response:
    """`GET /process`."""
    return _page(visit)


async def export_process(visit: Visit) -> Response:
    """`POST /process/export`: the file, with people (`people=with`) or without. It is noted who took it."""
    with_people = (await visit.form()).get("people") == "with"
    detail = f"the whole process, {'with' if with_people else 'without'} people"
    await visit.write(partial(_note, visit=visit, kind=Kind.EXPORT, detail=detail))
    path = await asyncio.to_thread(_written, visit, with_people)
    name = f"process-{visit.now:%Y-%m-%d}{'' if with_people else '-without-people'}.json"
    return FileResponse(path, media_type="application/json", filename=name, background=BackgroundTask(os.unlink, path))


def _written(visit: Visit, with_people: bool) -> str:
    # A connection of its own: a large process is read while others write on.
    settings: Settings = visit.services.settings
    with tempfile.NamedTemporaryFile(dir=settings.data_dir, prefix=".process-", delete=False) as file:
        try:
            with Database.reading(settings) as connection:
                write_archive(connection, file, visit.now, with_people=with_people)
        except BaseException:
            os.unlink(file.name)
            raise
        return file.name


async def import_process(visit: Visit) -> Response:
    """`POST /process/import`: everything of a file, or nothing with the reason."""
    async with visit.request.form(max_files=1, max_fields=5, max_part_size=UPLOAD_BYTES) as posted:
        file = posted.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return _page(visit, {"file": "Choose the file of a process."})
        content = await file.read(UPLOAD_BYTES + 1)
    if len(content) > UPLOAD_BYTES:
        return _page(visit, {"file": "This file is too large for the page: use unbracket process-import."})

    key = await asyncio.to_thread(load_key, visit.services.settings.signing_key_file)

    def bring(connection: Connection) -> None:
        brought = read_archive(connection, content, visit.member.name, visit.now, key)
        detail = f"the process {brought.name}: {brought.opinions} draft Opinions, {brought.people} people"
        _note(connection, visit, Kind.IMPORT, detail)

    try:
        await visit.write(bring)
    except ArchiveRefused as error:
        return _page(visit, {"file": str(error)})
    await visit.services.hub.reopen()
    return done("/", "process-brought-in")


async def schema(visit: Visit) -> Response:
    """`GET /process/schema.json`: what such a file looks like."""
    return JSONResponse(archive_schema())


def _note(connection: Connection, visit: Visit, kind: Kind, detail: str) -> None:
    note(connection, AuditEvent(kind, visit.now, visit.member.id, visit.member.name, "process", detail))


def _page(visit: Visit, errors: dict[str, str] | None = None) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(visit, "process_file.html", status=status, errors=errors or {})
