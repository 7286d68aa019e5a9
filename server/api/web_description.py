"""The description of the API that the web itself uses, as OpenAPI 3.1: made of the commands and of what can be read.

Nothing of a process is in it, so anybody may read it.
"""

import dataclasses
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version
from typing import Any, get_args, get_origin, get_type_hints

from opinions.commands import COMMANDS
from server.api.reading import Reading, Writing, shape

_REFUSED = {
    "400": "The body is not JSON.",
    "401": "Nobody is signed in.",
    "403": "This person may not do this here, or the page that asks is not ours.",
    "404": "There is nothing of this id.",
    "409": "It cannot be done as asked; the message says why and what to do.",
    "415": "The body is not announced as JSON.",
    "422": "The body does not fit; the message names the places.",
}
_OF_EVERY_COMMAND: dict[str, Any] = {
    "key": {"type": "string", "minLength": 1, "maxLength": 64},
    "party": {"type": "string"},
}
_REFUSAL = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string", "description": "Stable; crdt/SPEC.md, R."},
        "message": {"type": "string", "description": "What was wrong, and what to do."},
    },
}


def described(offered: Iterable[Reading | Writing]) -> dict[str, Any]:
    """The OpenAPI document of the commands and of these."""
    return _described(tuple(offered))


@lru_cache(maxsize=2)
def _described(offered: tuple[Reading | Writing, ...]) -> dict[str, Any]:
    schemas: dict[str, Any] = {"Refusal": _REFUSAL}
    paths: dict[str, Any] = {"/api/opinions/{opinion}/commands": {"post": _command(schemas)}}
    for one in offered:
        method = "get" if isinstance(one, Reading) else "post"
        paths.setdefault(one.address, {})[method] = _operation(one, method, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Unbracket, for its own pages",
            "version": version("unbracket"),
            "description": "What the pages of a signed-in person ask for. Programs with a key of their own are served "
            "under /api/v1.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "unbracket"}},
        },
        "security": [{"session": []}],
    }


def _operation(one: Reading | Writing, method: str, schemas: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method}{one.path}").strip("_"),
        "summary": one.summary,
        "description": f"The act is `{one.act}`.",
        "responses": _responses(_named(one.gives, schemas)),
    }
    parameters = _of_path(one.path)
    if isinstance(one, Reading):
        parameters += [
            {"name": name, "in": "query", "required": False, "description": what, "schema": {"type": "string"}}
            for name, what in one.query
        ]
    else:
        made["requestBody"] = {"required": True, **_content(_named(one.takes, schemas))}
    return {**made, "parameters": parameters} if parameters else made


def _named(name: str, schemas: dict[str, Any]) -> dict[str, str]:
    kind = shape(name)
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[kind.__name__] = schema
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _command(schemas: dict[str, Any]) -> dict[str, Any]:
    """Commands are one address: which one it is, the field `act` says."""
    for act, kind in COMMANDS.items():
        schemas[kind.__name__] = _object(kind, schemas, act)
    refs = {act: f"#/components/schemas/{kind.__name__}" for act, kind in COMMANDS.items()}
    return {
        "operationId": "carry_out_a_command",
        "summary": "Carry a command out",
        "description": "crdt/SPEC.md, C. `key` is the client's: a command sent again under it is answered with its "
        "first result. `party` is the delegation acted for.",
        "parameters": _of_path("/opinions/{opinion}"),
        "requestBody": {
            "required": True,
            **_content(
                {
                    "oneOf": [{"$ref": ref} for ref in refs.values()],
                    "discriminator": {"propertyName": "act", "mapping": refs},
                }
            ),
        },
        "responses": _responses(
            {
                "type": "object",
                "required": ["seq", "result"],
                "properties": {"seq": {"type": "integer"}, "result": {"type": "object"}},
            }
        ),
    }


def _object(kind: type[Any], schemas: dict[str, Any], act: str = "") -> dict[str, Any]:
    hints = get_type_hints(kind)
    fields = dataclasses.fields(kind)
    properties = {field.name: _value(hints[field.name], schemas) for field in fields}
    required = [one.name for one in fields if one.default is dataclasses.MISSING and one.name != "after"]
    if act:
        properties = {"act": {"const": act}, **_OF_EVERY_COMMAND, **properties}
        required = ["act", "key", *required]
    made: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    return {"description": _sentence(kind), "additionalProperties": False, **made}


def _value(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    kind = getattr(kind, "__supertype__", kind)
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _value(get_args(kind)[0], schemas)}
    if get_args(kind):
        # The one thing that may be missing is an id: a place at the start of the text.
        return {"type": ["string", "null"]}
    if dataclasses.is_dataclass(kind):
        assert isinstance(kind, type)
        schemas[kind.__name__] = _object(kind, schemas)
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if issubclass(kind, StrEnum):
        return {"type": "string", "enum": [one.value for one in kind]}
    return {"type": {bool: "boolean", int: "integer"}.get(kind, "string")}


def _sentence(kind: type[Any]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _of_path(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _responses(schema: dict[str, Any]) -> dict[str, Any]:
    body = _content({"$ref": "#/components/schemas/Refusal"})
    refusals = {code: {"description": text, **body} for code, text in _REFUSED.items()}
    return {"200": {"description": "Done.", **_content(schema)}, **refusals}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
