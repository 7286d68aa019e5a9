"""Alternatives, packages and compromise texts: what wrong persons, wrong addresses and wrong forms get."""

from tests.attack.trying import ADMIN, EXPERT, NOBODY, OBSERVER, SIGN_IN, UNFOUND, Try, get
from tests.support.stock import OPINION

_TIED = {"key": "k-tied", "name": "x", "label-a-guess": "Alt 1", "as_it_stands": "yes"}
_PICK = '{"act": "pick_option", "alternatives": "alt-guess", "option": "Alt 1", "outcomes": []}'
_DRAFTED = {"key": "k-drafted", "paragraph": "p-item-00001", "wording": "Other words", "replaces": "a-guess"}
_ANSWERED = {"key": "k-answered", "amendment": "a-guess", "revision": "1", "answer": "accept"}
_OPINIONS = ("op-none", "op-digital%00", "OP-DIGITAL")


def _opinion(tail: str) -> tuple[Try, ...]:
    return (
        get(NOBODY, f"/opinions/{OPINION}{tail}", *SIGN_IN),
        *(get(who, f"/opinions/{OPINION}{tail}", 403) for who in (OBSERVER, ADMIN, "m-views")),
        *(get(EXPERT, f"/opinions/{one}{tail}", *UNFOUND, 403, 303) for one in _OPINIONS),
    )


ALTERNATIVES_ROUTES: dict[str, tuple[Try, ...]] = {
    "GET /opinions/{opinion}/alternatives": (
        *_opinion("/alternatives"),
        get(EXPERT, f"/opinions/{OPINION}/alternatives?page=9999&set=%00'--&package=%F0%9F%98%80&tie=yes", 200, 303),
        get("m-chair", f"/opinions/{OPINION}/alternatives?page=-1&set=%00'--&package=x&tie=yes&paragraph=%00", 200),
    ),
    "POST /opinions/{opinion}/alternatives": (
        *_opinion("/alternatives"),
        get(EXPERT, f"/opinions/{OPINION}/alternatives", 403, key="k", name="x"),
        get("m-chair", f"/opinions/{OPINION}/alternatives", 422, key="k" * 65, name="x"),
        get("m-chair", f"/opinions/{OPINION}/alternatives", 409, **_TIED, alternatives="%00' OR 1=1"),
        get("m-chair", f"/opinions/{OPINION}/alternatives", 409, **_TIED),
    ),
    "POST /opinions/{opinion}/alternatives/pick": (
        *_opinion("/alternatives/pick"),
        get(EXPERT, f"/opinions/{OPINION}/alternatives/pick", 403, key="k", command="{}"),
        get("m-chair", f"/opinions/{OPINION}/alternatives/pick", 422, key="k", command="[[[["),
        get("m-chair", f"/opinions/{OPINION}/alternatives/pick", 422, key="k", command='{"act": "freeze"}'),
        get("m-chair", f"/opinions/{OPINION}/alternatives/pick", 409, key="k", command=_PICK),
    ),
    "POST /opinions/{opinion}/alternatives/keep": (
        *_opinion("/alternatives/keep"),
        get(EXPERT, f"/opinions/{OPINION}/alternatives/keep", 403, key="k", alternatives="alt-1"),
        get("m-chair", f"/opinions/{OPINION}/alternatives/keep", 409, key="k", alternatives="' OR 1=1", do="untie"),
    ),
    "POST /opinions/{opinion}/packages": (
        *_opinion("/packages"),
        get(EXPERT, f"/opinions/{OPINION}/packages", 403, key="k", name="x"),
        get("m-chair", f"/opinions/{OPINION}/packages", 422, **{"key": "k", "name": "x", "when-0": "#1"}),
        get("m-chair", f"/opinions/{OPINION}/packages", 409, key="k", name="x", also="p-item-00001", package="' OR 1"),
    ),
    "POST /opinions/{opinion}/packages/close": (
        *_opinion("/packages/close"),
        get(EXPERT, f"/opinions/{OPINION}/packages/close", 403, key="k", package="pack"),
        get("m-chair", f"/opinions/{OPINION}/packages/close", 409, key="k", package="%00"),
    ),
    "GET /opinions/{opinion}/compromise": (
        *_opinion("/compromise"),
        get(EXPERT, f"/opinions/{OPINION}/compromise", 403),
        get("m-chair", f"/opinions/{OPINION}/compromise?paragraph=%00'--&replaces=%F0%9F%98%80&replaces=x", 200),
    ),
    "POST /opinions/{opinion}/compromise": (
        *_opinion("/compromise"),
        get(EXPERT, f"/opinions/{OPINION}/compromise", 403, key="k", paragraph="p-item-00001"),
        get("m-chair", f"/opinions/{OPINION}/compromise", 422, key="k", paragraph="p-none", wording="x"),
        get("m-chair", f"/opinions/{OPINION}/compromise", 422, key="k", paragraph="p-item-00001", wording="x" * 12_001),
        get("m-chair", f"/opinions/{OPINION}/compromise", 409, **_DRAFTED),
    ),
    "POST /opinions/{opinion}/compromise/answer": (
        *_opinion("/compromise/answer"),
        get("m-chair", f"/opinions/{OPINION}/compromise/answer", 403, key="k", amendment="a-1", revision="1"),
        get(EXPERT, f"/opinions/{OPINION}/compromise/answer", 422, key="k", amendment="a-1", revision="-1"),
        get(EXPERT, f"/opinions/{OPINION}/compromise/answer", 409, **_ANSWERED),
    ),
    "POST /opinions/{opinion}/compromise/withdraw": (
        *_opinion("/compromise/withdraw"),
        get(EXPERT, f"/opinions/{OPINION}/compromise/withdraw", 403, key="k", amendment="a-1"),
        get("m-chair", f"/opinions/{OPINION}/compromise/withdraw", 422, key="k" * 65, amendment="a-1"),
        get("m-chair", f"/opinions/{OPINION}/compromise/withdraw", 403, 409, key="k", amendment="a-guess"),
    ),
    "GET /api/opinions/{opinion}/alternatives": (
        get(NOBODY, f"/api/opinions/{OPINION}/alternatives", 401),
        *(get(who, f"/api/opinions/{OPINION}/alternatives", 403) for who in (OBSERVER, ADMIN, "m-views")),
        *(get(EXPERT, f"/api/opinions/{one}/alternatives", *UNFOUND) for one in _OPINIONS),
        *(get(EXPERT, f"/api/opinions/{OPINION}/alternatives?page={value}", 200) for value in ("-1", "%00", "9" * 400)),
    ),
}
