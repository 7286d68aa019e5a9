"""The observer's page: the text as it stands in the room, read only, following it by a stream of changes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from http import HTTPStatus

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from opinions.roles import FOLLOWERS
from opinions.views import View
from server.attribution import names_in_room
from server.export.sheet import VIEW_NAMES
from server.html_view import regions_of
from server.live_feed import Presentation, Reader, events
from server.pages.problems import CLOSED_TO_OBSERVERS, problem_page
from server.pages.rendering import render
from server.people_store import all_delegations
from server.visit import Visit
from server.wording import clock

MAX_STREAMS = 8
"""Live pages that one person may have open at once."""


def views_for(visit: Visit) -> tuple[View, ...]:
    """The views this reader may have, the fullest first: observers see what the process lets them."""
    if visit.actor.role in FOLLOWERS and not visit.process.observers_see_submitted:
        return (View.CLEAN,)
    return (View.ROLLING, View.CLEAN)


def presentation_for(visit: Visit) -> Presentation:
    """How the text is shown to this reader, by the address and by what he or she may see. 404 for another view."""
    allowed = views_for(visit)
    try:
        view = View(visit.request.query_params.get("view", allowed[0]))
    except ValueError:
        raise HTTPException(HTTPStatus.NOT_FOUND) from None
    if view not in allowed:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Presentation(view, names_in_room(visit).delegations)


async def live(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/live`."""
    presentation = presentation_for(visit)
    regions = regions_of(await visit.read(all_delegations))
    async with visit.services.hub.watching(visit.opinion.id) as room:
        if not _admitted(visit, room.document.record.opinion.observers_admitted):
            return await closed_to_observers(visit.request)
        text = visit.services.gallery.shown(room, presentation, regions)
    return render(
        visit,
        "live.html",
        entry="src/live.ts",
        text=Markup("\n").join(Markup(html) for html in text.paragraphs.values()),
        seq=text.seq,
        draft=text.draft,
        view=presentation.view,
        views=[(view, VIEW_NAMES[view]) for view in views_for(visit)],
        views_by_name=VIEW_NAMES,
        at=visit.now,
        as_of=clock(visit.now, visit.process.zone),
    )


async def live_events(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/live/events`: the changes, as server-sent events."""
    presentation = presentation_for(visit)
    if visit.services.doors.streams_of(visit.member.id) >= MAX_STREAMS:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    regions = regions_of(await visit.read(all_delegations))
    since = visit.request.headers.get("last-event-id") or visit.request.query_params.get("since", "")
    reader = Reader(
        presentation,
        regions,
        visit.process.zone,
        int(since) if since.isascii() and since.isdigit() and len(since) < 16 else -1,
        visit.actor.role in FOLLOWERS,
    )
    return StreamingResponse(
        _stream(visit, reader), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


async def _stream(visit: Visit, reader: Reader) -> AsyncIterator[bytes]:
    services = visit.services
    with services.doors.stream(visit.member.id) as stream:
        async with services.hub.watching(visit.opinion.id) as room:
            async for event in events(room, stream, services.gallery, reader, lambda: datetime.now(UTC)):
                yield event


def _admitted(visit: Visit, open_to_observers: bool) -> bool:
    return open_to_observers or visit.actor.role not in FOLLOWERS


async def closed_to_observers(request: Request) -> Response:
    """What an observer reads while the sitting is closed."""
    return await problem_page(request, HTTPStatus.FORBIDDEN, CLOSED_TO_OBSERVERS)
