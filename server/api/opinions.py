"""One Opinion's JSON: the bootstrap anew, commands by HTTP, and what a browser computed of a version."""

import json
import logging
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from crdt.protocol import encodable
from server import metrics
from server.commanding import command, is_key
from server.freezes.checks import record_check
from server.pages.opinion import bootstrap
from server.settings import public_address
from server.visit import Visit

_log = logging.getLogger("unbracket.versions")

COMMAND_BYTES = 96 * 1024
"""Bytes of a command: 20,000 characters of text in their longest encoding, and its other fields."""
MAX_PARTY = 16
_STATUS = {"not-allowed": HTTPStatus.FORBIDDEN}


async def get_bootstrap(visit: Visit) -> Response:
    """`GET /api/opinions/{opinion}/bootstrap`: the `Bootstrap` of web/src/bootstrap.ts, as it is now."""
    return JSONResponse(await bootstrap(visit))


async def carry_out(visit: Visit) -> Response:
    """`POST /api/opinions/{opinion}/commands`: a command (opinions/commands.py) with `key`, and `party` to act for one.

    The answer is `{"seq", "result"}`, or `{"code", "message"}` with 403 or 409. A grave one may need a proof
    first (`proof-needed`). Whether the person may is the room's to say, message by message; a key already carried out
    is answered with its first result.
    """
    fields = await _object(visit)
    key, party = fields.pop("key", ""), fields.pop("party", "")
    if not is_key(key):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    if not isinstance(party, str) or len(party) > MAX_PARTY:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    answer = await command(visit, party, key, fields)
    if answer.code:
        body = {"code": answer.code, "message": answer.message}
        return JSONResponse(body, _STATUS.get(answer.code, HTTPStatus.CONFLICT))
    return JSONResponse({"seq": answer.seq, "result": dict(answer.result or {})})


async def check_version(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/versions/{number}/checks`: `{"fingerprint"}` as this browser computed it (V2).

    The newest answer of each person counts. The answer says whether it matches; a mismatch undoes nothing, but the
    version's page warns from then on, and administrators, secretariat and chair get a letter.
    """
    fingerprint = (await _object(visit)).get("fingerprint")
    if not isinstance(fingerprint, str) or len(fingerprint) != 64 or set(fingerprint) - set("0123456789abcdef"):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    record = partial(
        record_check,
        opinion=visit.opinion.id,
        number=visit.request.path_params["number"],
        member=visit.member.id,
        fingerprint=fingerprint,
        now=visit.now,
        address=public_address(visit.services.settings),
    )
    recorded = await visit.write(record)
    if recorded is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    matches, told, letters = recorded
    for job in letters:
        visit.services.begin(job)
    if not matches:
        metrics.VERSION_MISMATCHES.inc()
        _log.error("a version's fingerprint differs", extra={"opinion": visit.opinion.id, "member": visit.member.id})
    return JSONResponse({"matches": matches, "told": told})


async def _object(visit: Visit) -> dict[str, Any]:
    if visit.request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        found = json.loads(await visit.request.body())
    except (ValueError, RecursionError):
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    if not isinstance(found, dict) or not encodable(found):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return found
