"""Comments on a draft Opinion and notes of one's delegation: the list, and all that can be done with one."""

from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from opinions.model import Kind
from opinions.numbering import citations
from opinions.record import Document, Status
from server.pages.rendering import render
from server.threads import store
from server.threads.desk import Begun, Show, begin, chosen, placed
from server.threads.formatting import formatted, plain
from server.threads.limits import MAX_TEXT
from server.threads.values import Audience, Remark, Sight, ThreadRefused
from server.visit import Visit

SHOWS = (
    (Show.OPEN, "Open"),
    (Show.RESOLVED, "Resolved"),
    (Show.MINE, "Mine"),
    (Show.NOTES, "Notes"),
    (Show.FILES, "From Word files"),
    (Show.EVERY, "All"),
)
_FIELDS = ("paragraph", "amendment", "words", "text", "step", "remark", "said")
MAX_QUOTED = 60
"""Characters of a paragraph in the list to choose from."""


async def thread_list(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/threads?show=&on=&amendment=`: paragraph by paragraph; the latter two begin one."""
    query = visit.request.query_params
    return await _listed(visit, {"paragraph": query.get("on", ""), "amendment": query.get("amendment", "")}, {})


async def begin_thread(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/threads`: a new comment, or a note."""
    fields = await visit.form()
    audience = Audience.DELEGATION if fields.get("audience") == "delegation" else Audience.ALL
    amendment = fields.get("amendment", "")
    said = Begun(
        fields.get("text", ""),
        audience,
        # An amendment says by itself where it is.
        "" if amendment else fields.get("paragraph", ""),
        store.printable(fields.get("words", "")),
        amendment=amendment,
    )
    try:
        made = await begin(visit, said)
    except ThreadRefused as error:
        return await _listed(visit, fields, {error.field: error.message})
    return _back(visit, made)


async def change_thread(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/threads/{remark}`: `step` is answer, resolve, reopen, reword or take_out."""
    fields = await visit.form()
    remark, opinion = visit.request.path_params["remark"], visit.opinion.id
    sight, step, text = Sight.of(visit.actor), fields.get("step", ""), fields.get("text", "")

    def change(connection: Connection) -> str:
        thread = store.find(connection, opinion, sight, remark).first.id
        match step:
            case "answer":
                store.answer(connection, opinion, sight, remark, text, visit.now)
            case "resolve" | "reopen":
                store.settle(connection, opinion, sight, remark, visit.now, resolved=step == "resolve")
            case "reword":
                store.reword(connection, opinion, sight, remark, text, visit.now)
            case "take_out":
                store.take_out(connection, opinion, sight, remark, visit.now)
            case _:
                raise HTTPException(HTTPStatus.BAD_REQUEST)
        return thread

    try:
        thread = await visit.write(change)
    except ThreadRefused as error:
        return await _listed(visit, {"remark": remark, "step": step, "said": text}, {f"{step}-{remark}": error.message})
    return _back(visit, thread)


def _back(visit: Visit, thread: str) -> Response:
    show = visit.request.query_params.get("show", "")
    shown = show if show in [one.value for one in Show] else Show.EVERY.value
    address = f"/opinions/{visit.opinion.id}/threads?show={shown}&done=comment-kept#{thread}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


async def _listed(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    sight = Sight.of(visit.actor)
    rows, left_out = await placed(visit)
    document = await visit.services.hub.document(visit.opinion.id)
    try:
        show = Show(visit.request.query_params.get("show", Show.OPEN))
    except ValueError:
        show = Show.OPEN
    return render(
        visit,
        "threads.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        rows=chosen(rows, show, sight),
        show=show,
        shows=[
            (one, words, len(chosen(rows, one, sight)))
            for one, words in SHOWS
            if one is not Show.NOTES or sight.notes_of is not None
        ],
        every=len(rows),
        left_out=left_out,
        sight=sight,
        paragraphs=_paragraphs(document),
        amendments=_amendments(document),
        values={**dict.fromkeys(_FIELDS, ""), "audience": "all", **values},
        errors=errors,
        html_of=_html_of,
        may_reword=lambda thread, remark: store.may_reword(thread, remark, sight, visit.now),
        is_own=lambda remark: store.is_own(remark, sight),
        is_note=lambda row: row.thread.audience is Audience.DELEGATION,
        max_text=MAX_TEXT,
    )


def _paragraphs(document: Document) -> list[tuple[str, str]]:
    """What a comment can be on: every paragraph of the text as its citation and first words."""
    cited = citations(document)
    found = [("", "The whole text")]
    for paragraph in document.text:
        if paragraph.kind is Kind.TITLE:
            continue
        words = " ".join(paragraph.text.split())
        short = words if len(words) <= MAX_QUOTED else f"{words[: MAX_QUOTED - 1].rstrip()}…"
        found.append((str(paragraph.id), f"{cited[paragraph.id].replace('*', '')}: {short}"))
    return found


def _amendments(document: Document) -> list[tuple[str, str]]:
    """The amendments before the meeting that a comment can be on."""
    pending = [one for one in document.record.amendments.values() if one.open and one.status is not Status.DRAFT]
    pending.sort(key=lambda one: one.number)
    return [("", "None of them"), *((str(one.id), f"{one.delegation} #{one.number}") for one in pending)]


def _html_of(remark: Remark) -> str:
    return formatted(remark.text) if remark.member else plain(remark.text)
