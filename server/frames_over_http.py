"""Where WebSockets are blocked: the frames of crdt/SPEC.md over plain HTTP (W12), in requests any proxy lets through.

`POST /frames/opinions/{opinion}` opens a channel, `POST` to the channel carries frames up, `GET` is a long poll for
those that come down. Who may open one is judged as for the socket. From then on the channel answers to the session that
opened it and asks nobody, as a socket does; whoever loses a right loses the channel (`Hub.revoke`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from hashlib import sha256
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from crdt.errors import DocumentError
from crdt.parcels import Closing, told
from server import auth
from server.channels import Channel
from server.errors import ServerError
from server.security import BodyTooLarge, limited
from server.visit import RequestFailed, Visit, services_of

Answer = Callable[[Request], Awaitable[Response]]
Seated = Callable[[Request, Channel], Awaitable[Response]]

NOT_HERE = Closing(1012, "This channel is not open here. Open another.")


async def open_channel(visit: Visit) -> Response:
    """`POST /frames/opinions/{opinion}`: `{"channel": id}`, or 503 and why not.

    `?instead=` names a channel of the same session that the client has given up: its lease is free again at once.
    """
    services, opinion = visit.services, visit.opinion.id
    fresh = None if visit.standing.caller is None else visit.standing.caller.fresh_token
    owner = _digest(fresh or auth.token_of(visit.request, visit.secure))
    former = services.channels.find(visit.request.query_params.get("instead", ""), opinion, owner)
    if former is not None:
        former.end(1001, "Another channel was opened instead.")
    version = visit.member.version
    try:
        watch = partial(services.watch, visit.standing, visit.address)
        channel = await services.channels.open(
            services.hub, opinion, visit.actor, version, visit.looked_up, owner, watch
        )
    except (ServerError, DocumentError) as error:
        return _over(Closing(1013, str(error)), HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"channel": channel.id}, HTTPStatus.CREATED)


async def no_channel(visit: Visit) -> Response:
    """For every request to a channel that is not open, or not this session's: 410, and the client opens another."""
    return _over(NOT_HERE)


async def post(request: Request, channel: Channel) -> Response:
    """`POST /frames/opinions/{opinion}/{channel}`: a parcel of frames; 204 once they are with the room.

    The answer waits while the room is behind or the sender above its rate. When the channel is over: 410 and why.
    """
    try:
        await channel.take(request.body)
    except ClientDisconnect:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # Cut in the middle: nothing was taken, nobody is there.
    return Response(status_code=HTTPStatus.NO_CONTENT) if channel.closing is None else _over(channel.closing)


async def poll(request: Request, channel: Channel) -> Response:
    """`GET /frames/opinions/{opinion}/{channel}?after=N`: a parcel of the frames after number N, which may be held."""
    after = request.query_params.get("after", "")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    hold = services_of(request).channels.hold(channel.owner)
    async with _gone(request) as gone:
        body = await channel.answer(int(after), hold, gone)
    return Response(body, media_type="application/octet-stream")


def seated(serve: Seated, otherwise: Answer, max_body: int) -> Answer:
    """`serve` for the session that has opened the channel of the path; `otherwise` (a guard) for everybody else."""

    async def answer(request: Request) -> Response:
        services = services_of(request)
        owner = _digest(auth.token_of(request, services.secure(request)))
        channel = services.channels.find(request.path_params["channel"], request.path_params["opinion"], owner)
        if channel is None:
            return await otherwise(request)
        try:
            return await serve(Request(request.scope, limited(request.receive, max_body)), channel)
        except (HTTPException, BodyTooLarge):
            raise
        except Exception as error:
            raise RequestFailed("a fault of ours") from error

    return answer


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _over(closing: Closing, status: HTTPStatus = HTTPStatus.GONE) -> Response:
    return Response(told(closing), status, media_type="application/json")


@asynccontextmanager
async def _gone(request: Request) -> AsyncIterator["asyncio.Future[None]"]:
    """Done once the client has hung up."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    watching = asyncio.ensure_future(watch())
    try:
        yield watching
    finally:
        watching.cancel()
