"""The public pages of versions and the mirror: what they tell of what is not public, and of addresses that are none."""

from tests.attack.trying import ADMIN, CLERK, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

PAGE = f"/public/opinions/{OPINION}/versions"
_ODD = ("0", "4711", "9" * 30)
_NAMES = (
    "",
    "..%2f..%2fsigning.key",
    "../unbracket.db",
    "%00",
    "manifest.json%00",
    "x" * 500,
    "keys/..%2fmanifest.sig",
)


def _hidden(tail: str = "") -> tuple[Try, ...]:
    """What is not public is not there for strangers, whatever number they try."""
    return (
        *(get(NOBODY, f"{PAGE}/{number}{tail}", *UNFOUND) for number in ("1", *_ODD)),
        *(get(who, f"{PAGE}/{number}{tail}", *UNFOUND) for who in (EXPERT, OBSERVER) for number in _ODD),
        get(NOBODY, f"/public/opinions/o-none/versions/1{tail}", *UNFOUND),
    )


VERIFICATION_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /public": (get(NOBODY, "/public", 200),),
    "GET /verify": (get(NOBODY, "/verify", 200),),
    "GET /verify/unbracket_verify.py": (get(NOBODY, "/verify/unbracket_verify.py", 200),),
    "GET /public/opinions/{opinion}/versions/{number:int}": _hidden(),
    "GET /public/opinions/{opinion}/versions/{number:int}/version.json": _hidden("/version.json"),
    "GET /public/opinions/{opinion}/versions/{number:int}/texts/{form}": (
        *_hidden("/texts/canonical"),
        get(EXPERT, f"{PAGE}/1/texts/x-none", *UNFOUND),
    ),
    "GET /api/opinions/{opinion}/versions/{number:int}/verification": (
        get(NOBODY, f"/api/opinions/{OPINION}/versions/1/verification", 401, *SIGN_IN),
        *(get(EXPERT, f"/api/opinions/{OPINION}/versions/{number}/verification", *UNFOUND) for number in _ODD),
    ),
    "GET /mirror/{name:path}": tuple(get(NOBODY, f"/mirror/{name}", *UNFOUND) for name in _NAMES),
    "POST /opinions/{opinion}/versions/{number:int}/public": (
        get(NOBODY, f"/opinions/{OPINION}/versions/1/public", *SIGN_IN),
        *(get(who, f"/opinions/{OPINION}/versions/1/public", 403) for who in (EXPERT, OBSERVER, ADMIN)),
        *(get(CLERK, f"/opinions/{OPINION}/versions/{number}/public", *UNFOUND) for number in _ODD),
    ),
}
