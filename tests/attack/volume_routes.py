"""The Secretary-General's report, volumes, document numbers: what wrong persons and wrong addresses get."""

from tests.attack.trying import ADMIN, CLERK, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get

_ODD = ("s-none", "x-'--", "%00", "9" * 300)
_NUMBERS = ("4711", "9" * 30)
_NOT_SECRETARIAT = (EXPERT, "m-chair", "m-views", OBSERVER, ADMIN)
_FORM = {"heading": "Evil", "label": "Evil", "number": "R/1", "title": "Evil", "body": "Evil", "seen": "1"}


def _read(path: str) -> tuple[Try, ...]:
    return (get(NOBODY, path, *SIGN_IN),)


def _written(path: str) -> tuple[Try, ...]:
    """What the secretariat alone may."""
    return (get(NOBODY, path, *SIGN_IN), *(get(who, path, 403, **_FORM) for who in _NOT_SECRETARIAT))


def _missing(path: str, ids: tuple[str, ...]) -> tuple[Try, ...]:
    return tuple(get(CLERK, path.replace("{}", one), *UNFOUND, **_FORM) for one in ids)


VOLUME_ROUTES: dict[str, tuple[Try, ...]] = {
    **{f"GET {path}": (get(NOBODY, path, 401),) for path in ("/api/sg-report", "/api/volumes", "/api/documents")},
    **{
        f"GET {path}": _read(path)
        for path in ("/sg-report", "/sg-report/revisions", "/sg-report/comments.csv", "/volumes", "/documents")
    },
    **{
        f"{method} {path}": _written(path)
        for method, path in (
            ("GET", "/sg-report/upload"),
            ("POST", "/sg-report/upload"),
            ("GET", "/sg-report/sections/new"),
            ("POST", "/sg-report/sections/new"),
            ("GET", "/volumes/new"),
            ("POST", "/volumes/new"),
            ("POST", "/documents"),
        )
    },
    "GET /sg-report/files/{file}": (*_read("/sg-report/files/f-none"), *_missing("/sg-report/files/{}", _ODD)),
    "GET /sg-report/revisions/{revision:int}": (
        *_read("/sg-report/revisions/1"),
        *_missing("/sg-report/revisions/{}", _NUMBERS),
    ),
    "POST /sg-report/revisions/{revision:int}": (
        *_written("/sg-report/revisions/1"),
        *_missing("/sg-report/revisions/{}", _NUMBERS),
    ),
    "POST /sg-report/revisions/{revision:int}/put-out": (
        *_written("/sg-report/revisions/1/put-out"),
        *_missing("/sg-report/revisions/{}/put-out", _NUMBERS),
    ),
    **{
        f"{method} /sg-report/sections/{{section}}": (
            *_written("/sg-report/sections/s-none"),
            *_missing("/sg-report/sections/{}", _ODD),
        )
        for method in ("GET", "POST")
    },
    "POST /sg-report/comments": (
        get(NOBODY, "/sg-report/comments", *SIGN_IN),
        *(get(who, "/sg-report/comments", 403, section="s-1", body="Evil") for who in (OBSERVER, ADMIN)),
        *(get(EXPERT, "/sg-report/comments", 422, section=one, body="Evil") for one in ("", "s-none", "x" * 500)),
    ),
    "POST /sg-report/comments/{comment}/withdraw": (
        get(NOBODY, "/sg-report/comments/r-none/withdraw", *SIGN_IN),
        *(get(who, "/sg-report/comments/r-none/withdraw", 403) for who in (OBSERVER, ADMIN)),
        *_missing("/sg-report/comments/{}/withdraw", _ODD),
    ),
    "POST /sg-report/comments/{comment}/answer": (
        *_written("/sg-report/comments/r-none/answer"),
        *(get(CLERK, f"/sg-report/comments/{one}/answer", *UNFOUND, disposition="noted") for one in _ODD),
    ),
    **{
        f"GET /volumes/{{number:int}}{tail}": (*_read(f"/volumes/1{tail}"), *_missing(f"/volumes/{{}}{tail}", _NUMBERS))
        for tail in ("", "/record.json")
    },
    **{
        f"POST /volumes/{{number:int}}{tail}": (
            *_written(f"/volumes/1{tail}"),
            *_missing(f"/volumes/{{}}{tail}", _NUMBERS),
        )
        for tail in ("", "/number", "/drop", "/publish")
    },
}
