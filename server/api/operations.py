"""The API for other programs: its operations, how a call is admitted, and what errors look like.

A program shows its key (`Authorization: Bearer ub_...`); cookies are not looked at, so no page of anybody can be made
to call in somebody's name. Bodies are JSON both ways, checked against the shapes of `server.api.shapes`, which the
description (`server.api.description`) is made of too. An error is `{"code", "message"}`, and `errors` with the place of
each where a body does not fit.
"""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from opinions.errors import PhaseShut
from opinions.roles import Act, Role
from server.audit_store import AuditEvent, Kind, note
from server.errors import ServerError
from server.identity.attempts import TooManyAttempts, Try
from server.phasing.asking import deadline_missed
from server.taking_part.programs import Program, Scope, program_of
from server.visit import Visit

if TYPE_CHECKING:
    from pydantic import BaseModel

PREFIX = "/api/v1"
BODY_BYTES = 12 * 1024 * 1024
"""Bytes of a body: a contribution's file of 8 MiB in base64, and its fields."""
MAX_LISTED = 500
"""Things that one answer lists; `offset` goes on."""
SCHEME = "bearer "


class CallRefused(ServerError):
    """Raised by an operation that cannot be done as asked: what was wrong and what to do."""

    def __init__(self, code: str, message: str, status: HTTPStatus = HTTPStatus.CONFLICT) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a program."""

    visit: Visit
    program: Program
    body: "BaseModel | None" = None

    @property
    def offset(self) -> int:
        """How many things of a list to leave out, from `?offset=`."""
        given = self.visit.request.query_params.get("offset", "0")
        if not given.isdecimal() or len(given) > 9:
            raise CallRefused("offset", "offset is a whole number from 0.", HTTPStatus.UNPROCESSABLE_ENTITY)
        return int(given)

    def missed(self, connection: Connection, act: Act) -> datetime | None:
        """The deadline that what is entered now comes after. Raises `CallRefused` where no phase of the process has it
        open.
        """
        try:
            return deadline_missed(connection, act, Role.CONTRIBUTOR, self.visit.now)
        except PhaseShut as error:
            raise CallRefused(error.code, error.message) from None

    def note(self, connection: Any, subject: str, detail: str) -> None:
        """Note in the audit what this program did."""
        event = AuditEvent(Kind.PROGRAM, self.visit.now, self.program.id, self.program.name, subject, detail)
        note(connection, event)


Answer = Callable[[Call], Awaitable["BaseModel"]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a program may ask for. `takes` and `gives` name shapes; a list is a shape of its own."""

    method: str
    path: str
    scope: Scope
    summary: str
    answer: Answer
    gives: str
    takes: str = ""
    status: HTTPStatus = HTTPStatus.OK

    @property
    def address(self) -> str:
        """Its path on the server."""
        return PREFIX + self.path


async def serve(operation: Operation, visit: Visit) -> Response:
    """The answer to one call of an operation."""
    calls, now = visit.services.public_limits.calls, time.monotonic()
    try:
        visit.services.attempts.require(Try.KEY, visit.address)
    except TooManyAttempts as error:
        return _too_many(error.seconds)
    program = await _program(visit)
    if program is None:
        visit.services.attempts.count(Try.KEY, visit.address)
        refusal = _error("no-key", "Show a key that is in force: Authorization: Bearer ub_...", HTTPStatus.UNAUTHORIZED)
        refusal.headers["www-authenticate"] = "Bearer"
        return refusal
    if not calls.admits(program.id, now):
        return _too_many(calls.wait_seconds(program.id, now))
    if operation.scope not in program.scopes:
        return _error("scope", f"This key does not open {operation.scope}.", HTTPStatus.FORBIDDEN)
    try:
        body = await _body(operation, visit) if operation.takes else None
        given = await operation.answer(Call(visit, program, body))
    except CallRefused as error:
        return _error(error.code, str(error), error.status)
    except _Misfit as error:
        return _error("body", "The body does not fit.", HTTPStatus.UNPROCESSABLE_ENTITY, error.errors)
    return JSONResponse(given.model_dump(mode="json"), operation.status)


async def _program(visit: Visit) -> Program | None:
    shown = visit.request.headers.get("authorization", "")
    if not shown.lower().startswith(SCHEME) or len(shown) > 200:
        return None
    return await visit.write(partial(program_of, key=shown[len(SCHEME) :].strip(), now=visit.now))


class _Misfit(Exception):
    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__()
        self.errors = errors


async def _body(operation: Operation, visit: Visit) -> "BaseModel":
    from pydantic import ValidationError

    if visit.request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise CallRefused("type", "Send JSON (content-type: application/json).", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        value = json.loads(await visit.request.body())
    except (ValueError, RecursionError):
        raise CallRefused("json", "The body is not JSON.", HTTPStatus.BAD_REQUEST) from None
    try:
        return shape(operation.takes).model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:50]
        places = [{"at": ".".join(str(one) for one in each["loc"]), "message": each["msg"]} for each in found]
        raise _Misfit(places) from None


def shape(name: str) -> "type[BaseModel]":
    """The shape of a name. Imported here alone: a server without programs does not hold the library in memory."""
    found: type[BaseModel] = getattr(import_module("server.api.shapes"), name)
    return found


def _too_many(seconds: int) -> JSONResponse:
    refusal = _error("too-many", f"Too many calls. Wait {seconds} seconds.", HTTPStatus.TOO_MANY_REQUESTS)
    refusal.headers["retry-after"] = str(seconds)
    return refusal


def _error(code: str, message: str, status: HTTPStatus, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    body: dict[str, Any] = {"code": code, "message": message}
    if errors is not None:
        body["errors"] = errors
    return JSONResponse(body, status)
