"""The chair's console: a whole session from one screen. Without scripts every act is a form; a script only follows what
changes and gives the keys.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from server.commanding import command, is_key
from server.console.forms import Unfit, command_of
from server.console.look import Look, look_of
from server.console.page import Console, Typed, console
from server.live_feed import changes
from server.pages.live import MAX_STREAMS
from server.pages.rendering import render
from server.visit import Visit

ENTRY = "src/console.ts"
FORM_BYTES = 128 * 1024
"""Bytes of a form: two hundred ticked amendments, each with its revision and the digest of its words."""
MAX_FIELDS = 800
"""Fields of a form: as many, or every delegation on the attendance list."""
MAX_TAGS = 8 * 200
OUTCOMES = frozenset({"record_outcome", "consider_paragraph", "pick_option"})
"""Commands after which the next row is looked at."""


async def show(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/console`."""
    return _page(visit, await console(visit, look_of(_base(visit), visit.request.query_params)))


async def parts(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/console/parts`: those parts of the page whose tags are not in `have` (eight digits each,
    one after the other), and the order of the queue's.
    """
    query = visit.request.query_params
    have = query.get("have", "")
    if len(have) > MAX_TAGS:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    known = {have[at : at + 8] for at in range(0, len(have), 8)}
    made = await console(visit, look_of(_base(visit), query))
    fresh = {name: made.marked(name) for name, tag in made.tags.items() if tag not in known}
    return JSONResponse({"seq": made.seq, "queue": made.queue, "parts": fresh})


async def carry_out(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/console/commands`: a form's command; then back to the console, at the next row after an
    outcome. What is refused comes back with what was typed, and nothing is on record.
    """
    posted = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
    fields = [(name, value) for name, value in posted.multi_items() if isinstance(value, str)]
    given = dict(fields)
    look = _look_back(visit, given.get("back", ""))
    key = given.get("key", "")
    try:
        if not is_key(key):
            raise Unfit("", "The form was not whole. Load the page again.")
        asked = command_of(fields, visit.process.zone)
    except Unfit as unfit:
        typed = Typed(given.get("form", ""), given, str(unfit), unfit.field)
        return _page(visit, await console(visit, look, typed), HTTPStatus.UNPROCESSABLE_ENTITY)
    answer = await command(visit, "", key, asked)
    if answer.code:
        typed = Typed(given.get("form", ""), given, answer.message)
        status = HTTPStatus.FORBIDDEN if answer.code == "not-allowed" else HTTPStatus.CONFLICT
        return _page(visit, await console(visit, look, typed), status)
    if asked["act"] in OUTCOMES and given.get("next"):
        return RedirectResponse(look.address(on=given["next"][:200]), HTTPStatus.SEE_OTHER)
    if asked["act"] == "take_up":
        return RedirectResponse(look.address(on=""), HTTPStatus.SEE_OTHER)
    return RedirectResponse(look.address(), HTTPStatus.SEE_OTHER)


async def follow(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/console/events`: that something changed, as server-sent events; `parts` says what."""
    if visit.services.doors.streams_of(visit.member.id) >= MAX_STREAMS:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    since = visit.request.headers.get("last-event-id") or visit.request.query_params.get("since", "")
    seen = int(since) if since.isascii() and since.isdigit() and len(since) < 16 else -1
    return StreamingResponse(_stream(visit, seen), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _stream(visit: Visit, seen: int) -> AsyncIterator[bytes]:
    with visit.services.doors.stream(visit.member.id) as stream:
        async with visit.services.hub.watching(visit.opinion.id) as room:
            async for event in changes(room, stream, seen):
                yield event


def _page(visit: Visit, made: Console, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return render(
        visit,
        "console.html",
        status=status,
        entry=ENTRY,
        made=made,
        look=made.look,
        powers=made.powers,
    )


def _base(visit: Visit) -> str:
    return f"/opinions/{visit.opinion.id}/console"


def _look_back(visit: Visit, back: str) -> Look:
    """The look that a form was sent from: the query of an address of ours, whatever else it says."""
    return look_of(_base(visit), dict(parse_qsl(urlsplit(back[:2_000]).query)))
