"""What the web reads and writes as JSON beside the commands: one value per address, from which routes and description
follow.

A signed-in person asks (cookie, and the origin of our own pages for what changes something); what the person may is the
act of the address, as for pages. Shapes are classes of `server.api.web_shapes`, named `module.Class`, and brought only
when one is asked for.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from opinions.roles import Act
from server.routing.entry import Entry
from server.visit import FORM_BYTES, Visit

if TYPE_CHECKING:
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Reading:
    """Something that is read: its address below `/api`, the act that it is, what answers, and the answer's shape.

    `query` names the parameters that the address understands, each with what it does.
    """

    path: str
    act: Act
    summary: str
    answer: "Callable[[Visit], Awaitable[BaseModel]]"
    gives: str
    query: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """Its path on the server."""
        return f"/api{self.path}"


@dataclass(frozen=True, slots=True)
class Writing:
    """Something that is written otherwise than by a command: as `Reading`, and the shape that it takes."""

    path: str
    act: Act
    summary: str
    answer: "Callable[[Visit, Any], Awaitable[BaseModel]]"
    takes: str
    gives: str
    max_body: int = FORM_BYTES

    @property
    def address(self) -> str:
        """Its path on the server."""
        return f"/api{self.path}"


def entry_of(one: Reading | Writing) -> Entry:
    """The line of the table of addresses."""
    if isinstance(one, Reading):
        return Entry("GET", one.address, one.act, partial(_read, one))
    return Entry("POST", one.address, one.act, partial(_write, one), max_body=one.max_body)


def shape(name: str) -> "type[BaseModel]":
    """The shape of a name such as `table.Positions`."""
    module, _, kind = name.partition(".")
    found: type[BaseModel] = getattr(import_module(f"server.api.web_shapes.{module}"), kind)
    return found


async def _read(one: Reading, visit: Visit) -> Response:
    return _answer(await one.answer(visit))


async def _write(one: Writing, visit: Visit) -> Response:
    from pydantic import ValidationError

    if visit.request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        message = "Send JSON (content-type: application/json)."
        return _refused("type", message, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        given = shape(one.takes).model_validate(json.loads(await visit.request.body()))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[:20]
        told = "; ".join(f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['msg']}" for each in found)
        return _refused("body", f"The body does not fit. {told}", HTTPStatus.UNPROCESSABLE_ENTITY)
    except (ValueError, RecursionError):
        return _refused("json", "The body is not JSON.", HTTPStatus.BAD_REQUEST)
    return _answer(await one.answer(visit, given))


def _answer(given: "BaseModel") -> Response:
    return JSONResponse(given.model_dump(mode="json"), headers={"cache-control": "no-store"})


def _refused(code: str, message: str, status: HTTPStatus) -> Response:
    return JSONResponse({"code": code, "message": message}, status)
