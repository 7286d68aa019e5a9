"""Putting a new draft Opinion on the table: its heading, its base text, a look at what was understood, then the act.

Nothing is written before the second step. The text travels between the steps in the page itself, so that a look
leaves nothing behind on the server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from opinions.model import Kind, Opinion, Paragraph, ParagraphId, Run
from opinions.notation import Reading, read
from opinions.record import Document
from opinions.roles import Delegation
from opinions.rolling import rolling
from server.html_view import paragraphs_html, regions_of
from server.ids import new_id
from server.imports import MAX_IMPORT, ImportRefused, read_source
from server.opinion_store import OpinionRow
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.process_store import OpinionTooLate, ProcessRefused, found_opinion
from server.visit import Visit
from server.word_in.base_text import in_italics, word_source
from server.word_in.refusals import MAX_FILE, WordRefused

MAX_TEXT_BYTES = MAX_IMPORT
FORM_BYTES = max(MAX_TEXT_BYTES, MAX_FILE) + 256 * 1024


@dataclass(frozen=True, slots=True)
class _Given:
    """What the form holds. `problem` says why a file could not be taken."""

    fields: Mapping[str, str]
    problem: str = ""


async def new_opinion(visit: Visit) -> Response:
    """`GET /opinions/new`."""
    return _form(visit, {}, {})


async def create_opinion(visit: Visit) -> Response:
    """`POST /opinions/new`: step `look` shows what was understood, step `found` puts it on the table."""
    given = await _given(visit)
    fields = given.fields
    if given.problem:
        return _form(visit, fields, {"text": given.problem})
    text, title = fields.get("text", ""), fields.get("title", "")
    if fields.get("step") == "change":
        return _form(visit, fields, {})
    reading = read(text, at=visit.now, new_id=lambda: new_id("p")) if text.strip() else None
    if reading is not None:
        reading = in_italics(reading, fields.get("italics", ""))
    if reading is not None and fields.get("step") != "found":
        return await _look(visit, fields, reading)
    document = reading.document if reading else _empty(title)
    member = visit.member

    def found(connection: Connection) -> OpinionRow:
        return found_opinion(
            connection,
            document,
            title=title,
            number=fields.get("number", ""),
            theme=fields.get("theme", ""),
            member=member.id,
            name=member.name,
            at=visit.now,
        )

    try:
        await visit.write(found)
    except OpinionTooLate as error:
        return _form(visit, fields, {"": str(error)}, await visit.read(all_delegations))
    except ProcessRefused as error:
        return _form(visit, fields, {error.field: str(error)})
    return done("/", "founded")


def _form(
    visit: Visit, fields: Mapping[str, str], errors: Mapping[str, str], parties: Sequence[Delegation] = ()
) -> Response:
    """The form; with `parties` for a text that comes too late, which one click keeps as a contribution of theirs."""
    parties = [one for one in parties if not visit.process.rules.gives_views_only(one.kind)]
    values = {"title": "", "number": "", "theme": "", "text": "", **fields}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(visit, "opinion_new.html", status=status, values=values, errors=errors, parties=parties)


async def _look(visit: Visit, fields: Mapping[str, str], reading: Reading) -> Response:
    regions = regions_of(await visit.read(all_delegations))
    return render(
        visit,
        "opinion_look.html",
        values=fields,
        report=fields.get("report", ""),
        counts=reading.counts,
        paragraphs=len(reading.document.text.paragraphs),
        problems=reading.problems,
        text=paragraphs_html(rolling(reading.document), regions),
    )


def _empty(title: str) -> Document:
    runs = (Run(title),) if title else ()
    return Document(Opinion((Paragraph(ParagraphId(new_id("p")), Kind.TITLE, runs=runs),)))


async def _given(visit: Visit) -> _Given:
    async with visit.request.form(max_files=1, max_fields=20, max_part_size=MAX_TEXT_BYTES) as posted:
        return await _read(visit, posted)


async def _read(visit: Visit, posted: FormData) -> _Given:
    fields = {name: value for name, value in posted.multi_items() if isinstance(value, str)}
    file = posted.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _Given({**fields, "text": fields.get("text", "").replace("\r\n", "\n")})
    content = await file.read(max(MAX_TEXT_BYTES, MAX_FILE) + 1)
    try:
        if file.filename.lower().endswith(".docx"):
            source = await word_source(content, at=visit.now, new_id=lambda: new_id("p"))
        else:
            source = read_source(file.filename[-100:], content)
    except (ImportRefused, WordRefused) as error:
        return _Given(fields, str(error))
    told = {"report": source.report, "italics": source.italics}
    return _Given({**fields, "text": source.text.replace("\r\n", "\n"), **told})
