"""The description of the API as OpenAPI 3.1, made of the operations and shapes themselves."""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from server.api.operations import Operation, shape

_ERRORS = {
    "400": "The body is not JSON.",
    "401": "No key that is in force was shown.",
    "403": "The key does not open this.",
    "404": "There is nothing of this id.",
    "409": "It cannot be done as asked; the message says why and what to do.",
    "415": "The body is not announced as JSON.",
    "422": "The body, or a parameter, does not fit; `errors` names the places.",
    "429": "Too many calls; `Retry-After` says when to try again.",
}


def described(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI document of these operations."""
    return _described(tuple(operations))


@lru_cache(maxsize=2)
def _described(operations: tuple[Operation, ...]) -> dict[str, Any]:
    names = sorted({name for one in operations for name in (one.gives, one.takes) if name} | {"Problem"})
    schemas: dict[str, Any] = {}
    for name in names:
        schema = shape(name).model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    paths: dict[str, Any] = {}
    for one in operations:
        paths.setdefault(one.address, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Unbracket",
            "version": version("unbracket"),
            "description": "Rosters, contributions and comments of one process, for other programs. "
            "Keys are given out on the page “Programs”; the text itself is changed by people alone.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(one: Operation) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", one.path)
    ]
    if one.method == "GET" and one.gives.endswith("List"):
        parameters.append(
            {
                "name": "offset",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 0, "default": 0},
            }
        )
    made: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{one.method.lower()}{one.path}").strip("_"),
        "summary": one.summary,
        "tags": [one.scope.split(".")[0]],
        "description": f"The key must open `{one.scope}`.",
        "responses": {
            str(int(one.status)): {"description": one.summary, **_content(one.gives)},
            **{code: {"description": text, **_content("Problem")} for code, text in _ERRORS.items()},
        },
    }
    if parameters:
        made["parameters"] = parameters
    if one.takes:
        made["requestBody"] = {"required": True, **_content(one.takes)}
    return made


def _content(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
