"""What a person reads when something cannot be served: what happened, and what to do, in the look of every page."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from opinions.errors import OpinionError, PhaseShut
from server import visit
from server.auth import Standing
from server.errors import DatabaseUnavailable, PdfUnavailable, RoomClosed, ServerError, UnknownOpinion
from server.identity.attempts import TooManyAttempts
from server.pages.rendering import render
from server.people_store import UnknownMember
from server.process_store import Process
from server.threads.values import UnknownThread
from server.visit import Visit, services_of

_log = logging.getLogger("unbracket.pages")

MAX_RETURNED = 8 * 1024 * 1024
"""Bytes of one field that is given back; the route bounds the whole."""
HOME = ("To the draft Opinions", "/")
SIGN_IN = ("How to sign in", "/sign-in")


@dataclass(frozen=True, slots=True)
class Problem:
    """A heading, sentences, and ways on. `code` names it to scripts."""

    code: str
    heading: str
    explanation: tuple[str, ...]
    ways: tuple[tuple[str, str], ...] = (HOME,)


PROBLEMS: Mapping[HTTPStatus, Problem] = {
    HTTPStatus.BAD_REQUEST: Problem(
        "bad-request",
        "This request could not be read",
        ("The form did not arrive as it was sent. Go back, load the page again and repeat it.",),
    ),
    HTTPStatus.UNAUTHORIZED: Problem(
        "signed-out",
        "You are signed out",
        ("What you were about to do was not done. Sign in with your link, then repeat it.",),
        (SIGN_IN,),
    ),
    HTTPStatus.FORBIDDEN: Problem(
        "not-allowed",
        "This is not open to you",
        ("Your role in this process does not include it. If it should, ask the secretariat.",),
    ),
    HTTPStatus.NOT_FOUND: Problem(
        "not-found",
        "There is nothing at this address",
        ("It may have been mistyped, or what stood here is not for you to see.",),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: Problem(
        "method-not-allowed",
        "That cannot be done here",
        ("Go back to the page and use its buttons.",),
    ),
    HTTPStatus.GONE: Problem(
        "gone",
        "This link no longer works",
        (
            "It was used before, a newer one took its place, its time is over, or it was not copied whole.",
            "Ask the secretariat for a new link. If you did not use it yourself, tell them that too.",
        ),
        (SIGN_IN,),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Problem(
        "too-large",
        "That is too much at once",
        ("Nothing was saved. Send less text, or a smaller file.",),
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Problem(
        "not-json",
        "This has to be JSON",
        ("Send one JSON object with the content type application/json.",),
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Problem(
        "too-many",
        "Too many attempts",
        ("This was tried too often, from your network or for your account. Wait five minutes, then try again.",),
        (SIGN_IN,),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: Problem(
        "failed",
        "Something failed on our side",
        ("Nothing of your last action was saved. The fault was noted; try again in a moment.",),
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Problem(
        "unavailable",
        "The server is busy restarting",
        ("Nothing is lost. Load the page again in a few seconds.",),
    ),
}
CLOSED_TO_OBSERVERS = Problem(
    "closed-to-observers",
    "This sitting is closed to observers",
    ("When the chair opens it again, this page shows the text. Versions can be read meanwhile.",),
)


async def http_problem(request: Request, error: Exception) -> Response:
    """The answer to a status that was raised."""
    assert isinstance(error, HTTPException)
    try:
        status = HTTPStatus(error.status_code)
    except ValueError:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    closed = CLOSED_TO_OBSERVERS if error.detail == visit.CLOSED_TO_OBSERVERS else None
    return await problem_page(request, status, closed, error.headers)


async def server_problem(request: Request, error: Exception) -> Response:
    """The answer to one of our own errors that no page dealt with."""
    if isinstance(error, UnknownOpinion | UnknownMember):
        return await problem_page(request, HTTPStatus.NOT_FOUND)
    if isinstance(error, DatabaseUnavailable | RoomClosed):
        return await problem_page(request, HTTPStatus.SERVICE_UNAVAILABLE, headers={"retry-after": "5"})
    if isinstance(error, PdfUnavailable):
        later = Problem("no-pdf", "There is no PDF file at this moment", (str(error),))
        return await problem_page(request, HTTPStatus.SERVICE_UNAVAILABLE, later, {"retry-after": "60"})
    _log.error(
        "request failed",
        extra={"method": request.method, "route": _route(request)},
        exc_info=error.__cause__ or error,
    )
    return await problem_page(request, HTTPStatus.INTERNAL_SERVER_ERROR)


async def refusal(request: Request, error: Exception) -> Response:
    """The answer to what the rules of an Opinion refuse."""
    assert isinstance(error, OpinionError)
    if isinstance(error, UnknownThread):
        return await problem_page(request, HTTPStatus.NOT_FOUND)
    if isinstance(error, PhaseShut):
        return await _phase_shut(request, error)
    refused = Problem(error.code, "This was not done", (error.message,))
    return await problem_page(request, HTTPStatus.CONFLICT, refused)


PHASES = ("Phases of the process", "/phases")


async def _phase_shut(request: Request, error: PhaseShut) -> Response:
    """The answer to what comes outside of its phase: why, and every word that was sent, to be copied or sent again."""
    told = Problem(error.code, "This is not open now", (error.message,), (PHASES, HOME))
    known = getattr(request.state, "visit", None)
    words: tuple[tuple[str, str], ...] = ()
    if isinstance(known, Visit) and "form" in request.headers.get("content-type", ""):
        async with known.request.form(max_files=20, max_fields=300, max_part_size=MAX_RETURNED) as posted:
            words = tuple((name, value) for name, value in posted.multi_items() if isinstance(value, str) and value)
    return await problem_page(request, HTTPStatus.CONFLICT, told, words=words)


async def too_many(request: Request, error: Exception) -> Response:
    """The answer to one more attempt than is admitted."""
    assert isinstance(error, TooManyAttempts)
    headers = {"retry-after": str(error.seconds)}
    return await problem_page(request, HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


async def ceremony_problem(request: Request, error: Exception) -> Response:
    """The answer when too many people are signing in at once."""
    told = Problem("too-many-begun", "Too many people are signing in", (str(error),), (SIGN_IN,))
    return await problem_page(request, HTTPStatus.SERVICE_UNAVAILABLE, told, {"retry-after": "300"})


async def body_problem(request: Request, error: Exception) -> Response:
    """The answer to a body that passes its bound."""
    return await problem_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


async def problem_page(
    request: Request,
    status: HTTPStatus,
    problem: Problem | None = None,
    headers: Mapping[str, str] | None = None,
    words: Sequence[tuple[str, str]] = (),
) -> Response:
    """A problem as page, or as JSON for scripts."""
    told = problem or PROBLEMS.get(status) or PROBLEMS[HTTPStatus.BAD_REQUEST]
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", "text/html, */*"):
        body = {"code": told.code, "message": " ".join((told.heading + ".", *told.explanation))}
        return JSONResponse(body, status, headers=None if headers is None else dict(headers))
    visitor = await _visit_of(request)
    ways = told.ways if visitor.visitor is not None or told.ways != (HOME,) else (SIGN_IN,)
    page = render(
        visitor,
        "problem.html",
        status=status,
        headers=headers,
        heading=told.heading,
        explanation=told.explanation,
        ways=ways,
        words=words,
    )
    return visitor.kept(page)


async def _visit_of(request: Request) -> Visit:
    """The visit as far as the guard came; who it was is looked up again if it did not come so far."""
    known = getattr(request.state, "visit", None)
    if isinstance(known, Visit):
        return known
    services = services_of(request)
    try:
        standing = await services.standing(request, admit_personas=False)
    except (ServerError, OSError):
        standing = Standing(Process(), None)
    except Exception as error:
        _log.error("visitor unknown", exc_info=error)
        standing = Standing(Process(), None)
    return Visit(request, services, standing, datetime.now(UTC))


def _route(request: Request) -> str:
    """The route's pattern: an address itself may hold an invitation's token."""
    route = request.scope.get("route")
    return str(getattr(route, "path", ""))
