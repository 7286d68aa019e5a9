"""The room's screen: for members under their own sign-in, for a screen in the room by a link; and the links."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from opinions.roles import FOLLOWERS
from opinions.views import View
from opinions.visibility import Audience as Readers
from opinions.visibility import names_shown
from server.audit_store import AuditEvent, Kind, note
from server.doors import Closing, Stream
from server.html_view import regions_of
from server.identity.attempts import Try
from server.identity.tokens import token_hash
from server.live_feed import HEARTBEAT_SECONDS, Presentation
from server.names import NameRefused
from server.opinion_store import OpinionRow, load_opinion
from server.pages.live import MAX_STREAMS, closed_to_observers
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.placement import Readable
from server.process_store import Process
from server.projecting import links
from server.projecting.feed import Audience, dark, events
from server.projecting.links import LinkRefused, ScreenLink
from server.projecting.screen import Screen
from server.settings import public_address
from server.visit import Visit
from server.wording import clock, place

MAX_SCREENS = 12
"""Screens that may follow one link at once: those of a large room, and the interpreters' booths."""
REFRESH_SECONDS = 10
"""How often a screen without script loads the page again."""
DAYS = 5
"""What the form offers: a meeting's week."""
VIEWS = (
    ("marked", "Revision marks: what is proposed, struck and added"),
    ("rolling", "Text with square brackets"),
    ("clean", "Agreed text only"),
)
_STEPS = {"end": "screen-ended", "blank": "screen-blank", "show": "screen-shown"}
_ENDED = Closing(4401, "This link has ended.")


async def member_screen(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/projector`: the same screen for who is signed in."""
    address = f"/opinions/{visit.opinion.id}/projector/events"
    presentation = _presentation_of_member(visit)
    async with visit.services.hub.watching(visit.opinion.id) as room:
        if visit.actor.role in FOLLOWERS and not room.document.record.opinion.observers_admitted:
            return await closed_to_observers(visit.request)
        shown = await _screen(visit, room, presentation)
    return _page(visit, visit.opinion, shown, address)


async def member_events(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/projector/events`."""
    if visit.services.doors.streams_of(visit.member.id) >= MAX_STREAMS:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    audience = await _audience(visit, _presentation_of_member(visit), is_observer=visit.actor.role in FOLLOWERS)

    async def stays() -> bool:
        return True

    async def stream() -> AsyncIterator[bytes]:
        services = visit.services
        with services.doors.stream(visit.member.id) as open_stream:
            async with services.hub.watching(visit.opinion.id) as room:
                async for one in events(room, open_stream, services.gallery, services.screens, audience, _now, stays):
                    yield one

    return _streamed(stream())


async def screen_by_link(visit: Visit) -> Response:
    """`GET /projector/{token}`: the screen of who has the link. Nobody is signed in by it, and no cookie is set."""
    link, secret = await _opened(visit)
    opinion = await visit.read(lambda connection: load_opinion(connection, link.opinion))
    address = f"/projector/{secret}/events"
    if link.blank:
        return _page(visit, opinion, None, address)
    async with visit.services.hub.watching(link.opinion) as room:
        shown = await _screen(visit, room, _presentation_of_link(visit.process, link))
    return _page(visit, opinion, shown, address)


async def events_by_link(visit: Visit) -> Response:
    """`GET /projector/{token}/events`."""
    link, secret = await _opened(visit)
    services = visit.services
    if services.doors.streams_of(link.door) >= MAX_SCREENS:
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
    audience = await _audience(visit, _presentation_of_link(visit.process, link), is_observer=False)

    async def still_open() -> bool:
        return await visit.read(lambda connection: links.opened_by(connection, secret, _now())) == link

    async def stream() -> AsyncIterator[bytes]:
        with services.doors.stream(link.door) as open_stream:
            # Between the look above and this line the link may have ended, or gone dark.
            if not await still_open():
                open_stream.end(reload=True)
            async for one in _of_link(visit, link, open_stream, audience, still_open):
                yield one

    return _streamed(stream())


def _of_link(
    visit: Visit, link: ScreenLink, stream: Stream, audience: Audience, still_open: links.StillOpen
) -> AsyncIterator[bytes]:
    if link.blank:
        return dark(stream, still_open, HEARTBEAT_SECONDS)

    async def following() -> AsyncIterator[bytes]:
        services = visit.services
        async with services.hub.watching(link.opinion) as room:
            async for one in events(room, stream, services.gallery, services.screens, audience, _now, still_open):
                yield one

    return following()


async def link_list(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/projector/links`."""
    return await _links(visit)


async def make_link(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/projector/links`: a link, shown in the answer and never again."""
    form = await visit.form()
    view, days = form.get("view", "marked"), form.get("days", "")
    if view not in dict(VIEWS) or not (days.isascii() and days.isdigit() and len(days) < 4):
        return await _links(visit, form, {"days": "Give a whole number of days, and choose from the list."})

    def make(connection: Connection) -> tuple[ScreenLink, str]:
        made = links.make(
            connection, visit.opinion.id, form.get("name", ""), View(view), int(days), visit.member.id, visit.now
        )
        _note(visit, connection, f"link for {made[0].name}, {days} days")
        return made

    try:
        link, secret = await visit.write(make)
    except NameRefused as error:
        return await _links(visit, form, {"name": str(error)})
    except LinkRefused as error:
        return await _links(visit, form, {error.field: str(error)})
    address = public_address(visit.services.settings)
    return await _links(visit, made=link.name, secret=f"{address}/projector/{secret}")


async def change_link(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/projector/links/{link}`: `step` is end, blank or show; open screens follow at once."""
    step, opinion, link_id = (await visit.form()).get("step", ""), visit.opinion.id, visit.request.path_params["link"]

    def change(connection: Connection) -> ScreenLink | None:
        blank = {"blank": True, "show": False}.get(step)
        link = links.change(connection, opinion, link_id, visit.now, end=step == "end", blank=blank)
        if link is not None:
            _note(visit, connection, f"{step}: {link.name}")
        return link

    link = await visit.write(change) if step in _STEPS else None
    if link is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    visit.services.doors.shut(link.door, _ENDED)
    return done(f"/opinions/{opinion}/projector/links", _STEPS[step])


async def _opened(visit: Visit) -> tuple[ScreenLink, str]:
    """The link of the address and its secret. 410 for one that opens nothing; guesses are counted."""
    services, secret = visit.services, visit.request.path_params["token"]
    # By the secret's hash: a room's screens do not stop because a hall behind the same address is busy.
    if not services.public_limits.projecting.admits(f"{visit.address} {token_hash(secret).hex()}", _seconds(visit.now)):
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, headers={"retry-after": "60"})
    services.attempts.require(Try.SCREEN, visit.address)
    link = await visit.read(lambda connection: links.opened_by(connection, secret, visit.now))
    if link is None:
        services.attempts.count(Try.SCREEN, visit.address)
        raise HTTPException(HTTPStatus.GONE)
    return link, secret


async def _audience(visit: Visit, presentation: Presentation, *, is_observer: bool) -> Audience:
    delegations = await visit.read(all_delegations)
    since = visit.request.headers.get("last-event-id") or visit.request.query_params.get("since", "")
    return Audience(
        presentation,
        regions_of(delegations),
        {str(one.code): one.name for one in delegations},
        visit.process.zone,
        int(since) if since.isascii() and since.isdigit() and len(since) < 16 else -1,
        is_observer,
    )


async def _screen(visit: Visit, room: Readable, presentation: Presentation) -> Screen:
    delegations = await visit.read(all_delegations)
    names = {str(one.code): one.name for one in delegations}
    services = visit.services
    return services.screens.screen(room, services.gallery, presentation, regions_of(delegations), names)


def _presentation_of_link(process: Process, link: ScreenLink) -> Presentation:
    """What stands on a wall is shown to everybody in the room: names as observers are shown them."""
    return Presentation(link.view, names_shown(process.attribution, Readers.OBSERVERS).delegations)


def _presentation_of_member(visit: Visit) -> Presentation:
    """As the wall; to observers who may not see what is submitted, the agreed text."""
    hidden = visit.actor.role in FOLLOWERS and not visit.process.observers_see_submitted
    names = names_shown(visit.process.attribution, Readers.OBSERVERS).delegations
    return Presentation(View.CLEAN if hidden else View.MARKED, names, not hidden)


def _page(visit: Visit, opinion: OpinionRow, shown: Screen | None, address: str) -> Response:
    """The page; `shown` None: a dark one."""
    zone = visit.process.zone
    return render(
        visit,
        "projector.html",
        entry="src/projector.ts",
        sheet="src/styles/projector.css",
        opinion=opinion,
        shown=shown,
        text=[]
        if shown is None
        else [_in_hand(html, key == shown.here) for key, html in shown.text.paragraphs.items()],
        bar=Markup(shown.bar if shown else ""),
        result=Markup(shown.result if shown and shown.result_left(visit.now) else ""),
        result_left=shown.result_left(visit.now) if shown else 0,
        events=address,
        clock_now=clock(visit.now, zone)[:5],
        until="" if shown is None or shown.bar_until is None else clock(shown.bar_until, zone)[:5],
        where=place(zone),
        refresh=REFRESH_SECONDS,
    )


def _in_hand(html: str, here: bool) -> Markup:
    """A paragraph; the one in hand is brought into sight by the browser itself, where there is no script."""
    marked = html.replace(' class="', ' tabindex="-1" autofocus aria-current="true" class="here ', 1) if here else html
    return Markup(marked)


async def _links(
    visit: Visit,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    made: str = "",
    secret: str = "",
) -> Response:
    found = await visit.read(lambda connection: links.links_of(connection, visit.opinion.id))
    return render(
        visit,
        "projector_links.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        links=found,
        now=visit.now,
        values={"name": "", "days": str(DAYS), "view": "marked", **(values or {})},
        errors=errors or {},
        views=VIEWS,
        view_names=dict(VIEWS),
        made=made,
        secret=secret,
    )


def _note(visit: Visit, connection: Connection, detail: str) -> None:
    who = visit.member
    note(connection, AuditEvent(Kind.PROJECTOR, visit.now, who.id, who.name, visit.opinion.id, detail, visit.address))


def _streamed(stream: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _now() -> datetime:
    return datetime.now(UTC)


def _seconds(at: datetime) -> float:
    return at.timestamp()
