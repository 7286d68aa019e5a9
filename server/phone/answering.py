"""Pages of few bytes: compressed here, for a small installation has no proxy that does it, and with an entity tag, so
that loading one again costs a few hundred bytes.

Compressing a page beside what an attacker can put into it may give a secret of it away; these hold none: forms are
told from foreign ones by their origin (`server.security`), not by a token.
"""

import gzip
import hashlib
from http import HTTPStatus

from starlette.responses import HTMLResponse, Response

from server.visit import Visit

LEVEL = 6
LEAST = 600
"""Bytes below which compressing gains nothing."""


def small(visit: Visit, page: HTMLResponse, *, kept: bool = True) -> Response:
    """The page as it is sent; 304 where the browser has it already. `kept`: the browser may keep it, and asks each time
    whether it still holds; not for pages that hold a form of one use, and nothing on a computer that others use.
    """
    body = bytes(page.body)
    headers = {"vary": "accept-encoding, cookie"}
    if kept and not visit.shared and page.status_code == HTTPStatus.OK:
        headers["cache-control"] = "private, no-cache"
        # Weak: compressed or not, it is the same page.
        headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        if _has(visit.request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if len(body) >= LEAST and "gzip" in visit.request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, LEVEL, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(body, page.status_code, headers, media_type="text/html")


def _has(given: str, tag: str) -> bool:
    plain = tag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == plain for one in given.split(","))
