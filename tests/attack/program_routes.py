"""The rows of what is for other programs (`tests.attack.routes`): keys, webhooks, the process as a file, the API.

The API looks at no cookie: whoever is signed in, without a key nobody gets anything.
"""

from tests.attack.trying import CLERK, EXPERT, FORBIDDEN, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get

_LOWLY = (EXPERT, "m-chair", "m-views", OBSERVER)
_THINGS = ("g-none", "g-'--", "%00", "%F0%9F%98%80")

PROGRAM_ROUTES: dict[str, tuple[Try, ...]] = {
    **{
        f"{method} {path}": (
            *(get(who, path, *FORBIDDEN, **form) for who in (*_LOWLY, *more)),
            get(NOBODY, path, *SIGN_IN, **form),
        )
        for method, path, more, form in (
            ("GET", "/programs", (), {}),
            ("POST", "/programs", (), {"name": "Evil", "scopes": "roster.write", "days": "366"}),
            ("POST", "/programs/webhooks", (), {"address": "http://169.254.169.254/", "events": "freeze"}),
            ("GET", "/process", (), {}),
            ("GET", "/process/schema.json", (), {}),
            ("POST", "/process/export", (), {"people": "yes"}),
            # Taking another's record for one's own is the administrator's alone.
            ("POST", "/process/import", (CLERK,), {}),
        )
    },
    **{
        f"POST {path}": (
            get(NOBODY, path.replace(name, "g-none"), *SIGN_IN),
            *(get(who, path.replace(name, "g-none"), *FORBIDDEN, 404) for who in _LOWLY),
            *(get(CLERK, path.replace(name, one), *UNFOUND, 303) for one in _THINGS),
        )
        for path, name in (
            ("/programs/webhooks/{webhook}/stop", "{webhook}"),
            ("/programs/{program}/end", "{program}"),
        )
    },
    "GET /api/v1/openapi.json": (get(NOBODY, "/api/v1/openapi.json", 200),),
    "GET /api/description.json": (get(NOBODY, "/api/description.json", 200),),
    **{
        f"{method} /api/v1{path}": tuple(
            get(who, f"/api/v1{path}".replace("{round}", "r-none"), 401) for who in (NOBODY, "m-views", CLERK)
        )
        for method, path in (
            ("GET", "/opinions"),
            ("GET", "/roster"),
            ("POST", "/roster"),
            ("GET", "/contributions"),
            ("POST", "/contributions"),
            ("GET", "/rounds"),
            ("GET", "/rounds/{round}/comments"),
            ("POST", "/rounds/{round}/comments"),
        )
    },
}
