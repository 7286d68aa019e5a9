"""The freeze of the whole volume: what wrong persons and wrong forms get."""

from tests.attack.trying import ADMIN, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get

CHAIR = "m-chair"
_FORM = {"key": "00000000000000000000000a", "seen": "0", "kind": "draft", "label": "Draft"}
_WRONG = (
    {"key": "../../etc/passwd"},
    {"key": "x" * 41},
    {"key": ""},
    {"seen": "-1"},
    {"seen": "9" * 400},
    {"seen": "\u0661"},
    {"kind": "final"},
    {"label": " "},
    {"label": "x" * 201},
    {"note": "x" * 2_001},
    {"milestone": "x" * 101},
)

FREEZE_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /freeze": (
        get(NOBODY, "/freeze", *SIGN_IN),
        *(get(who, "/freeze", 403) for who in (EXPERT, OBSERVER, ADMIN, "m-views")),
    ),
    "POST /freeze": (
        get(NOBODY, "/freeze", *SIGN_IN, **_FORM),
        *(get(who, "/freeze", 403, **_FORM) for who in (EXPERT, OBSERVER, ADMIN, "m-views")),
        *(get(CHAIR, "/freeze", 422, **{**_FORM, **wrong}) for wrong in _WRONG),
    ),
    "GET /api/cuts": (get(NOBODY, "/api/cuts", 401),),
    "GET /freeze/{cut}": (
        get(NOBODY, "/freeze/cut-guess", *SIGN_IN),
        *(get(EXPERT, f"/freeze/{one}", *UNFOUND, 405) for one in ("cut-guess", "%00", "'--", "..%2f..%2fetc")),
    ),
}
