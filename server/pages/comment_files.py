"""Comments as files: a round's comments exported, and the files that came with a comment, as downloads."""

from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Actor
from opinions.visibility import Outlet
from server.attribution import names_for_public
from server.audit_store import AuditEvent, Kind, note
from server.consultation import comments as store
from server.consultation import rounds
from server.consultation.comments import Attached, Comment
from server.consultation.made import MEDIA
from server.consultation.rounds import Round
from server.consultation.sheet import Reading, Sheet, make_sheet
from server.consultation.texts import load_draft
from server.files_store import load
from server.pages.comments import ON_PAGE, readable
from server.pages.consultation import looked_up, reading_of
from server.visit import Visit


async def export(visit: Visit) -> Response:
    """`GET /consultation/{round}/export?format=docx|xlsx|csv`: every comment the reader may see; noted in the audit."""
    actor = visit.actor
    return await exported(visit, actor)


async def exported(visit: Visit, actor: Actor | None) -> Response:
    """The comments of a round as a file; without an actor those that are published, as the public reads them."""
    form = visit.request.query_params.get("format", "docx")
    if form not in MEDIA:
        raise HTTPException(HTTPStatus.NOT_FOUND)

    def look(connection: Connection) -> tuple[Round, Sheet]:
        found = rounds.load_round(connection, visit.request.path_params["round"])
        if actor is None and not found.shows_comments:
            raise rounds.UnknownRound("Not published.")
        comments = store.comments_of_round(connection, found.id, ON_PAGE)
        drafts = {text.opinion: load_draft(connection, text.opinion, text.version) for text in found.texts}
        reading = reading_of(visit, connection, Outlet.FILE)
        if actor is None:
            reading = Reading(reading.parties, named=names_for_public(visit).delegations)
        process = visit.process
        return found, make_sheet(process.name, process.zone, found, drafts, comments, reading, visit.now)

    found, sheet = await looked_up(visit, look)
    content = await visit.services.comment_files.made(sheet, form)
    if actor is not None:
        told = f"{len(sheet.lines)} comments of round {found.number} as {form}"
        event = AuditEvent(Kind.EXPORT, visit.now, actor.member, actor.name, f"round {found.id}", told)
        await visit.write(lambda connection: note(connection, event))
    headers = {"content-disposition": f'attachment; filename="comments-round-{found.number}.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)


async def comment_file(visit: Visit) -> Response:
    """`GET /comments/{comment}/files/{file}`: a file as it was handed in, as a download."""

    def look(connection: Connection) -> tuple[Attached, bytes]:
        return held_file(connection, readable(visit, connection), visit.request.path_params["file"])

    return downloaded(*await looked_up(visit, look))


def held_file(connection: Connection, comment: Comment, file_id: str) -> tuple[Attached, bytes]:
    """A file of a comment. Raises `UnknownComment` for one that is not its."""
    for one in comment.files:
        if one.id == file_id:
            return one, load(connection, file_id)[1]
    raise store.UnknownComment("There is no such file here.")


def downloaded(file: Attached, content: bytes) -> Response:
    """A stranger's file as a download: no browser shows it under our address, whatever is in it."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in file.name)[-80:]
    headers = {
        "content-disposition": f'attachment; filename="{plain}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=file.media_type, headers=headers)
